"""The facts of one instant of a history."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.directory.fact_source import Facts, FactSource
from erstwhile.domain.directory.facts import EntityKey, Interval
from erstwhile.domain.directory.held import Held
from erstwhile.domain.directory.numbered_principals import NumberedPrincipals
from erstwhile.domain.directory.view import DirectoryView
from erstwhile.domain.history.course import facts_of
from erstwhile.domain.history.fact_history import FactHistory
from erstwhile.domain.history.ways import SameWays
from erstwhile.domain.policy.inputs.caller import Caller


class FactsAt(SameWays):
    """A `FactSource`."""

    def __init__(self, history: FactHistory, instant: datetime) -> None:
        super().__init__(history)
        self._instant = instant

    def facts_of(self, key: EntityKey) -> Facts | None:
        return facts_of(self._history.intervals_of(key), self._instant)

    def candidates(self, action: str, resource: str) -> Iterable[EntityKey] | None:
        return None

    def held(self, action: str, resource: str) -> Held | None:
        return None

    def numbered_principals(self) -> NumberedPrincipals | None:
        return None

    def roles_trusting(self, caller: Caller) -> Iterable[EntityKey] | None:
        return None

    def principals_called(self, parts: Sequence[str]) -> Iterable[EntityKey] | None:
        return None

    def actions_told(self, service: str) -> Iterable[str] | None:
        return None

    def about(self, action: str) -> FactSource:
        return self

    def in_force(self) -> FactSource:
        return self


def directory_at(history: FactHistory, instant: datetime) -> DirectoryView:
    """The Directory of an instant, as known at the history's position."""
    return DirectoryView(history.facts_at(instant), history.known_at, instant)


def deciding_at(history: FactHistory, instant: datetime) -> DirectoryView:
    """The Directory of an instant for decisions alone: of managed policies it may have only what is in force."""
    return DirectoryView(history.facts_at(instant).in_force(), history.known_at, instant)


def entity_at(key: EntityKey, intervals: Iterable[Interval], instant: datetime) -> Entity:
    """An entity with the facts that some of its intervals say of an instant."""
    entity = Entity(*key)
    entity.facts = facts_of(intervals, instant) or {}
    return entity
