"""The thread of a server that keeps the index of the audit trail up with the log."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager

from erstwhile.api.background.rounds import Rounds
from erstwhile.projections.sql import Connection
from erstwhile.projections.trail_index.index import TrailIndex

log = logging.getLogger("erstwhile")

PAUSE = 1.0
"""Seconds between two looks whether much came. Questions read the little that came since."""


class TrailIndexThread(Rounds):
    """Keeps it up while it runs."""

    words = "the index of the audit trail is not kept up"

    def __init__(
        self,
        index: TrailIndex,
        connection: Callable[[], AbstractContextManager[Connection]],
        position: Callable[[], int],
    ) -> None:
        """`position`: how far the current Directory is, which shows that something came."""
        super().__init__("trail index", log)
        self._index = index
        self._connection = connection
        self._position = position
        self._seen = -1

    def _round(self) -> float:
        position = self._position()
        if position != self._seen:
            with self._connection() as connection:
                self._index.catch_up(connection, lambda: self.is_stopping)
            self._seen = position
        return PAUSE

    def _after(self, error: Exception) -> float:
        return PAUSE
