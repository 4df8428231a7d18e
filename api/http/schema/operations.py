"""The calls that there are: their names, parameters, bodies and answers."""

from __future__ import annotations

from typing import Any, NamedTuple

from erstwhile.api.http.schema import authzen, questions, resources, service, trail

INSTANT = {"type": "string", "format": "date-time"}
POSITION = {"type": "integer", "minimum": 0, "maximum": 2**63 - 1}
TEXT = {"type": "string", "minLength": 1, "maxLength": 4_000, "pattern": r"^[^\x00]+$"}
ACCOUNT = {"type": "string", "pattern": r"^[0-9]{12}$"}
ACTION = {"type": "string", "pattern": r"^[A-Za-z0-9-]+:[A-Za-z0-9]+$", "maxLength": 200, "examples": ["s3:GetObject"]}


class Parameter(NamedTuple):
    """One of the query's, or of the path's."""

    name: str
    description: str
    schema: dict[str, Any] = TEXT
    required: bool = False
    place: str = "query"


class Operation(NamedTuple):
    """`problems`: the statuses with which it may end beside 503 and the token's 401 and 403."""

    method: str
    path: str
    id: str
    tag: str
    summary: str
    answer: Any
    parameters: tuple[Parameter, ...] = ()
    body: Any = None
    example: Any = None
    problems: tuple[int, ...] = ()
    scope: str = "read"


_FORMS = (
    "RFC 3339; a date, or a date and time, without an offset (UTC); or @ and a log position, for when that event was."
)
_TIME = (
    Parameter("as_of", f"The instant asked about; now when left out. {_FORMS}", INSTANT),
    Parameter(
        "known_at", "What was known at that time: an instant, or a log position; all when left out.",
        {"anyOf": [INSTANT, POSITION]},
    ),
)  # fmt: skip
_PRINCIPAL = Parameter("principal", "An ARN, a name, a unique id or an access key id.", TEXT, True)
_ACTION = Parameter("action", "s3:GetObject", ACTION, True)
_RESOURCE = Parameter(
    "resource", "An ARN, or *; for who-can also a pattern (arn:aws:s3:::payroll/*): how much of it, all or some.",
    TEXT | {"examples": ["arn:aws:s3:::payroll/march.csv"]}, True,
)  # fmt: skip
_OWNER = Parameter("resource_account", "Whose resource it is, where its ARN does not say.", ACCOUNT)
_TYPE = Parameter("type", "Its type, where the id is no ARN.")
_ID = Parameter("id", "An ARN, or the application's own word with its type.", TEXT, True, "path")
_PAGE = (
    Parameter("limit", "Entries of a page; 50 when left out.", {"type": "integer", "minimum": 1, "maximum": 1_000}),
    Parameter("cursor", "next_cursor of the page before."),
)
_FILTERS = (
    Parameter(
        "account", "Twelve digits; aws for AWS-managed policies.", {"type": "string", "pattern": r"^([0-9]{12}|aws)$"}
    ),
    Parameter("actor", "Part of the actor's ARN, unique id or access key id; * is a wildcard."),
    Parameter("target", "Part of what was touched: user/ada, an ARN, an access key id."),
    Parameter("action", "Part of the call: iam:AttachUserPolicy, iam:Create*."),
    Parameter("source_ip", "Addresses, networks (203.0.113.0/24) and names of services, with commas between."),
    Parameter("session", "Part of the role session's name."),
    Parameter(
        "outcome", "success, failed, refused, drift, finding, seen (of calls: success, failed), with commas between."
    ),
    Parameter(
        "everything",
        "true: with what imports and catalogues say of themselves.",
        {"type": "string", "enum": ["true", "false"]},
    ),
    Parameter("text", "Free text, in event and client details."),
    Parameter("since", f"From this instant on. {_FORMS}", INSTANT),
    Parameter("until", f"Before this instant. {_FORMS}", INSTANT),
    _TIME[1],
    *_PAGE,
)
_EVALUATION = {
    "subject": {"type": "user", "id": "arn:aws:iam::111122223333:user/ada"},
    "action": {"name": "s3:GetObject"},
    "resource": {"type": "object", "id": "arn:aws:s3:::payroll/march.csv"},
    "context": {"resource_account": "111122223333"},
}
_SEARCH = _EVALUATION | {"page": {"limit": 100}}
_ISSUER = Parameter("id", "The issuer's id, as its URL has it.", TEXT, True, "path")

OPERATIONS = (
    Operation("get", "/healthz", "check_health", "service", "The process answers.", service.Health, scope=""),
    Operation(
        "get", "/readyz", "check_readiness", "service", "The database answers and the read models keep up.",
        service.Readiness, scope="",
    ),
    Operation("get", "/openapi.json", "get_description", "service", "This document.", dict[str, Any], scope=""),
    Operation(
        "get", "/v1/status", "get_status", "service", "What is known, and how far the read models are.", service.Status
    ),
    Operation(
        "get", "/issuers/{id}/.well-known/openid-configuration", "get_issuer_configuration", "issuers",
        "OpenID Connect's metadata of an account.", service.IssuerConfiguration, (_ISSUER,), problems=(404,), scope="",
    ),
    Operation(
        "get", "/issuers/{id}/keys", "get_issuer_keys", "issuers",
        "The keys that an account's web identity tokens are signed with.", service.IssuerKeys, (_ISSUER,),
        problems=(404,), scope="",
    ),
    Operation(
        "get", "/.well-known/authzen-configuration", "get_authzen_configuration", "authzen", "AuthZEN's metadata.",
        service.AuthzenConfiguration, scope="",
    ),
    Operation(
        "post", "/access/v1/evaluation", "evaluate", "authzen", "One decision.", authzen.EvaluationAnswer,
        body=authzen.EvaluationRequest, example=_EVALUATION,
    ),
    Operation(
        "post", "/access/v1/evaluations", "evaluate_many", "authzen", "Many decisions.", authzen.EvaluationsAnswer,
        body=authzen.EvaluationsRequest, example={"evaluations": [_EVALUATION]},
    ),
    Operation(
        "post", "/access/v1/search/subject", "search_subjects", "authzen", "Which subjects may do it.",
        authzen.FoundEntities, body=authzen.SubjectSearch, example=_SEARCH | {"subject": {"type": "user"}},
        problems=(404,),
    ),
    Operation(
        "post", "/access/v1/search/resource", "search_resources", "authzen", "On which resources a subject may do it.",
        authzen.FoundEntities, body=authzen.ResourceSearch, example=_SEARCH | {"resource": {"type": "object"}},
        problems=(404,),
    ),
    Operation(
        "post", "/access/v1/search/action", "search_actions", "authzen", "What a subject may do to a resource.",
        authzen.FoundActions, body=authzen.ActionSearch,
        example={name: _SEARCH[name] for name in ("subject", "resource", "page")}, problems=(404,),
    ),
    Operation(
        "get", "/v1/resources", "list_resources", "resources", "The resources that are known: types, tags, policies.",
        resources.ResourcePage, (Parameter("type", "Those of this type."), *_TIME, *_PAGE),
    ),
    Operation(
        "get", "/v1/resources/{id}", "get_resource", "resources", "One resource.", resources.KnownResource,
        (_ID, _TYPE, *_TIME), problems=(404,),
    ),
    Operation(
        "put", "/v1/resources/{id}", "put_resource", "resources",
        "Registers a resource: these tags and this policy from now on.", resources.ResourceWritten, (_ID, _TYPE),
        body=resources.ResourceRegistration, example={"type": "record", "tags": {"department": "sales"}},
        problems=(404, 409), scope="admin",
    ),
    Operation(
        "delete", "/v1/resources/{id}", "delete_resource", "resources", "The resource is gone.",
        resources.ResourceDeleted, (_ID, _TYPE), problems=(404, 409), scope="admin",
    ),
    Operation(
        "get", "/v1/who-can", "who_can", "questions",
        "Who can do an action on a resource: allowed, conditional, unknown.",
        questions.WhoCanAnswer,
        (_ACTION, _RESOURCE, Parameter("account", "Principals of this account only.", ACCOUNT), _OWNER, *_TIME),
        problems=(404,),
    ),
    Operation(
        "get", "/v1/what-can", "what_can", "questions", "What a principal can do: its statements and their paths.",
        questions.WhatCanAnswer,
        (_PRINCIPAL, Parameter("expand", "Every action, with what denies and limits leave of its resources.",
                               {"type": "boolean"}), *_TIME),
        problems=(404,),
    ),
    Operation(
        "get", "/v1/which-resources", "which_resources", "questions",
        "On which resources a principal may do an action: patterns, and how much of each.",
        questions.WhichResourcesAnswer, (_PRINCIPAL, _ACTION, _OWNER, *_TIME), problems=(404,),
    ),
    Operation(
        "get", "/v1/can", "can", "questions", "One decision, with its reasons and the events that made it so.",
        questions.CanAnswer, (_PRINCIPAL, _ACTION, _RESOURCE, _OWNER, *_TIME), problems=(404,),
    ),
    Operation(
        "post", "/v1/validate", "validate_policy", "questions",
        "What is wrong, unsafe or doubled in a policy document.", questions.ValidationAnswer,
        body=questions.ValidationRequest,
        example={"document": {"Version": "2012-10-17", "Statement": []}, "use": "identity"},
    ),
    Operation(
        "get", "/v1/audit", "list_changes", "trail", "The audit trail: changes of access, and attempts.",
        trail.AuditPage, _FILTERS,
    ),
    Operation("get", "/v1/activity", "list_calls", "trail", "Every call on record.", trail.ActivityPage, _FILTERS),
    Operation(
        "get", "/v1/evidence/{account}/{record_id}", "get_evidence", "trail", "A raw record, redacted, as it was kept.",
        dict[str, Any],
        (Parameter("account", "Twelve digits.", TEXT, True, "path"),
         Parameter("record_id", "The record's id.", TEXT, True, "path")),
        problems=(404,),
    ),
    Operation(
        "post", "/v1/imports/cloudtrail", "import_cloudtrail", "imports", "Imports a CloudTrail file.",
        service.ImportSummary, body=bytes, problems=(422,), scope="import",
    ),
)  # fmt: skip
