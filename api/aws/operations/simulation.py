"""SimulateCustomPolicy, SimulatePrincipalPolicy and GetContextKeysFor…: they use the engine that decides real calls."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from erstwhile.api.aws.access.call import Call, Operation, Result
from erstwhile.api.aws.operations.paging import in_sequence
from erstwhile.api.aws.operations.statement_positions import positions
from erstwhile.api.aws.wire.errors import AwsError, invalid
from erstwhile.domain.policy.engine.attached import engine_of
from erstwhile.domain.policy.evaluation.evaluate import evaluate
from erstwhile.domain.policy.evaluation.layers import Layer
from erstwhile.domain.policy.evaluation.request_sides import CallerSide, ResourceSide
from erstwhile.domain.policy.inputs.caller import parse_caller
from erstwhile.domain.policy.inputs.principals import UnknownPrincipal
from erstwhile.domain.policy.inputs.request import Decision, Determining, Request
from erstwhile.domain.policy.inputs.resource_owner import owner_of
from erstwhile.domain.policy.inputs.sources import Source, identity_sources
from erstwhile.domain.policy.language.document import MalformedDocument
from erstwhile.domain.policy.language.statement import compile_document
from erstwhile.domain.policy.language.validate import Malformed, Use, check
from erstwhile.domain.vocabulary.context_values import ContextDict
from erstwhile.domain.vocabulary.identifiers import MalformedArn, policy_name_of
from erstwhile.domain.vocabulary.refusals import NoSuchEntity

_WORDS = {"allow": "allowed", "explicit_deny": "explicitDeny", "implicit_deny": "implicitDeny"}


def _checked(documents: Iterable[str], name: str, use: Use = "identity") -> list[Source]:
    found = []
    for number, document in enumerate(documents, 1):
        try:
            check(document, use)
        except Malformed as error:
            raise AwsError("InvalidInput", f"{name}.{number}: {error}", detail=error.detail) from None
        found.append(Source(f"{name}.{number}", "", document))
    return found


def _context(call: Call) -> ContextDict:
    return {
        each["ContextKeyName"].lower(): tuple(each.get("ContextKeyValues") or ())
        for each in call.get("ContextEntries") or ()
        if "ContextKeyName" in each
    }


def simulate_custom_policy(call: Call) -> Result:
    """Evaluates the given policies alone."""
    sources = _checked(call.given["PolicyInputList"], "PolicyInputList")
    return _simulated(
        call, call.get("CallerArn") or f"arn:{call.partition}:iam::{call.account}:user/simulated", sources, None
    )


def simulate_principal_policy(call: Call) -> Result:
    """Evaluates a principal's own policies and the given ones, within the principal's boundary and guardrails."""
    arn = call.given["PolicySourceArn"]
    entity = call.directory.with_arn(arn)
    if entity is None or entity.kind not in ("user", "group", "role") or entity.account != call.account:
        raise NoSuchEntity(f"The principal {arn} cannot be found.")
    sources = [
        *identity_sources(call.directory, entity),
        *_checked(call.get("PolicyInputList") or (), "PolicyInputList"),
    ]
    own = None
    if entity.kind != "group":
        try:
            own = engine_of(call.directory).side(arn)
        except (MalformedArn, UnknownPrincipal) as error:
            raise invalid(str(error)) from None
    caller = call.get("CallerArn") or (
        arn if own is not None else f"arn:{call.partition}:iam::{call.account}:user/simulated"
    )
    return _simulated(call, caller, sources, own)


def _simulated(call: Call, caller: str, sources: list[Source], own: CallerSide | None) -> Result:
    try:
        who = own.caller if own is not None and caller == own.caller.arn else parse_caller(caller)
    except MalformedArn as error:
        raise invalid(f"CallerArn: {error}") from None
    bounds = _checked(call.get("PermissionsBoundaryPolicyInputList") or (), "PermissionsBoundaryPolicyInputList")
    boundary = Layer("permissions_boundary", bounds) if bounds else own.boundary if own is not None else None
    side = CallerSide(who, Layer("identity", sources), boundary, own.scp if own is not None else None)
    policy = None
    if call.get("ResourcePolicy"):
        policy = Layer("resource", _checked([call.given["ResourcePolicy"]], "ResourcePolicy", "resource"))
    context = _context(call)
    documents: Documents = {
        (layer.name, source.policy, source.path): source.document
        for layer in (side.identity, side.boundary, policy)
        if layer is not None
        for source in layer.sources
    }
    found = []
    for action in call.given["ActionNames"]:
        if ":" not in action:
            raise AwsError("InvalidInput", f"Invalid Action Name: {action}")
        for resource in call.get("ResourceArns") or ["*"]:
            owner = (call.get("ResourceOwner") or "").rpartition("::")[2].partition(":")[0]
            target = ResourceSide(owner or owner_of(resource, who.account) or who.account, policy)
            asked = Request(principal=caller, action=action, resource=resource, context=context)
            hoped = Request(principal=caller, action=action, resource=resource, context=context, mode="discover")
            missing = evaluate(hoped, side, target).missing_context
            found.append(_result(action, resource, evaluate(asked, side, target), missing, side, documents))
    return in_sequence(call, found, "EvaluationResults")


Documents = Mapping[tuple[str, str, tuple[str, ...]], str | None]
"""(layer, policy, path) → the document's text"""


def _result(
    action: str, resource: str, decision: Decision, missing: tuple[str, ...], side: CallerSide, documents: Documents
) -> dict[str, Any]:
    matched = [_matched(each, documents) for each in decision.determining if each.layer != "aws"]
    found: dict[str, Any] = {
        "EvalActionName": action,
        "EvalResourceName": resource,
        "EvalDecision": _WORDS.get(decision.effect, "implicitDeny"),
        "MatchedStatements": matched,
        "MissingContextValues": list(missing),
    }
    if side.boundary is not None:
        found["PermissionsBoundaryDecisionDetail"] = {
            "AllowedByPermissionsBoundary": "permissions_boundary" not in decision.blocked_by
        }
    if side.scp is not None:
        found["OrganizationsDecisionDetail"] = {"AllowedByOrganizations": "scp" not in decision.blocked_by}
    return found


def _matched(statement: Determining, documents: Documents) -> dict[str, Any]:
    """A statement that decided. An inline policy is named by its entity and its own name, a managed one by its name."""
    found = {"SourcePolicyId": _source_id(statement), "SourcePolicyType": "IAM Policy"}
    document = documents.get((statement.layer, statement.policy, statement.path))
    places = positions(document) if document else []
    return found | (places[statement.statement] if statement.statement < len(places) else {})


def _source_id(statement: Determining) -> str:
    name = statement.policy.removeprefix("inline:")
    if name != statement.policy:
        holder = next((each for each in reversed(statement.path) if "/" in each), "")
        return f"{holder.replace('/', '_', 1)}_{name}" if holder else name
    return policy_name_of(name)


def _keys_of(documents: Iterable[str | None]) -> list[str]:
    keys: dict[str, str] = {}
    for document in documents:
        if document is None:
            continue
        try:
            compiled = compile_document(document)
        except MalformedDocument as error:
            raise AwsError("InvalidInput", str(error)) from None
        for statement in compiled.statements:
            spellings = {entry.key.lower(): entry.key for entry in statement.statement.conditions}
            for key in statement.keys_read:
                keys.setdefault(key, spellings.get(key, key))
    return [keys[key] for key in sorted(keys)]


def get_context_keys_for_custom_policy(call: Call) -> Result:
    documents = [source.document for source in _checked(call.given["PolicyInputList"], "PolicyInputList")]
    return {"ContextKeyNames": _keys_of(documents)}


def get_context_keys_for_principal_policy(call: Call) -> Result:
    arn = call.given["PolicySourceArn"]
    entity = call.directory.with_arn(arn)
    if entity is None or entity.kind not in ("user", "group", "role") or entity.account != call.account:
        raise NoSuchEntity(f"The principal {arn} cannot be found.")
    given = _checked(call.get("PolicyInputList") or (), "PolicyInputList")
    return {
        "ContextKeyNames": _keys_of(source.document for source in (*identity_sources(call.directory, entity), *given))
    }


OPERATIONS: dict[str, Operation] = {
    "SimulateCustomPolicy": simulate_custom_policy,
    "SimulatePrincipalPolicy": simulate_principal_policy,
    "GetContextKeysForCustomPolicy": get_context_keys_for_custom_policy,
    "GetContextKeysForPrincipalPolicy": get_context_keys_for_principal_policy,
}
