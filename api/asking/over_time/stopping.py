"""Ends a question that is not wanted any more: at its next look into history, wherever in its computing that is."""

from __future__ import annotations

from threading import Event
from typing import Any, cast

from erstwhile.domain.history.fact_history import FactHistory


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
    def __init__(self, history: FactHistory, stop: Stop) -> None:
        self._history, self._stop = history, stop

    def __getattr__(self, name: str) -> Any:
        self._stop.check()
        return getattr(self._history, name)


def stoppable(history: FactHistory, stop: Stop) -> FactHistory:
    """The history; every look into it raises Stopped once the question was called off."""
    return cast(FactHistory, _Stoppable(history, stop))
