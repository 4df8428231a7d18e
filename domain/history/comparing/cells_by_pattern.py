"""Cells of resources, found by the patterns that match them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from functools import lru_cache

from pyroaring import BitMap

from erstwhile.domain.history.comparing.standing import Said
from erstwhile.domain.policy.language.match import LITERAL_QUESTION, LITERAL_STAR, matches_resource
from erstwhile.domain.policy.language.patterns.pattern_beginnings import beginning
from erstwhile.domain.policy.language.statement import CompiledStatement

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


class Covered:
    """Cells, found by the statements that may be about them."""

    def __init__(self, cells: Sequence[str]) -> None:
        self.cells = cells
        self._by_pattern = CellsByPattern(cells)
        self._inside: dict[str, BitMap] = {}
        self._by: dict[int, BitMap] = {}

    def by(self, compiled: CompiledStatement) -> BitMap:
        """The places of the cells that a statement may be about: `may_cover`."""
        found = self._by.get(id(compiled))
        if found is None:
            found = self._by[id(compiled)] = self._find(compiled)
        return found

    def apart(self, places: BitMap, about: Iterable[Iterable[Said]]) -> list[BitMap]:
        """Some of the cells, those together that the same statements may be about."""
        found = [places] if places else []
        for those in about:
            for said in those:
                inside = self.by(said.compiled)
                if inside.intersect(places) and not places <= inside:
                    found = [part for group in found for part in cut(group, inside)]
        return found

    def _find(self, compiled: CompiledStatement) -> BitMap:
        everything = BitMap(range(len(self.cells)))
        if compiled.resources is None or compiled.varies:
            return everything
        found = BitMap()
        for pattern in compiled.resources:
            inside = self._inside.get(pattern)
            if inside is None:
                inside = self._inside[pattern] = self._by_pattern.inside(pattern)
            found |= inside
        return found if compiled.statement.not_resources is None else everything - found


def cut(group: BitMap, inside: BitMap) -> tuple[BitMap, ...]:
    """What of a group is inside, and what is outside."""
    if not group.intersect(inside) or group <= inside:
        return (group,)
    return group & inside, group - inside
