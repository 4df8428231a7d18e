"""Objects of an account that are stored as settings and have tags: providers, MFA devices, server certificates.

The attributes of a setting contain lists as JSON, and the tags under `Tags`.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import orjson

from erstwhile.api.aws.access.call import Call, Operation, Plan, Result, begun_at, tags_given
from erstwhile.api.aws.operations.paging import page_of
from erstwhile.domain.commands import limits
from erstwhile.domain.commands.lookups import find_setting
from erstwhile.domain.commands.settings import PutSetting
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.vocabulary.instants import format_instant, parse_instant
from erstwhile.domain.vocabulary.refusals import LimitExceeded, NoSuchEntity

LISTS = ("ClientIDList", "ThumbprintList", "Tags")
TITLES = {
    "oidc-provider": "OpenIDConnect Provider not found for arn {}",
    "saml-provider": "SAMLProvider not found for arn {}",
    "virtual-mfa-device": "VirtualMFADevice with serial number {} does not exist.",
    "server-certificate": "The Server Certificate with name {} cannot be found.",
}


def attributes(values: dict[str, Any], tags: dict[str, str] | None = None) -> dict[str, str]:
    """Values and tags in the form of a setting's attributes."""
    found = {name: orjson.dumps(value).decode() if name in LISTS else str(value) for name, value in values.items()}
    return found | {"Tags": orjson.dumps(shown(tags)).decode()} if tags is not None else found


def created(call: Call) -> str:
    """The instant of the call, in the form of an attribute. (The fact of a setting begins anew with each change, so it
    does not show when the setting was created.)"""
    return format_instant(call.now)


def values_of(entity: Entity) -> dict[str, Any]:
    """A setting's attributes as values: lists decoded, CreateDate as an instant (the setting's, where it is
    missing)."""
    value = entity.setting
    found = {name: orjson.loads(text) if name in LISTS else text for name, text in value.items()}
    created_at = found.get("CreateDate")
    since = parse_instant(created_at) if created_at else begun_at(entity, entity.setting_fact)
    return found | {"CreateDate": since}


def need(call: Call, category: str, name: str) -> Entity:
    """Returns the setting. Raises NoSuchEntity in IAM's words."""
    entity = find_setting(call.directory, call.account, category, name)
    if entity is None:
        raise NoSuchEntity(TITLES[category].format(name))
    return entity


def tags_of(entity: Entity) -> dict[str, str]:
    text = entity.setting.get("Tags")
    return {each["Key"]: each["Value"] for each in orjson.loads(text)} if text else {}


def shown(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in sorted(tags.items())]


def _with_tags(call: Call, category: str, entity: Entity, name: str, tags: dict[str, str]) -> Plan:
    limits.check_tags(tags)
    if len(tags) > limits.TAGS:
        raise LimitExceeded(f"Cannot exceed quota for TagsPerEntity: {limits.TAGS}")
    kept = dict(entity.setting) | {"Tags": orjson.dumps(shown(tags)).decode()}
    command = PutSetting(account=call.account, category=category, name=name, attributes=kept, must_exist=True)
    return Plan(command=command)


def _tag(category: str, parameter: str, call: Call) -> Plan:
    name = call.given[parameter]
    entity = need(call, category, name)
    given = tags_given(call)
    replaced = {key.lower() for key in given}  # a key replaces one that differs only in case
    kept = {key: value for key, value in tags_of(entity).items() if key.lower() not in replaced}
    return _with_tags(call, category, entity, name, kept | given)


def _untag(category: str, parameter: str, call: Call) -> Plan:
    name = call.given[parameter]
    entity = need(call, category, name)
    gone = {key.lower() for key in call.given["TagKeys"]}
    kept = {key: value for key, value in tags_of(entity).items() if key.lower() not in gone}
    return _with_tags(call, category, entity, name, kept)


def _list(category: str, parameter: str, call: Call) -> Result:
    held = shown(tags_of(need(call, category, call.given[parameter])))
    return page_of(call, held, "Tags", lambda each: each["Key"])


def operations(word: str, category: str, parameter: str) -> dict[str, Operation]:
    """The operations TagX, UntagX and ListXTags."""
    return {
        f"Tag{word}": partial(_tag, category, parameter),
        f"Untag{word}": partial(_untag, category, parameter),
        f"List{word}Tags": partial(_list, category, parameter),
    }
