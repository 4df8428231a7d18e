"""Whole numbers as callers write them: decimal digits and nothing else, within limits."""

from __future__ import annotations

MAX_POSITION = 2**63 - 1
"""The highest position that a log can come to."""


def parse_number(text: str, least: int = 0, most: int = MAX_POSITION) -> int | None:
    """None for what is no number from `least` to `most`. (Python's own takes `²` for a digit, blanks and underlines for
    parts of a number, and time for thousands of digits.)"""
    if not (text.isascii() and text.isdigit()) or len(text) > 40:
        return None
    number = int(text)
    return number if least <= number <= most else None
