"""Following the log: LISTEN on a connection of its own, then read, then read on every notification.

Also every POLL seconds, so that a lost notification costs seconds and never an event. A killed connection
is opened again.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import psycopg

from erstwhile.domain.event_log.read import Unreadable, read_after
from erstwhile.domain.events import Event

POLL = 2.0
"""Seconds between reads when no notification comes."""

SHUTDOWN_CHECK = 0.25
"""Seconds after which one who waits heeds that it is to end."""

_PAGE = 5_000
OFFERED = 0.02
"""Seconds that a follower waits for events to be known that this process appended itself."""


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
        """Returns on a notification, after `timeout` seconds, or soon after `close`: what was told, None where nothing
        was."""
        with self._waiting:
            told = self._wait(timeout) if not self._closed.is_set() else None
            if self._closed.is_set():
                self._drop()
        return told

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


class Follower:
    """A thread that hands every event after a position to `handle`, in order, in batches, until stopped.

    `handle` runs on that thread. What it raises ends it and is kept in `failure`. `known`: up to which position
    the events are known to whom it concerns, though not from here: they need not be read. `own`: the backend that
    appends what will be known without being read.
    """

    def __init__(
        self,
        dsn: str,
        after: int,
        handle: Callable[[list[Event]], None],
        page: int = _PAGE,
        known: Callable[[], int] = lambda: 0,
        own: Callable[[], int] = lambda: 0,
        unreadable: Unreadable | None = None,
    ) -> None:
        self._thread = threading.Thread(target=self._run, name="follower", daemon=True)
        self.position = after
        self.failure: BaseException | None = None
        self._dsn = dsn
        self._handle = handle
        self._page = page
        self._known = known
        self._own = own
        self._unreadable = unreadable
        self._listener = LogNotifications(dsn)
        self._stopped = threading.Event()
        self._heard: float | None = None

    def start(self) -> None:
        self._heard = time.monotonic()
        self._thread.start()

    def silent_for(self) -> float:
        """Seconds since the log last answered, beyond those that pass between two reads; 0 while events are handled."""
        heard = self._heard
        return 0.0 if heard is None else max(0.0, time.monotonic() - heard - POLL)

    def _run(self) -> None:
        connection: psycopg.Connection[Any] | None = None
        try:
            self._listener.wait()
            while not self._stopped.is_set():
                try:
                    if connection is None:
                        connection = psycopg.connect(self._dsn, autocommit=True)
                    self._read_all(connection)
                except psycopg.OperationalError:
                    if connection is not None:
                        connection.close()
                    connection = None
                    time.sleep(0.2)
                    continue
                self._wait()
        except BaseException as error:  # noqa: BLE001 - a follower that dies must say so, whatever it was
            self.failure = error
        finally:
            self._listener.close()
            if connection is not None:
                connection.close()

    def _wait(self) -> None:
        """Until there is something to read, or it is time to look whether there is."""
        until, timeout = 0.0, POLL
        while not self._stopped.is_set():
            told = self._listener.wait(timeout)
            if told is None:
                return
            if told.position <= self._known():
                until, timeout = 0.0, POLL
                continue
            if told.backend != self._own():
                return
            now = time.monotonic()
            until = until or now + OFFERED
            if now >= until:
                return  # it was not offered, then
            timeout = until - now

    def _read_all(self, connection: psycopg.Connection[Any]) -> None:
        while not self._stopped.is_set():
            self.position = max(self.position, self._known())
            unread: dict[int, str] = {}
            skip = None if self._unreadable is None else unread.__setitem__
            events = list(read_after(connection, self.position, self.position + self._page, skip))
            self._heard = None
            if events:
                self._handle(events)
                self.position = events[-1].position
            for position, reason in unread.items():
                assert self._unreadable is not None
                self._unreadable(position, reason)
                self.position = max(self.position, position)
            self._heard = time.monotonic()
            if len(events) + len(unread) < self._page:
                return  # what came since has notified, too

    def stop(self) -> None:
        """Ends the thread, soon."""
        self._stopped.set()
        self._listener.close()

    def is_alive(self) -> bool:
        return self._thread.is_alive()

    def join(self, timeout: float | None = None) -> None:
        """Waits for the thread's end."""
        self._thread.join(timeout)
