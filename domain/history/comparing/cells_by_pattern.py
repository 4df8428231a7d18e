"""Cells of resources, found by the patterns that match them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from functools import lru_cache

from pyroaring import BitMap

from erstwhile.domain.policy.language.match import LITERAL_QUESTION, LITERAL_STAR, matches_resource
from erstwhile.domain.policy.language.patterns.pattern_beginnings import beginning

_matches = lru_cache(maxsize=65_536)(matches_resource)
"""Groups of actions, and principals, have the same cells and patterns again and again."""
_COLONS = 5
"""Of an ARN: what stands behind them may be anything."""


class CellsByPattern:
    def __init__(self, cells: Sequence[str]) -> None:
        self._cells = cells
        self._order = sorted(range(len(cells)), key=cells.__getitem__)
        self._sorted = [cells[place] for place in self._order]

    def inside(self, pattern: str) -> BitMap:
        """The places of the cells that a pattern matches."""
        if pattern == "*":
            return BitMap(range(len(self._cells)))
        if LITERAL_STAR in pattern or LITERAL_QUESTION in pattern:
            return BitMap([place for place, cell in enumerate(self._cells) if _matches(pattern, cell)])
        begun = beginning(pattern)
        places = self._beginning(begun)
        if len(begun) == len(pattern) - 1 and pattern[-1] == "*" and begun.count(":") >= _COLONS:
            return BitMap(places)
        return BitMap([place for place in places if _matches(pattern, self._cells[place])])

    def _beginning(self, begun: str) -> list[int]:
        """The places of the cells with a beginning."""
        first = last = bisect_left(self._sorted, begun)
        while last < len(self._sorted) and self._sorted[last].startswith(begun):
            last += 1
        return self._order[first:last]
