"""The results of the policy simulator: one for each action, with one of its own for each resource that was named.

What decides is told of the policies of the principal and of the resource; of a boundary and of service control policies
it is told whether they allow.

Sources: https://docs.aws.amazon.com/IAM/latest/APIReference/API_EvaluationResult.html and
…/API_ResourceSpecificResult.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from erstwhile.api.aws.operations.statement_positions import positions
from erstwhile.domain.policy.evaluation.evaluate import evaluate
from erstwhile.domain.policy.evaluation.layers import Layer
from erstwhile.domain.policy.evaluation.request_sides import CallerSide, ResourceSide
from erstwhile.domain.policy.inputs.guardrails import FULL_ACCESS
from erstwhile.domain.policy.inputs.request import Determining, Request
from erstwhile.domain.policy.inputs.resource_owner import owner_of
from erstwhile.domain.policy.inputs.sources import Source
from erstwhile.domain.policy.knowledge.service_reference import arn_template
from erstwhile.domain.vocabulary.context_values import ContextDict
from erstwhile.domain.vocabulary.identifiers import account_in, policy_name_of

_WORDS = {"allow": "allowed", "explicit_deny": "explicitDeny"}
_SEVERITY = ("allowed", "implicitDeny", "explicitDeny")
_TYPES = {"identity": "IAM Policy", "resource": "Resource Policy"}
"""Layers whose statements are told, with what they are called."""
_EVERYTHING = Layer("identity", [Source("everything", "", FULL_ACCESS)])


class Simulation(msgspec.Struct, kw_only=True):
    """What is simulated. `owner`: whose resources are whose ARNs do not tell; '' for the caller's account."""

    principal: str
    side: CallerSide
    policy: Layer | None
    context: ContextDict
    owner: str
    documents: Mapping[tuple[str, str, tuple[str, ...]], str | None]
    """(layer, policy, path) → the document's text"""

    def result(self, action: str, resources: list[str]) -> dict[str, Any]:
        """Of one action. `resources` are empty where none was named."""
        found = [self._on(action, each) for each in resources or ("*",)]
        decision = max((each["EvalResourceDecision"] for each in found), key=_SEVERITY.index)
        decided = [each for each in found if each["EvalResourceDecision"] == decision]
        result: dict[str, Any] = {
            "EvalActionName": action,
            "EvalResourceName": _name(resources),
            "EvalDecision": decision,
            "MatchedStatements": _union(each["MatchedStatements"] for each in decided),
            "MissingContextValues": _union(each["MissingContextValues"] for each in found),
        }
        details = [each["EvalDecisionDetails"] for each in found if "EvalDecisionDetails" in each]
        allowed = [each.pop("AllowedByOrganizations") for each in found]
        if self.side.scp is not None:
            result["OrganizationsDecisionDetail"] = {"AllowedByOrganizations": all(allowed)}
        if resources and all(allowed):
            kinds = dict.fromkeys(kind for each in details for kind in each)
            result["EvalDecisionDetails"] = {
                kind: max((each[kind] for each in details if kind in each), key=_SEVERITY.index) for kind in kinds
            }
        if self.side.boundary is not None:
            bounded = [each["PermissionsBoundaryDecisionDetail"]["AllowedByPermissionsBoundary"] for each in found]
            result["PermissionsBoundaryDecisionDetail"] = {"AllowedByPermissionsBoundary": all(bounded)}
        if resources:
            result["ResourceSpecificResults"] = found
        return result

    def _on(self, action: str, resource: str) -> dict[str, Any]:
        caller, side = self.side.caller, self.side
        owner = account_in(resource) or self.owner or owner_of(resource, caller.account) or caller.account
        target = ResourceSide(owner, self.policy)
        asked = Request(principal=self.principal, action=action, resource=resource, context=self.context)
        decision = evaluate(asked, side, target)
        own = ResourceSide(caller.account)

        def alone(identity: Layer | None, of: ResourceSide = own) -> str:
            return _word(evaluate(asked, CallerSide(caller, identity), of).effect)

        scp = evaluate(asked, CallerSide(caller, _EVERYTHING, None, side.scp), own).effect
        found: dict[str, Any] = {
            "EvalResourceName": resource,
            "EvalResourceDecision": _word(decision.effect),
            "MatchedStatements": [self._matched(each) for each in decision.determining if each.layer in _TYPES],
            "MissingContextValues": self._missing(asked, target),
            "AllowedByOrganizations": scp == "allow",
        }
        boundary = None if side.boundary is None else alone(Layer("identity", side.boundary.sources))
        if owner not in (caller.account, "aws") and scp == "allow":
            found["EvalDecisionDetails"] = {
                "IAM Policy": alone(side.identity), "Resource Policy": alone(_EVERYTHING, target)
            }  # fmt: skip
            if boundary is not None:
                found["EvalDecisionDetails"]["Permissions Boundary Policy"] = boundary
        if boundary is not None:
            found["PermissionsBoundaryDecisionDetail"] = {"AllowedByPermissionsBoundary": boundary == "allowed"}
        return found

    def _missing(self, asked: Request, target: ResourceSide) -> list[str]:
        """The keys that would settle it, but for those that service control policies ask for."""
        side = CallerSide(self.side.caller, self.side.identity, self.side.boundary)
        hoped = msgspec.structs.replace(asked, mode="discover")
        return list(evaluate(hoped, side, target).missing_context)

    def _matched(self, statement: Determining) -> dict[str, Any]:
        """A statement that decided. An inline policy is named by its entity and its own name, a managed one by its
        name."""
        found = {"SourcePolicyId": _source_id(statement), "SourcePolicyType": _TYPES[statement.layer]}
        document = self.documents.get((statement.layer, statement.policy, statement.path))
        places = positions(document) if document else []
        return found | (places[statement.statement] if statement.statement < len(places) else {})


def _word(effect: str) -> str:
    return _WORDS.get(effect, "implicitDeny")


def _name(resources: list[str]) -> str:
    """The template of their ARNs; `*` where they have several, or none."""
    templates = {arn_template(each) for each in resources}
    return templates.pop() or "*" if len(templates) == 1 else "*"


def _union(several: Iterable[list[Any]]) -> list[Any]:
    found: list[Any] = []
    for each in several:
        found += (one for one in each if one not in found)
    return found


def _source_id(statement: Determining) -> str:
    name = statement.policy.removeprefix("inline:")
    if name != statement.policy:
        holder = next((each for each in reversed(statement.path) if "/" in each), "")
        return f"{holder.replace('/', '_', 1)}_{name}" if holder else name
    return policy_name_of(name)
