"""Translates EventBridge's operations on the policy of an event bus. Without a name they act on the default bus.

Source: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutPermission.html, …/API_RemovePermission.html
"""

from __future__ import annotations

from typing import Any

import orjson

from erstwhile.domain.events import Body
from erstwhile.domain.events import resources as r
from erstwhile.domain.observed.cloudtrail.record import Record
from erstwhile.domain.observed.cloudtrail.shapes import as_object, as_text
from erstwhile.domain.observed.documents import document_text


def put_permission(record: Record) -> list[Body]:
    """PutPermission: a whole policy, or one statement for an account or for everyone (`*`). Raises Untranslatable."""
    bus = _bus(record)
    if record.p("policy"):
        return [r.ResourcePolicyPut(resource=bus, document=document_text(record.p("policy")))]
    name, principal = record.need("statementId"), record.need("principal")
    statement: dict[str, Any] = {
        "Sid": name,
        "Effect": "Allow",
        "Principal": "*" if principal == "*" else {"AWS": f"arn:{record.partition}:iam::{principal}:root"},
        "Action": record.need("action"),
        "Resource": bus,
    }
    condition = as_object(record.p("condition"))
    if condition:
        operator, key, value = (as_text(condition.get(part)) for part in ("type", "key", "value"))
        statement["Condition"] = {operator: {key: value}}
    return [r.ResourceStatementAdded(resource=bus, statement_id=name, statement=orjson.dumps(statement).decode())]


def remove_permission(record: Record) -> list[Body]:
    """RemovePermission: removes one statement, or all of them. Raises Untranslatable."""
    if record.p("removeAllPermissions") in (True, "true"):
        return [r.ResourcePolicyDeleted(resource=_bus(record))]
    return [r.ResourceStatementRemoved(resource=_bus(record), statement_id=record.need("statementId"))]


def _bus(record: Record) -> str:
    name = as_text(record.p("eventBusName")) or "default"
    return name if name.startswith("arn:") else record.arn("events", f"event-bus/{name}")
