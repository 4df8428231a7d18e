"""Writes checkpoints to anchors: the thread of a server, and what a command does at once."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Sequence

from erstwhile.api.background.rounds import Rounds
from erstwhile.api.database.settings import MalformedSetting
from erstwhile.api.ledger.anchors import Anchor, AnchorFailed, write
from erstwhile.domain.ledger.notes import Note
from erstwhile.domain.vocabulary.numbers import parse_number
from erstwhile.projections.ledger.keeper import latest
from erstwhile.projections.sql import Connection

log = logging.getLogger("erstwhile.anchors")

_SETTING = "ERSTWHILE_LEDGER_ANCHOR_EVERY"
_USUALLY = 3_600
_TRIED_AGAIN = 60.0
"""Seconds after a failure."""
_LOCK = "SELECT pg_try_advisory_lock(hashtext('erstwhile.anchors'))"


def seconds_between() -> int:
    """ERSTWHILE_LEDGER_ANCHOR_EVERY: seconds between two checkpoints that are anchored; 3600 usually. Raises
    MalformedSetting."""
    text = os.environ.get(_SETTING, "") or str(_USUALLY)
    found = parse_number(text, 1, 366 * 86_400)
    if found is None:
        raise MalformedSetting(f"{_SETTING} is a whole number of seconds, not {text[:40]!r}")
    return found


def anchor_now(anchors: Sequence[Anchor], note: Note) -> list[tuple[Anchor, str]]:
    """Writes a checkpoint everywhere; returns where that failed, and why."""
    failed = []
    for anchor in anchors:
        try:
            write(anchor, note)
        except AnchorFailed as error:
            failed.append((anchor, str(error)))
    return failed


class AnchorThread(Rounds):
    """Anchors the latest checkpoint, if there is a new one; one process of all does. `failures`: where the last round
    failed, and why."""

    words = "no checkpoint is anchored"

    def __init__(self, anchors: Sequence[Anchor], every: float, connect: Callable[[], Connection]) -> None:
        # What the log's first checkpoint is, is known a little later.
        super().__init__("anchors", log, first=min(every, _TRIED_AGAIN), patience=2.0)
        self.failures: list[tuple[Anchor, str]] = []
        self._anchors = list(anchors)
        self._every = every
        self._connect = connect
        self._connection: Connection | None = None
        self._is_holder = False
        self._last = ""

    def close(self) -> None:
        super().close()
        self._leave()

    def _round(self) -> float:
        note = self._new()
        if note is not None:
            before = {anchor for anchor, _ in self.failures}
            self.failures = anchor_now(self._anchors, note)
            for anchor, why in self.failures:
                if anchor not in before:
                    log.error("the checkpoint is not anchored at %s: %s", anchor, why)
            if self.failures:
                raise AnchorFailed(f"{len(self.failures)} of {len(self._anchors)} anchors take no checkpoint")
            self._last = note.text
        return self._every

    def _after(self, error: Exception) -> float:
        if not isinstance(error, AnchorFailed):
            self._leave()
        return min(self._every, _TRIED_AGAIN)

    def _say(self, error: Exception) -> None:
        if not isinstance(error, AnchorFailed):  # each anchor has its line
            super()._say(error)

    def _new(self) -> Note | None:
        if self._connection is None or self._connection.closed:
            self._leave()
            self._connection = self._connect()
        if not self._is_holder:
            self._is_holder = self._connection.execute(_LOCK).fetchone() == (True,)
        note = latest(self._connection) if self._is_holder else None
        return None if note is None or note.text == self._last else note

    def _leave(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection, self._is_holder = None, False
