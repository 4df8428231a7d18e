"""A condition of a control: what it is asked about, and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal, Protocol

import msgspec
import numpy as np

from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.facts import EntityKey, Interval, Value
from erstwhile.domain.history.bearers import arns_of
from erstwhile.domain.history.fact_changes import FactChange
from erstwhile.domain.history.wide_history import WideHistory
from erstwhile.domain.vocabulary.micros import ALWAYS

Standing = Literal["broken", "unknown"]


class Lapse(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An interval [begin, end) in which something broke a condition, or in which it is not known whether it did.

    `subject`: an ARN, or what else the condition is about. It may begin before the period, and ends at its end at the
    latest. `begun_by` and `ended_by`: the changes that did it; a change of the layer `clock` stands for the time that
    went by, and nothing is named where the interval goes on."""

    account: str
    subject: str
    standing: Standing
    why: str
    begin: datetime
    end: datetime
    begun_by: tuple[FactChange, ...] = ()
    ended_by: tuple[FactChange, ...] = ()

    @property
    def order(self) -> tuple[object, ...]:
        return self.begin, self.account, self.subject, self.standing, self.why, self.end


def distinct(changes: Iterable[FactChange]) -> tuple[FactChange, ...]:
    """Changes in their order, each once."""
    return tuple(
        {(*each.key, each.attribute, each.item, each.position, each.after is None): each for each in changes}.values()
    )


class Uses(Protocol):
    """When credentials were used, by recorded calls, as known at the history's position."""

    def read(self, arns: Iterable[str], apart: timedelta) -> None:
        """Reads together the uses by many users that are asked for next. `apart`: of uses that follow each other within
        less, those between the first and the last make no difference."""

    def of_user(self, arn: str) -> Mapping[str, Sequence[datetime]]:
        """Access key id ('' for the console's password) → the instants, in order, at which a user of this ARN used it.
        Of a day, the first and the last are enough."""


class Ground(msgspec.Struct, frozen=True, kw_only=True):
    """What conditions are asked about: the states of some accounts in [begin, end)."""

    history: WideHistory
    begin: datetime
    end: datetime
    accounts: frozenset[str]
    uses: Uses | None = None
    """None: nothing is known of use."""
    progress: Callable[[int, int], None] = lambda done, in_all: None
    """Is told how many of the states were looked at, by conditions that take long."""

    names: dict[EntityKey, tuple[str, ...]] = msgspec.field(default_factory=dict)
    """Those of entities that were asked for."""

    def names_of(self, key: EntityKey) -> tuple[str, ...]:
        """The ARNs that a user or role ever had."""
        found = self.names.get(key)
        if found is None:
            found = self.names[key] = tuple(arns_of(self.history, key))
        return found

    def mode(self, account: str) -> str | None:
        """`governed`, `observed`, or None for an account that is not known."""
        rows = [each for each in self.intervals(account, "account", account) if each.attribute == attributes.MODE]
        return str(max(rows, key=lambda each: each.valid_from).value.get("mode")) if rows else None

    def holding(self, *names: str) -> list[EntityKey]:
        """The entities of the accounts that have one of these attributes at some time of the period."""
        rows = self.history.window(self.begin, self.end)
        found = [rows.rows(each).entity for each in names]
        keys = rows.keys(np.unique(np.concatenate(found))) if found else []
        return [key for key in keys if key[0] in self.accounts]

    def of_unknown_creation(self) -> list[EntityKey]:
        """The entities that are there in the period, and were there before all records, or of whose creation none
        tells."""
        rows = self.history.window(self.begin, self.end)
        there = rows.rows(attributes.ENTITY)
        values, value_of = np.unique(there.value, return_inverse=True)
        unseen = np.array([_is_unseen(rows.value(each)) for each in values.tolist()], dtype=bool)[value_of]
        keys = rows.keys(np.unique(there.entity[(there.begin == ALWAYS) | unseen]))
        return [key for key in keys if key[0] in self.accounts]

    def intervals(self, account: str, kind: str, unique_id: str) -> Sequence[Interval]:
        return self.history.intervals_of((account, kind, unique_id))


def _is_unseen(described: Value) -> bool:
    """Whether a later description of an entity says that its creation is not on record."""
    return bool(described.get("unseen")) or described.get("begun") == "-infinity"


class Condition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """One that a control names, with its parameters."""

    def lapses(self, ground: Ground) -> Iterator[Lapse]:
        """Where it was broken, or where that is not known, in any order; where nothing is said, it held. Gaps in the
        records are not its concern."""
        raise NotImplementedError

    def doubts(self, ground: Ground) -> Iterable[str]:
        """In words: what makes the condition one that nothing can break, or that nothing can meet; and what it cannot
        see."""
        return ()

    def wrong(self) -> Iterator[str]:
        """In words: what of its parameters cannot be asked."""
        yield from ()

    def words(self) -> str:
        """What it demands, as a sentence."""
        raise NotImplementedError
