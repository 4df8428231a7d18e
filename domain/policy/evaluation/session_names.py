# mypyc: compiled
"""Roles, where policies name their sessions: a question about a role is one about its sessions, by any name.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

from erstwhile.domain.policy.evaluation.layers import Layer
from erstwhile.domain.policy.evaluation.request_sides import ResourceSide
from erstwhile.domain.policy.inputs.caller import Caller
from erstwhile.domain.policy.inputs.caller_keys import USER_ID
from erstwhile.domain.policy.inputs.request import Decision, Request

_ANOTHER = "\0"
"""A name that no session has."""


def session_names(request: Request, caller: Caller, target: ResourceSide) -> list[str]:
    """The names of sessions that have to be decided about one by one; empty where the name makes no difference."""
    named = _named_sessions(caller, target)
    user_id = request.context.get(USER_ID)
    if user_id and user_id[0] and (named or _has_not_principal(target)):
        return [user_id[0].partition(":")[2] or _ANOTHER]
    return [*named, _ANOTHER] if named else []


def reads_session_name(caller: Caller, target: ResourceSide) -> bool:
    """Whether the answer about a role may differ once the name of its session is known."""
    return bool(_named_sessions(caller, target)) or _has_not_principal(target)


def _has_not_principal(target: ResourceSide) -> bool:
    """Whether a policy on the resource's side has NotPrincipal: a session whose name is known must be listed itself."""
    return any(layer.has_not_principal() for layer in _with_principals(target))


def _named_sessions(caller: Caller, target: ResourceSide) -> list[str]:
    """The names of the role's sessions that policies on the resource's side have in their principals."""
    prefix = caller.sessions_prefix
    arns = [arn for layer in _with_principals(target) for arn in layer.named_sessions()]
    return list(dict.fromkeys([arn[len(prefix) :] for arn in arns if arn.startswith(prefix)]))


def _with_principals(target: ResourceSide) -> list[Layer]:
    return [layer for layer in (target.policy, target.vpc_endpoint) if layer is not None]


def combine_sessions(found: list[Decision], caller: Caller) -> Decision:
    """One decision about a role, from those about its named sessions and, last, about a session of any other name."""
    effects = {each.effect for each in found}
    if len(effects) == 1 and "conditional" not in effects:
        return found[-1]
    if effects <= {"explicit_deny", "implicit_deny"}:
        blocked = tuple(dict.fromkeys([layer for each in found for layer in each.blocked_by]))
        return Decision(effect="implicit_deny", blocked_by=blocked)
    missing = {key for each in found for key in each.missing_context}
    unknown = [why for each in found for why in each.unknown]
    if len(effects) > 1:
        missing.add(USER_ID)
        unknown.append(f"the name of the session of {caller.role}: policies tell sessions apart by it")
    return Decision(
        effect="conditional",
        determining=tuple(dict.fromkeys([why for each in found for why in each.determining])),
        missing_context=tuple(sorted(missing)),
        residual=tuple(dict.fromkeys([condition for each in found for condition in each.residual])),
        unknown=tuple(dict.fromkeys(unknown)),
    )
