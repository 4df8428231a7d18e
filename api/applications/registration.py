"""A resource as an application tells of it, as a command: for PUT /v1/resources and `erstwhile import resources`."""

from __future__ import annotations

from typing import Any

import orjson

from erstwhile.api.applications.names import Names, is_arn
from erstwhile.domain.commands.resources import RegisterResource
from erstwhile.domain.vocabulary.identifiers import Arn, MalformedArn, is_account_id
from erstwhile.domain.vocabulary.malformed import MalformedInput

_MEMBERS = ("id", "type", "tags", "policy", "account")


class MalformedResource(MalformedInput):
    """not a resource to register"""

    code = "malformed_body"


def registration(names: Names, given: Any) -> RegisterResource:
    """From {"id": ARN or word, "type", "tags": {…}, "policy": DOCUMENT, "account"}. Raises MalformedResource."""
    if not isinstance(given, dict):
        raise MalformedResource(f"a resource must be an object with {', '.join(_MEMBERS)}")
    strange = sorted(set(given) - set(_MEMBERS))
    if strange:
        raise MalformedResource(f"{strange[0]!r} is not a member of a resource; there are: {', '.join(_MEMBERS)}")
    word, kind, account = (_text(given, member) for member in ("id", "type", "account"))
    if not word or word == "*":
        raise MalformedResource("id is required: an ARN, or the application's own word with its type")
    if not is_arn(word) and not kind:
        raise MalformedResource(f"type is required where the id ({word}) is not an ARN")
    try:
        arn = Arn.parse(names.resource(kind, word))
    except MalformedArn as error:
        raise MalformedResource(f"id: {error}") from None
    if account and not is_account_id(account):
        raise MalformedResource(f"account must be twelve digits, not {account!r}")
    if account and arn.account and account != arn.account:
        raise MalformedResource(f"account is {account}, and the ARN names {arn.account}")
    return RegisterResource(
        account=account or arn.account or names.account,
        resource=str(arn),
        resource_type=kind,
        tags=_tags(given.get("tags")),
        document=_policy(given.get("policy")),
    )


def _text(given: dict[str, Any], member: str) -> str:
    value = given.get(member)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise MalformedResource(f"{member} must be a string")
    return value


def _tags(value: Any) -> dict[str, str]:
    if value is None:
        return {}
    if isinstance(value, list):  # as AWS writes them: [{"Key": …, "Value": …}]
        if not all(isinstance(e, dict) and set(e) == {"Key", "Value"} and isinstance(e["Key"], str) for e in value):
            raise MalformedResource('tags must be an object, or a list of {"Key", "Value"} with texts')
        value = {each["Key"]: each["Value"] for each in value}
    if not isinstance(value, dict) or not all(isinstance(k, str) and isinstance(v, str) for k, v in value.items()):
        raise MalformedResource("tags must be an object of strings")
    return value


def _policy(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value or None
    if not isinstance(value, dict):
        raise MalformedResource("policy must be a policy document, as an object or as text")
    return orjson.dumps(value).decode()
