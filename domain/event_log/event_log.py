"""The event log: everything that appends, reads or follows goes through this class.

It implements `DCBRecorder` of the `eventsourcing` library (append, read, subscribe: a log with dynamic consistency
boundaries), and adds what the library has no words for: batches of several commands, our typed events, reading for
replay, and following.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime
from typing import Any

import psycopg
from eventsourcing.dcb.api import DCBAppendCondition, DCBEvent, DCBQuery, DCBRecorder
from eventsourcing.persistence import IntegrityError, ProgrammingError

from erstwhile.domain.event_log import append, follow, library_events, read
from erstwhile.domain.event_log.append import Appended
from erstwhile.domain.event_log.append_condition import QueryItem
from erstwhile.domain.event_log.follow import PAGE, Follower, LogNotifications
from erstwhile.domain.event_log.library_events import ReadResponse, Subscription
from erstwhile.domain.event_log.new_events import Append, EncodedAppend, encoded
from erstwhile.domain.event_log.read import Connection, Unreadable
from erstwhile.domain.events import BareEvent, Event

__all__ = ["Appended", "EventLog", "Follower", "LogNotifications", "Unreadable"]


class EventLog(DCBRecorder):
    """The log of one database. Any thread may use it, as far as its connections allow."""

    def __init__(self, connections: Callable[[], AbstractContextManager[Connection]], dsn: str | None = None) -> None:
        """`connections`: where each call gets its connection, in autocommit mode. `dsn`: the connection string for
        followers and subscriptions, whose connections are their own."""
        self._connections = connections
        self._dsn = dsn

    @classmethod
    def within(cls, connection: Connection) -> EventLog:
        """The log over a given connection: what is appended commits, or not, with the transaction that the caller has
        begun on it (READ COMMITTED, for appending), and reads see what that transaction sees."""
        return cls(lambda: nullcontext(connection))

    # Appending.

    def append(self, events: Sequence[DCBEvent], condition: DCBAppendCondition | None = None) -> int:
        """The position of the last event. Raises IntegrityError when the condition fails, ProgrammingError for no
        events."""
        if not events:
            raise ProgrammingError("append needs at least one event")
        [position] = self.append_encoded([library_events.encoded_events(events, condition)]).positions
        if position is None:
            raise IntegrityError("an event that this append depends on came first")
        return position

    def append_batch(self, appends: Sequence[Append]) -> list[int | None]:
        """Appends several commands' events, each command on its own condition: for each the position of its last event,
        None where its condition failed. Conditions ignore events of the same batch. Raises NotIJson."""
        return self.append_encoded([encoded(each) for each in appends]).positions

    def append_encoded(self, batch: Sequence[EncodedAppend], whole: bool = False) -> Appended:
        """As `append_batch`, of what `encoded` made of each command. `whole`: nothing is appended unless every
        condition holds."""
        with self._connections() as connection:
            return append.send_batch(connection, batch, whole)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keeps every other connection from appending during the block. For a log `within` a connection."""
        with self._connections() as connection, append.locked(connection):
            yield

    # Reading.

    def read(
        self, query: DCBQuery | None = None, *, after: int | None = None, limit: int | None = None
    ) -> ReadResponse:
        """The events that match one of the query's items (all, without a query), in order."""
        items = query.items if query is not None else ()
        with self._connections() as connection:
            # Positions are gapless in commit order: what is read up to this head is all that there is.
            top = read.head(connection)
            rows = read.matching_rows(connection, library_events.COLUMNS, items, after or 0, top, limit).fetchall()
        events = library_events.sequenced_events(rows)
        if limit is not None:
            return ReadResponse(events, events[-1].position if events else None)
        return ReadResponse(events, top or None)

    def read_after(self, after: int, upto: int, unreadable: Unreadable | None = None) -> Iterator[Event]:
        """Events with after < position ≤ upto, streamed. `unreadable` takes those that this release cannot decode;
        without it they raise."""
        with self._connections() as connection:
            yield from read.read_after(connection, after, upto, unreadable)

    def read_for_replay(
        self, after: int, upto: int, unreadable: Unreadable | None = None
    ) -> Iterator[Event | BareEvent]:
        """Like `read_after`, for bulk replay: skips the envelope of governed accounts' events."""
        with self._connections() as connection:
            yield from read.read_for_replay(connection, after, upto, unreadable)

    def read_tagged(self, tags: Iterable[str], upto: int, unreadable: Unreadable | None = None) -> list[Event]:
        """All events up to a position that carry one of the tags."""
        with self._connections() as connection:
            return read.read_matching(connection, [QueryItem(tags=(tag,)) for tag in tags], upto, unreadable)

    def read_around(
        self,
        tags: Iterable[str],
        instants: Iterable[datetime],
        positions: Iterable[int],
        upto: int,
        unreadable: Unreadable | None = None,
    ) -> list[Event]:
        """The events up to a position that carry one of the tags, and that are of one of the instants or at one of the
        positions."""
        with self._connections() as connection:
            return read.read_around(connection, tags, instants, positions, upto, unreadable)

    def read_types(self, types: Iterable[str], upto: int, unreadable: Unreadable | None = None) -> list[Event]:
        """All events of some types up to a position."""
        with self._connections() as connection:
            return read.read_matching(connection, [QueryItem(types=(each,)) for each in types], upto, unreadable)

    def read_positions(self, positions: Iterable[int]) -> list[Event]:
        """The events at these positions."""
        with self._connections() as connection:
            return read.read_positions(connection, positions)

    def head(self) -> int:
        """The position of the last event; 0 for an empty log."""
        with self._connections() as connection:
            return read.head(connection)

    @staticmethod
    async def head_async(connection: psycopg.AsyncConnection[Any]) -> int:
        """As `head`, for an event loop, over a connection of its own."""
        return await read.head_async(connection)

    def find_event(self, event_id: str) -> int | None:
        """The position of an event by its id: how to learn whether a commit of unknown outcome happened."""
        with self._connections() as connection:
            return read.find_event(connection, event_id)

    def position_at(self, instant: datetime) -> int:
        """The last position that was recorded at or before an instant."""
        with self._connections() as connection:
            return read.position_at(connection, instant)

    # Following.

    def subscribe(self, query: DCBQuery | None = None, *, after: int | None = None) -> Subscription:
        """The matching events after a position, blocking at the head until more come."""
        return Subscription(self, self._own_dsn(), query, after)

    def follow(
        self,
        after: int,
        handle: Callable[[list[Event]], None],
        page: int = PAGE,
        already_applied: Callable[[], int] = lambda: 0,
        own_backend: Callable[[], int] = lambda: 0,
        unreadable: Unreadable | None = None,
    ) -> Follower:
        """A thread, to be started, that hands every event after a position to `handle`; see `Follower`."""
        return Follower(self._own_dsn(), after, handle, page, already_applied, own_backend, unreadable)

    def notifications(self) -> LogNotifications:
        """Waits for appends, over a connection of its own."""
        return follow.LogNotifications(self._own_dsn())

    def _own_dsn(self) -> str:
        if self._dsn is None:
            raise ProgrammingError("a log within a connection cannot be followed: it has no connection string")
        return self._dsn
