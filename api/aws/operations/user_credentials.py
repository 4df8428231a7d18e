"""Finds, changes and removes the credentials of users that are stored by kind and id: signing certificates, SSH keys
and service-specific credentials."""

from __future__ import annotations

from typing import Any

from erstwhile.api.aws.access.call import Call, Plan
from erstwhile.domain.commands.credentials import PutCredential, RemoveCredential
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.vocabulary.instants import parse_instant


def of_user(user: Entity, kind: str) -> list[tuple[str, dict[str, Any]]]:
    """[(id, {"status", "attributes"})] of a user's credentials of a kind, ordered by id."""
    return [(item, with_attributes(fact.value)) for item, fact in sorted(user.credentials(kind).items())]


def with_attributes(value: dict[str, Any]) -> dict[str, Any]:
    return {"attributes": {}, **value}


def held(user: Entity, kind: str, credential_id: str) -> dict[str, Any] | None:
    value = user.credential(kind, credential_id)
    return None if value is None else with_attributes(value)


def just_put(directory: Directory, user: Entity, kind: str, credential_id: str) -> dict[str, Any]:
    """A credential that a command has just created, for the response. Raises KeyError where it is missing."""
    value = held(directory.at(user.key), kind, credential_id)
    if value is None:
        raise KeyError(credential_id)
    return value


def at(value: dict[str, Any], name: str) -> dict[str, Any]:
    """{member: instant of the attribute}; {} where it is unknown, so that the response leaves the member out."""
    text = value["attributes"].get("at")
    return {name: parse_instant(text)} if text else {}


def put(call: Call, user: Entity, kind: str, credential_id: str, attributes: dict[str, str]) -> PutCredential:
    """The command that creates a credential."""
    return PutCredential(
        account=call.account, user=user.name, kind=kind, credential_id=credential_id, is_new=True, attributes=attributes
    )


def update(kind: str, parameter: str, call: Call) -> Plan:
    """The command that changes a credential's status."""
    user, credential_id = call.need("user", call.user_name()), call.given[parameter]
    value = held(user, kind, credential_id) or {}
    command = PutCredential(
        account=call.account, user=user.name, kind=kind, credential_id=credential_id, is_new=False,
        status=call.given["Status"], attributes=value.get("attributes", {}),
    )  # fmt: skip
    return Plan(command=command)


def delete(kind: str, parameter: str, call: Call) -> Plan:
    command = RemoveCredential(
        account=call.account, user=call.user_name(), kind=kind, credential_id=call.given[parameter]
    )
    return Plan(command=command)
