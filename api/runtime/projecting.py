"""The thread of a server that keeps the read models up with the log, and watches the machine's clock."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from erstwhile.api.commanding.outages import is_away
from erstwhile.api.runtime.clock_watch import ClockWatch
from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.projections.projector import Projector

log = logging.getLogger("erstwhile")

PAUSE = 0.2
"""Seconds until the next round of projecting, under a flood of commands: rows are then written together."""
FLOOD = 50
"""Events of one round that make a flood."""


class ProjectorThread:
    """Projects what comes until it is closed. `failure`: what the last round ended with, if it failed."""

    def __init__(
        self, projector: Projector, clock_watch: ClockWatch, event_log: EventLog, position: Callable[[], int]
    ) -> None:
        """`position`: how far the current Directory is, which shows how much comes."""
        self.failure: BaseException | None = None
        self._projector = projector
        self._clock_watch = clock_watch
        self._position = position
        self._notifications = event_log.notifications()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="projector", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self._stopping.set()
        self._notifications.close()
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    def catch_up(self) -> None:
        """One round, on which no start and no later round depends: /readyz says what failed."""
        try:
            self._projector.catch_up()
            self.failure = None
        except Exception as error:
            if self.failure is None:
                log.exception("the read models do not follow the log")
            self.failure = error

    def _watch_clock(self) -> None:
        try:
            self._clock_watch.look()
        except Exception as error:
            if not is_away(error):
                log.exception("the clock cannot be watched")

    def _run(self) -> None:
        self._notifications.wait()
        while not self._stopping.is_set():
            before = self._position()
            self._watch_clock()
            self.catch_up()
            if self._position() - before >= FLOOD:
                # A question about them does not wait for this: it projects what it needs.
                self._stopping.wait(PAUSE)
            self._notifications.wait()
