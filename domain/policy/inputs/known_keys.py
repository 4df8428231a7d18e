# mypyc: compiled
"""What a Directory knows of callers and resources, as condition keys.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

from datetime import datetime

from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.policy.inputs.caller import Caller
from erstwhile.domain.policy.inputs.guardrails import Place
from erstwhile.domain.vocabulary.context_values import ContextDict
from erstwhile.domain.vocabulary.identifiers import entity_arn
from erstwhile.domain.vocabulary.instants import format_instant


def identify(caller: Caller, entity: Entity) -> None:
    """Notes which user or role the caller is, or is a session of."""
    caller.entity = entity
    caller.unique_id = entity.id
    if entity.kind != "user" and not caller.is_service_linked:
        caller.is_service_linked = is_service_linked(entity)


def add_known(caller: Caller, place: Place | None, as_of: datetime | None, keys: ContextDict) -> None:
    """What a Directory of an instant knows of the caller, and where its account stands, into its keys."""
    entity = caller.entity
    if entity is not None:
        if caller.arn != entity.arn or caller.kind != "user":
            keys["aws:principalarn"] = (
                entity.arn or entity_arn(entity.account, entity.kind, entity.path, entity.name, caller.partition),
            )
        if entity.kind == "user":
            keys["aws:username"] = (entity.name,)
            keys["aws:userid"] = (entity.id,)
        elif caller.kind == "session":
            keys["aws:userid"] = (f"{entity.id}:{caller.arn.rsplit('/', 1)[-1]}",)
        for key, fact in entity.tag_facts.items():
            keys[f"aws:principaltag/{key.lower()}"] = (fact.value["value"],)
    if place is not None:
        keys["aws:principalorgid"] = (place.organization_id,)
        keys["aws:principalorgpaths"] = (place.path,)
    keys.update(clock_keys(as_of))


def clock_keys(as_of: datetime | None) -> ContextDict:
    """What a Directory's instant says as condition keys; nothing of now, whose requests bring the clock."""
    if as_of is None:
        return {}
    return {"aws:currenttime": (format_instant(as_of),), "aws:epochtime": (str(int(as_of.timestamp())),)}


def is_service_linked(role: Entity) -> bool:
    """Whether a role belongs to a service of AWS: guardrails do not reach it."""
    value = role.description
    return role.kind == "role" and (bool(value.get("service_linked")) or role.path.startswith("/aws-service-role/"))


def resource_keys(entity: Entity) -> ContextDict:
    """The tags of a resource that is known."""
    keys: ContextDict = {}
    for key, fact in entity.tag_facts.items():
        keys[f"aws:resourcetag/{key.lower()}"] = (fact.value["value"],)
        if entity.kind in ("user", "role"):
            keys[f"iam:resourcetag/{key.lower()}"] = (fact.value["value"],)
    return keys
