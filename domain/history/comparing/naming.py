"""Sets by patterns: a part of a whole that was cut into cells, in as few patterns as can be found quickly.

A cell is a number. Every set that is named is named exactly: all of its cells, and no others but those that are free,
of which it does not matter.
"""

from __future__ import annotations

from collections.abc import Mapping

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
        may = cells | self._free
        excepts: dict[str, list[str] | None] = {}
        found: list[Named] = []

        while left:
            named, covered = self._best(left, cells, may, excepts) or self._exactly(left.min(), cells)
            found.append(named)
            left -= covered
        return found

    def _best(
        self,
        left: BitMap,
        cells: BitMap,
        may: BitMap,
        excepts: dict[str, list[str] | None],
    ) -> tuple[Named, BitMap] | None:
        """The pattern that names most of what is left for its length, counted in patterns with their exceptions."""
        best: tuple[float, str] | None = None
        for pattern in self._by_size:
            inside = self._inside[pattern]
            if best is not None and best[0] * len(inside) < 1:
                break  # the following ones are smaller still
            gain = len(inside & left)
            if not gain or (best is not None and best[0] * gain < 1):
                continue
            if pattern not in excepts:
                excepts[pattern] = self._covering(inside - may, cells)
            without = excepts[pattern]
            if without is not None and (best is None or (1 + len(without)) / gain < best[0]):
                best = (1 + len(without)) / gain, pattern
        if best is None:
            return None
        return Named(best[1], (), tuple(excepts[best[1]] or ())), self._inside[best[1]] & left

    def _covering(self, cells: BitMap, without: BitMap) -> list[str] | None:
        """Patterns that match all of these cells, and none of those; None where there are no such."""
        if not cells:
            return []
        apart = [(pattern, inside) for pattern in self._by_size if not (inside := self._inside[pattern]) & without]
        if not cells <= BitMap().union(*[inside for _, inside in apart]):
            return None
        found: list[str] = []
        left = cells.copy()
        for pattern, inside in apart:
            if inside & left:
                found.append(pattern)
                left -= inside
                if not left:
                    break
        return found

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
