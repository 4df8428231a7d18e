"""Ends a question that is not wanted any more: at its next look into history, wherever in its computing that is."""

from __future__ import annotations

from datetime import datetime
from threading import Event
from typing import Any, cast

from erstwhile.domain.history.wide_history import WideHistory, WindowRows


class Stopped(Exception):
    """nobody waits for the answer any more"""


class Stop:
    """Whether an answer is still wanted. Any thread may call it off."""

    def __init__(self) -> None:
        self._called_off = Event()

    def call_off(self) -> None:
        self._called_off.set()

    @property
    def is_called_off(self) -> bool:
        return self._called_off.is_set()

    def check(self) -> None:
        """Raises Stopped once nobody wants the answer."""
        if self._called_off.is_set():
            raise Stopped


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
