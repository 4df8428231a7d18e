"""What becomes of a command."""

from __future__ import annotations

from typing import Protocol

import msgspec

from erstwhile.domain.events import Body


class Committed(msgspec.Struct, frozen=True):
    """A command is done: its events, and the position of the last (of the Directory, if it made none)."""

    position: int
    events: tuple[Body, ...]


class WriterClosed(RuntimeError):
    """the writer is closed; the command was not done"""


class LostRace(RuntimeError):
    """other writers were faster, again and again; the command was not done"""


class Completion(Protocol):
    """Where the writer's thread puts what becomes of a command; a Future is one."""

    def set_result(self, committed: Committed, /) -> None: ...

    def set_exception(self, error: BaseException, /) -> None: ...

    def done(self) -> bool: ...
