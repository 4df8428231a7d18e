"""A history in which changes were made that nobody made."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime

from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.fact_source import FactSource
from erstwhile.domain.directory.facts import Change, EntityKey, Interval, is_vpc_endpoint
from erstwhile.domain.directory.writable_view import WritableView
from erstwhile.domain.evolve import Recorder
from erstwhile.domain.history.fact_history import DOCUMENTS, FactHistory, may_have_words
from erstwhile.domain.history.facts_at import FactsAt
from erstwhile.domain.history.policy_line import PolicyLine
from erstwhile.domain.history.ways import SameWays
from erstwhile.domain.history.windows import TICK
from erstwhile.domain.vocabulary.instants import FOREVER
from erstwhile.domain.what_if.changes import AnyChange
from erstwhile.domain.what_if.lookups import ImpossibleChange


class SupposedHistory(SameWays):
    """A `FactHistory`: the facts of another up to an instant, and these changes, all of them a microsecond later, at
    `made_at`, in their order. The first of them counts as the event after the last that the other knows.

    After them nothing happened; or, where history `goes_on`, all that did: a supposed fact holds until the next real
    one in its place. Raises ImpossibleChange."""

    def __init__(
        self, history: FactHistory, instant: datetime, changes: Sequence[AnyChange], goes_on: bool = False
    ) -> None:
        super().__init__(history)
        self._goes_on = goes_on
        self._instant = instant
        self.made_at = instant + TICK
        self._first = history.known_at + 1
        self._rows: dict[EntityKey, list[Interval]] = {}
        self._of_event: dict[int, list[Interval]] = {}
        self._apply(changes)

    def _apply(self, changes: Sequence[AnyChange]) -> None:
        there = WritableView(_CountedFacts(self._history, self._instant), self.known_at, self._instant)
        recorder = Recorder(there, lambda account, kind, name, _at: _id(there, account, kind, name))
        last: dict[EntityKey, dict[tuple[str, str], Change]] = {}
        for number, change in enumerate(changes):
            try:
                # What a change is made of depends on those before it alone, not on its own first half.
                made = list(change.made(there))
            except ImpossibleChange as error:
                error.index = number
                raise
            for account, body in made:
                recorder.turn_to(account, self.made_at, self._first + number)
                recorder.evolve(body)
            for each in recorder.take_changes():
                last.setdefault(each[:3], {})[each.attribute, each.item] = each
        for key, by in last.items():
            self._keep(key, by)

    def _keep(self, key: EntityKey, last: dict[tuple[str, str], Change]) -> None:
        """`last`: the last change of each fact that changed."""
        rows: list[Interval] = []
        for row in self._real(key):
            change = last.get((row.attribute, row.item))
            if change is not None and row.valid_from <= self._instant < row.valid_to:
                row = row._replace(valid_to=self.made_at, closed_by=change.position)
                self._of_event.setdefault(change.position, []).append(row)
            rows.append(row)
        for (attribute, item), change in last.items():
            if change.after is not None:
                following = self._next(key, attribute, item)
                until, closed_by = (following.valid_from, following.opened_by) if following else (FOREVER, None)
                row = Interval(*key, attribute, item, change.after, self.made_at, until, change.position, closed_by)
                self._of_event.setdefault(change.position, []).append(row)
                rows.append(row)
        self._rows[key] = rows

    def _real(self, key: EntityKey) -> list[Interval]:
        """The rows of an entity without the changes."""
        rows = self._history.intervals_of(key)
        return list(rows) if self._goes_on else [self._cut(each) for each in rows if each.valid_from <= self._instant]

    def _cut(self, row: Interval) -> Interval:
        return row if row.valid_to <= self._instant else row._replace(valid_to=FOREVER, closed_by=None)

    def _next(self, key: EntityKey, attribute: str, item: str) -> Interval | None:
        """The first real fact in a place after the changes, where history goes on."""
        later = [
            each
            for each in (self._history.intervals_of(key) if self._goes_on else ())
            if each.attribute == attribute and each.item == item and each.valid_from > self._instant
        ]
        return min(later, key=lambda each: each.valid_from, default=None)

    @property
    def changed_keys(self) -> list[EntityKey]:
        """The entities of which a change changed facts."""
        return list(self._rows)

    @property
    def changed_attributes(self) -> set[str]:
        """The attributes of the facts that a change changed."""
        return {row.attribute for rows in self._of_event.values() for row in rows}

    @property
    def known_at(self) -> int:
        return self._history.known_at

    def intervals_of(self, key: EntityKey) -> Sequence[Interval]:
        return self._rows[key] if key in self._rows else self._real(key)

    def intervals_within(self, key: EntityKey, begin: datetime, end: datetime) -> Sequence[Interval]:
        if self._goes_on and key not in self._rows:
            return self._history.intervals_within(key, begin, end)
        return self.intervals_of(key)

    def intervals_with(self, key: EntityKey, names: frozenset[str]) -> Sequence[Interval]:
        if self._goes_on and key not in self._rows:
            return self._history.intervals_with(key, names)
        return self.intervals_of(key)

    def policy_line(self, key: EntityKey) -> PolicyLine | None:
        return None

    def of_event(self, position: int) -> Sequence[Interval]:
        return self._of_event.get(position, ()) if position >= self._first else self._history.of_event(position)

    def changed(self, after: datetime, until: datetime, names: frozenset[str] | None = None) -> Iterable[EntityKey]:
        found: dict[EntityKey, None] = {}
        if self._goes_on or after < self._instant:
            last = until if self._goes_on else min(until, self._instant)
            found |= dict.fromkeys(self._history.changed(after, last, names))
        # A fact that was supposed may end at any instant.
        if after < self.made_at <= until or self._goes_on:
            found |= dict.fromkeys(self._rows)
        return found

    def items_of(self, attribute: str) -> Iterable[str]:
        new = (row.item for rows in self._rows.values() for row in rows if row.attribute == attribute)
        return dict.fromkeys([*self._history.items_of(attribute), *new])

    def facts_at(self, instant: datetime) -> FactSource:
        return FactsAt(self, instant)

    def documents_with(self, words: tuple[str, ...]) -> Iterable[Interval]:
        yield from self._unchanged(self._history.documents_with(words))
        for rows in self._rows.values():
            yield from (row for row in rows if row.attribute in DOCUMENTS and may_have_words(row.value, words))

    def with_attribute(self, attribute: str) -> Iterable[Interval]:
        yield from self._unchanged(self._history.with_attribute(attribute))
        for rows in self._rows.values():
            yield from (row for row in rows if row.attribute == attribute)

    def _unchanged(self, rows: Iterable[Interval]) -> Iterator[Interval]:
        """Of the other's rows, those of entities that no change changed."""
        for each in rows:
            if each[:3] not in self._rows and (self._goes_on or each.valid_from <= self._instant):
                yield each if self._goes_on else self._cut(each)

    # An index may name others: what was changed stands under every one.

    def _and_changed(self, keys: Iterable[EntityKey], *kinds: str) -> Iterable[EntityKey]:
        return dict.fromkeys([*keys, *(key for key in self._rows if not kinds or key[1] in kinds)])

    def with_arn(self, arn: str) -> Iterable[EntityKey]:
        return self._and_changed(super().with_arn(arn))

    def with_access_key(self, access_key_id: str) -> Iterable[EntityKey]:
        return self._and_changed(super().with_access_key(access_key_id))

    def with_name(self, account: str, kind: str, name: str) -> Iterable[EntityKey]:
        return self._and_changed(super().with_name(account, kind, name), kind)

    def of_kind(self, kind: str, account: str = "") -> Iterable[EntityKey]:
        found = self._and_changed(super().of_kind(kind, account), kind)
        return [key for key in found if account in ("", key[0])]

    def holders(self, account: str, attribute: str, item: str) -> Iterable[EntityKey]:
        return self._and_changed(super().holders(account, attribute, item))

    def having(self, attribute: str) -> Iterable[EntityKey]:
        return self._and_changed(super().having(attribute))

    def vpc_endpoints(self) -> Iterable[EntityKey]:
        return [key for key in self._and_changed(super().vpc_endpoints()) if is_vpc_endpoint(key)]

    def secrets_called(self, arn: str) -> Iterable[EntityKey]:
        return self._and_changed(super().secrets_called(arn), "resource")

    def kinds(self) -> Iterable[tuple[str, str]]:
        return dict.fromkeys([*super().kinds(), *(key[:2] for key in self._rows)])


class _CountedFacts(FactsAt):
    """A `CountedSource`, for a view that is written to."""

    def count(self, account: str, kind: str) -> int:
        return len(list(self.names(account, kind)))

    def names(self, account: str, kind: str) -> Iterable[str]:
        found = (self.facts_of(key) for key in self.of_kind(kind) if key[0] == account)
        described = (facts["entity"][""].value for facts in found if facts is not None and attributes.ENTITY in facts)
        return dict.fromkeys(str(value["name"]).lower() for value in described)

    def targets(self, account: str, attribute: str, is_other: Callable[[EntityKey], bool]) -> Iterable[str]:
        those = (key for key in self.having(attribute) if key[0] == account and not is_other(key))
        found = (facts for facts in map(self.facts_of, those) if facts is not None and attributes.ENTITY in facts)
        return dict.fromkeys(item for facts in found for item in facts.get(attribute, ()))


def _id(directory: Directory, account: str, kind: str, name: str) -> str | None:
    entity = directory.named(account, kind, name)
    return entity.id if entity is not None else None
