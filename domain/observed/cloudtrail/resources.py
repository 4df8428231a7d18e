"""Translates operations of other services that edit a resource's policy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson

from erstwhile.domain.events import Body
from erstwhile.domain.events import resources as r
from erstwhile.domain.observed.cloudtrail.record import Record, Translator, Untranslatable
from erstwhile.domain.observed.cloudtrail.shapes import as_text, objects_in
from erstwhile.domain.observed.documents import document_text

ResourceOf = Callable[[Record], str]


def named(service: str, field: str, prefix: str = "", regional: bool = True) -> ResourceOf:
    """Returns a function that finds the resource's ARN: the request parameter `field` if that is an ARN, else an ARN in
    the response, else an ARN built from the name in `field`. The function raises Untranslatable."""

    def arn(record: Record) -> str:
        name = record.need(field)
        if name.startswith("arn:"):
            return name
        for answered in (record.r("aRN"), record.r("arn"), record.r("resourceArn")):
            if isinstance(answered, str) and answered.startswith(f"arn:{record.partition}:{service}:"):
                return answered
        if service == "s3":
            return f"arn:{record.partition}:s3:::{name}"
        return record.arn(service, f"{prefix}{name}", regional)

    return arn


def queue(record: Record) -> str:
    """The ARN of an SQS queue, from its URL: https://sqs.eu-west-1.amazonaws.com/111122223333/orders."""
    *_, account, name = record.need("queueUrl").split("/")
    return f"arn:{record.partition}:sqs:{record.region}:{account}:{name}"


def function(record: Record) -> str:
    """The ARN of a Lambda function, from its name or any form of its ARN. The qualifier is part of it, because a
    version or alias has a policy of its own.

    Source: https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html
    """
    name = record.need("functionName")
    arn = name if name.startswith("arn:") else record.arn("lambda", _partial_name(name))
    qualifier = record.p("qualifier")
    return f"{arn}:{qualifier}" if qualifier and arn.count(":") == 6 else arn


def _partial_name(name: str) -> str:
    """`function:pay` for `pay`, `function:pay` and `111122223333:function:pay`; `function:pay:PROD` for `pay:PROD`."""
    return f"function:{name.rpartition('function:')[2]}"


def key(record: Record) -> str:
    """The ARN of a KMS key: from the record's resources, from the response, or built from the id in the request.

    Raises Untranslatable where the record has only an alias: it does not say which key the alias meant.
    """
    for resource in objects_in(record.raw.get("resources")):
        arn = as_text(resource.get("ARN"))
        if arn.startswith("arn:") and ":key/" in arn:
            return arn
    answered = as_text(record.r("keyId"))
    name = record.need("keyId") if not answered.startswith("arn:") else answered
    if name.startswith("alias/") or ":alias/" in name:
        raise Untranslatable(f"kms:{record.name} by {name} without the ARN of the key")
    return name if name.startswith("arn:") else record.arn("kms", f"key/{name}")


def put(resource: ResourceOf, *fields: str) -> Translator:
    """Translates an operation that replaces the whole policy; the document is in the first of the fields that is
    set."""

    def translate(record: Record) -> list[Body]:
        document: Any = next((record.p(field) for field in fields if record.p(field)), None)
        if isinstance(document, dict) and "Statement" not in document:
            # Glacier nests its document: {"policy": {"policy": "…"}}
            document = document.get("policy", document)
        return [r.ResourcePolicyPut(resource=resource(record), document=document_text(document))]

    return translate


def delete(resource: ResourceOf) -> Translator:
    return lambda record: [r.ResourcePolicyDeleted(resource=resource(record))]


def put_attribute(resource: ResourceOf, attribute: str) -> Translator:
    """Translates an operation of SNS or SQS that sets attributes, of which one is the policy; the others do not change
    access."""

    def translate(record: Record) -> list[Body]:
        if record.p("attributeName") == attribute:
            value: Any = record.p("attributeValue")
        else:
            attributes = record.p("attributes")
            value = attributes.get(attribute) if isinstance(attributes, dict) else None
            if value is None:
                return []
        if value == "":
            return [r.ResourcePolicyDeleted(resource=resource(record))]
        return [r.ResourcePolicyPut(resource=resource(record), document=document_text(value))]

    return translate


def add_lambda_permission(record: Record) -> list[Body]:
    statement = document_text(record.r("statement"))
    if statement is None:
        statement = orjson.dumps(
            {
                "Sid": record.need("statementId"),
                "Effect": "Allow",
                "Principal": {"Service": record.p("principal")},
                "Action": record.p("action"),
                "Resource": function(record),
            }
        ).decode()
    return [
        r.ResourceStatementAdded(
            resource=function(record), statement_id=record.need("statementId"), statement=statement
        )
    ]


def remove_lambda_permission(record: Record) -> list[Body]:
    return [r.ResourceStatementRemoved(resource=function(record), statement_id=record.need("statementId"))]


def add_labelled_permission(resource: ResourceOf, service: str) -> Translator:
    """Translates AddPermission of SNS and SQS, which grants accounts some actions under a label."""

    def translate(record: Record) -> list[Body]:
        accounts = record.p("aWSAccountIds") or record.p("aWSAccountId") or ()
        actions = record.p("actions") or record.p("actionName") or ()
        arn = resource(record)
        statement = {
            "Sid": record.need("label"),
            "Effect": "Allow",
            "Principal": {"AWS": [f"arn:{record.partition}:iam::{account}:root" for account in accounts]},
            "Action": [f"{service}:{action}" for action in actions],
            "Resource": arn,
        }
        return [
            r.ResourceStatementAdded(
                resource=arn, statement_id=record.need("label"), statement=orjson.dumps(statement).decode()
            )
        ]

    return translate


def remove_labelled_permission(resource: ResourceOf) -> Translator:
    return lambda record: [r.ResourceStatementRemoved(resource=resource(record), statement_id=record.need("label"))]


def create_grant(record: Record) -> list[Body]:
    grant = record.r("grantId")
    if not grant:
        raise Untranslatable("CreateGrant without responseElements.grantId")
    operations = [str(operation) for operation in record.p("operations") or ()]
    return [
        r.GrantCreated(
            resource=key(record),
            grant_id=str(grant),
            grantee=str(record.p("granteePrincipal") or record.p("granteeServicePrincipal") or ""),
            operations=operations,
            constraints=_constraints(record),
        )
    ]


def _constraints(record: Record) -> dict[str, dict[str, str]]:
    """A grant's constraints. A constraint of an unknown kind is kept too, so that the grant never looks unconstrained.

    Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_GrantConstraints.html
    """
    given = record.p("constraints")
    if given and not isinstance(given, dict):
        raise Untranslatable("CreateGrant with constraints that cannot be read")
    constraints = {}
    for kind, pairs in (given or {}).items():
        if pairs:
            context = pairs if isinstance(pairs, dict) else {"": pairs}
            constraints[kind[:1].upper() + kind[1:]] = {str(name): str(value) for name, value in context.items()}
    return constraints


def retire_grant(record: Record) -> list[Body]:
    return [r.GrantRetired(resource=key(record), grant_id=record.need("grantId"))]
