"""Following the log: LISTEN on a connection of its own, then read, then read on every notification.

Also every POLL seconds, so that a lost notification costs seconds and never an event. A killed connection
is opened again.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import psycopg

from domain.event_log.read import read_after
from domain.events import Event

POLL = 2.0
"""Seconds between reads when no notification comes."""

HEED = 0.25
"""Seconds after which one who waits heeds that it is to end."""

_PAGE = 5_000


class Listener:
    """Waits for appends to the log. `wait` returns at once after a (re)connection: what came before is unread."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._connection: psycopg.Connection[Any] | None = None
        self._closed = threading.Event()
        self._waiting = threading.Lock()

    def wait(self, timeout: float = POLL) -> None:
        """Returns on a notification, after `timeout` seconds, or soon after `close`."""
        with self._waiting:
            if not self._closed.is_set():
                self._wait(timeout)
            if self._closed.is_set():
                self._drop()

    def _wait(self, timeout: float) -> None:
        try:
            if self._connection is None:
                self._connection = psycopg.connect(self._dsn, autocommit=True)
                self._connection.execute("LISTEN erstwhile_event")
                return
            until = time.monotonic() + timeout
            while not self._closed.is_set() and (left := until - time.monotonic()) > 0:
                for _ in self._connection.notifies(timeout=min(left, HEED), stop_after=1):
                    return
        except psycopg.OperationalError:
            # The server went away: come back later and read what was missed.
            self._drop()
            self._closed.wait(min(timeout, 0.5))

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


class Follower(threading.Thread):
    """Hands every event after a position to `handle`, in order, in batches, until stopped.

    `handle` runs on this thread. What it raises ends the thread and is kept in `failure`.
    """

    def __init__(self, dsn: str, after: int, handle: Callable[[list[Event]], None], page: int = _PAGE) -> None:
        super().__init__(name="follower", daemon=True)
        self.position = after
        self.failure: BaseException | None = None
        self._dsn = dsn
        self._handle = handle
        self._page = page
        self._listener = Listener(dsn)
        self._stopped = threading.Event()

    def run(self) -> None:
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
                self._listener.wait()
        except BaseException as error:  # noqa: BLE001 - a follower that dies must say so, whatever it was
            self.failure = error
        finally:
            self._listener.close()
            if connection is not None:
                connection.close()

    def _read_all(self, connection: psycopg.Connection[Any]) -> None:
        while not self._stopped.is_set():
            events = list(read_after(connection, self.position, self.position + self._page))
            if not events:
                return
            self._handle(events)
            self.position = events[-1].position
            if len(events) < self._page:
                return  # what came since has notified, too

    def stop(self) -> None:
        """Ends the thread, soon."""
        self._stopped.set()
        self._listener.close()
