"""The threads of a process that work in rounds, and what their last rounds ended with."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from erstwhile.api.background.rounds import Rounds


class Working(Protocol):
    """One thread, or several that come and go together."""

    def rounds(self) -> Iterable[Rounds]: ...


class Background:
    """Who starts a thread adds it here; it is closed by who started it."""

    def __init__(self) -> None:
        self._known: list[Working] = []

    def add(self, threads: Working) -> None:
        self._known.append(threads)

    def failures(self) -> dict[str, BaseException | None]:
        """By the thread's name: what its last round ended with, None where that went well."""
        return {each.name: each.failure for threads in self._known for each in threads.rounds()}
