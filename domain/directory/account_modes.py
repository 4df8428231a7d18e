"""Of which mode an account is at an instant, beside `governed` and `observed`."""

from __future__ import annotations

from typing import Final

NOT_YET: Final = "not yet"
"""A governed account before its registration: neither it nor its root was there. None stands for an account of which
nothing is known, which may well be somewhere."""


def is_there(mode: str | None) -> bool:
    """Whether an account of this mode is there, as far as is known."""
    return mode not in (None, NOT_YET)
