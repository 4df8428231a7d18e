"""The thread of a server that keeps the read models up with the log, and watches the machine's clock."""

from __future__ import annotations

import logging
from collections.abc import Callable

from erstwhile.api.background.rounds import Rounds
from erstwhile.api.database.away import is_away
from erstwhile.api.runtime.clock_watch import ClockWatch
from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.projections.projector import Projector

log = logging.getLogger("erstwhile")

PAUSE = 0.2
"""Seconds until the next round of projecting, under a flood of commands: rows are then written together."""
FLOOD = 50
"""Events of one round that make a flood."""


class ProjectorThread(Rounds):
    """Projects what comes. No start and no later round depends on one that fails: /readyz says so."""

    words = "the read models do not follow the log"

    def __init__(
        self, projector: Projector, clock_watch: ClockWatch, event_log: EventLog, position: Callable[[], int]
    ) -> None:
        """`position`: how far the current Directory is, which shows how much comes."""
        super().__init__("projector", log)
        self._projector = projector
        self._clock_watch = clock_watch
        self._position = position
        self._notifications = event_log.notifications()

    def stop(self) -> None:
        super().stop()
        self._notifications.close()

    def catch_up(self) -> None:
        """One round, by who starts the process."""
        self._guarded(self._project)

    def _project(self) -> float:
        self._projector.catch_up()
        return 0.0

    def _watch_clock(self) -> None:
        try:
            self._clock_watch.look()
        except Exception as error:
            if not is_away(error):
                log.exception("the clock cannot be watched")

    def _round(self) -> float:
        before = self._position()
        self._watch_clock()
        self._project()
        # A question about them does not wait for the pause: it projects what it needs.
        return PAUSE if self._position() - before >= FLOOD else 0.0

    def _after(self, error: Exception) -> float:
        return PAUSE

    def _wait(self, pause: float) -> bool:
        if super()._wait(pause):
            self._notifications.wait()
        return not self.is_stopping

    def _say(self, error: Exception) -> None:
        """Also where the database is away: no other thread says it."""
        log.error(self.words, exc_info=error)
