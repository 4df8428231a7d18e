"""Wildcards: `*` any run of characters, `?` any one. In time linear in the text, whatever the pattern."""

from __future__ import annotations

import re
from functools import lru_cache


@lru_cache(maxsize=65_536)
def _pieces(pattern: str) -> tuple[re.Pattern[str], ...]:
    """The pieces between stars. They hold no star, so finding each leftmost never has to backtrack."""
    return tuple(
        re.compile("".join("." if c == "?" else re.escape(c) for c in piece), re.DOTALL) for piece in pattern.split("*")
    )


def matches(pattern: str, text: str, ignore_case: bool = False) -> bool:
    """Whether `text` as a whole matches `pattern`."""
    if pattern == "*":
        return True
    if ignore_case:
        pattern, text = pattern.lower(), text.lower()
    if "*" not in pattern and "?" not in pattern:
        return pattern == text
    first, *others = _pieces(pattern)
    if not others:
        return first.fullmatch(text) is not None
    found = first.match(text)
    if found is None:
        return False
    at = found.end()
    for piece in others[:-1]:
        found = piece.search(text, at)
        if found is None:
            return False
        at = found.end()
    # The last piece stands at the end; its length is that of its characters, each of them one.
    begin = len(text) - len(pattern.rsplit("*", 1)[1])
    return begin >= at and others[-1].fullmatch(text, begin) is not None


def matches_action(pattern: str, action: str) -> bool:
    """Actions and their service prefixes are compared without regard to case."""
    return matches(pattern, action, ignore_case=True)


def matches_arn(pattern: str, arn: str) -> bool:
    """The ArnLike operator: each of the six segments by itself, `*` included, without crossing a colon.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
    """
    wanted, given = pattern.split(":", 5), arn.split(":", 5)
    if len(wanted) != 6 or len(given) != 6:
        return matches(pattern, arn)
    return all(matches(part, text) for part, text in zip(wanted, given, strict=True))
