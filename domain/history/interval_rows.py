"""The rows of a window, from intervals in memory: slow, obvious in what it says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

import numpy as np
import numpy.typing as npt

from erstwhile.domain.directory import attributes as a
from erstwhile.domain.directory.facts import EntityKey, Interval, Value
from erstwhile.domain.directory.named import Principals, principals
from erstwhile.domain.history.wide_history import (
    ABSENT,
    Described,
    Ints,
    Rows,
    Speaking,
    T,
    described_policy,
    described_principal,
    is_of_service,
)
from erstwhile.domain.vocabulary.micros import micros_of


class IntervalRows:
    """`WindowRows` of [begin, end)."""

    def __init__(self, intervals: Iterable[Interval], begin: int, end: int) -> None:
        """`begin` and `end` in microseconds."""
        self._intervals = list(intervals)
        self._keys = list(dict.fromkeys(each[:3] for each in self._intervals))
        self._numbers = {key: number for number, key in enumerate(self._keys)}
        self._window = begin, end
        self.places: Sequence[tuple[str, str]] = list(dict.fromkeys(key[:2] for key in self._keys))
        self.place: Ints = np.array([self.places.index(key[:2]) for key in self._keys], dtype=np.int64)

    def keys(self, entities: Ints) -> list[EntityKey]:
        return [self._keys[entity] for entity in entities.tolist()]

    def number(self, key: EntityKey) -> int:
        return self._numbers.get(key, ABSENT)

    def value(self, number: int) -> Value:
        """Each interval has a value of its own."""
        return self._intervals[number].value

    def values(self, numbers: Ints) -> list[Value]:
        return [self.value(number) for number in numbers.tolist()]

    def principals(self, entities: Ints, described: Ints) -> Principals:
        pairs = zip(self.keys(entities), described.tolist(), strict=True)
        return principals([described_principal(key, self.value(number)) for key, number in pairs])

    def are_of_services(self, described: Ints) -> npt.NDArray[np.bool_]:
        return np.array([is_of_service(self.value(number)) for number in described.tolist()], dtype=bool)

    def rows(self, attribute: str, entities: Ints | None = None) -> Rows:
        wanted = None if entities is None else set(entities.tolist())
        return self.of(
            (number, 0, each.valid_from, each.valid_to)
            for number, each in enumerate(self._intervals)
            if each.attribute == attribute and (wanted is None or self._numbers[each[:3]] in wanted)
        )

    def held(self, attribute: str) -> _Held:
        return _Held(self, [(number, row) for number, row in enumerate(self._intervals) if row.attribute == attribute])

    def groups(self) -> Ints:
        pairs = self.held(a.MEMBER_OF).pairs
        return np.array([self.number((account, "group", group)) for account, group in pairs], dtype=np.int64)

    def kept(self, make: Callable[[Iterable[Described]], T]) -> T:
        return make(
            described_policy(
                self._numbers[row[:3]], row[:3], row.value, micros_of(row.valid_from), micros_of(row.valid_to)
            )
            for row in self._intervals
            if row.attribute == a.ENTITY and row.kind == "policy" and row.valid_from < row.valid_to
        )

    def in_force(self) -> Rows:
        rows = list(enumerate(self._intervals))
        return self.of(
            (number, 0, max(default.valid_from, version.valid_from), min(default.valid_to, version.valid_to))
            for _, default in rows
            if default.attribute == a.DEFAULT
            for number, version in rows
            if version.attribute == a.VERSION and version[:3] == default[:3]
            if version.item == default.value["version"]
        )

    def inline(self, values: Ints) -> Rows:
        wanted, rows = set(values.tolist()), self.rows(a.INLINE)
        return rows.only(np.array([value in wanted for value in rows.value.tolist()], dtype=bool))

    def speaking(self, action: str, resource: str) -> Speaking:
        found = [n for n, each in enumerate(self._intervals) if each.attribute in (a.VERSION, a.INLINE)]
        values = np.array(found, dtype=np.int64)
        return Speaking(values, np.full(len(found), ABSENT, dtype=np.int64), lambda value: None, lambda value: None)

    def of(self, found: Iterable[tuple[int, int, datetime, datetime]]) -> Rows:
        """From (number of the interval, item, begin, end)."""
        begin, end = self._window
        rows = [
            (self._numbers[self._intervals[number][:3]], item, number, micros_of(since), micros_of(until))
            for number, item, since, until in found
        ]
        rows = [each for each in rows if each[3] < each[4] and each[3] < end and begin < each[4]]
        return Rows(*np.array(rows, dtype=np.int64).reshape(-1, 5).T)


class _Held:
    """`HeldItems`."""

    def __init__(self, rows: IntervalRows, held: list[tuple[int, Interval]]) -> None:
        self._of, self._held = rows, held
        self.pairs: Sequence[tuple[str, str]] = list(dict.fromkeys((row.account, row.item) for _, row in held))

    def rows(self, pairs: Ints, entities: Ints | None = None) -> Rows:
        places = {self.pairs[place]: place for place in pairs.tolist()}
        wanted = None if entities is None else set(entities.tolist())
        return self._of.of(
            (number, places[row.account, row.item], row.valid_from, row.valid_to)
            for number, row in self._held
            if (row.account, row.item) in places and (wanted is None or self._of.number(row[:3]) in wanted)
        )
