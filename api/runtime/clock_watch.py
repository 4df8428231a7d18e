"""Watches the machine's clock: a step of more than a few minutes is an event of the log, with its size."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from erstwhile.api.support.event_ids import new_event_id
from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.domain.event_log.new_events import Append, NewEvent
from erstwhile.domain.events import TYPE_NAMES
from erstwhile.domain.events.account import ClockStepped
from erstwhile.domain.vocabulary.instants import format_instant
from erstwhile.projections.clock import TOLERATED, last_recorded
from erstwhile.projections.sql import Connection

_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtext('erstwhile.clock'))"
_IS_NOTED = (
    "SELECT EXISTS (SELECT FROM (SELECT type, data FROM event ORDER BY position DESC LIMIT 1000) AS late "
    "WHERE type = %s AND abs(extract(epoch FROM (data->'body'->>'after')::timestamptz) - %s) < 60)"
)
"""Whether a step to about the same instant is among the last events: a clock is set back to the same minute only by who
sets it twice."""


class ClockWatch:
    """Compares the clock with one that nobody sets; `look` is to be called every few seconds."""

    def __init__(
        self,
        connect: Callable[[], Connection],
        account: str,
        wall: Callable[[], float] = time.time,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        """`account`: whose trail has the event."""
        self._connect = connect
        self._account = account
        self._wall, self._steady = wall, steady
        self._apart = wall() - steady()
        self._has_begun = False

    def look(self) -> None:
        """Appends an event where the clock was set since the last look; at first, where it is behind the log."""
        wall = self._wall()
        apart = wall - self._steady()
        step = apart - self._apart
        if self._has_begun and abs(step) <= TOLERATED:
            self._apart += max(-1.0, min(1.0, step))  # as clocks are adjusted bit by bit
            return
        if self._has_begun:
            self._append(wall - step, wall)
        else:
            self._compare_with_log(wall)
        self._apart, self._has_begun = apart, True

    def _compare_with_log(self, wall: float) -> None:
        with self._connect() as connection:
            last = last_recorded(connection)
            now = datetime.fromtimestamp(wall, UTC)
            if last is None or last - now <= timedelta(seconds=TOLERATED):
                return
            found = connection.execute(
                "SELECT EXISTS (SELECT FROM event WHERE type = %s AND recorded_at > %s)",
                (TYPE_NAMES[ClockStepped], now),
            ).fetchone()
        if found is None or not found[0]:
            self._append(last.timestamp(), wall)

    def _append(self, before: float, after: float) -> None:
        body = ClockStepped(
            seconds=round(after - before),
            before=format_instant(datetime.fromtimestamp(before, UTC)),
            after=format_instant(datetime.fromtimestamp(after, UTC)),
        )
        event = NewEvent(event_id=new_event_id(), account=self._account, body=body, source="bootstrap")
        with self._connect() as connection, connection.transaction():
            # The other processes of this machine see the same step.
            connection.execute(_ONE_AT_A_TIME)
            if connection.execute(_IS_NOTED, (TYPE_NAMES[ClockStepped], after)).fetchone() != (True,):
                EventLog.within(connection).append_batch([Append((event,))])
