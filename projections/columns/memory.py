"""Memory that is free goes back to the system: making the columns takes hundreds of megabytes for a moment."""

from __future__ import annotations

import ctypes


def give_back() -> None:
    """Where the C library can: glibc keeps what was freed, for the next time."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
