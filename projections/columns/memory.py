"""Memory that is free goes back to the system, though not after each question: making the columns takes hundreds of
megabytes for a moment, and a large answer tens of them."""

from __future__ import annotations

import ctypes
import os

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8
"""As in glibc's malloc.h. Source: https://man7.org/linux/man-pages/man3/mallopt.3.html"""
_ONE_BLOCK = 32 * 1024 * 1024
"""Bytes that are taken from the heap at most: more that glibc does not allow."""
_FREE = 64 * 1024 * 1024
"""Bytes at the end of the heap that may be free until the next `give_back`."""


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


def keep_for_the_next_question() -> None:
    """Lets this process keep what a question left free, where the C library can, unless the environment says it.

    By itself glibc takes large blocks from the system, and gives them back, one by one: an answer of fourteen megabytes
    met ten thousand new pages, a sixth of its time."""
    change = getattr(ctypes.CDLL(None), "mallopt", None)
    for name, number, value in (
        ("MALLOC_MMAP_THRESHOLD_", _M_MMAP_THRESHOLD, _ONE_BLOCK), ("MALLOC_TRIM_THRESHOLD_", _M_TRIM_THRESHOLD, _FREE),
    ):  # fmt: skip
        if change is not None and name not in os.environ:
            change(number, value)
