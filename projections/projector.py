"""The projector: writes history and audit trail from the log, in batches; each batch and its checkpoint are one
transaction. An advisory lock elects one process for each database; the others wait for its checkpoint.

An event that cannot be applied is set apart (table `set_apart`), and the projector continues with the others.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext

import psycopg

from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.domain.events import Event
from erstwhile.domain.replay import Replayer
from erstwhile.domain.replay.garbage_collector import without_collector
from erstwhile.domain.replay.set_apart import reason_of
from erstwhile.projections import audit, history, set_apart
from erstwhile.projections.audit import AuditWriter
from erstwhile.projections.boot import Columns, boot_engine, checkpoint
from erstwhile.projections.columns.store import ColumnStore
from erstwhile.projections.event_rows import TOGETHER, is_recorded_with, project, together
from erstwhile.projections.history import HistoryWriter
from erstwhile.projections.sql import Connection, with_infinity

log = logging.getLogger("erstwhile")

LOCK = "hashtext('erstwhile.projector')"
HAND_OVER = "hashtext('erstwhile.projector.hand-over')"
"""The lock that a process takes to request the election; the elected projector then gives it up at its next round."""
BATCH = 2_000
PAUSE = 0.01
"""Seconds between two looks how far the elected projector of another process is."""
REFUSED = 0.5
"""Seconds after which a process that was not elected stands for election again, while it waits."""
READ_MODELS = {history.NAME: history.TABLES, audit.NAME: audit.TABLES}

_WHERE = (
    "(SELECT coalesce(max(position), 0) FROM event), "
    f"coalesce((SELECT position FROM checkpoint WHERE projection = '{history.NAME}'), 0)"
)
_STANDING = f"SELECT pg_try_advisory_xact_lock_shared({HAND_OVER}) AND pg_try_advisory_lock({LOCK})"
_STILL_ELECTED = f"SELECT pg_try_advisory_xact_lock_shared({HAND_OVER}), {_WHERE}"
_CHECKPOINTS = (
    "INSERT INTO checkpoint (projection, position) SELECT name, %s FROM unnest(%s::text[]) AS name "
    "ON CONFLICT (projection) DO UPDATE SET position = excluded.position"
)

Progress = Callable[[int, int], None]
"""(events done, events in all)"""


class Projector:
    """Has one connection, and the lock while it is elected. Any thread may use it, one at a time."""

    def __init__(self, connect: Callable[[], Connection], columns: Columns | None = None) -> None:
        """`columns`: those of the process, else it has its own."""
        self._connect = connect
        self._own_columns: ColumnStore | None = None
        if columns is None:
            self._own_columns = ColumnStore(connect)
            columns = self._own_columns.history
        self._columns = columns
        self._connection: Connection | None = None
        self._refused_until = 0.0
        """Until when it is useless to stand for election, by the monotonic clock."""
        self._engine: Replayer | None = None
        self._noted: set[int] = set()
        self._busy = threading.RLock()

    def close(self) -> None:
        """Gives up the election."""
        with self._busy:
            self._close()

    def _close(self) -> None:
        if self._own_columns is not None:
            self._own_columns.close()
        if self._connection is not None:
            self._connection.close()
        self._connection = self._engine = None

    def _elected(self) -> tuple[Connection, int, int] | None:
        """The connection that holds the election, the head of the log, and how far history is; None where another
        process is elected."""
        if self._connection is None or self._connection.closed:
            self._connection, self._engine = with_infinity(self._connect()), None
            if self._connection.execute(_STANDING).fetchone() != (True,):
                self._refused()
                return None
        # Takes the lock for this statement only, to see whether another process requests the election. How far history
        # is, is read once it stands still.
        [(is_elected, head, position)] = self._connection.execute(_STILL_ELECTED, prepare=True).fetchall()
        if not is_elected:
            self._refused()
            return None
        return self._connection, head, position

    def _refused(self) -> None:
        self._close()
        self._refused_until = time.monotonic() + REFUSED

    def catch_up(self, upto: int | None = None, progress: Progress | None = None) -> bool:
        """Projects up to the head of the log (or to `upto` and the end of its group); returns False when another
        process is elected."""
        with self._busy:
            return self._catch_up(upto, progress)

    def _catch_up(self, upto: int | None, progress: Progress | None) -> bool:
        try:
            elected = self._elected()
            if elected is None:
                return False
            connection, head, position = elected
            self._booted(connection)
            top, start = head if upto is None else upto, position
            while position < top:
                with without_collector():
                    position = self._batch(connection, position, min(top, position + BATCH), head)
                if progress is not None:
                    progress(min(position, top) - start, top - start)
        except BaseException:
            # The engine is ahead of the rows: start again from the rows.
            self.close()
            raise
        return True

    def _booted(self, connection: Connection) -> Replayer:
        """The engine at the position of the rows' checkpoint."""
        if self._engine is None:
            self._engine, _ = boot_engine(connection, self._columns)
            self._noted = set(self._engine.apart)
        return self._engine

    def _batch(self, connection: Connection, after: int, upto: int, head: int) -> int:
        """Projects a part of the log; returns the position at its end. `head`: of the log, some time before."""
        events = list(_whole_groups(connection, self._booted(connection), after, upto, head))
        upto = max(upto, events[-1].position) if events else upto
        try:
            self._write(connection, events, upto)
        except Exception as error:
            if not _is_of_an_event(error):
                raise
            log.exception("the events %s to %s could not be projected together; one by one, then", after + 1, upto)
            self._one_by_one(connection, events, upto)
        return upto

    def _one_by_one(self, connection: Connection, events: list[Event], upto: int) -> None:
        """Sets apart the events whose rows the database rejects."""
        self._engine = None  # it is ahead of the rows
        for event in events:
            try:
                self._write(connection, [event], event.position)
            except Exception as error:
                if not _is_of_an_event(error):
                    raise
                with connection.transaction():
                    set_apart.note(connection, {event.position: reason_of(error)})
                    _set_checkpoints(connection, event.position)
                log.error("event %s is set apart: %s", event.position, reason_of(error))
                self._engine = None
        with connection.transaction():
            _set_checkpoints(connection, upto)

    def _write(self, connection: Connection, events: list[Event], upto: int) -> None:
        engine = self._booted(connection)
        with connection.transaction():
            rows, trail = HistoryWriter(connection), AuditWriter(connection)
            engine.expect(events)
            for group in together(engine, events):
                project(engine, group, rows, trail)
            rows.flush()
            trail.flush()
            fresh = {position: reason for position, reason in engine.apart.items() if position not in self._noted}
            set_apart.note(connection, fresh)
            _set_checkpoints(connection, upto)
        for position, reason in fresh.items():
            log.error("event %s is set apart: %s", position, reason)
        self._noted |= set(fresh)

    def wait_for(self, position: int, timeout: float, connection: Connection | None = None) -> bool:
        """Waits until the elected projector, in this or another process, has reached `position`. `connection`: the
        caller's, to look how far it is; else one is opened where that is needed."""
        deadline = time.monotonic() + timeout
        if self._connection is not None and self.catch_up():
            return True
        with nullcontext(connection) if connection is not None else self._connect() as asked:
            while checkpoint(asked) < position:
                if self._may_be_elected() and self.catch_up():
                    return True
                if time.monotonic() > deadline:
                    return False
                time.sleep(PAUSE)
        return True

    def _may_be_elected(self) -> bool:
        return self._connection is not None or time.monotonic() >= self._refused_until


def _is_of_an_event(error: Exception) -> bool:
    """Whether an event may be the cause of the error, and not the database (unreachable, read-only, full, lacks a
    table)."""
    if isinstance(error, psycopg.Error):
        return isinstance(error, psycopg.DataError | psycopg.errors.ProgramLimitExceeded)
    return not isinstance(error, OSError | MemoryError)


def _whole_groups(connection: Connection, engine: Replayer, after: int, upto: int, head: int) -> Iterator[Event]:
    """Reads the events after a position, up to another position and the end of the group there. `head`: where the log
    ended some time before; a group ends there, for its events are appended together."""
    least, last, run = upto, None, 0
    while True:
        for event in EventLog.within(connection).read_after(after, upto, engine.set_apart):
            goes_on = last is not None and run < TOGETHER and is_recorded_with(event, last)
            if event.position > least and not goes_on:
                return
            run = run + 1 if goes_on else 1
            yield event
            last = event
        if last is None or last.position != upto or upto == head or engine.is_governed(last.account):
            return
        after, upto = upto, upto + BATCH


def _set_checkpoints(connection: Connection, position: int) -> None:
    connection.execute(_CHECKPOINTS, (position, list(READ_MODELS)), prepare=True)


def set_checkpoint(connection: Connection, name: str, position: int) -> None:
    """Updates the checkpoint, in the transaction that writes the rows."""
    connection.execute(_CHECKPOINTS, (position, [name]))


__all__ = ["READ_MODELS", "Projector", "project"]
