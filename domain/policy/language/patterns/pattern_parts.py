"""Regions of resources: the parts into which patterns cut a pattern. One resource stands for each part.

Whether a policy applies to a resource depends only on which of the policy's patterns match the resource. So a decision
about one resource of a part holds for all resources of the part.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from functools import lru_cache

from erstwhile.domain.policy.language.match import is_plain, matches, matches_resource
from erstwhile.domain.policy.language.patterns.pattern_automata import ANY_OTHER, Walk, walk
from erstwhile.domain.policy.language.patterns.pattern_beginnings import agree, beginning
from erstwhile.domain.policy.language.patterns.pattern_tree import Literals
from erstwhile.domain.policy.language.variables import restored

MAX_STATES = 20_000
MAX_STEPS = 1_000_000
"""Steps of all automata together, for one pattern: with hundreds of patterns there may be fewer states."""
MAX_PARTS = 512
WELL_FORMED = "arn:?*:?*:*:*:?*"
_SPARE = "xyzuvwabcdefghijklmnopqrst0123456789XYZ~"


class TooMuch(ValueError):
    """this is more than is looked at for one answer"""


class TooManyParts(TooMuch):
    """The patterns cut the one that is asked about into more parts than can be looked at."""

    def __init__(self, message: str = "the patterns cut this one into more parts than can be looked at") -> None:
        super().__init__(message)


class Effort:
    """How much may be computed for one answer about many patterns, in steps of automata: the same for the same
    question, whatever the machine."""

    def __init__(self, steps: int) -> None:
        self._left = steps
        self.spent = 0

    def spend(self, steps: int) -> None:
        """Raises TooManyParts when there is no more."""
        self._left -= steps
        self.spent += steps
        if self._left < 0:
            raise TooManyParts

    @property
    def is_over(self) -> bool:
        """Whether there is no more."""
        return self._left < 0

    @property
    def enough(self) -> int:
        """At least the steps that are left: a power of two, so that what was computed for one answer serves others."""
        return 1 << max(self._left, 1_000).bit_length()


def intersect(one: str, other: str, effort: Effort | None = None) -> bool:
    """Whether some resource matches both patterns. Raises TooManyParts."""
    mine, others = beginning(one), beginning(other)
    if len(mine) == len(one):
        return matches_resource(other, one)
    if len(others) == len(other):
        return matches_resource(one, other)
    return agree(mine, others) and bool(parts((one, other), (), effort))


@lru_cache(maxsize=65_536)
def meet(one: str, other: str) -> bool:
    """`intersect`, which is kept: of patterns that are compared again and again. Raises TooManyParts."""
    return intersect(one, other)


def covers(wider: str, narrower: str) -> bool:
    """Whether all that one pattern matches, another does too; False where that is too much to tell."""
    if wider in ("*", narrower):
        return True
    mine, others = beginning(wider), beginning(narrower)
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


def parts(within: tuple[str, ...], patterns: tuple[str, ...], effort: Effort | None = None) -> tuple[str, ...]:
    """One resource of each part of what all of `within` match. All resources of a part match the same `patterns`.

    The shortest resource of each part, in the order of their lengths. Raises TooManyParts.
    """
    most = MAX_STEPS if effort is None else min(MAX_STEPS, effort.enough)
    found, steps = _parts(within, patterns, most)
    if effort is not None:
        effort.spend(steps)
    if found is None:
        raise TooManyParts
    return found


@lru_cache(maxsize=4_096)
def _parts(within: tuple[str, ...], patterns: tuple[str, ...], most: int) -> tuple[tuple[str, ...] | None, int]:
    """(the parts, or None where they are too many or take more than `most` steps; the steps that it took: one for each
    state of each automaton, and one for each pattern)."""
    begun = max((beginning(each) for each in within), key=len)  # no other text is within
    telling = [each for each in patterns if not any(surely_covers(each, one) for one in within)]
    literals = _literals(tuple(telling), begun)
    walks = [walk(pattern) for pattern in (*within, *literals.others)]
    inner = len(within)
    width = len(walks) + bool(literals.count)
    most = min(MAX_STATES, most // width)
    all_parts = 2 ** min(len(literals.others) + literals.count, 20)
    used = set().union(*within, *telling) - {"*", "?"}
    other = next((character for character in _SPARE if character not in used), "\u0100")
    accepting = [each.accepting for each in walks]
    begin = (tuple([each.after(begun) for each in walks]), literals.begin)
    seen = {begin}
    waiting: deque[tuple[tuple[tuple[int, ...], int], str]] = deque([(begin, begun)] if all(begin[0][:inner]) else ())
    found: dict[tuple[tuple[bool, ...], tuple[int, int]], str] = {}
    steps: dict[tuple[int, ...], tuple[_Moved, dict[str, _Moved]]] = {}
    while waiting:
        (states, literal), text = waiting.popleft()
        accepted = tuple([state & final != 0 for state, final in zip(states, accepting, strict=True)])
        if False not in accepted[:inner]:
            which = (accepted[inner:], literals.matched(literal))
            if which not in found:
                found[which] = restored(text)
                if len(found) == all_parts:
                    break
                if len(found) > MAX_PARTS:
                    return None, len(seen) * width
        step = steps.get(states)
        if step is None:
            step = steps[states] = _step(walks, states, inner)
        otherwise, moves = step
        for letter in sorted({other, *moves, *literals.telling(literal)}):
            moved = moves.get(letter, otherwise)
            if moved is None:
                continue
            following = (moved, literals.after(literal, letter))
            if following not in seen:
                seen.add(following)
                if len(seen) > most:
                    return None, len(seen) * width
                waiting.append((following, text + letter))
    return tuple(found.values()), len(seen) * width + len(patterns)


_literals = lru_cache(maxsize=256)(Literals)
"""The same patterns cut one pattern after the other."""
_Moved = tuple[int, ...] | None
"""States after one more letter; None where no text that goes on so is within."""


def _step(walks: Sequence[Walk], states: tuple[int, ...], inner: int) -> tuple[_Moved, dict[str, _Moved]]:
    """(where most letters lead, where each other letter leads). `inner`: how many of the walks must not end."""
    rows = [each.row(state) for each, state in zip(walks, states, strict=True)]

    def moved(letter: str) -> _Moved:
        found = tuple([row[letter] if letter in row else row[ANY_OTHER] for row in rows])
        return None if 0 in found[:inner] else found

    letters = set().union(*rows) - {ANY_OTHER}
    return moved(ANY_OTHER), {letter: moved(letter) for letter in letters}


def surely_covers(wider: str, narrower: str) -> bool:
    """Whether a pattern matches all that a narrower one matches, where that is seen without a search."""
    # Where its stars match anything, they match what the wildcards of the narrower one stand for.
    return "*" in wider and "?" not in wider and is_plain(wider) and matches(wider, narrower)


def reduced(within: Sequence[str], patterns: Sequence[str], effort: Effort | None = None) -> list[str]:
    """The patterns that cut: those that something within matches, each once. Raises TooManyParts."""
    beginnings = [beginning(each) for each in within]
    return [
        pattern
        for pattern in dict.fromkeys(patterns)
        if all(agree(beginning(pattern), each) for each in beginnings) and parts((*within, pattern), (), effort)
    ]


__all__ = [
    "MAX_PARTS",
    "WELL_FORMED",
    "Effort",
    "TooManyParts",
    "TooMuch",
    "covers",
    "intersect",
    "meet",
    "parts",
    "reduced",
]
