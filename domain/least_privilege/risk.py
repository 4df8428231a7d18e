"""How much risk the removal of a statement takes away: by the ways of escalation and the sensitive actions in it."""

from __future__ import annotations

from functools import lru_cache

import msgspec

from erstwhile.domain.incident.sensitive import SENSITIVE
from erstwhile.domain.policy.language.match import matches
from erstwhile.domain.reach.catalogue.families import BECOMING, RAISING

_EVERYTHING = 1_000
_OF_A_WAY = 20
_OF_A_SENSITIVE_ACTION = 5


class Risk(msgspec.Struct, frozen=True, order=True):
    """`score`: a number that orders, and says nothing else; `words`: what it comes from."""

    score: int
    words: tuple[str, ...] = ()


@lru_cache(maxsize=1)
def _ways() -> dict[str, frozenset[str]]:
    """Action (lower case) → the families of edges that need it."""
    found: dict[str, set[str]] = {}
    for family in (*BECOMING, *RAISING):
        for need in family.needs:
            found.setdefault(need.action.lower(), set()).add(family.id)
    return {action: frozenset(ids) for action, ids in found.items()}


@lru_cache(maxsize=16_384)
def risk_of(actions: tuple[str, ...]) -> Risk:
    """Of actions that something allows (patterns as in policies)."""
    patterns = [each.lower() for each in actions]
    if "*" in patterns or "*:*" in patterns:
        return Risk(_EVERYTHING, ("everything",))

    def is_in(action: str) -> bool:
        return any(matches(each, action.lower()) for each in patterns)

    ways = frozenset[str]().union(*(ids for action, ids in _ways().items() if is_in(action)))
    sensitive = sorted(action for action in SENSITIVE if is_in(action))
    words = [f"{len(ways)} ways of escalation"] if ways else []
    words += [f"{action} {SENSITIVE[action]}" for action in sensitive[:3]]
    words += [f"{len(sensitive) - 3} more sensitive actions"] if len(sensitive) > 3 else []
    return Risk(_OF_A_WAY * len(ways) + _OF_A_SENSITIVE_ACTION * len(sensitive), tuple(words))


def together(risks: list[Risk]) -> Risk:
    """Of several, what the worst of them say."""
    worst = max(risks, default=Risk(0))
    return Risk(sum(each.score for each in risks), worst.words)
