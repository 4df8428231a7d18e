"""Connections that wait for the server for so long and no longer, whatever has become of it: a server that is frozen,
or a network that swallows everything, says nothing at all, and no time-out of its own can end that."""

from __future__ import annotations

import select
import time
from collections.abc import Generator
from typing import Any, ClassVar, TypeVar

import psycopg
from psycopg import errors
from psycopg_pool import ConnectionPool

from erstwhile.projections.asked_ahead import AskingConnection

T = TypeVar("T")
LOCKED = 30.0
"""Seconds, at most, that a statement waits for a lock."""
RECENT = 1.0
"""Seconds for which a connection is believed to be there still."""
_GRACE = 5.0
"""Seconds that a server gets beyond its own time-out."""


class BoundedConnection(AskingConnection):
    """`within` is set after connecting: each single wait for the server ends by then, with an OperationalError."""

    within: float | None = None
    cursors: ClassVar[type[psycopg.Cursor[Any]] | None] = None
    """In place of psycopg's own: traces each statement."""
    answered_at = 0.0
    """When the server last answered, by the monotonic clock."""

    def wait(self, gen: Generator[Any, Any, T], interval: float = 0.1, timeout: float | None = None) -> T:
        if timeout is not None or self.within is None:
            return super().wait(gen, interval, timeout)
        try:
            found = super().wait(gen, interval, self.within + _GRACE)
            self.answered_at = time.monotonic()
            return found
        except errors._WaitTimeout:
            # Nobody knows what the server makes of it: the connection is of no more use.
            self.pgconn.finish()
            raise psycopg.OperationalError(f"the server said nothing for {self.within + _GRACE:g} s") from None


def still_there(connection: BoundedConnection) -> None:
    """Checks a connection before it is lent: asks the server, unless it answered within the last second and has sent
    nothing since (it sends a message where it ends a connection). Raises OperationalError where it is lost."""
    if time.monotonic() - connection.answered_at < RECENT and not connection.closed:
        waiting = select.poll()
        waiting.register(connection.fileno(), select.POLLIN)
        if not waiting.poll(0):
            return
    ConnectionPool.check_connection(connection)


def connect(dsn: str, within: float) -> BoundedConnection:
    """In autocommit mode. A statement that takes longer than `within` seconds is cancelled by the server, one that
    waits for a lock sooner; should the server say nothing at all, the connection is given up. Raises OperationalError.
    """
    connection: BoundedConnection = BoundedConnection.connect(dsn, autocommit=True)
    try:
        bound(connection, within)
    except BaseException:
        connection.close()
        raise
    return connection


def bound(connection: BoundedConnection, within: float, locked: float = LOCKED) -> None:
    """Sets the limits of a connection: of a statement, and of waiting for a lock."""
    connection.within = within
    if BoundedConnection.cursors is not None:
        connection.cursor_factory = BoundedConnection.cursors
    connection.execute(
        "SELECT set_config('statement_timeout', %s, false), set_config('lock_timeout', %s, false)",
        (f"{within * 1000:.0f}ms", f"{min(within * 0.8, locked) * 1000:.0f}ms"),
    )
