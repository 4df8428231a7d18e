"""The projector: feeds history and audit trail from the log, batch by batch, each with its checkpoint in the
same transaction. One process per database is elected by an advisory lock; the others wait for its checkpoint.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator

from erstwhile.domain.bulk import without_collector
from erstwhile.domain.event_log.read import head, read_after, read_tagged, read_to_fold
from erstwhile.domain.events import Event, Told
from erstwhile.domain.fold import Engine
from erstwhile.domain.touches import STATELESS, slots
from erstwhile.projections import audit, history
from erstwhile.projections.audit import AuditWriter
from erstwhile.projections.boot import boot_engine, checkpoint
from erstwhile.projections.history import HistoryWriter
from erstwhile.projections.indexes import Indexes
from erstwhile.projections.sql import Connection, with_infinity

_LOCK = "hashtext('erstwhile.projector')"
BATCH = 2_000
REPORTED = 10_000
"""A rebuild tells its progress after each so many events."""
NEVER = 9223372036854775807
READ_MODELS = {history.NAME: history.TABLES, audit.NAME: audit.TABLES}

Progress = Callable[[int, int], None]
"""(events done, events in all)"""


class UnknownReadModel(LookupError):
    """there is no such read model"""


class Projector:
    """Holds one connection, and the lock while it is elected. Any thread may use it, one at a time."""

    def __init__(self, connect: Callable[[], Connection]) -> None:
        self._connect = connect
        self._connection: Connection | None = None
        self._engine: Engine | None = None
        self._busy = threading.RLock()

    def close(self) -> None:
        """Gives up the election."""
        with self._busy:
            self._close()

    def _close(self) -> None:
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
        with self._busy:
            return self._catch_up(upto, progress)

    def _catch_up(self, upto: int | None, progress: Progress | None) -> bool:
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
                with without_collector():
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
            rows, trail = HistoryWriter(connection), AuditWriter(connection)
            project(engine, events, rows, trail)
            _flush(rows, trail, everything=True)
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
            with without_collector(), self._connect() as stream, self._connect() as reader, connection.transaction():
                return _rebuild(connection, stream, reader, name, checkpoint(connection), progress)
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
    engine: Engine, events: Iterable[Event | Told], rows: HistoryWriter | None, trail: AuditWriter | None
) -> None:
    """Applies events and hands on what they changed."""
    for event in events:
        changes, replacements = engine.apply(event)
        if trail is not None and changes:
            trail.changed(changes)
        if rows is not None:
            for change in changes:
                rows.change(change)
            if not engine.is_governed(event.account) and not isinstance(event.body, STATELESS):
                rows.clock(slots(event.account, event.body), event.occurred_at)
        for replacement in replacements:
            if rows is not None:
                rows.replace(replacement)
            if trail is not None:
                trail.replace(replacement)


def _flush(rows: HistoryWriter | None, trail: AuditWriter | None, everything: bool) -> None:
    if rows is not None:
        rows.flush(everything)
    if trail is not None:
        trail.flush()


def _rebuild(
    connection: Connection, stream: Connection, reader: Connection, name: str, top: int, progress: Progress | None
) -> int:
    """`stream` reads the log from end to end, `reader` what a re-fold asks for meanwhile."""
    # The owner may put the indexes aside; whoever is not, rebuilds with them.
    connection.execute("SET LOCAL ROLE NONE")
    connection.execute(f"TRUNCATE {', '.join(READ_MODELS[name])}")
    indexes = Indexes(connection, READ_MODELS[name])
    engine = Engine(lambda slots, upto: read_tagged(reader, slots, upto))
    events: Iterable[Event | Told] = read_to_fold(stream, 0, top)
    if progress is not None:
        events = _counted(events, top, progress)
    if name == history.NAME:
        rebuild_history(engine, events, HistoryWriter(connection, indexes.restore))
    else:
        trail = AuditWriter(connection, indexes.restore)
        project(engine, events, None, trail)
        trail.flush()
    indexes.restore()
    _set_checkpoint(connection, name, top)
    return top


def rebuild_history(engine: Engine, events: Iterable[Event | Told], rows: HistoryWriter) -> None:
    """Writes the history of all events. What an account under commands still has at the end is in the Directory:
    of its facts only the endings need telling."""
    commanded_since: dict[str, int] = {}
    for event in events:
        since = commanded_since.get(event.account)
        if since is None:
            project(engine, (event,), rows, None)
            if engine.is_governed(event.account):
                commanded_since[event.account] = event.position
            continue
        for change in engine.endings(event):
            assert change.before is not None
            if change.before.opened_by > since:
                rows.ended(change)
            else:
                rows.change(change)
    rows.flush()
    facts = engine.directory.facts()
    rows.still_open(fact for fact in facts if fact[5].opened_by > commanded_since.get(fact[0], NEVER))


def _counted(events: Iterable[Event | Told], total: int, progress: Progress) -> Iterator[Event | Told]:
    for number, event in enumerate(events, 1):
        yield event
        if number % REPORTED == 0 or number == total:
            progress(number, total)


def _set_checkpoint(connection: Connection, name: str, position: int) -> None:
    connection.execute(
        "INSERT INTO checkpoint (projection, position) VALUES (%s, %s) "
        "ON CONFLICT (projection) DO UPDATE SET position = excluded.position",
        (name, position),
    )


__all__ = ["READ_MODELS", "Projector", "UnknownReadModel", "project"]
