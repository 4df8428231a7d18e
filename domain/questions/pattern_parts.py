"""Regions of resources: the parts into which patterns cut a pattern, each told by one resource of it.

Whether a policy is about a resource depends on nothing but which of its patterns match that. So one resource of
each part that can be told apart answers for all the others of its part.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Sequence
from functools import lru_cache

from erstwhile.domain.policy.language.match import automaton, matches_resource
from erstwhile.domain.policy.language.variables import restored

MAX_STATES = 20_000
MAX_STEPS = 1_000_000
"""Steps of all automata together, for one pattern: with hundreds of patterns there may be fewer states."""
MAX_PARTS = 512
WELL_FORMED = "arn:?*:?*:*:*:?*"
_WILDCARD = re.compile("[*?]")
_SPARE = "xyzuvwabcdefghijklmnopqrst0123456789XYZ~"


class TooManyParts(ValueError):
    """the patterns cut this one into more parts than can be looked at"""


class Effort:
    """How much may be computed for one answer about many patterns, in steps of automata: the same for the same
    question, whatever the machine."""

    def __init__(self, steps: int) -> None:
        self._left = steps

    def spend(self, steps: int) -> None:
        """Raises TooManyParts when there is no more."""
        self._left -= steps
        if self._left < 0:
            raise TooManyParts(str(TooManyParts.__doc__))


def intersect(one: str, other: str) -> bool:
    """Whether some resource matches both patterns."""
    mine, others = _beginning(one), _beginning(other)
    if len(mine) == len(one):
        return matches_resource(other, one)
    if len(others) == len(other):
        return matches_resource(one, other)
    shared = min(len(mine), len(others))
    return mine[:shared] == others[:shared] and bool(parts((one, other), ()))


def covers(wider: str, narrower: str) -> bool:
    """Whether all that one pattern matches, another does too; False where that is too much to tell."""
    if wider in ("*", narrower):
        return True
    mine, others = _beginning(wider), _beginning(narrower)
    if len(others) == len(narrower):
        return matches_resource(wider, narrower)
    if len(mine) == len(wider) or not others.startswith(mine):
        return False
    for run in ("", "\u0101\u0102"):  # two of the texts that the narrower one matches, for a quick no
        if not matches_resource(wider, narrower.replace("*", run).replace("?", "\u0101")):
            return False
    try:
        return parts((narrower,), (wider,)) == parts((narrower, wider), (wider,))
    except TooManyParts:
        return False


def _beginning(pattern: str) -> str:
    """What stands before the first wildcard."""
    return _WILDCARD.split(pattern, maxsplit=1)[0]


def parts(within: tuple[str, ...], patterns: tuple[str, ...], effort: Effort | None = None) -> tuple[str, ...]:
    """One resource of each part of what all of `within` match, parts being told apart by which `patterns` match.

    The shortest resource of each part, in the order of their lengths. Raises TooManyParts.
    """
    found, steps = _parts(within, patterns)
    if effort is not None:
        effort.spend(steps)
    if found is None:
        raise TooManyParts(str(TooManyParts.__doc__))
    return found


@lru_cache(maxsize=4_096)
def _parts(within: tuple[str, ...], patterns: tuple[str, ...]) -> tuple[tuple[str, ...] | None, int]:
    """(the parts, or None where they are too many; the steps that it took)."""
    automata = [automaton(pattern) for pattern in (*within, *patterns)]
    inner = len(within)
    most = min(MAX_STATES, MAX_STEPS // len(automata))
    used = {character for each in automata for character in each.alphabet}
    other = next((character for character in _SPARE if character not in used), "\u0100")
    begin = (1,) * len(automata)
    seen = {begin}
    waiting: deque[tuple[tuple[int, ...], str]] = deque([(begin, "")])
    found: dict[tuple[bool, ...], str] = {}
    while waiting:
        states, text = waiting.popleft()
        if all(state & each.accepting for state, each in zip(states[:inner], automata, strict=False)):
            told = tuple(bool(s & each.accepting) for s, each in zip(states[inner:], automata[inner:], strict=True))
            if told not in found:
                found[told] = restored(text)
                if not patterns:
                    break  # there is one part, or none
                if len(found) > MAX_PARTS:
                    return None, len(seen) * len(automata)
        letters = {other, ":"}
        for state, each in zip(states, automata, strict=True):
            letters.update(each.telling(state))
        for letter in sorted(letters):
            moved = tuple(each.after(state, letter) for state, each in zip(states, automata, strict=True))
            if all(moved[:inner]) and moved not in seen:
                seen.add(moved)
                if len(seen) > most:
                    return None, len(seen) * len(automata)
                waiting.append((moved, text + letter))
    return tuple(found.values()), len(seen) * len(automata)


def reduced(within: Sequence[str], patterns: Sequence[str], effort: Effort | None = None) -> list[str]:
    """The patterns that cut: those that something within matches, each once. Raises TooManyParts."""
    beginnings = [_beginning(each) for each in within]
    return [
        pattern
        for pattern in dict.fromkeys(patterns)
        if all(_agree(_beginning(pattern), each) for each in beginnings) and parts((*within, pattern), (), effort)
    ]


def _agree(one: str, other: str) -> bool:
    """Whether two beginnings may be those of one text."""
    shared = min(len(one), len(other))
    return one[:shared] == other[:shared]


__all__ = ["MAX_PARTS", "WELL_FORMED", "Effort", "TooManyParts", "intersect", "parts", "reduced"]
