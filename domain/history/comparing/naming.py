"""Sets by patterns: a part of a whole that was cut into cells, in as few patterns as can be found quickly.

A cell is a number. Every set that is named is named exactly: all of its cells, and no others but those that are free,
of which it does not matter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

import msgspec
from pyroaring import BitMap


class Named(msgspec.Struct, frozen=True):
    """What a pattern matches, and all of `also` match, and none of `excepts`."""

    pattern: str
    also: tuple[str, ...] = ()
    excepts: tuple[str, ...] = ()


class Names:
    """The patterns by which cells can be named, each with the cells inside."""

    def __init__(self, inside: Mapping[str, BitMap], free: BitMap) -> None:
        self._inside = {pattern: cells for pattern, cells in inside.items() if cells}
        self._free = free
        self._by_size = sorted(self._inside, key=lambda each: (-len(self._inside[each]), len(each), each))

    def of(self, cells: BitMap) -> list[Named]:
        """A set of cells by patterns. Every cell must be inside some pattern."""
        left = cells.copy()
        around = _Around(cells, self._free, self._inside, self._by_size)
        found: list[Named] = []

        while left:
            named, covered = self._best(left, around) or self._exactly(left.min(), cells)
            found.append(named)
            left -= covered
        return found

    def _best(self, left: BitMap, around: _Around) -> tuple[Named, BitMap] | None:
        """The pattern that names most of what is left for its length, counted in patterns with their exceptions."""
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
        if best is None:
            return None
        return Named(best[1], (), tuple(around.excepts(best[1]) or ())), self._inside[best[1]] & left

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
