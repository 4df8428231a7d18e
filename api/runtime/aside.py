"""Work that takes seconds and that nobody waits for, on a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable

PATIENCE = 30.0
"""Seconds that an end waits for what is under way."""


class Aside:
    """One work at a time; another that comes meanwhile waits for its turn."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._threads: list[threading.Thread] = []

    def __call__(self, work: Callable[[], None]) -> None:
        def run() -> None:
            with self._turn:
                work()

        self._threads = [each for each in self._threads if each.is_alive()]
        thread = threading.Thread(target=run, name="aside", daemon=True)
        self._threads.append(thread)
        thread.start()

    def close(self) -> None:
        for thread in self._threads:
            thread.join(PATIENCE)
