"""Errors that pass: the database is away, or the server ends. The caller may ask again soon, and `outage` says what is
answered."""

from __future__ import annotations

import psycopg
from psycopg_pool import PoolTimeout

from erstwhile.api.commanding.completion import LostRace, WriterClosed
from erstwhile.api.database.database import DatabaseUnavailable

OUTAGES: dict[type[Exception], tuple[str, str]] = {
    LostRace: ("contended", "others changed the same again and again meanwhile; nothing was done, come again"),
    WriterClosed: ("ending", "the server is ending; ask another, or this one again soon"),
    TimeoutError: ("timeout", "the database gave no answer in time; come again"),
    DatabaseUnavailable: ("database_unavailable", "the database does not answer; come again"),
    PoolTimeout: ("database_unavailable", "the database does not answer; come again"),
    psycopg.OperationalError: ("database_unavailable", "the database does not answer; come again"),
    psycopg.errors.ReadOnlySqlTransaction: ("database_read_only", "the database takes no writes now; come again"),
    psycopg.InterfaceError: ("database_unavailable", "the database does not answer; come again"),
}
"""The code and the words for each: the error's own words may tell of things that no caller should see."""
RETRY_AFTER = "5"
"""Seconds after which the caller should ask again, for the header Retry-After."""


def outage(error: Exception) -> tuple[str, str] | None:
    """The code and the words of an error that will pass; None for any other."""
    if isinstance(error, psycopg.Error) and (error.sqlstate or "").startswith("54"):
        return None  # something was too long for the database: it will be so again
    return next((found for cls, found in OUTAGES.items() if isinstance(error, cls)), None)
