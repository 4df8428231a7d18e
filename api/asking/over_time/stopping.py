"""Ends a question that is not wanted any more: at its next look into history, wherever in its computing that is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from threading import Event, Lock
from typing import Any, cast

from erstwhile.domain.history.wide_history import WideHistory, WindowRows


class Stopped(Exception):
    """nobody waits for the answer any more"""


class Stop:
    """Whether an answer is still wanted. Any thread may call it off."""

    def __init__(self) -> None:
        self._called_off = Event()
        self._hearing: list[Callable[[], object]] = []
        self._lock = Lock()

    def call_off(self) -> None:
        with self._lock:
            self._called_off.set()
            for end in self._hearing:
                end()

    @property
    def is_called_off(self) -> bool:
        return self._called_off.is_set()

    def check(self) -> None:
        """Raises Stopped once nobody wants the answer."""
        if self._called_off.is_set():
            raise Stopped

    @contextmanager
    def heard_by(self, end: Callable[[], object]) -> Iterator[None]:
        """Within the block, `end` is called by whoever calls it off, and at once where that has been done: it must not
        wait."""
        with self._lock:
            self._hearing.append(end)
            if self._called_off.is_set():
                end()
        try:
            yield
        finally:
            with self._lock:
                self._hearing.remove(end)


class _Stoppable:
    def __init__(self, history: Any, stop: Stop) -> None:
        self._history, self._stop = history, stop

    def __getattr__(self, name: str) -> Any:
        self._stop.check()
        return getattr(self._history, name)

    def window(self, begin: datetime, end: datetime) -> WindowRows:
        self._stop.check()
        return cast(WindowRows, _Stoppable(self._history.window(begin, end), self._stop))


def stoppable(history: WideHistory, stop: Stop) -> WideHistory:
    """The history; every look into it raises Stopped once the question was called off."""
    return cast(WideHistory, _Stoppable(history, stop))
