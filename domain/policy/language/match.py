# mypyc: compiled
"""Wildcards: `*` any run of characters, `?` any one. In time linear in the text, whatever the pattern.

Variables' values may hold wildcards that stand for themselves: they come as the private characters of
`domain.policy.variables`, which no text of a request holds once it went through `literal`.
"""

from __future__ import annotations

import re
from functools import lru_cache

LITERAL_STAR = "\ue000"
LITERAL_QUESTION = "\ue001"


@lru_cache(maxsize=65_536)
def _pieces(pattern: str) -> tuple[re.Pattern[str], ...]:
    """The pieces between stars. They hold no star, so finding each leftmost never has to backtrack."""
    return tuple(
        re.compile("".join("." if c == "?" else re.escape(c) for c in piece), re.DOTALL) for piece in pattern.split("*")
    )


def literal(text: str) -> str:
    """A request's text, with its own wildcards as characters that only a literal wildcard matches."""
    return text.replace("*", LITERAL_STAR).replace("?", LITERAL_QUESTION)


def matches(pattern: str, text: str) -> bool:
    """Whether `text` as a whole matches `pattern`."""
    if pattern == "*":
        return True
    if LITERAL_STAR in pattern or LITERAL_QUESTION in pattern:
        text = literal(text)
    if "*" not in pattern and "?" not in pattern:
        return pattern == text
    pieces = _pieces(pattern)
    first = pieces[0]
    if len(pieces) == 1:
        return first.fullmatch(text) is not None
    found = first.match(text)
    if found is None:
        return False
    at = found.end()
    for piece in pieces[1:-1]:
        found = piece.search(text, at)
        if found is None:
            return False
        at = found.end()
    # The last piece stands at the end; its length is that of its characters, each of them one.
    begin = len(text) - len(pattern.rsplit("*", 1)[1])
    return begin >= at and pieces[-1].fullmatch(text, begin) is not None


def matches_action(pattern: str, action: str) -> bool:
    """Actions and their service prefixes are compared without regard to case.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
    """
    return matches(pattern.lower(), action.lower())


def matches_arn(pattern: str, arn: str) -> bool:
    """The ArnLike operator: each of the six segments by itself, `*` included, without crossing a colon. Fewer
    segments match nothing, `*` alone everything.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
    """
    wanted, given = pattern.split(":", 5), arn.split(":", 5)
    if len(wanted) != 6 or len(given) != 6:
        return pattern == "*"
    return all(map(matches, wanted, given))


def matches_resource(pattern: str, arn: str) -> bool:
    """The Resource element: a star that ends a segment may reach beyond its colon, any other may not; in the
    sixth part, the resource, all of them match anything.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
    """
    if is_plain(pattern):
        return matches(pattern, arn)
    if LITERAL_STAR in pattern or LITERAL_QUESTION in pattern:
        arn = literal(arn)
    return _matches_by_states(pattern, arn)


@lru_cache(maxsize=65_536)
def is_plain(pattern: str) -> bool:
    """Whether each wildcard of the pattern matches anything, colons too."""
    segments = pattern.split(":", 5)
    return not any("?" in segment or "*" in segment[:-1] for segment in segments[:5])


class Automaton:
    """All states of a pattern at once, as bits: linear in the text for any mixture of stars."""

    __slots__ = ("_bounded_wild", "_stay_any", "_stay_bounded", "_step", "_wild", "accepting")

    def __init__(self, pattern: str) -> None:
        colons = 0
        self._stay_any = self._stay_bounded = 0  # states that stay on any character; on any but a colon
        self._step: dict[str, int] = {}
        self._wild = self._bounded_wild = 0
        state = 0
        for index, character in enumerate(pattern):
            bit = 1 << state
            if character == "*":
                ends_segment = index + 1 == len(pattern) or pattern[index + 1] == ":"
                if colons >= 5 or ends_segment:
                    self._stay_any |= bit
                else:
                    self._stay_bounded |= bit
                continue
            if character == "?":
                self._wild |= bit
                if colons < 5:
                    self._bounded_wild |= bit
            else:
                self._step[character] = self._step.get(character, 0) | bit
                colons += character == ":"
            state += 1
        self.accepting = 1 << state
        """The state in which the text so far matches. The first state is 1, none at all 0."""

    def after(self, current: int, character: str) -> int:
        """The states after one more character."""
        if character == ":":
            moved = current & (self._step.get(":", 0) | (self._wild & ~self._bounded_wild))
            return moved << 1 | current & self._stay_any
        moved = current & (self._step.get(character, 0) | self._wild)
        return moved << 1 | current & (self._stay_any | self._stay_bounded)

    def telling(self, current: int) -> list[str]:
        """The characters that lead elsewhere than any other character would."""
        return [character for character, bits in self._step.items() if bits & current]


@lru_cache(maxsize=4_096)
def automaton(pattern: str) -> Automaton:
    """The automaton of a pattern of the Resource element."""
    return Automaton(pattern)


def _matches_by_states(pattern: str, text: str) -> bool:
    states = automaton(pattern)
    current = 1
    for character in text:
        current = states.after(current, character)
        if not current:
            return False
    return bool(current & states.accepting)
