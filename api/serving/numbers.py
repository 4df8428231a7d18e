"""What a process counts while it answers: plain numbers, which cost a request next to nothing (`make bench-http`)."""

from __future__ import annotations

import threading
from bisect import bisect_left

BOUNDS = (
    0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0,
)  # fmt: skip
"""Upper bounds of the classes of a histogram, in seconds; one more class has what is longer."""


class RouteNumbers:
    """Of one route: how often it ended with each status, and how long that took. Belongs to the event loop."""

    __slots__ = ("classes", "method", "path", "seconds", "statuses")

    def __init__(self, method: str, path: str) -> None:
        self.method, self.path = method, path
        self.statuses: dict[int, int] = {}
        self.classes = [0] * (len(BOUNDS) + 1)
        self.seconds = 0.0

    def note(self, status: int, seconds: float) -> None:
        self.statuses[status] = self.statuses.get(status, 0) + 1
        self.classes[bisect_left(BOUNDS, seconds)] += 1
        self.seconds += seconds


class Numbers:
    """Of one process since its start."""

    def __init__(self) -> None:
        self.routes: list[RouteNumbers] = []
        self.decisions = [0, 0]
        """Denied, and allowed, of single questions; belongs to the event loop."""
        self.limited: dict[str, int] = {}
        """Requests that were refused, by the limit that refused them; belongs to the event loop."""
        self._in_batches = [0, 0]
        self._lock = threading.Lock()

    def route(self, method: str, path: str) -> RouteNumbers:
        """The numbers of one more route."""
        added = RouteNumbers(method, path)
        self.routes.append(added)
        return added

    def note_batch(self, denied: int, allowed: int) -> None:
        """Any thread may call it."""
        with self._lock:
            self._in_batches[0] += denied
            self._in_batches[1] += allowed

    def note_limited(self, limit: str) -> None:
        self.limited[limit] = self.limited.get(limit, 0) + 1

    def decided(self) -> tuple[int, int]:
        """(denied, allowed)"""
        with self._lock:
            return self.decisions[0] + self._in_batches[0], self.decisions[1] + self._in_batches[1]
