"""Rebuilds a read model from the log while other processes use it.

A login that owns the tables fills new tables, while readers and the elected projector use the old ones. The rebuild
takes over the election only at its end, projects the events that came meanwhile, and replaces the old tables by the new
ones. A login that owns nothing empties and fills the tables in one transaction: readers see the old rows until its end,
and no process projects meanwhile. Either way a rebuild changes all or nothing, so it may be interrupted.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager

import psycopg
from psycopg import sql

from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.domain.events import BareEvent, Event
from erstwhile.domain.replay import Replayer
from erstwhile.domain.replay.garbage_collector import without_collector
from erstwhile.projections import history, set_apart
from erstwhile.projections.audit import AuditWriter
from erstwhile.projections.boot import checkpoint, empty_engine
from erstwhile.projections.event_rows import project, together, write_history, write_trail
from erstwhile.projections.history import HistoryWriter
from erstwhile.projections.indexes import Indexes
from erstwhile.projections.projector import HAND_OVER, LOCK, READ_MODELS, Progress, set_checkpoint
from erstwhile.projections.sql import Connection, with_infinity

_REBUILDING = "hashtext('erstwhile.rebuild')"
REPORTED = 10_000
"""Events between two reports of a rebuild's progress."""
_LOCK_ATTEMPTS = 60
_PATIENCE = 120.0
"""Seconds to wait for the elected projector to give up the election; it may be in the middle of a long round."""


class UnknownReadModel(LookupError):
    """there is no such read model"""


class RebuildRefused(RuntimeError):
    """the read model cannot be rebuilt now"""


def rebuild(connect: Callable[[], Connection], name: str, progress: Progress | None = None) -> int:
    """Rebuilds a read model from the log; returns the number of events. Raises UnknownReadModel, RebuildRefused."""
    if name not in READ_MODELS:
        raise UnknownReadModel(f"there is no read model {name!r}; there are: {', '.join(READ_MODELS)}")
    with (
        without_collector(),
        # When interrupted in a read, close at once: only the work of `work` needs a rollback.
        closing(with_infinity(connect())) as work,
        closing(connect()) as stream,
        closing(connect()) as reader,
        closing(connect()) as election,
        ExitStack() as until_committed,
    ):
        for each in (work, stream, reader):
            each.execute("SET statement_timeout = 0")
        row = election.execute(f"SELECT pg_try_advisory_lock({_REBUILDING})").fetchone()
        if row is None or not row[0]:
            raise RebuildRefused("another rebuild is under way; wait for its end")
        with work.transaction():
            # A login that owns the tables (or a superuser) acts as the service; as itself it may create tables.
            work.execute("SET LOCAL ROLE NONE")
            job = _Rebuild(name, work, stream, empty_engine(reader), progress)
            schema = _schema(work)
            new = _new_tables(work, schema, name)
            if new is None:
                until_committed.enter_context(_elected(election))
                work.execute("RESET ROLE")
                top = job.in_place()
            else:
                upto = job.fill(schema, new)
                until_committed.enter_context(_elected(election))
                top = job.follow(upto)
                _replace(work, schema, new, name)
                job.finish(top)
            _require_elected(election)
        return top


@contextmanager
def _elected(connection: Connection) -> Iterator[None]:
    """Takes the election; the elected projector gives it up within one round."""
    connection.execute("SET statement_timeout = 0")
    connection.execute(f"SELECT pg_advisory_lock({HAND_OVER})")
    connection.execute("SELECT pg_notify('erstwhile_event', coalesce(max(position), 0)::text) FROM event")
    deadline = time.monotonic() + _PATIENCE
    try:
        while True:
            row = connection.execute(f"SELECT pg_try_advisory_lock({LOCK})").fetchone()
            if row is not None and row[0]:
                break
            if time.monotonic() > deadline:
                raise RebuildRefused("another process projects and does not hand over; nothing is changed, try again")
            time.sleep(0.05)
        yield
    finally:
        if not connection.closed:
            connection.execute("SELECT pg_advisory_unlock_all()")


def _require_elected(connection: Connection) -> None:
    """Raises RebuildRefused if the connection with the election was lost: another process may have projected since."""
    try:
        connection.execute("SELECT")
    except psycopg.OperationalError as error:
        raise RebuildRefused(
            "the connection that held the election was lost; nothing is changed, run the rebuild again"
        ) from error


class _Rebuild:
    def __init__(
        self, name: str, work: Connection, stream: Connection, engine: Replayer, progress: Progress | None
    ) -> None:
        self._name, self._work, self._stream, self._engine, self._progress = name, work, stream, engine, progress

    def _write(self, upto: int, before_reading: Callable[[], None]) -> None:
        """Writes the rows of all events up to a position into empty tables."""
        events = EventLog.within(self._stream).read_for_replay(0, upto, self._engine.set_apart)
        counted = events if self._progress is None else _counted(events, upto, self._progress)
        if self._name == history.NAME:
            write_history(self._engine, counted, HistoryWriter(self._work, before_reading))
            return
        write_trail(self._engine, counted, AuditWriter(self._work, before_reading))

    def fill(self, schema: str, new: str) -> int:
        """Fills the new tables up to the old tables' checkpoint; returns that position."""
        upto = checkpoint(self._work, self._name)
        indexes = Indexes(self._work, READ_MODELS[self._name], schema, new)
        self._work.execute(
            sql.SQL("SET LOCAL search_path = {}, {}").format(sql.Identifier(new), sql.Identifier(schema))
        )
        self._write(upto, indexes.make)
        indexes.make()
        return upto

    def follow(self, upto: int) -> int:
        """Projects the events that came meanwhile, up to the old tables' checkpoint; returns that position."""
        top = checkpoint(self._work, self._name)
        events = EventLog.within(self._stream).read_after(upto, top, self._engine.set_apart)
        rows = HistoryWriter(self._work) if self._name == history.NAME else None
        trail = AuditWriter(self._work) if rows is None else None
        for group in together(self._engine, events):
            project(self._engine, group, rows, trail)
        if rows is not None:
            rows.flush()
        if trail is not None:
            trail.flush()
        return top

    def in_place(self) -> int:
        """Rebuilds in the old tables, for a login that may not create tables; others see the old rows until the end."""
        top = checkpoint(self._work, self._name)
        for table in READ_MODELS[self._name]:
            self._work.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
        self._write(top, lambda: None)
        self.finish(top)
        return top

    def finish(self, top: int) -> None:
        if self._name == history.NAME:
            self._work.execute("DELETE FROM set_apart")
            [(transaction,)] = self._work.execute("SELECT pg_current_xact_id()::text::bigint").fetchall()
            set_checkpoint(self._work, history.REBUILT, transaction)
        set_apart.note(self._work, self._engine.apart)
        set_checkpoint(self._work, self._name, top)


def _schema(connection: Connection) -> str:
    """The schema of the tables."""
    [(schema,)] = connection.execute(
        "SELECT n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = 'fact'::regclass"
    ).fetchall()
    return str(schema)


def _new_tables(connection: Connection, schema: str, name: str) -> str | None:
    """Creates empty copies of a read model's tables in a separate schema; returns None if the login may not."""
    new = f"erstwhile_rebuild_{os.getpid()}"
    try:
        with connection.transaction():
            owner = connection.execute(
                "SELECT pg_has_role(c.relowner, 'USAGE') AND has_schema_privilege(n.oid, 'CREATE'), "
                "pg_get_userbyid(c.relowner) "
                "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = 'fact'::regclass"
            ).fetchone()
            if owner is None or not owner[0]:
                return None
            # The login makes the schema: the role that owns the tables need not be allowed to make any.
            whose = sql.Identifier(owner[1])
            connection.execute(sql.SQL("CREATE SCHEMA {} AUTHORIZATION {}").format(sql.Identifier(new), whose))
            connection.execute(sql.SQL("SET LOCAL ROLE {}").format(whose))
            for table in READ_MODELS[name]:
                connection.execute(
                    sql.SQL("CREATE TABLE {} (LIKE {} INCLUDING ALL EXCLUDING INDEXES)").format(
                        sql.Identifier(new, table), sql.Identifier(schema, table)
                    )
                )
                _like_before(connection, schema, new, table)
    except psycopg.errors.InsufficientPrivilege:
        return None
    return new


def _like_before(connection: Connection, schema: str, new: str, table: str) -> None:
    """Gives the new table the primary key and the grants of the old one."""
    old_name, new_name = sql.Identifier(schema, table), sql.Identifier(new, table)
    for name, definition in connection.execute(
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'p'",
        (old_name.as_string(connection),),
    ).fetchall():
        connection.execute(
            sql.SQL("ALTER TABLE {} ADD CONSTRAINT {} {}").format(new_name, sql.Identifier(name), sql.SQL(definition))
        )
    for grantee, privilege in connection.execute(
        "SELECT a.grantee::regrole::text, a.privilege_type FROM pg_class c, aclexplode(c.relacl) a "
        "WHERE c.oid = %s::regclass AND a.grantee NOT IN (0, c.relowner)",
        (old_name.as_string(connection),),
    ).fetchall():
        connection.execute(sql.SQL("GRANT {} ON {} TO {}").format(sql.SQL(privilege), new_name, sql.SQL(grantee)))


def _replace(connection: Connection, schema: str, new: str, name: str) -> None:
    """Replaces the old tables by the new ones. Waits for readers in a transaction in short attempts, so that other
    readers never wait long."""
    tables = sql.SQL(", ").join(sql.Identifier(schema, table) for table in READ_MODELS[name])
    for attempt in range(_LOCK_ATTEMPTS):
        try:
            with connection.transaction():
                connection.execute("SET LOCAL lock_timeout = '1s'")
                connection.execute(sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(tables))
            break
        except psycopg.errors.LockNotAvailable:
            if attempt == _LOCK_ATTEMPTS - 1:
                raise RebuildRefused(
                    "somebody holds the old tables; nothing is changed, run the rebuild again"
                ) from None
            time.sleep(0.2)
    connection.execute(sql.SQL("DROP TABLE {}").format(tables))
    for table in READ_MODELS[name]:
        connection.execute(
            sql.SQL("ALTER TABLE {} SET SCHEMA {}").format(sql.Identifier(new, table), sql.Identifier(schema))
        )
    connection.execute(sql.SQL("SET LOCAL search_path = {}").format(sql.Identifier(schema)))
    connection.execute(sql.SQL("DROP SCHEMA {}").format(sql.Identifier(new)))


def _counted(events: Iterable[Event | BareEvent], total: int, progress: Progress) -> Iterator[Event | BareEvent]:
    for number, event in enumerate(events, 1):
        yield event
        if number % REPORTED == 0 or number == total:
            progress(number, total)
