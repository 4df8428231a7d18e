"""The database: its connection strings, its migrations, and whether it is ready."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg_pool import ConnectionPool

from erstwhile.api.database import embedded, migrating, roles
from erstwhile.api.database.bounded_connection import BoundedConnection, bound, connect, still_there
from erstwhile.api.database.settings import Settings
from erstwhile.api.database.shared_head import SharedHead
from erstwhile.domain.event_log.event_log import EventLog

MINIMUM_VERSION = 150000
ASKING, WRITING, WORK = 30.0, 5.0, 600.0
"""Seconds that a statement may take: of a question, of the writer, and of imports and projections."""
LOCKED = 5.0
"""Seconds that a question waits for a lock: nothing of ours holds one for long."""
_ALIVE = {"connect_timeout": 5, "keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}
"""How a server that is gone without a word is noticed, where nothing is said of it (libpq's parameters)."""


class DatabaseUnavailable(RuntimeError):
    """the database cannot be used"""


class Database:
    """One database: `dsn` acts as the service's role, `owner_dsn` as the owner, which migrates."""

    def __init__(self, owner_dsn: str, is_embedded: bool, handle: Any = None) -> None:
        self.owner_dsn = owner_dsn
        self.is_embedded = is_embedded
        self._handle = handle
        self.columns: Path | None = None
        """The folder in which processes of this home keep history's columns; None: nowhere."""
        self.shared_head: SharedHead | None = None
        """How far the processes of a home have acknowledged the log; None for a server that other hosts may use."""
        arguments = conninfo_to_dict(owner_dsn)
        options = str(arguments.get("options") or "")
        self.rebuilding_dsn = make_conninfo(
            owner_dsn,
            **{name: value for name, value in _ALIVE.items() if name not in arguments},
            options=f"{options} -c role={roles.SERVICE} -c timezone=UTC".strip(),
            application_name="erstwhile",
        )
        """As the service, with a way back to the owner's rights: for a rebuild, which makes tables anew."""
        self.dsn = self.rebuilding_dsn

    @classmethod
    def open(cls, settings: Settings) -> Database:
        """Opens the configured database; the embedded one is started and migrated. Raises DatabaseUnavailable."""
        if settings.database_url:
            database = cls(_understood(settings.database_url), is_embedded=False)
            database.columns = settings.home / "columns"
            database.check()
            return database
        try:
            dsn, handle = embedded.start(None if settings.ephemeral else settings.home)
        except embedded.EmbeddedFailed as error:
            raise DatabaseUnavailable(str(error)) from error
        database = cls(dsn, is_embedded=True, handle=handle)
        if not settings.ephemeral:
            database.columns = settings.home / "columns"
        database.shared_head = SharedHead(Path(handle.pgdata) / "erstwhile.head")
        with database.owner() as connection:
            if migrating.pending(connection):
                migrating.apply(connection, dsn)
            roles.make_login(connection)
        # No way back to the owner's rights: what a server is made to run cannot take them.
        database.dsn = make_conninfo(database.dsn, user=roles.LOGIN)
        return database

    def check(self) -> None:
        """Raises DatabaseUnavailable, with what to do, when the server cannot serve us."""
        with self.owner() as connection:
            if connection.info.server_version < MINIMUM_VERSION:
                raise DatabaseUnavailable(
                    f"PostgreSQL 15 or newer is needed, this server is {connection.info.server_version // 10000}"
                )

    def require_current(self) -> None:
        """Raises DatabaseUnavailable when migrations are missing."""
        pending = self.pending_migrations()
        if pending:
            raise DatabaseUnavailable(
                f"{len(pending)} migrations are not applied (first: {pending[0]}); run `erstwhile migrate`"
            )

    @contextmanager
    def owner(self) -> Iterator[psycopg.Connection[Any]]:
        """A connection with the owner's rights."""
        try:
            connection = psycopg.connect(self.owner_dsn, autocommit=True, connect_timeout=10)
        except psycopg.OperationalError as error:
            given = conninfo_to_dict(self.owner_dsn)
            where = " ".join(f"{name}={given[name]}" for name in ("host", "port", "dbname") if name in given)
            reason = "; ".join(line.strip() for line in str(error).strip().splitlines())
            raise DatabaseUnavailable(f"cannot connect to PostgreSQL at {where}: {reason}") from None
        with connection:
            yield connection

    def connect(self, within: float = WORK) -> psycopg.Connection[Any]:
        """A connection with the service's rights, in autocommit mode, each of whose statements ends within so many
        seconds. Raises OperationalError."""
        return connect(self.dsn, within)

    def connect_for_rebuild(self) -> psycopg.Connection[Any]:
        """As `connect`, over a login that may take the owner's rights again where it has them."""
        return connect(self.rebuilding_dsn, WORK)

    @property
    def event_log(self) -> EventLog:
        """The log, each of whose calls opens a connection of its own; for a connection in hand, `EventLog.within`."""
        return EventLog(self.connect, self.dsn)

    def connect_writer(self) -> psycopg.Connection[Any]:
        """For appending commands: many wait for each."""
        return connect(self.dsn, WRITING)

    def pool(self, size: int = 4) -> ConnectionPool[Any]:
        """A pool of connections with the service's rights; the caller closes it."""
        return ConnectionPool(
            self.dsn, min_size=1, max_size=size, open=True, kwargs={"autocommit": True}, name="erstwhile",
            connection_class=BoundedConnection, timeout=5,
            configure=lambda connection: bound(connection, ASKING, LOCKED),
            check=still_there,  # one that the server ended meanwhile answers nobody
        )  # fmt: skip

    def pending_migrations(self) -> list[str]:
        """The names of migrations that are not applied yet, in order. Raises DatabaseUnavailable."""
        self.check()
        with self.owner() as connection:
            try:
                return migrating.pending(connection)
            except migrating.MayNotSee as error:
                raise DatabaseUnavailable(str(error)) from None

    def migrate(self) -> list[str]:
        """Applies what is missing; returns the names. Raises DatabaseUnavailable with what is to be done first."""
        with self.owner() as connection:
            try:
                return migrating.apply(connection, self.owner_dsn)
            except migrating.AdministratorNeeded as error:
                raise DatabaseUnavailable(str(error)) from None

    def acknowledge(self, position: int) -> None:
        """Before any caller hears that the log has come to `position`: from then on every process shows it."""
        if self.shared_head is not None:
            self.shared_head.advance(position)

    def close(self) -> None:
        """Leaves the embedded server: the last to leave stops it."""
        if self.shared_head is not None:
            self.shared_head.close()
            self.shared_head = None
        if self._handle is not None:
            self._handle.close()
            self._handle = None


def _understood(url: str) -> str:
    """Raises DatabaseUnavailable for what is no connection string; what it says may be secret, and is not repeated."""
    try:
        conninfo_to_dict(url)
        url.encode()
    except (psycopg.ProgrammingError, ValueError):
        raise DatabaseUnavailable(
            "ERSTWHILE_DATABASE_URL is not a connection string: expected postgresql://user@host:5432/database, or "
            "host=… dbname=… user=…"
        ) from None
    return url
