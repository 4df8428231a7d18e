"""When Python's collector of cycles looks at what a command or an answer made, and a server beside its answers."""

from __future__ import annotations

import gc
import time

COLLECTED = (5_000, 20, 100)
"""How much is made before the collector looks: most of what a command makes stays, and an answer has no cycles.
Python's own are 700, 10 and 10."""


_LEAST_BETWEEN = 100
"""A whole collection comes no sooner than so many times as long as the last one took: one percent of the time."""


def collect_seldom() -> None:
    """From now on, in this process."""
    gc.set_threshold(*COLLECTED)


class Collector:
    """Collects what a server no longer needs: states of the past hold each other, and large columns with them, and with
    COLLECTED it could take a quarter of an hour until all of that is looked at. Belongs to one thread at a time."""

    def __init__(self) -> None:
        self._due = 0.0

    def collect(self, now: float | None = None) -> bool:
        """Whether it was time for it. `now`: seconds of the monotonic clock."""
        began = time.monotonic() if now is None else now
        if began < self._due:
            return False
        measured = time.monotonic()
        gc.collect()
        self._due = began + _LEAST_BETWEEN * (time.monotonic() - measured)
        return True
