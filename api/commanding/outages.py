"""Errors that pass: the database is away, or the server ends. The caller may ask again soon.

`is_lost` and `is_away` tell what an error of the database means; `outage` tells what the caller is answered.
"""

from __future__ import annotations

import psycopg
from psycopg_pool import PoolTimeout

from erstwhile.api.commanding.completion import LostRace, WriterClosed
from erstwhile.api.database.database import DatabaseUnavailable

_LOST = ("57P01", "57P02", "57P03")
"""The server shuts down, crashed, or is starting (PostgreSQL's Appendix A, class 57)."""
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


def is_lost(error: BaseException) -> bool:
    """The connection is gone, and with it the knowledge of what became of a commit."""
    state = getattr(error, "sqlstate", None)
    return isinstance(error, psycopg.OperationalError) and (state is None or state.startswith("08") or state in _LOST)


def is_away(error: BaseException) -> bool:
    """The database does not serve us now: it is gone, locked, too slow, full or read-only. It may later."""
    if isinstance(error, psycopg.errors.ReadOnlySqlTransaction):
        return True
    return isinstance(error, psycopg.OperationalError) and not isinstance(error, psycopg.errors.ProgramLimitExceeded)
