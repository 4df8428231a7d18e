"""What has a say in a decision of all that is known of a managed policy."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from erstwhile.domain.directory import attributes as a
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.directory.fact_source import Facts, PolicyInForce
from erstwhile.domain.directory.facts import EntityKey, Fact
from erstwhile.domain.policy.inputs.sources import Managed, said

OF_POLICIES = frozenset((a.ENTITY, a.VERSION, a.DEFAULT, a.GAP))
"""The attributes of which a state is made."""
_TOLD = ("name", "arn", "path", "service_linked")
"""What of an entity's own fact has a say, beside its beginning."""
Told = tuple[object, ...]


class PolicyState(NamedTuple):
    """Of one instant."""

    told: Told | None
    """None where nothing says that the policy exists."""
    managed: Managed
    in_force: PolicyInForce | None
    """None where it is not known what it says, or what ARN it has."""


def policy_state(key: EntityKey, facts: Facts) -> PolicyState:
    """Of a managed policy with some facts; versions that are not in force need not be among them."""
    policy = Entity(*key)
    policy.facts = facts
    managed = said(policy, "")
    begun = policy.begun
    if begun is None:
        return PolicyState(None, managed, None)
    told = _told(policy, begun)
    if managed.document is None or not _is_surely_named(policy):
        return PolicyState(told, managed, None)
    in_force = PolicyInForce(policy.arn, managed.document, managed.version, managed.defined_by, begun)
    return PolicyState(told, managed, in_force)


def told_of(entity: Entity) -> Told | None:
    """What of an entity's own fact has a say; None where it has none."""
    begun = entity.begun
    return None if begun is None else _told(entity, begun)


def _told(entity: Entity, begun: datetime) -> Told:
    described = entity.description
    return *[described.get(each) for each in _TOLD], begun


class Named(NamedTuple):
    """What describes a managed policy whose ARN is surely its own."""

    told: Told
    arn: str
    begun: datetime


def surely_named(key: EntityKey, described: Fact) -> Named | None:
    """From the fact that describes it; None where another may have its ARN."""
    policy = Entity(*key)
    policy.facts = {a.ENTITY: {"": described}}
    begun = policy.begun
    if begun is None or not _is_surely_named(policy):
        return None
    return Named(_told(policy, begun), policy.arn, begun)


def are_told_alike(one: Fact, other: Fact) -> bool:
    """Whether two descriptions of one entity surely tell the same of it, since when it exists included."""
    begun = one.value.get("begun")
    if not begun or begun != other.value.get("begun"):
        return False
    return all(one.value.get(each) == other.value.get(each) for each in _TOLD)


def _is_surely_named(policy: Entity) -> bool:
    """Whether its recorded ARN is a policy's, as far as no other claims it."""
    name, arn = policy.name, policy.arn
    return policy.kind == "policy" and bool(name) and arn.endswith(f"/{name}") and f"::{policy.account}:policy/" in arn
