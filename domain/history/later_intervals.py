"""The intervals of an entity, each made when it is looked at: of most, a decision over time needs to know only when
they hold.

Serves the row "a principal's timeline over everything" of `make bench-history`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import overload

from erstwhile.domain.directory.facts import Fact, Interval


class LaterIntervals(Sequence[Interval]):
    """In the order of `facts.in_order`. Any thread may look at it."""

    def __init__(
        self,
        attributes: list[str],
        begins: list[int],
        ends: list[int],
        make: Callable[[int], Interval],
        item: Callable[[int], str],
        fact: Callable[[int], Fact],
    ) -> None:
        """Of each interval, its attribute, and when it begins and ends, in microseconds; `make`: that at a place;
        `item` and `fact`: what it says, without making it."""
        self.attributes = attributes
        self.begins = begins
        self.ends = ends
        self.item = item
        self.fact = fact
        self._make = make
        self._made: list[Interval | None] = [None] * len(begins)

    def __len__(self) -> int:
        return len(self._made)

    @overload
    def __getitem__(self, place: int) -> Interval: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Interval]: ...
    def __getitem__(self, place: int | slice) -> Interval | Sequence[Interval]:
        if isinstance(place, slice):
            return [self.at(each) for each in range(*place.indices(len(self)))]
        return self.at(range(len(self))[place])

    def of(self, names: frozenset[str]) -> list[Interval]:
        """Those of some attributes."""
        return [self.at(place) for place, name in enumerate(self.attributes) if name in names]

    def at(self, place: int) -> Interval:
        found = self._made[place]
        if found is None:
            found = self._made[place] = self._make(place)
        return found
