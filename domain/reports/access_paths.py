"""The paths by which principals have permissions: each statement of each policy that bears on a principal, with how it
came there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, Literal

import msgspec
from msgspec.structs import replace

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.policy.inputs.guardrails import GuardrailType, guardrail_levels, place_of
from erstwhile.domain.policy.inputs.resource_policies import resource_sources
from erstwhile.domain.policy.inputs.sources import Source, boundary_source, groups_of, identity_sources, unknowns
from erstwhile.domain.policy.knowledge.service_reference import action_details, actions_of, services
from erstwhile.domain.policy.language.document import MalformedDocument, Statement, parse_document
from erstwhile.domain.policy.language.match import matches_action

Path = Literal["direct", "inline", "group", "boundary", "guardrail", "resource policy", "trust", "none"]
_GUARDRAILS: tuple[GuardrailType, ...] = ("SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY")
LEVELS = ("List", "Read", "Write", "Permissions management", "Tagging")
"""As AWS's service authorization reference has them."""


class AccessPath(msgspec.Struct, frozen=True, kw_only=True):
    """A statement that bears on a principal. `statement` None: the policy is there, and `unknown` says what is not
    known of it; `path` is `none` for a principal without policies. `granted_by`: the position of the event that gave
    the policy; `joined_by`: of the one that put the principal into the group which has the policy."""

    path: Path
    steps: tuple[str, ...] = ()
    policy: str = ""
    version: str = ""
    statement: Statement | None = None
    granted_by: int = 0
    joined_by: int = 0
    unknown: str = ""


def paths_of(directory: Directory, entity: Entity) -> Iterator[AccessPath]:
    """The access paths of a user or role: its own policies, those of its groups, and its boundary."""
    found = False
    joined = {
        f"group/{group.name}": entity.group_ids[unique_id].opened_by
        for unique_id, group in groups_of(directory, entity) if group is not None
    }  # fmt: skip
    for source in identity_sources(directory, entity):
        found = True
        kind = _kind_of(source)
        yield from _statements(source, kind, joined.get(source.path[1], 0) if kind == "group" else 0)
    limit = boundary_source(directory, entity)
    if limit is not None:
        yield from _statements(limit, "boundary")
    for why in unknowns(directory, entity):
        found = True
        yield AccessPath(path="none", unknown=why)
    if not found:
        yield AccessPath(path="none")


def guardrails_of(directory: Directory, account: str) -> Iterator[AccessPath]:
    """The statements of the service and resource control policies over an account."""
    place = place_of(directory, account)
    if place is None:
        return
    for kind in _GUARDRAILS:
        for level in guardrail_levels(place, kind) or ():
            for source in level:
                yield from _statements(source, "guardrail")


def paths_at(resource: Entity) -> Iterator[AccessPath]:
    """The statements of a resource's own policies, or of a role's trust policy."""
    for source in resource_sources(resource):
        yield from _statements(source, "trust" if resource.kind == "role" else "resource policy")


def _kind_of(source: Source) -> Path:
    if len(source.path) > 2:
        return "group"
    return "inline" if source.policy.startswith("inline:") else "direct"


def _statements(source: Source, path: Path, joined_by: int = 0) -> Iterator[AccessPath]:
    whole = AccessPath(
        path=path,
        steps=source.path,
        policy=source.policy,
        version=source.version,
        granted_by=source.granted_by,
        joined_by=joined_by,
    )
    if source.document is None:
        yield replace(whole, unknown=source.why or f"what {source.policy} says was never seen")
        return
    try:
        statements = parse_document(source.document).statements
    except MalformedDocument as error:
        yield replace(whole, unknown=f"{source.policy} cannot be read: {error}")
        return
    for statement in statements:
        yield replace(whole, statement=statement)


def actions_said(statement: Statement) -> tuple[str, ...]:
    """The actions of a statement as patterns; all but some of them as `not s3:GetObject`."""
    if statement.actions is not None:
        return statement.actions
    return tuple(f"not {each}" for each in statement.not_actions or ())


def resources_said(statement: Statement) -> tuple[str, ...]:
    """The resources of a statement, likewise."""
    if statement.resources is not None:
        return statement.resources
    return tuple(f"not {each}" for each in statement.not_resources or ())


def conditions_said(statement: Statement) -> tuple[str, ...]:
    """The conditions of a statement, one line each."""
    return tuple(f"{each.operator} {each.key} {', '.join(each.values)}" for each in statement.conditions)


def principals_said(statement: Statement) -> tuple[str, ...]:
    """Whom a statement of a resource's policy means, by name."""
    if statement.principals is not None:
        return tuple(name for _, name in statement.principals)
    return tuple(f"not {name}" for _, name in statement.not_principals or ())


def services_of(statement: Statement) -> tuple[str, ...]:
    """The services of a statement's actions; `*` where they may be of any."""
    if statement.actions is None:
        return ("*",)
    found = {each.partition(":")[0].lower() for each in statement.actions}
    return ("*",) if any("*" in each or "?" in each for each in found) else tuple(sorted(found))


def levels_of(statement: Statement, actions: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The access levels of the actions that a statement speaks of, or of some of them, as far as AWS's reference knows
    them."""
    if actions:
        return _levels(actions)
    if statement.actions is not None:
        return _levels(statement.actions)
    return LEVELS if not any(each in ("*", "*:*") for each in statement.not_actions or ()) else ()


@lru_cache(maxsize=16_384)
def _levels(patterns: tuple[str, ...]) -> tuple[str, ...]:
    found: set[str] = set()
    for pattern in patterns:
        found |= levels_of_pattern(pattern)
    return tuple(each for each in LEVELS if each in found)


@lru_cache(maxsize=65_536)
def levels_of_pattern(pattern: str) -> frozenset[str]:
    """The access levels of the actions that a pattern stands for."""
    if pattern == "*":
        return frozenset(LEVELS)
    service, _, name = pattern.partition(":")
    if "*" not in pattern and "?" not in pattern:
        details = action_details(service.lower(), name)
        return frozenset(_split(details)) if details is not None else frozenset()
    held = services() if "*" in service or "?" in service else (service.lower(),)
    if name == "*" and len(held) == 1:
        return frozenset(level for _, levels in _of_service(held[0]) for level in levels)
    return frozenset(
        level
        for each in held
        for action, levels in _of_service(each)
        if matches_action(pattern, action)
        for level in levels
    )


@lru_cache(maxsize=512)
def _of_service(service: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """(action, access levels) of a service's actions."""
    return tuple(
        (f"{service}:{name}", _split(details))
        for name in actions_of(service)
        if (details := action_details(service, name)) is not None
    )


def _split(details: dict[str, Any]) -> tuple[str, ...]:
    """An action may have two levels: `Tagging, Write`."""
    return tuple(str(details["accessLevel"]).split(", "))


def limits_of(paths: Iterable[AccessPath], has_guardrails: bool) -> tuple[str, ...]:
    """What may take away from what the allowing statements of a principal say: a boundary, denies, guardrails."""
    found = dict.fromkeys(
        "boundary" if each.path == "boundary" else "deny"
        for each in paths
        if each.path == "boundary" or (each.statement is not None and not each.statement.allows)
    )
    return (*sorted(found), *(("guardrail",) if has_guardrails else ()))
