"""What `ever` reads of a history: the rows of all entities at once, as arrays.

Entities and values are numbered, each numbering from 0; instants are whole microseconds (`vocabulary.micros`)."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from erstwhile.domain.directory.facts import EntityKey, Value
from erstwhile.domain.directory.named import Named, Principals
from erstwhile.domain.history.fact_history import FactHistory
from erstwhile.domain.policy.language.bearing_statement import BearingStatements
from erstwhile.domain.vocabulary.identifiers import is_arn_of
from erstwhile.domain.vocabulary.instants import parse_instant
from erstwhile.domain.vocabulary.micros import ALWAYS, micros_of

Ints = npt.NDArray[np.int64]
T = TypeVar("T")
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


class Speaking(NamedTuple):
    """Values of documents, in order; and what each says, as a number of `at_once.readings`, ABSENT where it must be
    read for that."""

    values: Ints
    says: Ints
    statements: Callable[[int], BearingStatements | None]
    """Of a value's document those statements that bear on the question; None where the document has to be read."""
    alike: Callable[[int], Hashable]
    """Values with equal ones have documents that say the same of the question to everybody. None where the document has
    to be read."""

    def of(self, values: Ints) -> tuple[npt.NDArray[np.bool_], Ints]:
        """Of each of some values, whether it is among these; and what it says."""
        if not len(self.values):
            return np.zeros(len(values), dtype=bool), np.full(len(values), ABSENT, dtype=np.int64)
        places = np.minimum(np.searchsorted(self.values, values), len(self.values) - 1)
        return self.values[places] == values, self.says[places]


class Described(NamedTuple):
    """A row of the attribute `entity`, of a managed policy."""

    entity: int
    account: str
    unique_id: str
    name: str
    arn: str
    """The recorded one; '' where that is none of its account and name."""
    begin: int
    end: int
    begun: int
    """Since when the policy exists: `Entity.begun`."""


class HeldItems(Protocol):
    """The rows of an attribute, by account and item."""

    @property
    def pairs(self) -> Sequence[tuple[str, str]]:
        """Each account with each item that one of its entities ever had."""

    def rows(self, pairs: Ints, entities: Ints | None = None) -> Rows:
        """The rows of some pairs, which are given by their places, of some entities or of all; `item` is the place of a
        row's pair."""


class WindowRows(Protocol):
    """The rows that hold at some instant of a window, whole: they may begin before it, and end after it."""

    @property
    def places(self) -> Sequence[tuple[str, str]]:
        """Each account with each kind."""

    @property
    def place(self) -> Ints:
        """Of each entity, which place it has."""

    def keys(self, entities: Ints) -> list[EntityKey]: ...

    def number(self, key: EntityKey) -> int:
        """ABSENT for an entity that has no rows."""

    def value(self, number: int) -> Value: ...

    def values(self, numbers: Ints) -> list[Value]:
        """Many of them, of which none is kept."""

    def principals(self, entities: Ints, described: Ints) -> Principals:
        """Users and roles by the values that describe them: under the recorded ARN; nameless where that is none of its
        account and name."""

    def are_of_services(self, described: Ints) -> npt.NDArray[np.bool_]:
        """Of each of some values that describe roles, whether such a role belongs to a service of AWS."""

    def rows(self, attribute: str, entities: Ints | None = None) -> Rows:
        """The rows of an attribute, of some entities or of all. `item` is 0 throughout. Not for `vanished`: that has
        no rows."""

    def held(self, attribute: str) -> HeldItems: ...

    def groups(self) -> Ints:
        """Of each of the pairs of an account and a group that it ever had members in, in the order of
        `held(MEMBER_OF)`, the number of the group; ABSENT for one that has no rows."""

    def kept(self, make: Callable[[Iterable[Described]], T]) -> T:
        """What is made of the descriptions of all managed policies, at whatever instant: once for the history as known
        at its position."""

    def in_force(self) -> Rows:
        """Which documents managed policies said: the intervals of default versions that are known. `value` is that of
        the version."""

    def inline(self, values: Ints) -> Rows:
        """The inline policies that have one of some values, which are in order."""

    def speaking(self, action: str, resource: str) -> Speaking:
        """The versions and inline policies that may say something of an action (lower case) on a resource: none that
        does is missing."""


def described_principal(key: EntityKey, told: Value) -> Named:
    """From the value of the attribute `entity`."""
    arn: str = told.get("arn", "")
    name: str = told.get("name", "")
    return Named(key, arn if is_arn_of(arn, key[0], key[1], name) else "", name)


def is_of_service(told: Value) -> bool:
    """`known_keys.is_service_linked`, by the value of the attribute `entity` of a role."""
    return bool(told.get("service_linked")) or str(told.get("path", "/")).startswith("/aws-service-role/")


def described_policy(entity: int, key: EntityKey, told: Value, begin: int, end: int) -> Described:
    """From the value of the attribute `entity`, and the row that has it."""
    account, _, unique_id = key
    arn, name, begun = str(told.get("arn", "")), str(told.get("name", "")), told.get("begun")
    since = begin if not begun else ALWAYS if begun == "-infinity" else micros_of(parse_instant(begun))
    fits = is_arn_of(arn, account, "policy", name)
    return Described(entity, account, unique_id, name, arn if fits else "", begin, end, since)


class WideHistory(FactHistory, Protocol):
    """A `FactHistory` that gives the rows of many entities at once."""

    def window(self, begin: datetime, end: datetime) -> WindowRows: ...

    def once(self, make: Callable[[WideHistory], T]) -> T:
        """What a function makes of the history, which any thread may use: it is kept as long as the history. It must
        not keep the history itself."""
