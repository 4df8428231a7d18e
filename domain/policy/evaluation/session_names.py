# mypyc: compiled
"""Roles, where policies name their sessions: what is asked of a role is asked of sessions whose names are not known.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from erstwhile.domain.policy.inputs.caller import Caller
from erstwhile.domain.policy.inputs.request import Decision, Request

if TYPE_CHECKING:
    from erstwhile.domain.policy.evaluation.evaluate import ResourceSide

USER_ID = "aws:userid"
"""The condition key (lower case) that tells the session's name: `AROA…:name`."""
_ANOTHER = "\0"
"""A name that no session has."""


def session_names(request: Request, caller: Caller, target: ResourceSide) -> list[str]:
    """The names of sessions that have to be decided about; none where all are alike."""
    named = sessions_told_apart(caller, target)
    user_id = request.context.get(USER_ID)
    if user_id and user_id[0] and (named or leaves_somebody_out(target)):
        return [user_id[0].partition(":")[2] or _ANOTHER]
    return [*named, _ANOTHER] if named else []


def reads_session_name(caller: Caller, target: ResourceSide) -> bool:
    """Whether the answer about a role may be another once the name of its session is known."""
    return bool(sessions_told_apart(caller, target)) or leaves_somebody_out(target)


def leaves_somebody_out(target: ResourceSide) -> bool:
    """Whether a policy on the resource's side has NotPrincipal: a session whose name is known must be listed itself."""
    layers = [layer for layer in (target.policy, target.vpc_endpoint) if layer is not None]
    return any(compiled.statement.not_principals is not None for layer in layers for _, compiled in layer.statements())


def sessions_told_apart(caller: Caller, target: ResourceSide) -> list[str]:
    """The names of sessions of a role that the policies on the resource's side name."""
    found: dict[str, None] = {}
    for layer in (target.policy, target.vpc_endpoint):
        if layer is not None:
            found.update(dict.fromkeys(layer.sessions_of(caller)))
    return list(found)


def whatever_session(found: list[Decision], caller: Caller) -> Decision:
    """One decision about a role, from those about its sessions, by any other name the last."""
    effects = {each.effect for each in found}
    if len(effects) == 1 and "conditional" not in effects:
        return found[-1]
    if effects <= {"explicit_deny", "implicit_deny"}:
        blocked = tuple(dict.fromkeys([layer for each in found for layer in each.blocked_by]))
        return Decision(effect="implicit_deny", blocked_by=blocked)
    missing = {key for each in found for key in each.missing_context}
    unknown = [why for each in found for why in each.unknown]
    if len(effects) > 1:
        missing.add("aws:userid")
        unknown.append(f"the name of the session of {caller.role}: policies tell sessions apart by it")
    return Decision(
        effect="conditional",
        determining=tuple(dict.fromkeys([why for each in found for why in each.determining])),
        missing_context=tuple(sorted(missing)),
        residual=tuple(dict.fromkeys([condition for each in found for condition in each.residual])),
        unknown=tuple(dict.fromkeys(unknown)),
    )
