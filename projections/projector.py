"""The projector: feeds history and audit trail from the log, batch by batch, each with its checkpoint in the
same transaction. One process per database is elected by an advisory lock; the others wait for its checkpoint.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from domain.event_log.read import head, read_after, read_tagged
from domain.events import Event
from domain.fold import Engine
from domain.touches import STATELESS, slots
from projections import audit, history
from projections.audit import AuditWriter
from projections.boot import boot_engine, checkpoint
from projections.history import HistoryWriter
from projections.sql import Connection, with_infinity

_LOCK = "hashtext('erstwhile.projector')"
BATCH = 2_000
REBUILD_BATCH = 50_000
READ_MODELS = {history.NAME: history.TABLES, audit.NAME: audit.TABLES}

Progress = Callable[[int, int], None]
"""(events done, events in all)"""


class UnknownReadModel(LookupError):
    """there is no such read model"""


class Projector:
    """Holds one connection, and the lock while it is elected."""

    def __init__(self, connect: Callable[[], Connection]) -> None:
        self._connect = connect
        self._connection: Connection | None = None
        self._engine: Engine | None = None

    def close(self) -> None:
        """Gives up the election."""
        if self._connection is not None:
            self._connection.close()
        self._connection = self._engine = None

    def _elected(self) -> bool:
        if self._connection is None or self._connection.closed:
            self._connection, self._engine = with_infinity(self._connect()), None
            row = self._connection.execute(f"SELECT pg_try_advisory_lock({_LOCK})").fetchone()
            if row is None or not row[0]:
                self._connection.close()
                self._connection = None
                return False
        return True

    def catch_up(self, upto: int | None = None, progress: Progress | None = None) -> bool:
        """Projects up to the head of the log (or `upto`); False when another process is elected."""
        if not self._elected():
            return False
        connection = self._connection
        assert connection is not None
        try:
            if self._engine is None:
                self._engine, _ = boot_engine(connection)
            top = head(connection) if upto is None else upto
            start = position = checkpoint(connection)
            while position < top:
                position = self._batch(connection, self._engine, position, min(top, position + BATCH))
                if progress is not None:
                    progress(position - start, top - start)
        except BaseException:
            # The engine has gone further than its rows: begin again from those.
            self.close()
            raise
        return True

    def _batch(self, connection: Connection, engine: Engine, after: int, upto: int) -> int:
        events = list(read_after(connection, after, upto))
        with connection.transaction():
            project(connection, engine, events, HistoryWriter(connection), AuditWriter(connection))
            for name in READ_MODELS:
                _set_checkpoint(connection, name, upto)
        return upto

    def rebuild(self, name: str, progress: Progress | None = None) -> int:
        """Builds a read model anew from the log, in one transaction; readers see the old one until then.

        Returns the number of events. Raises UnknownReadModel.
        """
        if name not in READ_MODELS:
            raise UnknownReadModel(f"there is no read model {name!r}; there are: {', '.join(READ_MODELS)}")
        while not self._elected():
            time.sleep(0.2)
        connection = self._connection
        assert connection is not None
        try:
            with connection.transaction():
                return _rebuild(connection, name, checkpoint(connection), progress)
        finally:
            self.close()

    def wait_for(self, position: int, timeout: float) -> bool:
        """Waits until the elected projector, this or another, has come to `position`."""
        deadline = time.monotonic() + timeout
        with self._connect() as connection:
            while not self.catch_up():
                if checkpoint(connection) >= position:
                    return True
                if time.monotonic() > deadline:
                    return False
                time.sleep(0.05)
        return True


def project(
    connection: Connection,
    engine: Engine,
    events: Iterable[Event],
    rows: HistoryWriter | None,
    trail: AuditWriter | None,
) -> None:
    """Applies events and writes what they changed, in the connection's transaction."""
    for event in events:
        changes, replacements = engine.apply(event)
        if trail is not None:
            trail.event(event)
            for change in changes:
                trail.change(change)
        if rows is not None:
            for change in changes:
                rows.change(change)
            if not isinstance(event.envelope.body, STATELESS) and engine.directory.mode(event.account) != "governed":
                rows.clock(slots(event.account, event.envelope.body), event.occurred_at)
        for replacement in replacements:
            if rows is not None:
                rows.replace(replacement)
            if trail is not None:
                trail.replace(replacement)
    if rows is not None:
        rows.flush()
    if trail is not None:
        trail.flush()


def _rebuild(connection: Connection, name: str, top: int, progress: Progress | None) -> int:
    connection.execute(f"TRUNCATE {', '.join(READ_MODELS[name])}")
    engine = Engine(lambda slots, upto: read_tagged(connection, slots, upto))
    rows = HistoryWriter(connection) if name == history.NAME else None
    trail = AuditWriter(connection) if name == audit.NAME else None
    position = 0
    while position < top:
        upto = min(top, position + REBUILD_BATCH)
        project(connection, engine, list(read_after(connection, position, upto)), rows, trail)
        position = upto
        if progress is not None:
            progress(position, top)
    _set_checkpoint(connection, name, top)
    return top


def _set_checkpoint(connection: Connection, name: str, position: int) -> None:
    connection.execute(
        "INSERT INTO checkpoint (projection, position) VALUES (%s, %s) "
        "ON CONFLICT (projection) DO UPDATE SET position = excluded.position",
        (name, position),
    )


__all__ = ["READ_MODELS", "Projector", "UnknownReadModel", "project"]
