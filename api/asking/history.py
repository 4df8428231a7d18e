"""Directories of past moments, from history."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import datetime
from typing import Any, Protocol, TypeVar, cast

from erstwhile.api.asking.granting_events import GrantingEvents
from erstwhile.api.asking.moments import Moment, Overtaken, moment, stale
from erstwhile.api.problems import Problem
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.domain.history.wide_history import WideHistory
from erstwhile.domain.vocabulary.context_values import ContextValues
from erstwhile.domain.vocabulary.instants import BEFORE, format_instant
from erstwhile.projections.beginning import KnownBeginning
from erstwhile.projections.boot import checkpoint
from erstwhile.projections.clock import last_event, now_after
from erstwhile.projections.coverage import KnownCoverage
from erstwhile.projections.followed_ground import FollowedGround
from erstwhile.projections.past import Past
from erstwhile.projections.sql import Connection

T = TypeVar("T")
WAIT = 10.0
"""Seconds that a question waits for a read model to come to the position it asks for."""


class Reaches(Protocol):
    def wait_for(self, position: int, timeout: float, connection: Connection) -> bool:
        """Whether history has come to a position in time."""
        ...


class History:
    """Any thread may ask. `connection` lends a connection."""

    def __init__(
        self, connection: Callable[[], AbstractContextManager[Connection]], past: Past, projector: Reaches
    ) -> None:
        self.connection = connection
        self.past = past
        self.coverage = KnownCoverage(past.history)
        self.beginning = KnownBeginning()
        self.granting = GrantingEvents()
        self.seen_head = 0
        """The log's head as an answer saw it last: an answer may begin there, if it looks at its end whether the log
        has gone on."""
        self.followed: FollowedGround | None = None
        """Of a process that follows the log: answers need not ask the database how far it is."""
        self._last = 0, BEFORE
        """The log's last event as it was read last: its position, and when it was recorded."""
        self._reached = 0
        self._projector = projector

    def heard(self) -> int:
        """How far the log is, as far as anybody has been told; 0 where the database has to be asked."""
        return self.followed.head() if self.followed is not None else 0

    def head_and_now(self, connection: Connection) -> tuple[int, datetime]:
        """The log's head (0 where it is empty), and now, or the instant of the event there if that is later; without a
        statement where this process follows the log, and knows when that event was recorded."""
        last = self._last
        if not last[0] or last[0] != self.heard():
            last = self._last = last_event(connection)
        return last[0], now_after(last[1])

    @contextmanager
    def connection_when_asked(self) -> Iterator[Connection]:
        """One that is taken from the pool when something is asked of it first. Of a process that follows the log, most
        decisions about the past ask the database nothing."""
        with ExitStack() as taken:
            yield cast(Connection, _WhenAsked(lambda: taken.enter_context(self.connection())))

    def wait_for(self, connection: Connection, position: int) -> None:
        """Waits until history has come to a position. Raises Problem 503 where it does not in time."""
        if position <= self._reached:
            return  # history goes forward only
        if not self._projector.wait_for(position, WAIT, connection):
            raise stale(position, checkpoint(connection))
        self._reached = max(self._reached, position)

    def from_seen_head(self, answer: Callable[[int], T], as_of: str | None, known_at: str | None) -> T:
        """What `answer` says of a moment of the past. It is told what the log's head is supposed to be (0: it has to
        ask), and raises Overtaken where the log has gone on: most often the head is still what it was before, and need
        not be waited for. Raises what `answer` does."""
        seen = self.heard() or self.seen_head
        if seen and as_of and known_at is None:
            try:
                return answer(seen)
            except Overtaken:
                pass
            except Problem:
                if self._head() == seen:
                    raise
        return answer(0)

    def _head(self) -> int:
        with self.connection() as connection:
            return EventLog.within(connection).head()

    def before_beginning(self, connection: Connection, as_of: datetime, known_at: int) -> tuple[str, ...]:
        """The caution that an instant is earlier than all that is known."""
        first = self.beginning.at(connection, known_at)
        return (f"nothing is known before {format_instant(first)}",) if first is not None and as_of < first else ()

    def at(self, connection: Connection, when: Moment) -> Directory:
        """The Directory of all accounts at a moment. Raises Problem 503 where history does not come to it in time."""
        self.wait_for(connection, when.known_at)
        return self.past.directory(when.as_of, when.known_at)

    def deciding(self, connection: Connection, when: Moment) -> Directory:
        """As `at`, for decisions alone: of managed policies it has but what is in force. Raises Problem 503."""
        self.wait_for(connection, when.known_at)
        return self.past.deciding(when.as_of, when.known_at)

    def facts(self, known_at: int) -> WideHistory:
        """All facts with their intervals, as known at a position that history has reached."""
        return self.past.history(known_at)

    def present(self, position: int) -> Directory:
        """The Directory of now at a log position, which stands still. Raises Problem 503 as `at` does."""
        with self.connection() as connection:
            self.wait_for(connection, position)
        return self.past.present(position)

    @contextmanager
    def directory(
        self, as_of: str | None = None, known_at: str | None = None
    ) -> Iterator[tuple[Directory, ContextValues]]:
        """The Directory of a moment; of now where none is given. No clock runs there: no keys. Raises Problem."""
        with self.connection() as connection:
            yield self.at(connection, moment(connection, as_of, known_at)), {}


class _WhenAsked:
    def __init__(self, take: Callable[[], Connection]) -> None:
        self._take = take
        self._taken: Connection | None = None

    def __getattr__(self, name: str) -> Any:
        if self._taken is None:
            self._taken = self._take()
        return getattr(self._taken, name)
