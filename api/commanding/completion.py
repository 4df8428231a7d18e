"""How a command ends, and how that is reported."""

from __future__ import annotations

from typing import Protocol

import msgspec

from erstwhile.domain.events import Body


class Committed(msgspec.Struct, frozen=True):
    """The command's events, and the position of the last one; of the Directory, if there are none."""

    position: int
    events: tuple[Body, ...]


class WriterClosed(RuntimeError):
    """The writer is closed; the command was not done."""


class LostRace(RuntimeError):
    """Other writers' events kept coming first; the command was not done."""


class Completion(Protocol):
    """What the writer's thread reports the end of a command to. A Future is one."""

    def set_result(self, committed: Committed, /) -> None: ...

    def set_exception(self, error: BaseException, /) -> None: ...

    def done(self) -> bool: ...
