"""The columns of one process: mapped from a file, or made from table `fact`; and what came since."""

from __future__ import annotations

import fcntl
import logging
import os
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Lock
from typing import TypeVar

import psycopg

from erstwhile.projections.columns import file, reading
from erstwhile.projections.columns.column_history import ColumnHistory
from erstwhile.projections.columns.document_statements import read_statements
from erstwhile.projections.columns.memory import give_back
from erstwhile.projections.columns.policy_uses import used_policies
from erstwhile.projections.columns.reading import State
from erstwhile.projections.columns.segment import Segment
from erstwhile.projections.columns.signs import Signs
from erstwhile.projections.columns.stack import Stack, bottom, on_top, rows_above_bottom, rows_since, under
from erstwhile.projections.sql import Connection, with_infinity

T = TypeVar("T")
log = logging.getLogger("erstwhile")

LEAST = 5_000
"""Rows that are read again in a fraction of a tenth of a second: fewer need no file."""
SHARE = 10
"""Where what came since is more than this part of the whole, and more than `LEAST`, the whole is made anew."""
MOST_READ_AGAIN = 20_000
"""Up to so many rows above the whole, the earlier rows of entities that changed do not count: where few entities have
all rows, these are the whole once more after a few changes, however often it is made anew."""


class ColumnStore:
    """Has a connection of its own, so that a question that holds one of the pool never waits for another. Any thread
    may ask."""

    def __init__(
        self,
        connect: Callable[[], Connection],
        folder: Path | None = None,
        aside: Callable[[Callable[[], None]], None] = lambda work: work(),
        elsewhere: Callable[[Path, int], None] = lambda folder, after: None,
    ) -> None:
        """`folder`: where the processes that share it keep the columns of their databases; None: nowhere. `aside`: runs
        what takes seconds and need not be waited for. `elsewhere`: makes the file anew in another process, if it is of
        this position at most; where it does not, this process does."""
        self._connect = connect
        self._folder = folder
        self._aside = aside
        self._elsewhere = elsewhere
        self._connection: Connection | None = None
        self._lock = Lock()
        """Of the connection, and of what follows."""
        self._looked = 0.0
        """When the database was asked last."""
        self._stack: Stack = ()
        self._state = State(0, 0, 0)
        self._bottom = State(0, 0, 0)
        """From how far history was the whole was made."""
        self._came: int | None = None
        """How many rows of the stack came since, once that was asked."""
        self._patience = 1
        """By which the share is multiplied, since the whole could not be made anew."""
        self._is_renewing = False
        self._signs = Signs(self._ask)
        self._history: ColumnHistory | None = None
        """As it was asked for last: until something new is on record, all questions share what it found."""

    def close(self) -> None:
        with self._lock:
            if self._connection is not None:
                self._connection.close()
            self._connection, self._stack, self._history = None, (), None

    def history(self, known_at: int, unseen: float = 0.0) -> ColumnHistory:
        """History as known at a log position that it has reached. Raises psycopg.OperationalError.

        `unseen`: for so many seconds it need not be seen that the rows were made anew; then most questions need not ask
        the database."""
        with self._lock:
            is_there = self._stack and known_at <= self._state.position
            if not is_there or time.monotonic() >= self._looked + unseen:
                self._with_connection(self._catch_up)
                self._looked = time.monotonic()
            found = self._history
            if found is None or found.stack is not self._stack or found.known_at != known_at:
                found = self._history = ColumnHistory(self._stack, known_at, self._signs)
            is_due = self._is_due()
            self._is_renewing |= is_due
        if is_due:
            self._aside(self._renew)
        return found

    def _is_due(self) -> bool:
        above, share = rows_above_bottom(self._stack), len(self._stack[-1].segment) // SHARE
        if self._is_renewing or above <= max(LEAST, share) * self._patience:
            return False
        if above > max(MOST_READ_AGAIN, share) * self._patience:
            return True
        if self._came is None:
            self._came = rows_since(self._stack, self._bottom.position)
        return self._came > share * self._patience

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
        if self._stack and self._add(connection):
            return
        with reading.standing_still(connection) as now:
            found = self._from_file(connection, now)
            if found is None:
                found = self._made(connection, now), now
            self._stack, self._bottom, self._came = bottom(found[0]), found[1], None
            self._state = self._bottom
            self._add(connection)

    def _add(self, connection: Connection) -> bool:
        """What came since; False where the rows were made anew meanwhile."""
        since = self._state.position
        now, changed = reading.changed_rows(connection, since)
        stack = under(self._stack, len(changed)) if changed else self._stack
        if len(stack) < len(self._stack):
            since = self._stack[len(self._stack) - len(stack) - 1].since or 0
            now, changed = reading.changed_rows(connection, since)
        if not now.is_of_same_rows(self._state) or now.position < self._state.position:
            return False
        if changed:
            self._stack, self._came = on_top(stack, reading.finished(connection, changed), since), None
        self._state = now
        return True

    # The whole.

    def _from_file(self, connection: Connection, now: State, after: int = 0) -> tuple[Segment, State] | None:
        """What is in the file, if it was made of the rows that there are now, and from more than up to `after`."""
        folder = self._home(connection)
        found = file.read(folder) if folder is not None else None
        if found is None:
            return None
        segment, origin = found
        made = now._replace(position=origin.position)
        if not after < made.position <= now.position or origin != reading.origin(connection, made):
            return None
        return segment, made

    def _made(self, connection: Connection, now: State) -> Segment:
        """From all rows. It is put into the file, and mapped from there, where that can be."""
        segment, folder = reading.all_rows(connection), self._home(connection)
        if folder is None or len(segment) < LEAST:
            return segment
        segment.arrays |= reading.granting_events(connection) | reading.recorded_changes(connection, now.position)
        segment.arrays |= used_policies(segment) | read_statements(segment)
        try:
            file.write(folder, segment, reading.origin(connection, now))
        except OSError as error:
            log.warning("history's columns cannot be kept in %s: %s", folder, error)
            return segment
        mapped = self._from_file(connection, now)
        if mapped is None:
            return segment
        del segment
        give_back()
        return mapped[0]

    def _home(self, connection: Connection) -> Path | None:
        """The folder of this log."""
        if self._folder is None:
            return None
        first_event = reading.event_id(connection, 1)
        return self._folder / first_event if first_event else None

    def make_file(self, after: int) -> None:
        """Makes the file of the rows that there are now, unless there is one of a later position than `after`. Raises
        psycopg.Error, OSError."""
        self._anew(after)

    def _anew(self, after: int) -> tuple[Segment, State]:
        """From the file, if it is of a later position; else from all rows."""
        with (
            closing(with_infinity(self._connect())) as connection,
            self._alone(connection),
            reading.standing_still(connection) as now,
        ):
            found = self._from_file(connection, now, after)
            return found if found is not None else (self._made(connection, now), now)

    def _renew(self) -> None:
        """Makes the whole anew, with what came since, or takes it from a process that has done so."""
        try:
            after = self._bottom.position
            if self._folder is not None:
                self._elsewhere(self._folder, after)
            segment, made = self._anew(after)
            with self._lock:
                self._patience = 1
                if self._stack and made.is_of_same_rows(self._state):
                    self._stack, self._state, self._bottom, self._came = bottom(segment), made, made, None
        except (psycopg.Error, OSError):
            log.exception("history's columns cannot be made anew")
            self._patience *= 2
        finally:
            self._is_renewing = False

    @contextmanager
    def _alone(self, connection: Connection) -> Iterator[None]:
        """One process of a home at a time."""
        folder = self._home(connection)
        if folder is None or not folder.exists():
            yield
            return
        descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)
