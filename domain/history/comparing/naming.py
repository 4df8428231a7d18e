"""Sets by patterns: a part of a whole that was cut into cells, in as few patterns as can be found quickly.

A cell is a number. Every set that is named is named exactly: all of its cells, and no others but those that are free,
of which it does not matter.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from math import inf
from typing import NamedTuple

import msgspec
from pyroaring import BitMap


class Named(msgspec.Struct, frozen=True):
    """What a pattern matches, and all of `also` match, and none of `excepts`."""

    pattern: str
    also: tuple[str, ...] = ()
    excepts: tuple[str, ...] = ()


class Pick(NamedTuple):
    """A name of a part of a set, and when it is picked: the least first. Two sets that no pattern names together are
    named by the names of each, in this order."""

    cost: float
    """Patterns for each cell that is named; infinite for a cell that no pattern names but by what it is without."""
    place: tuple[int, int, str]
    """By what equal costs are told apart."""
    named: Named
    cell: int
    """The first of the cells that are left."""


class Names:
    """The patterns by which cells can be named, each with the cells inside."""

    def __init__(self, inside: Mapping[str, BitMap], free: BitMap) -> None:
        self._inside = {pattern: cells for pattern, cells in inside.items() if cells}
        self._free = free
        self._by_size = sorted(self._inside, key=lambda each: (-len(self._inside[each]), len(each), each))

    def of(self, cells: BitMap) -> list[Named]:
        """A set of cells by patterns. Every cell must be inside some pattern."""
        return [each.named for each in self.picks(cells)]

    def picks(self, cells: BitMap) -> Iterator[Pick]:
        """The same, each with the place in which it comes."""
        left = cells.copy()
        around = _Around(cells, self._free, self._inside, self._by_size)
        while left:
            found = self._best(left, around)
            if found is None:
                named, covered = self._exactly(left.min(), cells)
                yield Pick(inf, (0, 0, ""), named, left.min())
            else:
                cost, pattern = found
                named, covered = Named(pattern, (), tuple(around.excepts(pattern) or ())), self._inside[pattern]
                yield Pick(cost, (-len(covered), len(pattern), pattern), named, left.min())
            left -= covered

    def _best(self, left: BitMap, around: _Around) -> tuple[float, str] | None:
        """The pattern that names most of what is left for its length, counted in patterns with their exceptions; with
        that count for each cell."""
        best: tuple[float, str] | None = None
        for pattern, inside in around.meeting:
            if best is not None and best[0] * len(inside) < 1:
                break  # the following ones are smaller still
            gain = inside.intersection_cardinality(left)
            if not gain or (best is not None and best[0] * gain < 1):
                continue
            without = around.excepts(pattern)
            if without is not None and (best is None or (1 + len(without)) / gain < best[0]):
                best = (1 + len(without)) / gain, pattern
        return best

    def _exactly(self, cell: int, cells: BitMap) -> tuple[Named, BitMap]:
        """One cell, by all patterns that match it and those that do not."""
        around = [pattern for pattern in reversed(self._by_size) if cell in self._inside[pattern]]
        inside = self._inside[around[0]].copy()
        also = []
        for pattern in around[1:]:
            if inside - self._inside[pattern]:
                also.append(pattern)
                inside &= self._inside[pattern]
        excepts = []
        for pattern in self._by_size:
            apart = self._inside[pattern]
            if cell not in apart and (apart & inside) - cells:
                excepts.append(pattern)
                inside -= apart
        return Named(around[0], tuple(also), tuple(excepts)), inside & cells


class _Around:
    """The patterns around a set of cells that is named."""

    def __init__(self, cells: BitMap, free: BitMap, inside: Mapping[str, BitMap], by_size: Sequence[str]) -> None:
        self._may = cells | free
        self._inside = inside
        self.meeting: list[tuple[str, BitMap]] = []
        """The patterns that match one of the cells, the largest first."""
        self._apart: list[tuple[str, BitMap]] = []
        """All others, which can tell what is not meant."""
        for pattern in by_size:
            places = inside[pattern]
            (self.meeting if places.intersect(cells) else self._apart).append((pattern, places))
        self._excepts: dict[str, list[str] | None] = {}

    def excepts(self, pattern: str) -> list[str] | None:
        """Patterns that match all that this one does besides the cells, and none of them; None where there are no
        such."""
        if pattern not in self._excepts:
            self._excepts[pattern] = self._covering(self._inside[pattern] - self._may)
        return self._excepts[pattern]

    def _covering(self, cells: BitMap) -> list[str] | None:
        if not cells:
            return []
        if not cells <= self._all_apart:
            return None
        found: list[str] = []
        left = cells.copy()
        for pattern, inside in self._apart:
            if inside.intersect(left):
                found.append(pattern)
                left -= inside
                if not left:
                    break
        return found

    @cached_property
    def _all_apart(self) -> BitMap:
        return BitMap().union(*[inside for _, inside in self._apart])
