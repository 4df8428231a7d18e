"""Keeps the names of one kind in one account in order, so that a page of a listing costs no full sort."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection


class NameOrder:
    """The keys of a dictionary, in order. The dictionary's owner reports each addition and removal."""

    __slots__ = ("_added", "_held", "_is_less", "_names")

    def __init__(self, held: Collection[str]) -> None:
        self._held = held
        self._names: list[str] = sorted(held)
        self._added: list[str] = []
        self._is_less = False

    def added(self, name: str) -> None:
        at = bisect_left(self._names, name)
        if at == len(self._names) or self._names[at] != name:  # else it is only loaded, or is there again
            self._added.append(name)

    def removed(self) -> None:
        self._is_less = True

    def names(self) -> list[str]:
        """The names in order. Callers must not change the list. Sorting an almost sorted list takes about one
        comparison for each name."""
        if self._is_less:
            known = dict.fromkeys([*self._names, *self._added])
            self._names = sorted([name for name in known if name in self._held])
        elif self._added:
            self._names = sorted([*self._names, *self._added])
        self._added, self._is_less = [], False
        return self._names
