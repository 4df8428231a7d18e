"""The current Directory in memory: it goes on from history, and is updated from the log.

`read()` gives a question the Directory under the lock: no event is applied and no other decision made meanwhile.
Questions that may take long are asked of history as it is now (`Past.present`): nothing waits for them.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Condition
from typing import TypeVar

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.domain.events import BareEvent, Event
from erstwhile.domain.policy.authorize import authorize, is_lasting
from erstwhile.domain.policy.engine.attached import attach_engine
from erstwhile.domain.policy.inputs.request import Decision, Request
from erstwhile.projections.boot import Columns, around, boot_or_fold
from erstwhile.projections.sql import Connection

T = TypeVar("T")
_SLICE = 200
"""Events that are applied in one hold of the lock, so that a question waits for at most a few milliseconds."""


class CurrentDirectory:
    """Owns the replay engine and the thread that follows the log."""

    def __init__(
        self,
        connect: Callable[[], Connection],
        event_log: EventLog,
        columns: Columns,
        own_backend: Callable[[], int] = lambda: 0,
    ) -> None:
        """`own_backend`: returns the backend whose events are offered."""
        self._connect = connect
        self._connection = connect()
        self._changed = Condition()
        self._engine, position = boot_or_fold(self._connection, columns, self._changed, self._open)
        self._failure: BaseException | None = None
        self._tell: Callable[[], None] = lambda: None
        log = EventLog.within(self._connection)
        top = log.head()
        while position < top:
            upto = min(top, position + 10_000)
            events = list(log.read_after(position, upto, self._engine.set_apart))
            self._engine.expect(events)
            self._engine.apply_all(events)
            position = upto
        self._engine.load_with(self._load, around(self._open, self._engine.apart))
        attach_engine(self._engine.directory)
        # These objects stay for the life of the process: the garbage collector need not visit them each time.
        gc.freeze()
        self._engine.directory.position = position
        self._follower = event_log.follow(
            position,
            self._apply,
            already_applied=lambda: self.position,
            own_backend=own_backend,
            unreadable=self._skip,
        )

    def _open(self) -> Connection:
        """The connection, reopened when it was lost."""
        if self._connection.closed:
            self._connection = self._connect()
        return self._connection

    def _load(self, slots: frozenset[str], upto: int) -> list[Event]:
        """Reads events of slots that must be replayed, over a connection that is open."""
        return EventLog.within(self._open()).read_tagged(slots, upto, self._engine.apart.__setitem__)

    def on_applied(self, tell: Callable[[], None]) -> None:
        """Calls `tell` after each application of events, in the thread that follows the log."""
        self._tell = tell

    def start(self) -> None:
        self._follower.start()

    def close(self) -> None:
        self._follower.stop()
        if self._follower.is_alive():
            self._follower.join(timeout=5)
        self._connection.close()

    @property
    def position(self) -> int:
        return self._engine.directory.position

    @property
    def failure(self) -> BaseException | None:
        """The error that ended the following of the log, if any; the Directory is then no longer updated."""
        return self._failure or self._follower.failure

    def silent_for(self) -> float:
        """Seconds since the log last answered: the Directory may be that old."""
        return self._follower.silent_for()

    @property
    def directory(self) -> Directory:
        """The Directory without the lock, for a single look-up; questions use `read`."""
        return self._engine.directory

    @contextmanager
    def read(self) -> Iterator[Directory]:
        """The Directory, locked against changes for the duration of the context."""
        with self._changed:
            yield self._engine.directory

    def decide(self, request: Request) -> tuple[Decision, int]:
        """Returns the decision and the log position at which it was made. Raises MalformedArn, UnknownPrincipal."""
        with self._changed:
            directory = self._engine.directory
            return authorize(directory, request), directory.position

    def is_lasting(self, request: Request) -> bool:
        """Whether a decision stays valid until the next event, because it does not depend on the clock."""
        return is_lasting(self._engine.directory, request)

    def _apply(self, events: list[Event]) -> None:
        """Applies events in slices. Slots that must be replayed are replayed once, at the end; then the Directory is at
        the last event's position."""
        engine = self._engine
        for begin in range(0, len(events), _SLICE):
            engine.expect(events[begin : begin + _SLICE])  # without the lock, as below
            with self._changed:
                for event in events[begin : begin + _SLICE]:
                    if event.position > engine.taken:  # other events were offered meanwhile, or come again
                        engine.take(event)
                engine.directory.settle()
                self._changed.notify_all()
            self._tell()
        engine.prepare()  # without the lock, so that no decision waits for the database
        with self._changed:
            engine.settle()
            engine.directory.settle()
            self._changed.notify_all()
        self._tell()

    def _skip(self, position: int, reason: str) -> None:
        """Notes an event that this release cannot read."""
        with self._changed:
            self._engine.set_apart(position, reason)
            self._engine.directory.position = max(self.position, position)
            self._changed.notify_all()
        self._tell()

    @property
    def apart(self) -> dict[int, str]:
        """Position → reason, of events that could not be applied."""
        return self._engine.apart

    def offer(self, events: list[BareEvent]) -> None:
        """Takes events that this process appended: applies them at once if they are the next ones and of governed
        accounts; other events come from the log."""
        with self._changed:
            engine = self._engine
            if events[0].position != self.position + 1 or not all(engine.is_governed(each.account) for each in events):
                return
            try:
                for event in events:
                    engine.apply(event)
            except Exception as error:  # noqa: BLE001 - the events are in the log, so the command must not fail
                self._failure = error
                return
            self._changed.notify_all()
        self._tell()

    def wait_for(self, position: int, timeout: float) -> bool:
        """Waits until the event at `position` is applied; False after `timeout` seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: self.position >= position, timeout)
