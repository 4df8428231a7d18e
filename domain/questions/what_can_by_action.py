"""What a principal can do, action by action: its policies' patterns expanded to the actions that AWS's service
authorization reference knows, and for each the resources that denies and limits leave of it."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.policy.engine.attached import engine_of
from erstwhile.domain.policy.evaluation.layers import Layer
from erstwhile.domain.policy.evaluation.request_sides import CallerSide
from erstwhile.domain.policy.knowledge.service_reference import actions_of, services
from erstwhile.domain.questions.pattern_parts import Effort, TooManyParts
from erstwhile.domain.questions.resource_reach import READ, Asked, count_statements
from erstwhile.domain.questions.which_resources import EFFORT, Reach, allowed_patterns, reach_of

MAX_STATEMENTS = 1_000
"""Of a principal's own policies; every action that there is would be looked up in each of more."""


class Expanded(msgspec.Struct, frozen=True, kw_only=True):
    """Actions that the principal may do on the same resources."""

    actions: tuple[str, ...]
    resources: tuple[Reach, ...]


def expanded(directory: Directory, principal: str) -> tuple[Expanded, ...]:
    """By the principal's own policies within its limits. Raises MalformedArn, UnknownPrincipal, and TooManyParts where
    its policies are too many to be told action by action.

    What resources' own policies let it do is `which_resources`' to tell.
    """
    side = engine_of(directory).side(principal)
    groups: dict[tuple[Reach, ...], list[str]] = {}
    effort, statements = Effort(EFFORT), count_statements(side)
    if statements > MAX_STATEMENTS:
        raise TooManyParts(f"more than {MAX_STATEMENTS:,} statements")
    for action in _candidates(side):
        effort.spend(READ * statements)
        asked = Asked(action=action)
        reaches = (reach_of(directory, principal, each, asked, side, effort) for each in allowed_patterns(side, asked))
        found = tuple(reach for reach in reaches if reach is not None)
        if found:
            groups.setdefault(found, []).append(action)
    return tuple(
        Expanded(actions=tuple(actions), resources=resources)
        for resources, actions in sorted(groups.items(), key=lambda each: each[1])
    )


def _candidates(side: CallerSide) -> Iterator[str]:
    """The known actions that its policies speak of, and those that they name though no reference knows them."""
    everything = side.caller.kind == "root"
    seen: set[str] = set()
    for service in services():
        for name in actions_of(service):
            action = f"{service}:{name}"
            seen.add(action.lower())
            if everything or (side.identity is not None and _is_allowed(side.identity, action.lower())):
                yield action
    for action in _named(side.identity) if side.identity is not None else ():
        if action.lower() not in seen:
            seen.add(action.lower())
            yield action


def _is_allowed(layer: Layer, action: str) -> bool:
    return any(compiled.allows and compiled.speaks_of(action) for _, compiled in layer.statements())


def _named(layer: Layer) -> Iterator[str]:
    for _, compiled in layer.statements():
        if compiled.allows:
            for action in compiled.statement.actions or ():
                if "*" not in action and "?" not in action:
                    yield action
