"""Whether the server can do its work now: what load balancers ask, and what `status` tells beside."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import psycopg

from erstwhile.api.decision_log.log import DecisionLog
from erstwhile.api.problems import Problem
from erstwhile.api.runtime.failures import failures
from erstwhile.api.runtime.following import FollowingRuntime
from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.projections.boot import checkpoint
from erstwhile.projections.clock import clock_state
from erstwhile.projections.set_apart import set_apart

HANGING = 20.0
"""Seconds in which read models that are behind the log do not move at all."""
_LIMITS = "SELECT set_config('statement_timeout', '3s', true), set_config('lock_timeout', '2s', true)"
_TABLES = "event, event_tag, checkpoint, fact, audit_change, last_use"


def _not_ready(detail: str) -> Problem:
    return Problem(503, "not_ready", detail)


class Readiness:
    """Keeps what was seen of the read models, to tell whether they move. Any thread may ask."""

    def __init__(
        self,
        runtime: FollowingRuntime,
        clock: Callable[[], float] = time.monotonic,
        decision_log: DecisionLog | None = None,
    ) -> None:
        """`clock`: seconds, which never go back; `decision_log`: where decisions are recorded."""
        self._runtime = runtime
        self._decision_log = decision_log
        self._clock = clock
        self._seen = (-1, 0.0)
        self._lock = threading.Lock()

    def check(self) -> dict[str, Any]:
        """What is so. Raises Problem 503 with the reason where the server is not ready.

        A thread on which no answer depends (those of `background` but for the projector) does not make it so: it is
        named, and the status is `degraded`. A decision log without which no decision is made does."""
        runtime = self._runtime
        if runtime.current.failure is not None:
            raise _not_ready("the current Directory no longer follows the log; restart the server")
        try:
            with runtime.connection() as connection, connection.transaction(force_rollback=True):
                connection.execute(_LIMITS)
                # What an INSERT takes: not to be had of a table that is locked. A read-only transaction gets it all the
                # same, so that is asked apart.
                connection.execute(f"LOCK TABLE {_TABLES} IN ROW EXCLUSIVE MODE")
                if connection.execute("SHOW transaction_read_only").fetchone() == ("on",):
                    raise _not_ready("the database is read-only")
                top, at = EventLog.within(connection).head(), checkpoint(connection)
                apart, clock = set_apart(connection, top)["count"], clock_state(connection)
        except (psycopg.errors.LockNotAvailable, psycopg.errors.QueryCanceled):
            raise _not_ready("tables of the database are locked") from None
        except psycopg.Error as error:
            raise _not_ready("the database does not answer") from error
        if runtime.projecting.failure is not None:
            raise _not_ready("the read models no longer follow the log; the server's log says why")
        age = runtime.present.age()
        if age is not None:
            raise _not_ready(f"the log has not answered for {age} s")
        if self._hangs(at, top):
            raise _not_ready(f"the read models do not move: they are at {at}, the log is at {top}")
        # Anybody may ask: which webhook or witness it is, the metrics tell.
        failing = sorted({name.partition(" ")[0] for name, error in failures(runtime).items() if error is not None})
        log = self._decision_log
        if log is not None and log.settings.refuses and log.failure is not None:
            raise _not_ready("decisions cannot be recorded, and none is made without that; the server's log says why")
        found: dict[str, Any] = {"status": "degraded" if failing else "ok", "position": runtime.current.position}
        if failing:
            found["failing"] = failing
        if apart:
            found["set_apart"] = apart
        if clock is not None:
            found["clock"] = clock
        return found

    def _hangs(self, at: int, top: int) -> bool:
        now = self._clock()
        with self._lock:
            if at >= top or at != self._seen[0]:
                self._seen = (at, now)
            return now - self._seen[1] > HANGING
