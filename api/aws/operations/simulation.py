"""SimulateCustomPolicy, SimulatePrincipalPolicy and GetContextKeysFor…: they use the engine that decides real calls."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from erstwhile.api.aws.access.call import Call, Operation, Result
from erstwhile.api.aws.operations.paging import in_sequence
from erstwhile.api.aws.operations.policy_exclusions import Exclusions
from erstwhile.api.aws.operations.simulated import Simulation
from erstwhile.api.aws.wire.errors import AwsError, invalid
from erstwhile.domain.policy.engine.attached import engine_of
from erstwhile.domain.policy.evaluation.layers import Layer, Levels
from erstwhile.domain.policy.evaluation.request_sides import CallerSide
from erstwhile.domain.policy.inputs.caller import Caller, parse_caller
from erstwhile.domain.policy.inputs.principals import UnknownPrincipal
from erstwhile.domain.policy.inputs.sources import Source, identity_sources
from erstwhile.domain.policy.language.document import MalformedDocument
from erstwhile.domain.policy.language.statement import compile_document
from erstwhile.domain.policy.language.validate import Malformed, Use, check
from erstwhile.domain.vocabulary.context_values import ContextDict
from erstwhile.domain.vocabulary.identifiers import Arn, MalformedArn, account_in, is_account_id
from erstwhile.domain.vocabulary.refusals import NoSuchEntity

_CALLERS = ("user", "role")


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
    if call.get("ResourcePolicy") and not call.get("CallerArn"):
        raise _invalid("CallerArn is required with a ResourcePolicy")
    who = _caller(call, call.get("CallerArn") or _anybody(call))
    return _simulated(call, CallerSide(who, Layer("identity", sources), _boundary(call), _levels(call)))


def simulate_principal_policy(call: Call) -> Result:
    """Evaluates a principal's own policies and the given ones, within the principal's boundary and guardrails."""
    arn = call.given["PolicySourceArn"]
    entity = call.directory.with_arn(arn)
    if entity is None or entity.kind not in ("user", "group", "role") or entity.account != call.account:
        raise NoSuchEntity(f"The principal {arn} cannot be found.")
    without = Exclusions(call.get("PolicyExclusionList") or ())
    sources = [
        *filter(without.leave, identity_sources(call.directory, entity)),
        *_checked(call.get("PolicyInputList") or (), "PolicyInputList"),
    ]
    if entity.kind == "group":
        if call.get("ResourcePolicy") and not call.get("CallerArn"):
            raise _invalid("CallerArn is required with a ResourcePolicy and the policies of a group")
        who = _caller(call, call.get("CallerArn") or _anybody(call))
        return _simulated(call, CallerSide(who, Layer("identity", sources), _boundary(call)))
    try:
        own = engine_of(call.directory).side(arn)
    except (MalformedArn, UnknownPrincipal) as error:
        raise invalid(str(error)) from None
    given = call.get("CallerArn")
    who = own.caller if given in (None, own.caller.arn) else _caller(call, given)
    boundary = None if "permission-boundary" in without.types else own.boundary
    scp = None if "scp" in without.types else own.scp
    return _simulated(call, CallerSide(who, Layer("identity", sources), _boundary(call) or boundary, scp))


def _anybody(call: Call) -> str:
    return f"arn:{call.partition}:iam::{call.account}:user/simulated"


def _caller(call: Call, arn: str) -> Caller:
    """A user or role; a group stands for a user of its account. Raises AwsError."""
    try:
        parsed = Arn.parse(arn)
        if parsed.service == "iam" and parsed.resource.startswith("group/"):
            return parse_caller(f"arn:{parsed.partition}:iam::{parsed.account}:user/simulated")
        who = parse_caller(arn)
    except MalformedArn as error:
        raise invalid(f"CallerArn: {error}") from None
    if who.kind not in _CALLERS:
        raise _invalid(f"CallerArn: {arn} is not the ARN of a user, group or role")
    return who


def _boundary(call: Call) -> Layer | None:
    """The one that the call brings."""
    bounds = _checked(call.get("PermissionsBoundaryPolicyInputList") or (), "PermissionsBoundaryPolicyInputList")
    if len(bounds) > 1:
        raise _invalid("PermissionsBoundaryPolicyInputList: there is one permissions boundary at most")
    return Layer("permissions_boundary", bounds) if bounds else None


def _levels(call: Call) -> Levels | None:
    """The service control policies that the call brings, from the organisation's root to the account."""
    name = "OrderedOrganizationPolicyInputList"
    levels = call.get(name)
    if not levels:
        return None
    inputs = ((n, each.get("ServiceControlPolicyInputList") or ()) for n, each in enumerate(levels, 1))
    return Levels([Layer("scp", _checked(given, f"{name}.{number}", "scp")) for number, given in inputs])


def _invalid(message: str) -> AwsError:
    return AwsError("InvalidInput", message)


def _simulated(call: Call, side: CallerSide) -> Result:
    policy = None
    if call.get("ResourcePolicy"):
        [given] = _checked([call.given["ResourcePolicy"]], "ResourcePolicy", "resource")
        policy = Layer("resource", [msgspec.structs.replace(given, policy="ResourcePolicy")])
    owner = call.get("ResourceOwner") or ""
    account = account_in(owner) or owner
    if owner and not is_account_id(account):
        raise _invalid(f"ResourceOwner: {owner} is neither an account nor the ARN of one")
    simulation = Simulation(
        principal=side.caller.arn, side=side, policy=policy, context=_context(call), owner=account,
        documents={
            (layer.name, source.policy, source.path): source.document
            for layer in (side.identity, policy) if layer is not None
            for source in layer.sources
        },
    )  # fmt: skip
    resources = call.get("ResourceArns") or []
    named = [] if resources == ["*"] else resources
    found = []
    for action in call.given["ActionNames"]:
        if ":" not in action or "*" in action:
            raise _invalid(f"Invalid Action Name: {action}")
        found.append(simulation.result(action, named))
    return in_sequence(call, found, "EvaluationResults")


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
