"""Memory that is free goes back to the system: making the columns takes hundreds of megabytes for a moment."""

from __future__ import annotations

import ctypes
import os

_M_ARENA_MAX = -8
"""As in glibc's malloc.h. Source: https://man7.org/linux/man-pages/man3/mallopt.3.html"""


def give_back() -> None:
    """Where the C library can: glibc keeps what was freed, for the next time."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def share_one_heap() -> None:
    """Lets all threads of this process take memory from one heap, where the C library can, unless the environment has
    MALLOC_ARENA_MAX. To be called before there are many threads.

    glibc gives each thread a heap of its own, up to eight for each processor, and what is free in one is of no use to
    the others: a server's dozen threads held as much free memory as they used. Python lets one thread at a time work,
    so they hardly ever wait for the heap."""
    change = getattr(ctypes.CDLL(None), "mallopt", None)
    if change is not None and "MALLOC_ARENA_MAX" not in os.environ:
        change(_M_ARENA_MAX, 1)
