"""What is wrong with a home, a line each: who else might read it, and whether there is room."""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path

LEAST_ROOM = 1 << 30
"""Bytes below which the disk is called full."""
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def findings(home: Path) -> list[str]:
    """One line for each thing that is wrong; none where all is well, or where there is no home yet."""
    if not home.exists():
        return []
    found = []
    if not home.is_dir():
        return [f"{home} is no folder: choose another --home"]
    for path, wanted in (
        (home, 0o700),
        (home / "run", 0o700),
        (home / "master.key", 0o600),
        (home / "ledger.key", 0o600),
        (home / "run" / "log", 0o600),
    ):
        if path.exists():
            found += _of_path(path, wanted)
    room = shutil.disk_usage(home).free
    if room < LEAST_ROOM:
        found.append(f"only {room >> 20:,} MB are left on the disk of {home}: the database stops when it is full")
    return found


def _of_path(path: Path, wanted: int) -> list[str]:
    state = path.lstat()
    if stat.S_ISLNK(state.st_mode):
        state = path.stat()
    found = []
    if state.st_uid not in (os.geteuid(), 0) and os.geteuid() != 0:
        found.append(f"{path} belongs to user {state.st_uid}, not to you: chown it, or choose another --home")
    mode = stat.S_IMODE(state.st_mode)
    if mode & _OTHERS and not _is_passage(path, mode):
        found.append(f"others may use {path} (mode {mode:o}): chmod {wanted:o} {path}")
    return found


def _is_passage(path: Path, mode: int) -> bool:
    """Whether no more than passage is granted, and that by an access control list: to the database's account."""
    return not mode & (_OTHERS & ~stat.S_IXGRP) and "system.posix_acl_access" in os.listxattr(path)
