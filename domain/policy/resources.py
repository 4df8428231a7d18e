"""The policies that sit on a resource: its document or labelled statements, its grants, a role's trust."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import orjson

from erstwhile.domain.directory import Entity
from erstwhile.domain.facts import Fact
from erstwhile.domain.policy.binding import bound, is_own_resource
from erstwhile.domain.policy.sources import Source


def resource_sources(resource: Entity) -> Iterator[Source]:
    """What is asked about principals, as documents."""
    here = f"{resource.kind}/{resource.name}"
    if resource.kind == "role":
        fact = resource.items("trust").get("")
        if fact is not None:
            position = fact.opened_by
            yield Source("trust policy", "", _bound(fact), (here,), position, position, fact.since)
        return
    for fact in resource.items("policy").values():
        position = fact.opened_by
        yield Source(resource.id, "", _bound(fact), (here,), position, position, _saved(resource, fact))
    for label, fact in resource.items("statement").items():
        statement = fact.value["statement"]
        text = None if statement is None else _around(statement)
        position = fact.opened_by
        yield Source(f"{resource.id}#{label}", "", text, (here,), position, position, fact.since)
    for grant_id, fact in resource.items("grant").items():
        position = fact.opened_by
        document = _grant(resource.id, fact.value)
        yield Source(f"grant {grant_id}", "", document, (here, f"grant/{grant_id}"), position, position, fact.since)


def _bound(fact: Fact) -> str | None:
    document: str | None = fact.value["document"]
    return document if document is None else bound(document, fact.value.get("principals") or {})


def _saved(resource: Entity, fact: Fact) -> datetime | None:
    """Since when the words of a policy count for whoever they name. Names that nobody bore when an application's own
    resource got its policy mean whoever bears them first."""
    is_told = fact.value.get("principals") is not None
    return None if is_told and is_own_resource(resource.id) else fact.since


def _around(statement: str) -> str:
    """A document of one statement; what is none is left for the reader of documents to refuse."""
    try:
        return _document(orjson.loads(statement))
    except orjson.JSONDecodeError:
        return statement


def _document(statement: object) -> str:
    return orjson.dumps({"Version": "2012-10-17", "Statement": [statement]}).decode()


def _grant(key: str, grant: dict[str, object]) -> str:
    """A KMS grant as the statement that it amounts to.

    Source: https://docs.aws.amazon.com/kms/latest/developerguide/grants.html
    """
    operations = grant["operations"]
    assert isinstance(operations, list)
    grantee = str(grant["grantee"])
    principal = {"Service" if grantee.endswith(".amazonaws.com") else "AWS": grantee}
    condition: dict[str, dict[str, str]] = {}
    constraints = grant.get("constraints")
    if isinstance(constraints, dict):
        for pair in constraints.values():
            for name, value in pair.items():
                condition.setdefault("StringEquals", {})[f"kms:EncryptionContext:{name}"] = value
    statement = {
        "Effect": "Allow",
        "Principal": principal,
        "Action": [f"kms:{operation}" for operation in operations],
        "Resource": key,
    }
    return _document(statement | ({"Condition": condition} if condition else {}))
