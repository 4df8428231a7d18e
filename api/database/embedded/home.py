"""A home's folders and locks: who uses it, and whether a guardian keeps its server."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

POLL = 0.02


class HomeRefused(RuntimeError):
    """the home cannot be used"""


def prepare(home: Path) -> None:
    """Makes the home, for its user alone. Raises HomeRefused."""
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        (home / "run").mkdir(mode=0o700, exist_ok=True)
        _belongs_to_home(home / "run")
    except OSError as error:
        raise HomeRefused(f"{home} cannot be used: {error.strerror}; choose another --home") from None


def _belongs_to_home(path: Path) -> None:
    """What root makes in somebody's home is theirs."""
    owner = path.parent.stat()
    if os.geteuid() == 0 and owner.st_uid != 0:
        os.chown(path, owner.st_uid, owner.st_gid)


def _opened(path: Path) -> int:
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise HomeRefused(f"{path} cannot be opened: {error.strerror}; is the home another user's?") from None
    with contextlib.suppress(OSError):
        if os.fstat(descriptor).st_uid != path.parent.stat().st_uid:
            _belongs_to_home(path)
    return descriptor


@contextmanager
def starting(home: Path, patience: float) -> Iterator[None]:
    """One process at a time starts the server of a home. Raises HomeRefused."""
    descriptor = _opened(home / "run" / "start.lock")
    try:
        if not _locked(descriptor, fcntl.LOCK_EX, patience):
            raise HomeRefused(f"another process has been starting the database of {home} for {patience:.0f} s")
        yield
    finally:
        os.close(descriptor)


def is_guarded(home: Path) -> bool:
    """Whether a guardian keeps the server of the home."""
    descriptor = _opened(home / "run" / "guardian.lock")
    try:
        return not _locked(descriptor, fcntl.LOCK_SH, 0)
    finally:
        os.close(descriptor)


def _locked(descriptor: int, kind: int, patience: float) -> bool:
    deadline = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(POLL)


class Use:
    """That this process uses a home: a shared lock, which ends with the process however that ends."""

    def __init__(self, home: Path, patience: float) -> None:
        """Waits for a server that is just being stopped. Raises HomeRefused."""
        self._home = home
        self._process = os.getpid()
        self._descriptor = _opened(home / "run" / "users.lock")
        if not _locked(self._descriptor, fcntl.LOCK_SH, patience):
            os.close(self._descriptor)
            raise HomeRefused(f"the database of {home} has been ending for {patience:.0f} s and does not end")
        _open_uses.add(self)

    def leave(self, patience: float) -> None:
        """Uses the home no more; where nobody else does, waits until its server has ended."""
        if self not in _open_uses:
            return
        _open_uses.discard(self)
        is_last = _locked(self._descriptor, fcntl.LOCK_EX, 0)
        os.close(self._descriptor)
        deadline = time.monotonic() + patience
        while is_last and time.monotonic() < deadline:
            try:
                if not is_guarded(self._home):
                    return
                if self._is_used_by_others():
                    return
            except HomeRefused:
                return  # it is gone, as a throw-away one is
            time.sleep(POLL)

    def _is_used_by_others(self) -> bool:
        """Whether somebody came just now. A guardian that stops the server holds the lock for itself alone; so for a
        moment it may be free, until the guardian has woken up."""
        until = time.monotonic() + 0.5
        while time.monotonic() < until:
            descriptor = _opened(self._home / "run" / "users.lock")
            try:
                if not _locked(descriptor, fcntl.LOCK_SH, 0):
                    return False
            finally:
                os.close(descriptor)
            time.sleep(POLL)
        return True

    def forget(self) -> None:
        """In a forked process: the use is its parent's."""
        os.close(self._descriptor)


_open_uses: set[Use] = set()


def _leave_to_parent() -> None:
    for use in list(_open_uses):
        use.forget()
    _open_uses.clear()


os.register_at_fork(after_in_child=_leave_to_parent)
