# mypyc: compiled
"""A Directory that commands are decided on ahead of their commit, and that can take back what did not happen."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.facts import Change
from erstwhile.domain.events import Body, Event
from erstwhile.domain.evolve import Recorder, undo


class Speculative:
    """Applies bodies before they are in the log; `undo` restores the state at the last `keep`."""

    def __init__(self, directory: Directory) -> None:
        self.directory = directory
        self._recorder = Recorder(directory, lambda account, kind, name, _at: _id(directory, account, kind, name))
        self._done: list[Change] = []

    def apply(self, account: str, bodies: Iterable[Body], at: datetime) -> None:
        """Applies all bodies of a command, or none where one raises: later commands of the batch build on them."""
        recorder = self._recorder
        recorder.turn_to(account, at, self.directory.position + 1)
        try:
            for body in bodies:
                recorder.evolve(body)
        except BaseException:
            undo(self.directory, recorder.take_changes())
            raise
        self._done += recorder.take_changes()

    def learn(self, event: Event) -> None:
        """Applies an event that another writer appended."""
        self.apply(event.account, [event.body], event.occurred_at)

    def keep(self, position: int) -> None:
        """Makes what was applied final: it is in the log, up to `position`."""
        self._forget()
        self.directory.position = position

    def undo(self) -> None:
        """Takes back all that was applied since the last `keep`, the last first."""
        undo(self.directory, self._done)
        self._forget()

    def _forget(self) -> None:
        self._done.clear()
        self._recorder.ended.clear()
        self._recorder.borne.clear()


def _id(directory: Directory, account: str, kind: str, name: str) -> str | None:
    entity = directory.named(account, kind, name)
    return entity.id if entity else None
