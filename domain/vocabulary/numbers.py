"""Parses whole numbers: ASCII decimal digits only, within limits."""

from __future__ import annotations

MAX_POSITION = 2**63 - 1
"""The highest position that an event log can have (PostgreSQL's bigint)."""


def parse_number(text: str, least: int = 0, most: int = MAX_POSITION) -> int | None:
    """Returns the number; None where the text is not a number from `least` to `most`.

    Python's `int` is no substitute: it accepts spaces and underscores, and thousands of digits, which take long.
    (`str.isdigit` is true for `²`.)
    """
    if not (text.isascii() and text.isdigit()) or len(text) > 40:
        return None
    number = int(text)
    return number if least <= number <= most else None
