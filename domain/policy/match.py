"""Wildcards: `*` any run of characters, `?` any one."""

from __future__ import annotations

import re
from functools import lru_cache


@lru_cache(maxsize=65_536)
def _compiled(pattern: str, ignore_case: bool) -> re.Pattern[str]:
    # Runs of stars mean one star: `a**b` as a regular expression would backtrack for ever.
    squeezed = re.sub(r"\*+", "*", pattern)
    body = "".join(".*" if c == "*" else "." if c == "?" else re.escape(c) for c in squeezed)
    return re.compile(body, re.DOTALL | (re.IGNORECASE if ignore_case else 0))


def matches(pattern: str, text: str, ignore_case: bool = False) -> bool:
    """Whether `text` as a whole matches `pattern`."""
    if pattern == "*":
        return True
    if "*" not in pattern and "?" not in pattern:
        return pattern.lower() == text.lower() if ignore_case else pattern == text
    return _compiled(pattern, ignore_case).fullmatch(text) is not None


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
