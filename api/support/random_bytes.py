# mypyc: compiled
"""Buffers os.urandom: every call of it releases the GIL, and reacquiring that costs more than the bytes.

Serves the row "commands in flight" of benchmarks/event_log.py: each event needs an id, and most need a salt.
"""

from __future__ import annotations

import os
import threading

_BULK = 4_096


class _Buffer:
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


_buffer = _Buffer()


def _begin_anew() -> None:
    """In a forked process: the bytes in the buffer are the parent's."""
    global _buffer
    _buffer = _Buffer()


os.register_at_fork(after_in_child=_begin_anew)


def random_bytes(count: int) -> bytes:
    """Unguessable bytes, each returned once. For ids and salts; secrets take theirs from `secrets`."""
    return _buffer.take(count)
