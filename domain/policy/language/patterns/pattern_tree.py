"""Patterns without wildcards, or with one star at their end: all of them in one tree of characters.

Of such patterns, a text needs one state, however many they are: the place that it has reached in the tree, or, once
it has left the tree, the last beginning that it had.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

_NONE = -1
NOWHERE = -1
"""The state of a text that matches none of them, nor ever will."""


class Literals:
    """A state below zero is final: `-2 - place` of the longest beginning that the text has, or NOWHERE."""

    def __init__(self, patterns: Sequence[str], begun: str = "") -> None:
        """`begun`: how all texts begin; the tree is of what follows."""
        self.others: list[str] = []
        """The patterns with other wildcards."""
        self.count = 0
        """Patterns in the tree."""
        self._next: list[dict[str, int]] = [{}]
        self._whole: set[int] = set()
        beginnings: set[int] = set()
        parents = [0]
        for pattern in patterns:
            body = pattern[:-1] if pattern.endswith("*") else pattern
            if "*" in body or "?" in body:
                self.others.append(pattern)
                continue
            if not body.startswith(begun):
                continue  # it matches all of them, or none
            self.count += 1
            place = 0
            for character in body[len(begun) :]:
                following = self._next[place].get(character)
                if following is None:
                    following = self._next[place][character] = len(self._next)
                    self._next.append({})
                    parents.append(place)
                place = following
            (self._whole if body == pattern else beginnings).add(place)
        self._begun = [0 if 0 in beginnings else _NONE]
        """By place: the longest beginning on the way there that is a pattern's."""
        for place in range(1, len(self._next)):
            self._begun.append(place if place in beginnings else self._begun[parents[place]])
        self.begin = self._settled(0) if self.count else NOWHERE

    def _settled(self, place: int) -> int:
        """A place is final if no further character changes which patterns match."""
        if self._next[place] or place in self._whole:
            return place
        return -2 - self._begun[place]

    def after(self, state: int, character: str) -> int:
        """The state after one more character."""
        if state < 0:
            return state
        following = self._next[state].get(character)
        return -2 - self._begun[state] if following is None else self._settled(following)

    def telling(self, state: int) -> Iterable[str]:
        """The characters that lead elsewhere than any other character would."""
        return self._next[state] if state >= 0 else ()

    def matched(self, state: int) -> tuple[int, int]:
        """Identifies the set of patterns that the text matches."""
        if state < 0:
            return _NONE, -2 - state
        return (state if state in self._whole else _NONE), self._begun[state]
