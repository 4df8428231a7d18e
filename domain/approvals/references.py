"""The tickets that the texts around an event name: tags, session names, source identities."""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from erstwhile.domain.vocabulary.malformed import MalformedInput

PATTERN = r"[A-Z][A-Z0-9]{1,9}-[0-9]{1,8}"
"""Keys of tickets as Jira and its like write them: OPS-1234."""
TAGS = ("ticket", "change")
"""Keys of the tags that name a ticket."""
_LONGEST = 200
"""Characters of a pattern."""


_MOST_REPEATS = 3
"""Of those without an end that a pattern may have: more, or one within another, may never come to an end on a text that
is made for it."""
_REPEATS = re.compile(r"[*+]|\{\d*,\d*\}")


class MalformedPattern(MalformedInput):
    """not a regular expression that finds tickets"""

    code = "malformed_pattern"


class TicketRule(msgspec.Struct, frozen=True, kw_only=True):
    """How tickets are found: by a pattern in session names and source identities, and as it is in tags of some keys."""

    pattern: str = PATTERN
    tags: tuple[str, ...] = TAGS


def check_pattern(pattern: str) -> None:
    """Raises MalformedPattern for what is no regular expression, is too long, finds the empty text, or may take
    endless time on the session names that somebody else chooses."""
    if not 1 <= len(pattern) <= _LONGEST:
        raise MalformedPattern(f"a pattern of tickets has 1 to {_LONGEST} characters, not {len(pattern):,}")
    try:
        finds_nothing = re.compile(pattern).search("") is not None
    except re.error as error:
        raise MalformedPattern(f"{pattern!r} is not a regular expression: {error}") from None
    if finds_nothing:
        raise MalformedPattern(f"{pattern!r} finds the empty text: every event would name a ticket")
    _require_bounded(pattern)


def _require_bounded(pattern: str) -> None:
    """Raises MalformedPattern for more repeats than _MOST_REPEATS, and for a group that is repeated and has repeats or
    alternatives. What is escaped and what stands in brackets is neither."""
    plain = re.sub(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]", "x", pattern, flags=re.DOTALL)
    repeats, groups = 0, [False]
    at = 0
    while at < len(plain):
        closes = plain[at] == ")" and len(groups) > 1
        if plain[at] == "(":
            groups.append(False)
        within = groups.pop() if closes else False
        found = _REPEATS.match(plain, at + 1 if closes else at)
        if found is not None:
            if within:
                raise MalformedPattern(
                    f"{pattern!r} repeats what itself repeats or may be this or that: it could take endless time"
                )
            repeats, within = repeats + 1, True
        is_choice = plain[at] == "|" or (plain[at] == "?" and plain[at - 1 : at] != "(")
        groups[-1] = groups[-1] or within or is_choice
        at = found.end() if found is not None else at + 1
    if repeats > _MOST_REPEATS:
        raise MalformedPattern(f"{pattern!r} has {repeats} repeats (*, +, {{,}}): {_MOST_REPEATS} are the most")


def tickets_in(rule: TicketRule, texts: Iterable[str], tags: Iterable[tuple[str, str]] = ()) -> tuple[str, ...]:
    """The tickets that texts name, and the values of the rule's tags in which the pattern is found, or else the values
    whole: each once, in their order."""
    found = [each for text in texts if text for each in _found(rule.pattern, text)]
    wanted = {key.lower() for key in rule.tags}
    for key, value in tags:
        if key.lower() in wanted and value:
            found += _found(rule.pattern, value) or [value]
    return tuple(dict.fromkeys(found))


def _found(pattern: str, text: str) -> list[str]:
    return [match.group(0) for match in re.finditer(pattern, text) if match.group(0)]
