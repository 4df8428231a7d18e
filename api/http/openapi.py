"""The OpenAPI 3.1 description, from one table of operations."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.metadata import version
from typing import Any

_TIME = {
    "as_of": "The instant asked about, RFC 3339; now when left out.",
    "known_at": "What was known at that time: an RFC 3339 instant or a log position; all that is known when left out.",
}
_PRINCIPAL = {"principal": "An ARN, a name, a unique id or an access key id."}
_OWNER = "Whose resource it is, where its ARN does not say."
_FILTERS = {
    "account": "Twelve digits.",
    "actor": "Part of the actor's ARN, unique id or access key id; * is a wildcard.",
    "target": "Part of what was touched: user/ada, an ARN, an access key id.",
    "action": "Part of the call: iam:AttachUserPolicy, iam:Create*.",
    "source_ip": "The client's address.",
    "session": "Part of the role session's name.",
    "outcome": "success, failed, refused or drift.",
    "text": "Free text, in event and client details.",
    "since": "RFC 3339; from this instant on.",
    "until": "RFC 3339; before this instant.",
    "known_at": _TIME["known_at"],
    "limit": "1 to 1000 entries a page; 50 when left out.",
    "cursor": "next_cursor of the page before.",
}
_EVALUATION = {
    "subject": {"type": "user", "id": "arn:aws:iam::111122223333:user/ada"},
    "action": {"name": "s3:GetObject"},
    "resource": {"type": "object", "id": "arn:aws:s3:::payroll/march.csv"},
    "context": {"as_of": "2026-03-31T12:00:00Z", "resource_account": "111122223333"},
}

_RESOURCE = {"type": "record", "tags": {"department": "sales"}, "policy": None}

Operation = tuple[str, str, str, dict[str, str], tuple[str, ...]]

OPERATIONS: tuple[Operation, ...] = (
    ("get", "/healthz", "The process answers.", {}, ()),
    ("get", "/readyz", "The database answers and the read models keep up.", {}, ()),
    ("get", "/openapi.json", "This document.", {}, ()),
    ("get", "/issuers/{id}/.well-known/openid-configuration", "OpenID Connect's metadata of an account.", {}, ()),
    ("get", "/issuers/{id}/keys", "The keys that an account's web identity tokens are signed with.", {}, ()),
    ("get", "/.well-known/authzen-configuration", "AuthZEN's metadata.", {}, ()),
    ("post", "/access/v1/evaluation", "AuthZEN: one decision.", {}, ()),
    ("post", "/access/v1/evaluations", "AuthZEN: many decisions.", {}, ()),
    ("post", "/access/v1/search/subject", "AuthZEN: which subjects may do it.", {}, ()),
    ("post", "/access/v1/search/resource", "AuthZEN: on which resources a subject may do it.", {}, ()),
    ("post", "/access/v1/search/action", "AuthZEN: what a subject may do to a resource.", {}, ()),
    (
        "get",
        "/v1/resources",
        "The resources that are known: types, tags, policies.",
        {
            "type": "Those of this type.",
            **_TIME,
            "limit": "1 to 1000; 50 when left out.",
            "cursor": "next_cursor of the page before.",
        },
        (),
    ),
    (
        "get",
        "/v1/resources/{id}",
        "One resource, by ARN, or by the application's word and type.",
        {"type": "Its type, where the id is no ARN.", **_TIME},
        (),
    ),
    (
        "put",
        "/v1/resources/{id}",
        "Registers a resource: these tags and this policy from now on.",
        {"type": "Its type, where the id is no ARN."},
        (),
    ),
    ("delete", "/v1/resources/{id}", "The resource is gone.", {"type": "Its type, where the id is no ARN."}, ()),
    (
        "get",
        "/v1/who-can",
        "Who can do an action on a resource: allowed, conditional, unknown.",
        {
            "action": "s3:GetObject",
            "resource": "An ARN, or *; a pattern (arn:aws:s3:::payroll/*): how much of it, all or some.",
            "account": "Principals of this account only.",
            "resource_account": _OWNER,
            **_TIME,
        },
        ("action", "resource"),
    ),
    (
        "get",
        "/v1/what-can",
        "What a principal can do: its statements and their paths.",
        {**_PRINCIPAL, "expand": "true: every action, with what denies and limits leave of its resources.", **_TIME},
        ("principal",),
    ),
    (
        "get",
        "/v1/which-resources",
        "On which resources a principal may do an action: patterns, and how much of each.",
        {**_PRINCIPAL, "action": "s3:GetObject", "resource_account": _OWNER, **_TIME},
        ("principal", "action"),
    ),
    (
        "get",
        "/v1/can",
        "One decision, with its reasons and the events that made it so.",
        {**_PRINCIPAL, "action": "s3:GetObject", "resource": "An ARN, or *.", "resource_account": _OWNER, **_TIME},
        ("principal", "action", "resource"),
    ),
    ("post", "/v1/validate", "What is wrong, unsafe or doubled in a policy document.", {}, ()),
    ("get", "/v1/audit", "The audit trail: changes of access, and attempts.", _FILTERS, ()),
    ("get", "/v1/activity", "Every call on record.", _FILTERS, ()),
    ("get", "/v1/evidence/{account}/{record_id}", "A raw record, redacted, as it was kept.", {}, ()),
    ("get", "/v1/status", "What is known, and how far the read models are.", {}, ()),
    ("post", "/v1/imports/cloudtrail", "Imports one CloudTrail file (JSON or gzip).", {}, ()),
)


@lru_cache(maxsize=1)
def document() -> dict[str, Any]:
    paths: dict[str, Any] = {}
    for method, path, summary, parameters, required in OPERATIONS:
        content: dict[str, Any]
        operation: dict[str, Any] = {
            "summary": summary,
            "operationId": f"{method}_{re.sub(r'[^a-z]+', '_', path).strip('_')}",
            "parameters": [
                {
                    "name": name,
                    "in": "query",
                    "required": name in required,
                    "description": description,
                    "schema": {"type": "string"},
                }
                for name, description in parameters.items()
            ]
            + [
                {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
                for name in ("account", "record_id", "id")
                if f"{{{name}}}" in path
            ],
            "responses": {
                "200": {"description": "The answer.", "content": {"application/json": {"schema": {"type": "object"}}}},
                "default": {
                    "description": "A problem (RFC 9457).",
                    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
                },
            },
        }
        if path in ("/healthz", "/readyz") or path.startswith("/issuers/"):
            operation["security"] = []
        if method == "put":
            content = {"schema": {"type": "object"}, "example": _RESOURCE}
            operation["requestBody"] = {"required": True, "content": {"application/json": content}}
        if method == "post":
            example: dict[str, Any] = {"evaluations": [_EVALUATION]} if path.endswith("evaluations") else _EVALUATION
            content = {"schema": {"type": "object"}}
            if path == "/v1/validate":
                example = {"document": {"Version": "2012-10-17", "Statement": []}, "use": "identity"}
            if "imports" not in path:
                content["example"] = example
            operation["requestBody"] = {"required": True, "content": {"application/json": content}}
        paths.setdefault(path, {})[method] = operation
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Erstwhile",
            "version": version("erstwhile"),
            "description": "Who can do what, who could do what at any moment of the past, and the proof.",
        },
        "security": [{"bearer": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
            "schemas": {
                "Problem": {
                    "type": "object",
                    "required": ["type", "title", "status", "detail"],
                    "properties": {
                        "type": {"type": "string"},
                        "title": {"type": "string"},
                        "status": {"type": "integer"},
                        "detail": {"type": "string"},
                    },
                }
            },
        },
    }
