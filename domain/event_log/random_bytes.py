# mypyc: compiled
"""Random bytes, drawn from the system in bulk: each draw lets other threads go first, and waits for its turn again."""

from __future__ import annotations

import os
import threading

_BULK = 4_096


class _Drawn:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._bytes = b""
        self._at = 0

    def take(self, count: int) -> bytes:
        with self._lock:
            if self._at + count > len(self._bytes):
                self._bytes, self._at = os.urandom(max(_BULK, count)), 0
            begin = self._at
            self._at += count
            return self._bytes[begin : begin + count]


_drawn = _Drawn()


def _draw_anew() -> None:
    """In a forked process: what its parent drew is the parent's."""
    global _drawn
    _drawn = _Drawn()


os.register_at_fork(after_in_child=_draw_anew)


def random_bytes(count: int) -> bytes:
    """Bytes that nobody can guess, and nobody else gets. For names and salts; secrets draw their own."""
    return _drawn.take(count)
