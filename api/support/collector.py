"""When Python's collector of cycles looks at what a command or an answer made, and a server beside its answers."""

from __future__ import annotations

import gc
import resource
import time
from collections.abc import Callable
from pathlib import Path

COLLECTED = (5_000, 20, 100)
"""How much is made before the collector looks: most of what a command makes stays, and an answer has no cycles.
Python's own are 700, 10 and 10."""


_LEAST_BETWEEN = 100
"""A whole collection comes no sooner than so many times as long as the last one took: one percent of the time."""
_GROWN, _LEAST_WHERE_GROWN = 100_000_000, 10
"""By so many bytes the process has grown since the last one: then ten percent of the time may be taken. A question
about a whole company leaves as much behind, and the next one comes within seconds."""
_STATM = Path("/proc/self/statm")


def collect_seldom() -> None:
    """From now on, in this process."""
    gc.set_threshold(*COLLECTED)


def resident() -> int:
    """The bytes of memory that this process has; 0 where the system does not say."""
    try:
        return int(_STATM.read_text().split()[1]) * resource.getpagesize()
    except FileNotFoundError:
        return 0


class Collector:
    """Collects what a server no longer needs: states of the past hold each other, and large columns with them, and with
    COLLECTED it could take a quarter of an hour until all of that is looked at. Belongs to one thread at a time."""

    def __init__(self, memory: Callable[[], int] = resident) -> None:
        self._memory = memory
        self._due = self._due_where_grown = 0.0
        self._left = 0

    def collect(self, now: float | None = None) -> bool:
        """Whether it was time for it. `now`: seconds of the monotonic clock."""
        began = time.monotonic() if now is None else now
        has_grown = self._memory() - self._left > _GROWN
        if began < (self._due_where_grown if has_grown else self._due):
            return False
        measured = time.monotonic()
        gc.collect()
        took = time.monotonic() - measured
        self._due, self._due_where_grown = began + _LEAST_BETWEEN * took, began + _LEAST_WHERE_GROWN * took
        self._left = self._memory()
        return True
