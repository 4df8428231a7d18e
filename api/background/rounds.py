"""A thread that works in rounds: it waits, works, notes a failure, and goes on."""

from __future__ import annotations

import logging
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from typing import ClassVar

from erstwhile.api.database.away import is_away


class Rounds(ABC):
    """Works from `start` to `close`, which ends the wait between two rounds.

    `name`: as readiness and metrics name it; `failure`: what the last round ended with, if it failed. The first of
    failures in a row is logged, with `words`; one that is `known` without its traceback. That the database is away
    is not: every thread would say so."""

    words: str
    known: ClassVar[tuple[type[Exception], ...]] = ()

    def __init__(self, name: str, log: logging.Logger, first: float = 0.0, patience: float = 5.0) -> None:
        """`first`: seconds until the first round; `patience`: those that an end waits for the round under way."""
        self.name = name
        self.failure: BaseException | None = None
        self._log = log
        self._first = first
        self._patience = patience
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Lets no further round begin; it does not wait."""
        self._stopping.set()

    def close(self) -> None:
        self.stop()
        self._join()

    @property
    def is_stopping(self) -> bool:
        return self._stopping.is_set()

    def rounds(self) -> Iterable[Rounds]:
        """The threads whose failures are to be named: this one."""
        return (self,)

    def attempt(self) -> float:
        """One round, on the caller's thread. Returns the seconds until the next, and raises nothing."""
        return self._guarded(self._round)

    @abstractmethod
    def _round(self) -> float:
        """Returns the seconds until the next. Raises what made it fail."""

    @abstractmethod
    def _after(self, error: Exception) -> float:
        """Tidies up after a round that failed. Returns the seconds until the next."""

    def _end(self) -> None:  # noqa: B027 - most have nothing to do
        """What is done on the thread after the last round."""

    def _wait(self, pause: float) -> bool:
        """Waits for the next round. Whether there is one."""
        return not self._stopping.wait(pause)

    def _say(self, error: Exception) -> None:
        """Logs the first of failures in a row."""
        if isinstance(error, self.known):
            self._log.error("%s: %s", self.words, error)
        elif not is_away(error):
            self._log.error(self.words, exc_info=error)

    def _guarded(self, work: Callable[[], float]) -> float:
        try:
            pause = work()
        except Exception as error:  # noqa: BLE001 - whatever it was, it is named, and the next round comes
            if self.failure is None or (is_away(self.failure) and not is_away(error)):
                self._say(error)
            self.failure = error
            return self._after(error)
        self.failure = None
        return pause

    def _join(self) -> None:
        if self._thread.is_alive():
            self._thread.join(self._patience)

    def _run(self) -> None:
        try:
            pause = self._first
            while self._wait(pause):
                pause = self.attempt()
            self._end()
        except BaseException as error:
            self.failure = error  # for good: no further round comes
            raise
