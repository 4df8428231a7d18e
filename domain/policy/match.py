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
    if _is_plain(pattern):
        return matches(pattern, arn)
    if LITERAL_STAR in pattern or LITERAL_QUESTION in pattern:
        arn = literal(arn)
    return _matches_by_states(pattern, arn)


@lru_cache(maxsize=65_536)
def _is_plain(pattern: str) -> bool:
    """Whether each wildcard of the pattern matches anything, colons too."""
    segments = pattern.split(":", 5)
    return not any("?" in segment or "*" in segment[:-1] for segment in segments[:5])


def _matches_by_states(pattern: str, text: str) -> bool:
    """All states of the pattern at once, as bits: linear in the text for any mixture of stars."""
    colons = 0
    stay_any = stay_bounded = 0  # states that stay on any character; on any but a colon
    step: dict[str, int] = {}
    wild = bounded_wild = 0
    state = 0
    for index, character in enumerate(pattern):
        bit = 1 << state
        if character == "*":
            ends_segment = index + 1 == len(pattern) or pattern[index + 1] == ":"
            if colons >= 5 or ends_segment:
                stay_any |= bit
            else:
                stay_bounded |= bit
            continue
        if character == "?":
            wild |= bit
            if colons < 5:
                bounded_wild |= bit
        else:
            step[character] = step.get(character, 0) | bit
            colons += character == ":"
        state += 1
    current = 1
    for character in text:
        moved = (current & (step.get(character, 0) | (wild & ~bounded_wild if character == ":" else wild))) << 1
        stayed = current & (stay_any if character == ":" else stay_any | stay_bounded)
        current = moved | stayed
        if not current:
            return False
    return bool(current >> state & 1)
