"""What a principal can do, action by action: its policies' patterns expanded to the actions that AWS's service
authorization reference knows, and for each the resources that denies and limits leave of it."""

from __future__ import annotations

from collections.abc import Container, Iterator
from functools import cache

import msgspec

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.policy.engine.attached import engine_of
from erstwhile.domain.policy.evaluation.layers import Layer
from erstwhile.domain.policy.evaluation.request_sides import CallerSide
from erstwhile.domain.policy.knowledge.service_reference import actions_of, services
from erstwhile.domain.policy.language.patterns.pattern_parts import Effort, TooManyParts
from erstwhile.domain.questions.alike_actions import Alike, services_named, speaks_of_service
from erstwhile.domain.questions.principal_reach import Reach

EFFORT = 1_000_000
"""Steps for all actions of one answer."""
MAX_STATEMENTS = 1_000
"""Of a principal's own policies; every action that there is would be looked up in each of more."""


class Expanded(msgspec.Struct, frozen=True, kw_only=True):
    """Actions that the principal may do on the same resources."""

    actions: tuple[str, ...]
    resources: tuple[Reach, ...]


def expanded(directory: Directory, principal: str) -> tuple[Expanded, ...]:
    """By the principal's own policies within its limits. Raises MalformedArn, UnknownPrincipal, and TooManyParts where
    its policies are too many to be expanded.

    For what the policies of resources allow, use `which_resources`.
    """
    groups: dict[tuple[Reach, ...], list[str]] = {}
    for action, found in _reaches(directory, principal, frozenset(), at_all=False):
        groups.setdefault(found, []).append(action)
    return tuple(
        Expanded(actions=tuple(actions), resources=resources)
        for resources, actions in sorted(groups.items(), key=lambda each: each[1])
    )


def allowed_at_all(
    directory: Directory, principal: str, settled: Container[str] = frozenset()
) -> dict[str, tuple[str, ...]]:
    """The actions of `expanded`, each with the patterns of which the principal may something: of how much of them,
    nothing is said. Actions that are settled already are left out. Raises as `expanded` does."""
    return {
        action: tuple(each.resource for each in found)
        for action, found in _reaches(directory, principal, settled, at_all=True)
    }


def _reaches(
    directory: Directory, principal: str, settled: Container[str], at_all: bool
) -> Iterator[tuple[str, tuple[Reach, ...]]]:
    side = engine_of(directory).side(principal)
    if side.identity is not None and sum(1 for _ in side.identity.statements()) > MAX_STATEMENTS:
        raise TooManyParts(f"more than {MAX_STATEMENTS:,} statements")
    effort = Effort(EFFORT)
    alike = Alike(directory, principal, side, effort, at_all)
    for action in _candidates(side, effort, settled):
        found = alike.reaches(action)
        if found:
            yield action, found


def _candidates(side: CallerSide, effort: Effort, settled: Container[str]) -> Iterator[str]:
    """The known actions that its policies speak of, and those that they name though no reference knows them, but for
    those that are settled."""
    everything = side.caller.kind == "root"
    allowing = [each for _, each in side.identity.statements() if each.allows] if side.identity is not None else []
    named = [services_named(each) for each in allowing]
    anyhow = everything or None in named
    of_services = frozenset().union(*(each for each in named if each is not None))
    for service in services():
        if not anyhow and service not in of_services:
            continue  # its actions need not be read
        speaking = [each for each in allowing if speaks_of_service(each, service)]
        for name in actions_of(service):
            action = f"{service}:{name}"
            if action in settled:
                continue
            effort.spend(len(speaking))
            if everything or any(each.speaks_of(action.lower()) for each in speaking):
                yield action
    seen: set[str] = set()
    for action in _named(side.identity) if side.identity is not None else ():
        if action.lower() not in seen:
            seen.add(action.lower())
            if not _is_known(action.lower()):
                yield action


def _is_known(action: str) -> bool:
    """Whether the reference has an action (lower case)."""
    return action in _known_of(action.partition(":")[0])


@cache
def _known_of(service: str) -> frozenset[str]:
    return frozenset(f"{service}:{name}".lower() for name in actions_of(service))


def _named(layer: Layer) -> Iterator[str]:
    for _, compiled in layer.statements():
        if compiled.allows:
            for action in compiled.statement.actions or ():
                if "*" not in action and "?" not in action:
                    yield action
