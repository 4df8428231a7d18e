"""Entries of the tree from several processes, which read ahead: a row of `make bench-proof`. Hashing an event takes the
interpreter for itself, so threads would not do; what comes back is 32 bytes an event."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager

import psycopg

from erstwhile.projections.ledger.committed import entries, use_utc
from erstwhile.projections.ledger.sources import DatabaseSource
from erstwhile.projections.sql import Connection

WORTHWHILE = 500_000
"""Events from which on the start of processes is made good."""
_MOST = 4
"""Processes."""
_ENTRY = 32
_Found = tuple[list[int] | None, bytes]
"""(positions, where they are not all that were asked for; their entries side by side)"""


class ReadAhead(DatabaseSource):
    """As DatabaseSource; who asks for one stretch of events after another finds the next ones read."""

    def __init__(self, connection: Connection, pool: ProcessPoolExecutor, processes: int) -> None:
        super().__init__(connection)
        self._pool = pool
        self._ahead = processes + 1
        self._last = self.head()
        self._waiting: dict[tuple[int, int], Future[_Found]] = {}

    def entries(self, after: int, upto: int) -> Iterator[tuple[int, bytes]]:
        step = upto - after
        for start in range(after, min(self._last, after + self._ahead * step), step):
            stretch = (start, min(start + step, max(upto, self._last)))
            if stretch not in self._waiting:
                self._waiting[stretch] = self._pool.submit(_entries, *stretch)
        found = self._waiting.pop((after, upto), None)
        if found is None:
            return super().entries(after, upto)
        positions, data = found.result()
        numbers = positions if positions is not None else range(after + 1, after + 1 + len(data) // _ENTRY)
        return zip(numbers, (data[at : at + _ENTRY] for at in range(0, len(data), _ENTRY)), strict=True)


@contextmanager
def reading_ahead(connection: Connection, dsn: str) -> Iterator[DatabaseSource]:
    """Where log and ledger of a database are read, in a transaction of the caller's that is repeatable: by processes of
    our own that see the same, where there are enough events and processors. `dsn`: where they connect to."""
    processes = min(_MOST, len(os.sched_getaffinity(0)))
    plain = DatabaseSource(connection)
    if processes < 2 or plain.head() < WORTHWHILE:
        yield plain
        return
    row = connection.execute("SELECT pg_export_snapshot()").fetchone()
    assert row is not None
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(processes, context, _open, (dsn, row[0]))
    try:
        yield ReadAhead(connection, pool, processes)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


_connections: list[Connection] = []
"""Of a process that reads ahead: the one that it has."""


def _open(dsn: str, snapshot: str) -> None:
    connection = psycopg.connect(dsn, autocommit=True)
    connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    connection.execute(psycopg.sql.SQL("SET TRANSACTION SNAPSHOT {}").format(snapshot))
    use_utc(connection)
    _connections[:] = [connection]


def _entries(after: int, upto: int) -> _Found:
    found = list(entries(_connections[0], after, upto))
    positions = [position for position, _ in found]
    data = b"".join(entry for _, entry in found)
    return (None if positions == list(range(after + 1, after + 1 + len(found))) else positions), data
