"""The present: the Directory in memory, and the clock."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TypeVar

from erstwhile.api.asking.history import WAIT, History
from erstwhile.api.asking.moments import stale
from erstwhile.api.problems import bad_request
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.domain.vocabulary.context_values import ContextValues
from erstwhile.domain.vocabulary.instants import format_instant
from erstwhile.projections.current import CurrentDirectory

T = TypeVar("T")
SILENT = 5.0
"""Seconds without an answer of the database after which decisions say how old they may be, and what needs the database
is refused."""


class Present:
    """The current Directory, and how old it may be. Any thread may ask."""

    def __init__(self, current: CurrentDirectory, history: History) -> None:
        self.current = current
        self.last_age: int | None = None
        """`age()` as it was at this second's first `clock()`."""
        self.history = history
        self._clock: tuple[int, ContextValues] = (0, {})

    def clock(self) -> ContextValues:
        """The condition keys of the present time, to the second, as AWS has them."""
        now = int(time.time())
        second, keys = self._clock
        if second != now:
            text = format_instant(datetime.fromtimestamp(now, UTC))
            keys = {"aws:currenttime": (text,), "aws:epochtime": (str(now),)}
            self._clock = (now, keys)
            self.last_age = self.age()
        return keys

    def age(self) -> int | None:
        """Seconds for which the database has not answered, and what is in memory may have become untrue; None while it
        answers."""
        silent = self.current.silent_for()
        return int(silent) if silent > SILENT else None

    @contextmanager
    def directory(
        self, as_of: str | None = None, known_at: str | None = None
    ) -> Iterator[tuple[Directory, ContextValues]]:
        """The Directory of a moment, and the keys of its clock. The current one stands still meanwhile.

        Raises Problem.
        """
        if as_of or known_at:
            with self.history.directory(as_of, known_at) as found:
                yield found
        else:
            with self.current.read() as directory:
                yield directory, self.clock()

    def ask(
        self, question: Callable[[Directory, ContextValues], T], as_of: str | None = None, known_at: str | None = None
    ) -> T:
        """What a question that may take long finds in the Directory of a moment, from that and the keys of its clock:
        no decision waits for it. Raises Problem."""
        if not as_of and not known_at:
            return question(self.history.present(self.current.position), self.clock())
        with self.history.directory(as_of, known_at) as (directory, no_clock):
            pass  # it stays as it is: the connection is not needed any more
        return question(directory, no_clock)

    def wait_for(self, position: int) -> None:
        """Read your own writes: waits until `position` is applied. Raises Problem."""
        with self.history.connection() as connection:
            top = EventLog.within(connection).head()
        if position > top:
            raise bad_request("beyond_head", f"at_least {position} is beyond the head of the log, which is {top}")
        if not self.current.wait_for(position, WAIT):
            raise stale(position, self.current.position)
