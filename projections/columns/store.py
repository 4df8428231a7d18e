"""The columns of one process: from table `fact`, and from what came since."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import TypeVar

import psycopg

from erstwhile.projections.columns import reading
from erstwhile.projections.columns.builder import Builder
from erstwhile.projections.columns.column_history import ColumnHistory
from erstwhile.projections.columns.reading import State
from erstwhile.projections.columns.signs import Signs
from erstwhile.projections.columns.stack import Stack, bottom, by_entity, on_top, rows_above_bottom, to_merge
from erstwhile.projections.sql import Connection, with_infinity

T = TypeVar("T")


class ColumnStore:
    """Has a connection of its own, so that a question that holds one of the pool never waits for another. Any thread
    may ask."""

    def __init__(self, connect: Callable[[], Connection]) -> None:
        self._connect = connect
        self._connection: Connection | None = None
        self._lock = Lock()
        """Of the connection, and of what follows."""
        self._stack: Stack = ()
        self._state = State(0, 0)
        self._signs = Signs(self._ask)

    def close(self) -> None:
        with self._lock:
            if self._connection is not None:
                self._connection.close()
            self._connection, self._stack = None, ()

    def history(self, known_at: int) -> ColumnHistory:
        """History as known at a log position that it has reached. Raises psycopg.OperationalError."""
        with self._lock:
            self._with_connection(self._catch_up)
            return ColumnHistory(self._stack, known_at, self._signs)

    def _ask(self, question: Callable[[Connection], T]) -> T:
        with self._lock:
            return self._with_connection(question)

    def _with_connection(self, work: Callable[[Connection], T]) -> T:
        """A connection that the server has ended meanwhile is opened again, once."""
        if self._connection is not None and not self._connection.closed:
            try:
                return work(self._connection)
            except psycopg.OperationalError:
                if not self._connection.closed:
                    raise
        self._connection = with_infinity(self._connect())
        return work(self._connection)

    def _catch_up(self, connection: Connection) -> None:
        now = reading.state(connection)
        if self._stack and now == self._state:
            return
        with reading.standing_still(connection) as now:
            if not self._stack or now.rebuilt != self._state.rebuilt or now.position < self._state.position:
                self._stack = bottom(reading.all_rows(connection))
            else:
                self._add(connection)
            self._state = now

    def _add(self, connection: Connection) -> None:
        rows = reading.changed_rows(connection, self._state.position)
        if not rows:
            return
        recent, stack = to_merge(self._stack, by_entity(rows))
        builder = Builder()
        builder.add([row for each in recent.values() for row in each])
        self._stack = on_top(stack, reading.finished(connection, builder), recent)

    @property
    def rows_above(self) -> int:
        """Rows that came since the whole was made."""
        return rows_above_bottom(self._stack)
