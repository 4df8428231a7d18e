"""The database: its connection strings, its migrations, and whether it is ready."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg_pool import ConnectionPool

from erstwhile import migrations
from erstwhile.api import embedded
from erstwhile.api.settings import Settings
from erstwhile.api.shared_head import SharedHead

MIGRATIONS = Path(migrations.__path__[0])
MINIMUM_VERSION = 150000


class DatabaseUnavailable(RuntimeError):
    """the database cannot be used"""


class Database:
    """One database: `dsn` acts as the service's role, `owner_dsn` as the one who migrates."""

    def __init__(self, owner_dsn: str, is_embedded: bool, handle: Any = None) -> None:
        self.owner_dsn = owner_dsn
        self.is_embedded = is_embedded
        self._handle = handle
        self.shared_head: SharedHead | None = None
        """What the processes of a home have told; None for a server that other hosts may use."""
        arguments = conninfo_to_dict(owner_dsn)
        options = str(arguments.get("options") or "")
        self.dsn = make_conninfo(
            owner_dsn,
            options=f"{options} -c role=erstwhile_service -c timezone=UTC".strip(),
            application_name="erstwhile",
        )

    @classmethod
    def open(cls, settings: Settings) -> Database:
        """Opens the configured database; the embedded one is started and migrated. Raises DatabaseUnavailable."""
        if settings.database_url:
            database = cls(settings.database_url, is_embedded=False)
            database.check()
            return database
        try:
            dsn, handle = embedded.start(None if settings.ephemeral else settings.home)
        except embedded.EmbeddedFailed as error:
            raise DatabaseUnavailable(str(error)) from error
        database = cls(dsn, is_embedded=True, handle=handle)
        database.shared_head = SharedHead(Path(handle.pgdata) / "erstwhile.head")
        if database.pending_migrations():
            database.migrate()
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
            where = {k: v for k, v in conninfo_to_dict(self.owner_dsn).items() if k in ("host", "port", "dbname")}
            reason = str(error).strip().splitlines()[-1]
            raise DatabaseUnavailable(f"cannot connect to PostgreSQL at {where}: {reason}") from None
        with connection:
            yield connection

    def connect(self) -> psycopg.Connection[Any]:
        """A connection with the service's rights, in autocommit mode."""
        return psycopg.connect(self.dsn, autocommit=True)

    def pool(self, size: int = 4) -> ConnectionPool[Any]:
        """A pool of connections with the service's rights; the caller closes it."""
        return ConnectionPool(
            self.dsn, min_size=1, max_size=size, open=True, kwargs={"autocommit": True}, name="erstwhile"
        )

    def _backend(self) -> AbstractContextManager[Any]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import yoyo
        # psycopg takes every libpq parameter by keyword; yoyo hands on those of the query string.
        arguments = {k: str(v) for k, v in conninfo_to_dict(self.owner_dsn).items() if v is not None}
        database = arguments.pop("dbname", "")
        uri = f"postgresql+psycopg:///{quote(database, safe='')}?{urlencode(arguments)}"
        return _closing(yoyo.get_backend(uri))

    def pending_migrations(self) -> list[str]:
        """The names of migrations that are not applied yet, in order."""
        import yoyo

        self.check()
        with self._backend() as backend:
            known = yoyo.read_migrations(str(MIGRATIONS))
            return [migration.id for migration in backend.to_apply(known)]

    def migrate(self) -> list[str]:
        """Applies what is missing; returns the names."""
        import yoyo

        with self._backend() as backend, backend.lock():
            pending = backend.to_apply(yoyo.read_migrations(str(MIGRATIONS)))
            names = [migration.id for migration in pending]
            backend.apply_migrations(pending)
        return names

    def acknowledge(self, position: int) -> None:
        """Before anybody is told that the log has come to `position`: from then on every process shows it."""
        if self.shared_head is not None:
            self.shared_head.advance(position)

    def close(self) -> None:
        """Leaves the embedded server: the last to leave stops it."""
        if self.shared_head is not None:
            self.shared_head.close()
            self.shared_head = None
        if self._handle is not None:
            self._handle.cleanup()
            self._handle = None


@contextmanager
def _closing(backend: Any) -> Iterator[Any]:
    try:
        yield backend
    finally:
        backend.connection.close()
