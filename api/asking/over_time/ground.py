"""What the questions over time have in common: a window, the history that they read, and how it is told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any

import msgspec

from erstwhile.api.applications.names import Names
from erstwhile.api.asking.history import History
from erstwhile.api.asking.over_time.pieces import Pieces
from erstwhile.api.asking.over_time.spans import Telling
from erstwhile.api.asking.over_time.stopping import Stop, stoppable
from erstwhile.api.asking.over_time.told_events import ToldEvents
from erstwhile.api.asking.over_time.window import AskedWindow, asked_window
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.history.facts_at import directory_at
from erstwhile.domain.history.wide_history import WideHistory
from erstwhile.domain.history.windows import TICK, Window
from erstwhile.projections.coverage import times_without_records
from erstwhile.projections.sql import Connection

if TYPE_CHECKING:
    from erstwhile.api.asking.long_questions.long_questions import LongQuestions


class WindowWords(msgspec.Struct, frozen=True, kw_only=True):
    """A window as its caller wrote it."""

    begin: str | None = None
    end: str | None = None
    known_at: str | None = None


class Ground(msgspec.Struct, frozen=True):
    """What a question over a window stands on."""

    connection: Connection
    history: WideHistory
    window: AskedWindow
    telling: Telling

    def last_directory(self) -> Directory:
        """The Directory at the end of the window."""
        return directory_at(self.history, self.window.end - TICK)


class Grounded:
    """Any thread may ask. What a question returns may be read until the end of its block; `stop` ends it before."""

    def __init__(self, history: History, names: Names, elsewhere: LongQuestions | None = None) -> None:
        """`elsewhere`: answers what computes for seconds, where this process has better things to do."""
        self.history = history
        self.names = names
        self.elsewhere = elsewhere

    @property
    def few(self) -> int | None:
        """How many principals are compared here: a question that concerns more raises IsLong. None: any number."""
        return None if self.elsewhere is None else self.elsewhere.few

    def answered(self, here: AbstractContextManager[Pieces], stop: Stop) -> AbstractContextManager[Pieces]:
        """What `here` answers; elsewhere, where it raises IsLong."""
        return here if self.elsewhere is None else self.elsewhere.answered(here, stop)

    @contextmanager
    def ground(self, words: WindowWords, stop: Stop) -> Iterator[Ground]:
        """What a question over a window stands on, for the length of a block. Raises Problem."""
        with self.history.connection() as connection:
            window = asked_window(self.history, connection, words.begin, words.end, words.known_at)
            self.history.wait_for(connection, window.known_at)
            history = stoppable(self.history.facts(window.known_at), stop)
            yield Ground(connection, history, window, Telling(history, ToldEvents(connection)))

    def times_without_records(self, ground: Ground, directory: Directory, account: str) -> list[Window]:
        """Of an account that is observed here."""
        if directory.mode(account) != "observed":
            return []
        return times_without_records(ground.connection, account, ground.window.known_at, self.history.coverage)


def head_of(ground: Ground, asked: Mapping[str, Any]) -> dict[str, Any]:
    """The beginning of an answer: the window, and what was asked."""
    return {**ground.window.json(), "revision": ground.window.known_at, **asked}
