"""Where the tests' databases lie: in memory, if this system has a folder for that with room."""

from __future__ import annotations

import os
import shutil
import tempfile
from functools import cache
from pathlib import Path

_IN_MEMORY = Path("/dev/shm")
_ROOM = 3 << 30
"""Bytes that must be free: the parts of `make test` run at the same time, and each has a server."""


@cache
def folder_for_databases() -> str:
    """A folder for servers' data. A database is copied there for each test, which on a disk takes five times as much of
    the processor's time."""
    if os.access(_IN_MEMORY, os.W_OK | os.X_OK) and shutil.disk_usage(_IN_MEMORY).free > _ROOM:
        return str(_IN_MEMORY)
    return tempfile.gettempdir()
