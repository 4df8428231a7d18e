"""Following the log: LISTEN on one connection, then read on another, then read on every notification.

Also every POLL seconds, so that a lost notification costs seconds and never an event. A killed connection
is opened again.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, Generic, NamedTuple, TypeVar

import psycopg

from erstwhile.domain.event_log.read import Unreadable, read_after
from erstwhile.domain.events import Event

POLL = 2.0
"""Seconds between reads when no notification comes."""
SHUTDOWN_CHECK = 0.25
"""Seconds between two checks of a waiting thread whether it should stop."""
PAGE = 5_000
"""Events that a follower reads at once."""
OFFERED = 0.02
"""Seconds that a follower waits for this process to apply the events that it appended itself."""
_RECONNECT = 0.2
"""Seconds before a lost connection is opened again."""

Item = TypeVar("Item")


class Notice(NamedTuple):
    """The log has come to a position, by a connection of this backend."""

    position: int
    backend: int


class LogNotifications:
    """Waits for appends to the log. `wait` returns at once after a (re)connection: what came before is unread."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._connection: psycopg.Connection[Any] | None = None
        self._closed = threading.Event()
        self._waiting = threading.Lock()

    def wait(self, timeout: float = POLL) -> Notice | None:
        """Returns the next notice; None after `timeout` seconds, after a reconnection, or soon after `close`."""
        with self._waiting:
            notice = self._wait(timeout) if not self._closed.is_set() else None
            if self._closed.is_set():
                self._drop()
        return notice

    def _wait(self, timeout: float) -> Notice | None:
        try:
            if self._connection is None:
                self._connection = psycopg.connect(self._dsn, autocommit=True)
                self._connection.execute("LISTEN erstwhile_event")
                return None
            until = time.monotonic() + timeout
            while not self._closed.is_set() and (left := until - time.monotonic()) > 0:
                for notice in self._connection.notifies(timeout=min(left, SHUTDOWN_CHECK), stop_after=1):
                    return Notice(int(notice.payload), notice.pid)
        except psycopg.OperationalError:
            # The server went away: come back later and read what was missed.
            self._drop()
            self._closed.wait(min(timeout, 0.5))
        return None

    def close(self) -> None:
        """Ends waiting, for good; a thread that waits right now closes the connection when it returns."""
        self._closed.set()
        if self._waiting.acquire(blocking=False):
            self._drop()
            self._waiting.release()

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class Tail(Generic[Item]):
    """The end of the log, page by page as it grows: what `Follower` and the library's subscriptions read from.

    `read` reads the next page over a connection: its items, and how many events it has seen for them; the caller keeps
    its place. A page of fewer than `size` events reached the head of the log, so the next one waits for a notification.
    """

    def __init__(
        self,
        dsn: str,
        read: Callable[[psycopg.Connection[Any]], tuple[list[Item], int]],
        size: int,
        wait: Callable[[LogNotifications], object] = LogNotifications.wait,
    ) -> None:
        self._dsn = dsn
        self._read = read
        self._size = size
        self._wait = wait
        self._notifications = LogNotifications(dsn)
        self._connection: psycopg.Connection[Any] | None = None
        self._is_at_head = True
        self._stopped = threading.Event()
        self._reading = threading.Lock()
        self.answered_at = time.monotonic()
        """When the log last answered, on the clock of `time.monotonic`."""

    @property
    def is_stopped(self) -> bool:
        return self._stopped.is_set()

    def next_page(self) -> list[Item] | None:
        """Blocks until there are events; None once `stop` was called."""
        with self._reading:
            page = self._next_page()
            if self.is_stopped:
                self._drop()
        return page

    def _next_page(self) -> list[Item] | None:
        while not self.is_stopped:
            if self._is_at_head:
                self._wait(self._notifications)
                self._is_at_head = False
                continue  # it may have been stopped meanwhile
            try:
                if self._connection is None:
                    self._connection = psycopg.connect(self._dsn, autocommit=True)
                items, seen = self._read(self._connection)
            except psycopg.OperationalError:
                self.reconnect()
                continue
            self.answered_at = time.monotonic()
            self._is_at_head = seen < self._size  # what came since has notified, too
            if seen:
                return items
        return None

    def reconnect(self) -> None:
        """The database went away: the next page is read over a new connection, a little later."""
        self._drop()
        self._is_at_head = False
        self._stopped.wait(_RECONNECT)

    def stop(self) -> None:
        """Ends waiting, for good; a thread that waits right now closes the connection when it returns."""
        self._stopped.set()
        self._notifications.close()
        if self._reading.acquire(blocking=False):
            self._drop()
            self._reading.release()

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class Follower:
    """A thread that hands every event after a position to `handle`, in order, in batches, until stopped.

    `handle` runs on that thread. What it raises ends the thread and is kept in `failure`; only where the database went
    away in the middle, the batch is read and handed over again. `already_applied`: returns the last position that was
    applied without being read here; events up to it are skipped. `own_backend`: returns the backend whose events this
    process applies without reading them; the follower gives it OFFERED seconds to do so.
    """

    def __init__(
        self,
        dsn: str,
        after: int,
        handle: Callable[[list[Event]], None],
        page: int = PAGE,
        already_applied: Callable[[], int] = lambda: 0,
        own_backend: Callable[[], int] = lambda: 0,
        unreadable: Unreadable | None = None,
    ) -> None:
        self._thread = threading.Thread(target=self._run, name="follower", daemon=True)
        self.position = after
        self.failure: BaseException | None = None
        self._handle = handle
        self._page = page
        self._already_applied = already_applied
        self._own_backend = own_backend
        self._unreadable = unreadable
        self._tail = Tail(dsn, self._read, page, self._wait)
        self._is_handling = True
        self._skipped: dict[int, str] = {}

    def start(self) -> None:
        self._tail.answered_at = time.monotonic()
        self._is_handling = False
        self._thread.start()

    def silent_for(self) -> float:
        """Seconds since the log last answered, beyond those that pass between two reads; 0 while events are handled."""
        return 0.0 if self._is_handling else max(0.0, time.monotonic() - self._tail.answered_at - POLL)

    def _run(self) -> None:
        try:
            while (events := self._tail.next_page()) is not None:
                self._is_handling = True
                try:
                    self._take(events)
                    self._tail.answered_at = time.monotonic()
                except psycopg.OperationalError:
                    self._tail.reconnect()
                finally:
                    self._is_handling = False
        except BaseException as error:  # noqa: BLE001 - a follower that dies must say so, whatever it was
            self.failure = error
        finally:
            self._tail.stop()

    def _read(self, connection: psycopg.Connection[Any]) -> tuple[list[Event], int]:
        self.position = max(self.position, self._already_applied())
        self._skipped = {}
        skip = None if self._unreadable is None else self._skipped.__setitem__
        events = list(read_after(connection, self.position, self.position + self._page, skip))
        return events, len(events) + len(self._skipped)

    def _take(self, events: list[Event]) -> None:
        if events:
            self._handle(events)
            self.position = events[-1].position
        for position, reason in self._skipped.items():
            assert self._unreadable is not None
            self._unreadable(position, reason)
            self.position = max(self.position, position)

    def _wait(self, notifications: LogNotifications) -> None:
        """Until there is something to read, or it is time to look whether there is."""
        until, timeout = 0.0, POLL
        while not self._tail.is_stopped:
            notice = notifications.wait(timeout)
            if notice is None:
                return
            if notice.position <= self._already_applied():
                until, timeout = 0.0, POLL
                continue
            if notice.backend != self._own_backend():
                return
            now = time.monotonic()
            until = until or now + OFFERED
            if now >= until:
                return
            timeout = until - now

    def stop(self) -> None:
        """Ends the thread, soon."""
        self._tail.stop()

    def is_alive(self) -> bool:
        return self._thread.is_alive()

    def join(self, timeout: float | None = None) -> None:
        """Waits for the thread's end."""
        self._thread.join(timeout)
