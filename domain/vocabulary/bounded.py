# mypyc: compiled
"""A cache with a limit: a map that is emptied when it is full."""

from __future__ import annotations

from typing import Generic, TypeVar

Key = TypeVar("Key")
Kept = TypeVar("Kept")


class Bounded(Generic[Key, Kept]):
    """Keeps up to `most` entries. The next one empties it first: what is asked again is soon back, and no order of use
    need be noted on each read."""

    __slots__ = ("entries", "most")

    def __init__(self, most: int) -> None:
        self.most = most
        self.entries: dict[Key, Kept] = {}
        """For reading: hot paths look entries up without a call of a method."""

    def get(self, key: Key) -> Kept | None:
        return self.entries.get(key)

    def keep(self, key: Key, value: Kept) -> Kept:
        """Returns the value."""
        entries = self.entries
        if len(entries) >= self.most and key not in entries:
            entries.clear()
        entries[key] = value
        return value

    def drop(self, key: Key) -> None:
        """Forgets an entry, if it is there."""
        self.entries.pop(key, None)

    def clear(self) -> None:
        self.entries.clear()

    @property
    def is_full(self) -> bool:
        """Whether the next new entry empties it: for an owner that has to empty other things with it."""
        return len(self.entries) >= self.most

    def __contains__(self, key: object) -> bool:
        return key in self.entries

    def __len__(self) -> int:
        return len(self.entries)
