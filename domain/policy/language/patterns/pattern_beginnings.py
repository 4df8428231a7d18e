"""Patterns, found by what stands before their first wildcard."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable

_WILDCARD = re.compile("[*?]")


def beginning(pattern: str) -> str:
    """What stands before the first wildcard."""
    return _WILDCARD.split(pattern, maxsplit=1)[0]


def agree(one: str, other: str) -> bool:
    """Whether two beginnings may be those of one text."""
    shared = min(len(one), len(other))
    return one[:shared] == other[:shared]


class Beginnings:
    """Many patterns. Two patterns that some text matches have beginnings that agree."""

    def __init__(self, patterns: Iterable[str]) -> None:
        self._places: dict[str, list[int]] = {}
        for place, pattern in enumerate(patterns):
            self._places.setdefault(beginning(pattern), []).append(place)
        self._sorted = sorted(self._places)
        self._lengths = sorted({len(each) for each in self._sorted})

    def agreeing(self, pattern: str) -> list[int]:
        """The places, in order, of the patterns whose beginning agrees with this one's."""
        own = beginning(pattern)
        found: list[int] = []
        for length in self._lengths:
            if length > len(own):
                break
            found += self._places.get(own[:length], ())
        for at in range(bisect_right(self._sorted, own), len(self._sorted)):
            if not self._sorted[at].startswith(own):
                break
            found += self._places[self._sorted[at]]
        found.sort()
        return found
