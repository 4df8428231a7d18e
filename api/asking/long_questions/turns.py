"""So much at once: whoever comes meanwhile waits, in the order of coming."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Lock

from erstwhile.api.asking.over_time.stopping import Stop


class Turns:
    """Any thread may wait."""

    def __init__(self, most: int) -> None:
        """`most`: how many at once, one at least."""
        self._most = self._free = most
        self._waiting: deque[Event] = deque()
        self._lock = Lock()

    @property
    def running(self) -> int:
        return self._most - self._free

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    @contextmanager
    def turn(self, stop: Stop) -> Iterator[None]:
        """Waits, and has the turn for the block. Raises Stopped where that is not wanted any more."""
        mine = Event()
        with self._lock:
            if self._free:
                self._free -= 1
                mine.set()
            else:
                self._waiting.append(mine)
        try:
            with stop.heard_by(mine.set):
                mine.wait()
            stop.check()
            yield
        finally:
            with self._lock:
                if mine in self._waiting:
                    self._waiting.remove(mine)
                elif self._waiting:
                    self._waiting.popleft().set()
                else:
                    self._free += 1
