"""The thread of a server that keeps the answers of watches up, writes a line for each notice and for each reminder of a
review, and wakes who waits for notices."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from erstwhile.api.asking.history import History
from erstwhile.api.asking.watching.told_notices import lines, notices_json
from erstwhile.api.background.rounds import Rounds
from erstwhile.projections.boot import checkpoint
from erstwhile.projections.reviews import reminders
from erstwhile.projections.sql import Connection
from erstwhile.projections.watches import notices
from erstwhile.projections.watches.keeper import WatchKeeper

log = logging.getLogger("erstwhile.watch")

PAUSE = 0.1
"""Seconds between two looks whether something came. What comes meanwhile is taken together."""
_LINES = 200
"""Notices whose lines are written in one transaction."""


class WatchThread(Rounds):
    """Keeps the answers up while it runs."""

    words = "watches are not kept up"

    def __init__(self, keeper: WatchKeeper, history: History, position: Callable[[], int]) -> None:
        """`position`: how far the current Directory is, which shows that something came."""
        super().__init__("watches", log, first=PAUSE)
        self._keeper = keeper
        self._history = history
        self._position = position
        self._seen = -1
        self._told = 0
        self._waiting: set[Callable[[], object]] = set()
        self._lock = threading.Lock()

    @contextmanager
    def waking(self, wake: Callable[[], object]) -> Iterator[None]:
        """Within the block, `wake` is called, on this thread, when there are new notices."""
        with self._lock:
            self._waiting.add(wake)
        try:
            yield
        finally:
            with self._lock:
                self._waiting.discard(wake)

    def _round(self) -> float:
        position = self._position()
        if position != self._seen and self._catch_up(position):
            self._seen = position
        return PAUSE

    def _after(self, error: Exception) -> float:
        return PAUSE

    def _catch_up(self, position: int) -> bool:
        """Whether everything up to a position was looked at."""
        with self._history.connection() as connection:
            if checkpoint(connection) < position:
                return False
            if self._keeper.catch_up(waiting=False) is None:
                return False  # another process does it
            for line in reminders.take(connection, position):
                log.warning(line)
            last = notices.last(connection)
            if last <= self._told:
                return True
            self._write_lines(connection)
        self._told = last
        with self._lock:
            for wake in self._waiting:
                wake()
        return True

    def _write_lines(self, connection: Connection) -> None:
        """The lines of all notices of which no server has written its line."""
        count = _LINES
        while count == _LINES:
            with connection.transaction():
                found = notices.unlogged(connection, _LINES)
                for notice in notices_json(connection, found):
                    for line in lines(notice):
                        log.warning(line)
                notices.set_logged(connection, [each.id for each in found])
            count = len(found)
