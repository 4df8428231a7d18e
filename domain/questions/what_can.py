"""What a principal can do: the statements that bear on it, as patterns, with their paths."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.policy.inputs import sources
from erstwhile.domain.policy.inputs.caller import parse_caller
from erstwhile.domain.policy.inputs.principals import find_principal, is_stranger
from erstwhile.domain.policy.language.document import ConditionEntry, MalformedDocument, parse_document

_WITHOUT_POLICIES = "{} has no policies of its own: those of resources say what it may"


class Permission(msgspec.Struct, frozen=True, kw_only=True):
    """One statement: what it allows or denies. `actions` and `resources` are patterns; the `not_` forms mean
    all but these."""

    effect: str
    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    not_resources: tuple[str, ...] = ()
    conditions: tuple[ConditionEntry, ...] = ()
    policy: str
    version: str = ""
    statement: int
    sid: str = ""
    path: tuple[str, ...]
    granted_by: int
    defined_by: int


class WhatCan(msgspec.Struct, frozen=True, kw_only=True):
    """All that is known of a principal's permissions. With a boundary, only what both allow is effective."""

    principal: str
    unique_id: str
    is_root: bool = False
    permissions: tuple[Permission, ...] = ()
    boundary: str = ""
    boundary_permissions: tuple[Permission, ...] = ()
    unknown: tuple[str, ...] = ()


def what_can(directory: Directory, principal: str) -> WhatCan:
    """Raises MalformedArn, UnknownPrincipal."""
    entity = find_principal(directory, principal)
    if entity is None:
        caller = parse_caller(principal)
        if caller.kind == "root":
            return WhatCan(principal=principal, unique_id=caller.account, is_root=True)
        words = "the policies of {} were never seen" if is_stranger(directory, caller) else _WITHOUT_POLICIES
        return WhatCan(principal=principal, unique_id="", unknown=(words.format(principal),))
    unknown = sources.unknowns(directory, entity)
    permissions = _permissions(directory, sources.identity_sources(directory, entity), unknown)
    boundary = entity.boundary or ""
    limited: list[Permission] = []
    limit = sources.boundary_source(directory, entity)
    if limit is not None:
        limited = _permissions(directory, [limit], unknown)
    return WhatCan(
        principal=directory.arn_of(entity),
        unique_id=entity.id,
        permissions=tuple(permissions),
        boundary=boundary,
        boundary_permissions=tuple(limited),
        unknown=tuple(dict.fromkeys(unknown)),
    )


def _permissions(directory: Directory, found: Iterable[sources.Source], unknown: list[str]) -> list[Permission]:
    permissions: list[Permission] = []
    for source in found:
        if source.document is None:
            why = sources.managed(directory, source.policy).why if source.policy.startswith("arn:") else ""
            unknown.append(why or f"the document of {source.policy} was never seen")
            continue
        try:
            statements = parse_document(source.document).statements
        except MalformedDocument as error:
            unknown.append(f"{source.policy} cannot be read: {error}")
            continue
        permissions += [
            Permission(
                effect="Allow" if statement.allows else "Deny",
                actions=statement.actions or (),
                not_actions=statement.not_actions or (),
                resources=statement.resources or (),
                not_resources=statement.not_resources or (),
                conditions=statement.conditions,
                policy=source.policy,
                version=source.version,
                statement=statement.index,
                sid=statement.sid,
                path=source.path,
                granted_by=source.granted_by,
                defined_by=source.defined_by,
            )
            for statement in statements
        ]
    return permissions
