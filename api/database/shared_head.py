"""How far the log has come, as far as any caller has been answered: one number that all processes of a home share.

A process that answers a command writes the number first; one that is asked reads it, and waits for that position. So
what was answered by one is seen by all, without asking the database each time. Between processes of other hosts there
is no such file, and the database is asked.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import struct
from pathlib import Path

_FORMAT = "=Q"
_SIZE = struct.calcsize(_FORMAT)


class SharedHead:
    """Eight bytes in a file, mapped into memory. Writing is under a lock of the file, reading needs none."""

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        if os.fstat(self._descriptor).st_size < _SIZE:
            os.ftruncate(self._descriptor, _SIZE)
        self._memory = mmap.mmap(self._descriptor, _SIZE)

    def read(self) -> int:
        return int(struct.unpack_from(_FORMAT, self._memory)[0])

    def advance(self, position: int) -> None:
        """The log has come to `position`; it never goes back by this."""
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)
        try:
            if position > self.read():
                struct.pack_into(_FORMAT, self._memory, 0, position)
        finally:
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)

    def correct(self, acknowledged: int, head: int) -> None:
        """`acknowledged` was read before `head`: where it is more, the file was written for another log."""
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)
        try:
            if acknowledged > head and self.read() == acknowledged:
                struct.pack_into(_FORMAT, self._memory, 0, head)
        finally:
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)

    def close(self) -> None:
        self._memory.close()
        os.close(self._descriptor)
