"""Which policies bear on a principal, and by which path it has them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import msgspec

from erstwhile.domain.directory.deciding_view import DecidingView
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.directory.fact_source import PolicyInForce
from erstwhile.domain.directory.facts import EntityKey, Fact
from erstwhile.domain.policy.knowledge.managed_policy_paths import is_same_policy
from erstwhile.domain.policy.language.part import KnownStatements
from erstwhile.domain.vocabulary.identifiers import AWS_MANAGED, policy_account, policy_name_of

SHOWN = "aws-policy"
"""The kind of AWS-managed policies as an account's own listing shows them, named by their ARNs."""


class Source(msgspec.Struct, frozen=True):
    """A policy on a path. `document` None: it is there, and what it says was never seen."""

    policy: str
    version: str
    document: str | None
    path: tuple[str, ...] = ()
    granted_by: int = 0
    defined_by: int = 0
    saved: datetime | None = None  # since when these words are in force; None: not known
    why: str = ""  # what is not known of it
    known: KnownStatements | None = None  # what the document has, where that is known without reading it


class Managed(msgspec.Struct, frozen=True):
    """A managed policy's default version at this instant. `why` says what is not known."""

    version: str
    document: str | None
    why: str = ""
    defined_by: int = 0


def find_policy(directory: Directory, arn: str) -> Entity | None:
    """A managed policy, by its whole ARN. AWS's own are the same in every partition."""
    entity = directory.with_arn(arn)
    if entity is None and policy_account(arn) == AWS_MANAGED:
        entity = directory.named(AWS_MANAGED, "policy", policy_name_of(arn))
        if entity is not None and not is_same_policy(entity.arn, arn):
            return None
    return entity


def managed(directory: Directory, arn: str, account: str = "") -> Managed:
    """What a managed policy says at this instant, or why that is unknown. What an account's own listing showed of one
    of AWS's counts for that account alone, and only where the catalogue does not know."""
    return _said_to(directory, find_policy(directory, arn), arn, account)


def _said_to(directory: Directory, policy: Entity | None, arn: str, account: str) -> Managed:
    found = said(policy, arn)
    if found.document is None and account and policy_account(arn) == AWS_MANAGED:
        shown = said(directory.named(account, SHOWN, arn), arn)
        return shown if shown.document is not None else found
    return found


def said(entity: Entity | None, arn: str) -> Managed:
    """What the entity of a managed policy says at this instant."""
    if entity is None:
        return Managed("", None, f"policy {arn} was never seen")
    default = entity.default_version_fact
    if default is None:
        return Managed("", None, f"the version of {arn} in force then was never seen")
    version = entity.default_version
    if entity.unseen_versions:
        gaps = ", ".join(sorted(entity.unseen_versions))
        return Managed(version, None, f"{arn}: {gaps} followed {version} at an unknown instant and was never seen")
    held = entity.versions.get(version)
    document = held.value["document"] if held is not None else None
    why = "" if document is not None else f"{arn} {version} was never seen"
    return Managed(version, document, why, default.opened_by)


def begun(directory: Directory, arn: str) -> datetime | None:
    """Since when a managed policy exists, by its ARN: an earlier attachment was to another of this ARN, deleted since,
    and died with it. None where that is not known, or for one of AWS's."""
    return _begun(find_policy(directory, arn), arn)


def _begun(policy: Entity | None, arn: str) -> datetime | None:
    return None if policy is None or policy_account(arn) == AWS_MANAGED else policy.begun


def own_sources(directory: Directory, entity: Entity, path: tuple[str, ...] = ()) -> Iterator[Source]:
    """The inline and attached policies of a user, group or role."""
    for name, fact in entity.inline_policies.items():
        here = (*path, f"inline:{name}")
        yield Source(f"inline:{name}", "", fact.value["document"], here, fact.opened_by, fact.opened_by)
    for arn, fact in entity.attached_policies.items():
        known = _in_force(directory, arn)
        if known is not None:
            if known.begun <= fact.since or policy_account(arn) == AWS_MANAGED:
                yield _source_in_force(known, (*path, arn), fact)
            continue
        policy = find_policy(directory, arn)
        since = _begun(policy, arn)
        if since is None or since <= fact.since:
            found = _said_to(directory, policy, arn, entity.account)
            yield _managed_source(arn, found, (*path, arn), fact)


def groups_of(directory: Directory, entity: Entity) -> Iterator[tuple[str, Entity | None]]:
    """The groups of a user: (unique id, group), None for a group of which nothing is known."""
    for unique_id in entity.group_ids:
        yield unique_id, directory.get(entity.account, "group", unique_id)


def identity_sources(directory: Directory, entity: Entity) -> Iterator[Source]:
    """Inline and attached policies of a user or role, and those of a user's groups."""
    here = f"{entity.kind}/{entity.name}"
    yield from own_sources(directory, entity, (here,))
    for _, group in groups_of(directory, entity):
        if group is not None:
            yield from own_sources(directory, group, (here, f"group/{group.name}"))


def unknowns(directory: Directory, entity: Entity) -> list[str]:
    """Why it is not sure what policies a principal has, or that it was there at all; empty when it is."""
    return [*vanished(directory, entity), *never_seen(directory, entity)]


def vanished(directory: Directory, entity: Entity) -> list[str]:
    """When a principal, or a group of it, was there last, and when no more."""
    groups = [group for _, group in groups_of(directory, entity) if group is not None]
    return [
        f"{each.kind} {each.name} vanished between {gone['after']} and {gone['until']}: when is not known"
        for each in (entity, *groups)
        if (gone := each.vanished) is not None
    ]


def never_seen(directory: Directory, entity: Entity) -> list[str]:
    """Which policies of a principal were never seen."""
    found = []
    if not entity.is_covered:
        found.append(f"the policies of {entity.kind} {entity.name} were never seen")
    for unique_id, group in groups_of(directory, entity):
        if group is None or not group.is_covered:
            name = group.name if group is not None else unique_id.lstrip("~")
            found.append(f"the policies of group {name} were never seen")
    return found


def boundary_source(directory: Directory, entity: Entity) -> Source | None:
    """The permissions boundary of a user or role; None where it has none."""
    fact = entity.boundary_fact
    if fact is None:
        return None
    arn = str(fact.value["policy"])
    path = (f"{entity.kind}/{entity.name}", f"boundary:{arn}")
    known = _in_force(directory, arn)
    if known is not None:
        return _source_in_force(known, path, fact)
    return _managed_source(arn, managed(directory, arn, entity.account), path, fact)


def _managed_source(arn: str, found: Managed, path: tuple[str, ...], fact: Fact) -> Source:
    return Source(arn, found.version, found.document, path, fact.opened_by, found.defined_by, why=found.why)


def _in_force(directory: Directory, arn: str) -> PolicyInForce | None:
    """What a managed policy says, where that is known without its entity."""
    return directory.policy_in_force(arn) if isinstance(directory, DecidingView) else None


def _source_in_force(known: PolicyInForce, path: tuple[str, ...], fact: Fact) -> Source:
    return Source(
        known.arn, known.version, known.document, path, fact.opened_by, known.defined_by, known=known.known
    )  # fmt: skip


def dependencies(directory: Directory, entity: Entity) -> list[EntityKey]:
    """The entities that a principal's permissions depend on, without itself and its boundary: groups and policies."""
    found = _policy_keys(directory, entity)
    for unique_id, group in groups_of(directory, entity):
        found.append((entity.account, "group", unique_id))
        if group is not None:
            found += _policy_keys(directory, group)
    return found


def boundary_key(directory: Directory, entity: Entity) -> EntityKey | None:
    """The policy that is the permissions boundary of a user or role; None where it has none."""
    boundary = entity.boundary
    return _policy_key(directory, boundary) if boundary is not None else None


def _policy_keys(directory: Directory, entity: Entity) -> list[EntityKey]:
    found = [_policy_key(directory, arn) for arn in entity.attached_policies]
    if directory.count(entity.account, SHOWN):
        shown = (directory.named(entity.account, SHOWN, arn) for arn in entity.attached_policies)
        found += [each.key for each in shown if each is not None]
    return found


def _policy_key(directory: Directory, arn: str) -> EntityKey:
    policy = find_policy(directory, arn)
    # When an unknown policy becomes known, the Directory reports this key.
    return policy.key if policy is not None else (policy_account(arn), "policy", "")


class OfGroups(msgspec.Struct, frozen=True):
    """What the members of some groups have through them: policies, whose paths begin at the group, and what these
    rest on."""

    sources: tuple[Source, ...]
    depends: tuple[EntityKey, ...]


def of_groups(directory: Directory, entity: Entity) -> OfGroups | None:
    """What a user that has nothing of its own has through its groups; None where one of these is not known."""
    found: list[Source] = []
    depends: list[EntityKey] = []
    for unique_id, group in groups_of(directory, entity):
        if group is None or not group.is_covered or group.vanished is not None:
            return None
        found += own_sources(directory, group, (f"group/{group.name}",))
        depends.append((entity.account, "group", unique_id))
        depends += _policy_keys(directory, group)
    return OfGroups(tuple(found), tuple(depends))
