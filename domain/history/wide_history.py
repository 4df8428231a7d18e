"""What `ever` reads of a history: the rows of all entities at once, as arrays.

Entities and values are numbered, each numbering from 0; instants are whole microseconds (`vocabulary.micros`)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from erstwhile.domain.directory.facts import EntityKey, Value
from erstwhile.domain.history.fact_history import FactHistory

Ints = npt.NDArray[np.int64]
ABSENT = -1


class Rows(NamedTuple):
    """Rows that hold in [begin, end), as arrays of one length."""

    entity: Ints
    item: Ints
    """What it is the number of, each method says."""
    value: Ints
    begin: Ints
    end: Ints

    def only(self, which: npt.NDArray[np.bool_] | Ints) -> Rows:
        """Some of them, by a mask or by their places."""
        return Rows(*(column[which] for column in self))


class HeldItems(Protocol):
    """The rows of an attribute, by account and item."""

    @property
    def pairs(self) -> Sequence[tuple[str, str]]:
        """Each account with each item that one of its entities ever had."""

    def rows(self, pairs: Ints) -> Rows:
        """The rows of some pairs, which are given by their places; `item` is the place of a row's pair."""


class WindowRows(Protocol):
    """The rows that hold at some instant of a window, whole: they may begin before it, and end after it."""

    @property
    def places(self) -> Sequence[tuple[str, str]]:
        """Each account with each kind."""

    @property
    def place(self) -> Ints:
        """Of each entity, which place it has."""

    def key(self, entity: int) -> EntityKey: ...

    def number(self, key: EntityKey) -> int:
        """ABSENT for an entity that has no rows."""

    def value(self, number: int) -> Value: ...

    def rows(self, attribute: str, entities: Ints | None = None) -> Rows:
        """The rows of an attribute, of some entities or of all. `item` is 0 throughout. Not for `vanished`: that has
        no rows."""

    def held(self, attribute: str) -> HeldItems: ...

    def in_force(self) -> Rows:
        """Which documents managed policies said: the intervals of default versions that are known. `value` is that of
        the version."""

    def inline(self, values: Ints) -> Rows:
        """The inline policies that have one of some values, which are in order."""

    def speaking(self, action: str) -> Ints:
        """The values, in order, of versions and inline policies that may speak of an action (lower case): none that
        does is missing."""


class WideHistory(FactHistory, Protocol):
    """A `FactHistory` that gives the rows of many entities at once."""

    def window(self, begin: datetime, end: datetime) -> WindowRows: ...
