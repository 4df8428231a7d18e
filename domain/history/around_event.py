"""A history around one event: everything else of its instant came just before it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from erstwhile.domain.directory.fact_source import FactSource
from erstwhile.domain.directory.facts import EntityKey, Interval
from erstwhile.domain.history.fact_history import FactHistory
from erstwhile.domain.history.facts_at import FactsAt
from erstwhile.domain.history.policy_line import PolicyLine
from erstwhile.domain.history.ways import SameWays
from erstwhile.domain.history.windows import TICK
from erstwhile.domain.vocabulary.instants import BEFORE


class AroundEvent(SameWays):
    """A `FactHistory`. From `at` on, it is the history itself; a microsecond before that, it has all that changed at
    `at`, but for what the event changed. So the difference between the two instants is what the event alone did,
    however many others occurred within the same second."""

    def __init__(self, history: FactHistory, position: int) -> None:
        super().__init__(history)
        self._position = position
        instants = {
            instant
            for each in history.of_event(position)
            for instant, by in ((each.valid_from, each.opened_by), (each.valid_to, each.closed_by))
            if by == position and instant > BEFORE
        }
        self.at: datetime | None = max(instants, default=None)
        """When the event changed facts; None where it changed none, or only showed what was there before all
        records."""

    @property
    def known_at(self) -> int:
        return self._history.known_at

    def intervals_of(self, key: EntityKey) -> Sequence[Interval]:
        rows, at = self._history.intervals_of(key), self.at
        if at is None or all(at not in (each.valid_from, each.valid_to) for each in rows):
            return rows
        others = {each[:5] for each in rows if each.valid_from == at and each.opened_by != self._position}
        found = []
        for each in rows:
            if each.valid_from == each.valid_to == at:
                continue  # it held at no instant
            if each.valid_to == at and (each.closed_by != self._position or each[:5] in others):
                found.append(each._replace(valid_to=at - TICK))
            elif each.valid_from == at and each.opened_by != self._position:
                # From `at` on, it holds since then, as it does: names in policies are bound by that.
                found += [each._replace(valid_from=at - TICK, valid_to=at), each]
            else:
                found.append(each)
        return found

    def intervals_within(self, key: EntityKey, begin: datetime, end: datetime) -> Sequence[Interval]:
        return self.intervals_of(key)

    def intervals_with(self, key: EntityKey, names: frozenset[str]) -> Sequence[Interval]:
        return self.intervals_of(key)

    def policy_line(self, key: EntityKey) -> PolicyLine | None:
        return None

    def of_event(self, position: int) -> Sequence[Interval]:
        return self._history.of_event(position)

    def items_of(self, attribute: str) -> Iterable[str]:
        return self._history.items_of(attribute)

    def changed(self, after: datetime, until: datetime, names: frozenset[str] | None = None) -> Iterable[EntityKey]:
        if self.at is not None and after == self.at - TICK and until == self.at:
            return dict.fromkeys(each[:3] for each in self._history.of_event(self._position))
        return self._history.changed(after, until, names)

    def facts_at(self, instant: datetime) -> FactSource:
        return FactsAt(self, instant)

    def documents_with(self, words: tuple[str, ...]) -> Iterable[Interval]:
        return self._history.documents_with(words)

    def with_attribute(self, attribute: str) -> Iterable[Interval]:
        return self._history.with_attribute(attribute)
