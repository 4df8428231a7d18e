"""Deciding from policies that are given, without a Directory: for policy tests and what-ifs.

The form is that of `erstwhile evaluate`:

    {"id": 1, "principal": ARN, "action": "s3:GetObject", "resource": ARN, "resource_account": "111122223333",
     "context": {"aws:SourceIp": "203.0.113.9"}, "mode": "strict",
     "policies": {"identity": [DOC], "permissions_boundary": [DOC], "session": [DOC], "resource": DOC,
                  "scp": [[DOC] per level, root first], "rcp": [[DOC] per level], "vpc_endpoint": [DOC]}}

A DOC is a policy document, as an object or as text, or {"name": …, "document": DOC}. It must be one that AWS would
take for the layer: what is malformed is an error, and never decides.
"""

from __future__ import annotations

from typing import Any

import orjson

from erstwhile.domain.policy.evaluation.evaluate import evaluate
from erstwhile.domain.policy.evaluation.layers import Layer, Levels
from erstwhile.domain.policy.evaluation.request_sides import CallerSide, ResourceSide
from erstwhile.domain.policy.inputs.caller import Caller, is_service_linked_arn, parse_caller
from erstwhile.domain.policy.inputs.guardrails import FULL_ACCESS
from erstwhile.domain.policy.inputs.request import Decision, Request, as_values
from erstwhile.domain.policy.inputs.resource_owner import is_common, owner_of
from erstwhile.domain.policy.inputs.sources import Source
from erstwhile.domain.policy.language.conditions import UnknownOperator
from erstwhile.domain.policy.language.document import MalformedDocument
from erstwhile.domain.policy.language.grammar.uses import Use, resource_use
from erstwhile.domain.policy.language.statement import compile_document
from erstwhile.domain.policy.language.validate import first_problem
from erstwhile.domain.vocabulary.context_values import ContextDict
from erstwhile.domain.vocabulary.identifiers import is_account_id
from erstwhile.domain.vocabulary.malformed import MalformedInput

_MEMBERS = frozenset(
    ("id", "principal", "action", "resource", "resource_account", "context", "mode", "policies"),
)
_LAYERS = frozenset(("identity", "permissions_boundary", "session", "resource", "scp", "rcp", "vpc_endpoint"))
_ABSENT_WHERE_EMPTY = frozenset(("permissions_boundary", "vpc_endpoint"))
"""Layers that limit: no document sets no limit, as with guardrails."""
MAX_DOCUMENT = 20_480
"""Characters of a document without white space: the most that AWS takes anywhere (resource policies of S3 and
others). https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"""


_OF_IDENTITIES = ("identity", "boundary", "session")
"""Uses of documents whose ARNs are completed."""


class MalformedRequest(MalformedInput):
    """not a request to evaluate"""

    code = "malformed_request"


def simulate(given: Any) -> Decision:
    """One decision. Raises MalformedRequest, with what was expected and where."""
    request, side, target = prepare(given)
    return evaluate(request, side, target)


def prepare(given: Any) -> tuple[Request, CallerSide, ResourceSide]:
    """The request and its two sides, compiled. Raises MalformedRequest."""
    if not isinstance(given, dict):
        raise MalformedRequest("a request must be an object")
    unknown = sorted(set(given) - _MEMBERS)
    if unknown:
        raise MalformedRequest(f"{unknown[0]!r} is not a member of a request; there are: {', '.join(sorted(_MEMBERS))}")
    request = Request(
        principal=_text(given, "principal"),
        action=_text(given, "action"),
        resource=_text(given, "resource"),
        resource_account=_text(given, "resource_account", "") or None,
        context=_context(given.get("context")),
        mode=_mode(given.get("mode", "strict")),
    )
    if ":" not in request.action or "*" in request.action:
        raise MalformedRequest(f"action: expected service:operation such as s3:GetObject, not {request.action!r}")
    try:
        caller = parse_caller(request.principal)
    except ValueError as error:
        raise MalformedRequest(f"principal: {error}") from None
    policies = given.get("policies") or {}
    if not isinstance(policies, dict):
        raise MalformedRequest("policies must be an object of layers")
    strange = sorted(set(policies) - _LAYERS)
    if strange:
        raise MalformedRequest(f"policies: {strange[0]!r} is not a layer; there are: {', '.join(sorted(_LAYERS))}")
    _complete(caller, request)
    owner = request.resource_account or owner_of(request.resource, caller.account)
    side = CallerSide(
        caller,
        _layer(policies, "identity", "identity") or _of_nobody(caller),
        _layer(policies, "permissions_boundary", "boundary"),
        _levels(policies, "scp", "scp"),
        _layer(policies, "session", "session"),
    )
    target = ResourceSide(
        owner,
        _layer(policies, "resource", resource_use(request.resource)),
        _levels(policies, "rcp", "rcp"),
        _layer(policies, "vpc_endpoint", "endpoint"),
        is_common=owner is None and is_common(request.resource),
    )
    return request, side, target


def _of_nobody(caller: Caller) -> Layer:
    """The identity policies of a caller for whom none are given. AWS's own (arn:aws:iam::cloudfront:user/…) need
    none: the resource's policy alone decides."""
    is_of_aws = caller.kind == "user" and not is_account_id(caller.account)
    return Layer("identity", [Source("AWS's own principal", "", FULL_ACCESS)] if is_of_aws else ())


def _complete(caller: Caller, request: Request) -> None:
    """What a request without a Directory tells of its caller in the context."""
    for key in ("aws:userid", "aws:principalarn"):
        if key in request.context:
            caller.keys.pop(key, None)
    user_id = request.context.get("aws:userid")
    if user_id and caller.kind in ("user", "role", "session"):
        caller.unique_id = user_id[0].partition(":")[0]
    role = request.context.get("aws:principalarn")
    if role and caller.kind == "session":
        caller.is_service_linked = is_service_linked_arn(role[0])
    canonical = request.context.get("erstwhile:canonicaluserid")
    if canonical:
        caller.canonical_user_id = canonical[0]


def _text(given: dict[str, Any], member: str, default: str | None = None) -> str:
    value = given.get(member, default)
    if not isinstance(value, str) or (not value and default is None):
        raise MalformedRequest(f"{member} is required and must be a string")
    return value


def _mode(value: Any) -> Any:
    if value not in ("strict", "discover"):
        raise MalformedRequest(f"mode must be strict or discover, not {value!r}")
    return value


def _context(value: Any) -> ContextDict:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise MalformedRequest("context must be an object of condition keys")
    found = {}
    for key, values in value.items():
        try:
            found[key.lower()] = as_values(values)
        except ValueError as error:
            raise MalformedRequest(f"context.{key}: {error}") from None
    return found


def _layer(policies: dict[str, Any], name: str, use: Use) -> Layer | None:
    if policies.get(name) is None:
        return None
    sources = _sources(policies[name], name, use)
    return Layer(name, sources) if sources or name not in _ABSENT_WHERE_EMPTY else None


def _levels(policies: dict[str, Any], name: str, use: Use) -> Levels | None:
    value = policies.get(name)
    if value is None:
        return None
    if not isinstance(value, list) or not all(isinstance(level, list) for level in value):
        raise MalformedRequest(f"policies.{name} must be a list of levels, root first, each a list of documents")
    return Levels([Layer(name, _sources(level, f"{name}[{index}]", use)) for index, level in enumerate(value)])


def _sources(value: Any, where: str, use: Use) -> list[Source]:
    if not isinstance(value, list):
        return [_source(value, where, use)]
    return [_source(document, f"{where}[{index}]", use) for index, document in enumerate(value)]


def _source(value: Any, where: str, use: Use) -> Source:
    name = where
    if isinstance(value, dict) and "document" in value:
        name = str(value.get("name") or where)
        value = value["document"]
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    if len(text) > MAX_DOCUMENT and len("".join(text.split())) > MAX_DOCUMENT:
        raise MalformedRequest(f"policies.{where} has more than {MAX_DOCUMENT:,} characters, AWS's largest limit")
    wrong = first_problem(text, use)
    if wrong:
        raise MalformedRequest(f"policies.{where}: {wrong}")
    try:
        compile_document(text, use in _OF_IDENTITIES)
    except (MalformedDocument, UnknownOperator) as error:
        raise MalformedRequest(f"policies.{where}: {error}") from None
    return Source(name, "", text)
