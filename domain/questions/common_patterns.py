"""What two patterns of actions, or of resources, have in common: in patterns again, or it is refused."""

from __future__ import annotations

from collections.abc import Iterable

from erstwhile.domain.policy.knowledge.service_reference import actions_of, services
from erstwhile.domain.policy.language.match import matches
from erstwhile.domain.policy.language.patterns.pattern_beginnings import agree, beginning
from erstwhile.domain.policy.language.patterns.pattern_parts import TooMuch, covers, intersect, surely_covers
from erstwhile.domain.policy.language.variables import has_variable


def actions_in_both(one: str, other: str) -> Iterable[str]:
    if covers_action(one, other):
        return (other,)
    if covers_action(other, one):
        return (one,)
    return [each for each in _known_actions(one) if matches(other.lower(), each.lower())]


def actions_without(action: str, excepted: Iterable[str]) -> Iterable[str]:
    if any(covers_action(each, action) for each in excepted):
        return ()
    names = _known_actions(action)
    left = [name for name in names if not any(matches(each.lower(), name.lower()) for each in excepted)]
    return (action,) if len(left) == len(names) else left


def covers_action(wider: str, narrower: str) -> bool:
    """Whether a pattern matches all that another one does, as far as its stars tell."""
    wide, narrow = wider.lower(), narrower.lower()
    return wide == narrow or (("?" not in wide or not set("*?") & set(narrow)) and matches(wide, narrow))


def resource_in_both(one: str, other: str) -> str | None:
    if covers_resource(one, other):
        return other
    if covers_resource(other, one):
        return one
    if _may_meet(one, other):
        raise _Overlap(one, other)
    return None


def is_apart_from(resource: str, excepted: Iterable[str]) -> bool:
    """Whether all of a pattern is left where others are taken out; False where nothing is."""
    if any(covers_resource(each, resource) for each in excepted):
        return False
    for each in excepted:
        if _may_meet(each, resource):
            raise _Overlap(each, resource)
    return True


def covers_resource(wider: str, narrower: str) -> bool:
    if wider == narrower or wider == "*":
        return True
    if has_variable(wider):
        return False
    return surely_covers(wider, narrower) if has_variable(narrower) else covers(wider, narrower)


def _known_actions(pattern: str) -> list[str]:
    """The actions that AWS's reference has under a pattern."""
    lowered = pattern.lower()
    service = lowered.partition(":")[0]
    among = (service,) if "*" not in service and "?" not in service else services()
    return [
        name for each in among for name in (f"{each}:{action}" for action in actions_of(each))
        if matches(lowered, name.lower())
    ]  # fmt: skip


def _may_meet(one: str, other: str) -> bool:
    if has_variable(one) or has_variable(other):
        return agree(*(beginning(each.partition("${")[0] + "*") for each in (one, other)))
    return intersect(one, other)


class _Overlap(TooMuch):
    def __init__(self, one: str, other: str) -> None:
        super().__init__(f"{one} and {other} have resources in common that no pattern of one statement tells")
