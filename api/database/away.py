"""What an error of the database means: that a connection is lost, or that the database does not serve us now."""

from __future__ import annotations

import psycopg

_LOST = ("57P01", "57P02", "57P03")
"""The server shuts down, crashed, or is starting (PostgreSQL's Appendix A, class 57)."""


def is_lost(error: BaseException) -> bool:
    """The connection is gone, and with it the knowledge of what became of a commit."""
    state = getattr(error, "sqlstate", None)
    return isinstance(error, psycopg.OperationalError) and (state is None or state.startswith("08") or state in _LOST)


def is_away(error: BaseException) -> bool:
    """The database does not serve us now: it is gone, locked, too slow, full or read-only. It may later."""
    if isinstance(error, psycopg.errors.ReadOnlySqlTransaction):
        return True
    return isinstance(error, psycopg.OperationalError) and not isinstance(error, psycopg.errors.ProgramLimitExceeded)
