"""What a Directory knows of callers and resources, as condition keys.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

from domain.directory import Directory, Entity
from domain.instants import format_instant
from domain.policy.caller import Caller
from domain.policy.context import Keys
from domain.policy.principals import principal_arn


def describe(caller: Caller, entity: Entity) -> None:
    """What the Directory knows of the caller, into its keys."""
    caller.unique_id = entity.id
    caller.begun = entity.begun
    keys = caller.keys
    if caller.arn != entity.arn or caller.kind != "user":
        keys["aws:principalarn"] = (principal_arn(entity),)
    if entity.kind == "user":
        keys["aws:username"] = (entity.name,)
        keys["aws:userid"] = (entity.id,)
    else:
        caller.is_service_linked = caller.is_service_linked or is_service_linked(entity)
        if caller.kind == "session":
            keys["aws:userid"] = (f"{entity.id}:{caller.arn.rsplit('/', 1)[-1]}",)
    for key, fact in entity.items("tag").items():
        keys[f"aws:principaltag/{key.lower()}"] = (fact.value["value"],)


def is_service_linked(role: Entity) -> bool:
    """Whether a role belongs to a service of AWS: guardrails do not reach it."""
    value = role.value("entity") or {}
    return role.kind == "role" and (bool(value.get("service_linked")) or role.path.startswith("/aws-service-role/"))


def add_clock(keys: Keys, directory: Directory) -> None:
    """The instant of a Directory of the past."""
    if directory.as_of is not None:
        keys["aws:currenttime"] = (format_instant(directory.as_of),)
        keys["aws:epochtime"] = (str(int(directory.as_of.timestamp())),)


def resource_keys(entity: Entity | None) -> Keys:
    """The tags of a resource that is known."""
    if entity is None:
        return {}
    keys: Keys = {}
    for key, fact in entity.items("tag").items():
        keys[f"aws:resourcetag/{key.lower()}"] = (fact.value["value"],)
        if entity.kind in ("user", "role"):
            keys[f"iam:resourcetag/{key.lower()}"] = (fact.value["value"],)
    return keys
