# mypyc: compiled
"""Caches of limited size: maps that are emptied when they are full."""

from __future__ import annotations

from typing import Generic, TypeVar

Key = TypeVar("Key")
Kept = TypeVar("Kept")


class Bounded(Generic[Key, Kept]):
    """Keeps up to `most` entries. A new entry that exceeds the limit empties the cache first: entries in use soon
    return, and reads need not record the order of use."""

    __slots__ = ("entries", "most")

    def __init__(self, most: int) -> None:
        self.most = most
        self.entries: dict[Key, Kept] = {}
        """For reading: hot paths look entries up here, without a method call."""

    def get(self, key: Key) -> Kept | None:
        return self.entries.get(key)

    def keep(self, key: Key, value: Kept) -> Kept:
        """Stores the value and returns it."""
        entries = self.entries
        if len(entries) >= self.most and key not in entries:
            entries.clear()
        entries[key] = value
        return value

    def drop(self, key: Key) -> None:
        """Removes an entry, if it exists."""
        self.entries.pop(key, None)

    def clear(self) -> None:
        self.entries.clear()

    @property
    def is_full(self) -> bool:
        """Whether the next new entry empties the cache: for an owner that must empty other caches with it."""
        return len(self.entries) >= self.most

    def __contains__(self, key: object) -> bool:
        return key in self.entries

    def __len__(self) -> int:
        return len(self.entries)


class Weighed(Generic[Key, Kept]):
    """Keeps entries of up to `most` in weight, whose unit is its owner's: texts are of any length."""

    __slots__ = ("_weight", "entries", "most")

    def __init__(self, most: int) -> None:
        self.most = most
        self.entries: dict[Key, Kept] = {}
        """For reading, as those of `Bounded`."""
        self._weight = 0

    def keep(self, key: Key, value: Kept, weight: int) -> Kept:
        """Stores the value and returns it. An entry that is there already counts again."""
        if self._weight + weight > self.most:
            self.clear()
        self._weight += weight
        self.entries[key] = value
        return value

    def clear(self) -> None:
        self.entries.clear()
        self._weight = 0

    def __len__(self) -> int:
        return len(self.entries)
