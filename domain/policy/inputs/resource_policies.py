"""The policies that sit on a resource: its document or labelled statements, its grants, a role's trust."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import orjson

from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.directory.facts import Fact
from erstwhile.domain.policy.inputs.sources import Source
from erstwhile.domain.policy.language.principal_binding import bound, is_own_resource


def resource_sources(resource: Entity) -> Iterator[Source]:
    """What is asked about principals, as documents."""
    here = f"{resource.kind}/{resource.name}"
    if resource.kind == "role":
        fact = resource.trust_fact
        if fact is not None:
            position = fact.opened_by
            yield Source("trust policy", "", _bound(fact), (here,), position, position, fact.since)
        return
    for fact in resource.resource_policies.values():
        position = fact.opened_by
        yield Source(resource.id, "", _bound(fact), (here,), position, position, _saved(resource, fact))
    for label, fact in resource.policy_statements.items():
        statement = fact.value["statement"]
        text = None if statement is None else _around(statement)
        position = fact.opened_by
        yield Source(f"{resource.id}#{label}", "", text, (here,), position, position, fact.since)
    for grant_id, fact in resource.grants.items():
        position = fact.opened_by
        document = _grant(resource.id, fact.value)
        yield Source(f"grant {grant_id}", "", document, (here, f"grant/{grant_id}"), position, position, fact.since)


def _bound(fact: Fact) -> str | None:
    document: str | None = fact.value["document"]
    return document if document is None else bound(document, fact.value.get("principals") or {})


def _saved(resource: Entity, fact: Fact) -> datetime | None:
    """Since when the policy means the principals that it names. None for an application's own resource: a name that no
    principal had when the policy was saved means the principal that has it at the instant of the question."""
    is_bound = fact.value.get("principals") is not None
    return None if is_bound and is_own_resource(resource.id) else fact.since


def _around(statement: str) -> str:
    """A document of one statement; what is none is left for the reader of documents to refuse."""
    try:
        return _document(orjson.loads(statement))
    except orjson.JSONDecodeError:
        return statement


def _document(statement: object) -> str:
    return orjson.dumps({"Version": "2012-10-17", "Statement": [statement]}).decode()


_WITH_CONTEXT = frozenset(
    (
        "Decrypt", "Encrypt", "GenerateDataKey", "GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext",
        "GenerateDataKeyWithoutPlaintext", "ReEncryptFrom", "ReEncryptTo",
    )
)  # fmt: skip
"""Operations with an encryption context: constraints apply to these."""


_CONTEXT_KEYS = "erstwhile:kms:EncryptionContextKeys"
"""`context.ENCRYPTION_KEYS`, under the name that answers show."""


def _grant(key: str, grant: dict[str, Any]) -> str:
    """A KMS grant as the statements that it amounts to.

    Sources: https://docs.aws.amazon.com/kms/latest/developerguide/grants.html and
    https://docs.aws.amazon.com/kms/latest/APIReference/API_GrantConstraints.html
    """
    grantee = str(grant["grantee"])
    allowed: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": {"Service" if grantee.endswith(".amazonaws.com") else "AWS": grantee},
        "Resource": key,
    }
    operations = [str(operation) for operation in grant["operations"]]
    conditions = _constrained(grant.get("constraints") or {})
    found = []
    for names, condition in (
        ([each for each in operations if each in _WITH_CONTEXT], conditions),
        ([each for each in operations if each not in _WITH_CONTEXT], {}),
    ):
        if names:
            actions = [f"kms:{name}" for name in names]
            found.append(allowed | {"Action": actions} | ({"Condition": condition} if condition else {}))
    # The old version of the language: what looks like a variable stands for itself.
    return orjson.dumps({"Version": "2008-10-17", "Statement": found}).decode()


def _constrained(constraints: dict[str, dict[str, str]]) -> dict[str, dict[str, Any]]:
    """The conditions of a grant's constraints: names without regard to case, values with. One of another kind is a
    condition that nobody knows to hold."""
    pairs: dict[str, Any] = {}
    found: dict[str, dict[str, Any]] = {}
    for kind, pairs_given in constraints.items():
        if kind in ("EncryptionContextSubset", "EncryptionContextEquals"):
            pairs |= {f"kms:EncryptionContext:{name}": value for name, value in pairs_given.items()}
        else:
            pairs[f"kms:GrantConstraint:{kind}"] = list(pairs_given.values())
        if kind == "EncryptionContextEquals" and pairs_given:
            # Nothing else may stand there.
            found["ForAllValues:StringEqualsIgnoreCase"] = {_CONTEXT_KEYS: list(pairs_given)}
    return found | ({"StringEquals": pairs} if pairs else {})
