"""On which resources a principal may do an action: the patterns of its policies, with how much of each is left by
denies and limits, and the known resources whose own policies let it in."""

from __future__ import annotations

from typing import Literal

import msgspec

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.policy.authorize import authorize
from erstwhile.domain.policy.engine.attached import engine_of
from erstwhile.domain.policy.evaluation.layers import Layer
from erstwhile.domain.policy.evaluation.request_sides import CallerSide
from erstwhile.domain.policy.knowledge.service_reference import resource_patterns, service_of
from erstwhile.domain.policy.language.context import Context
from erstwhile.domain.policy.language.match import matches_resource
from erstwhile.domain.policy.language.variables import restored
from erstwhile.domain.questions.pattern_parts import Effort
from erstwhile.domain.questions.resource_reach import Asked, Share, extent, is_pattern
from erstwhile.domain.vocabulary.context_values import ContextValues

MAX_PATTERNS = 1_000
EFFORT = 1_000_000
"""Steps for all patterns of one answer; what is left when they are done is told as unclear."""


class Reach(msgspec.Struct, frozen=True, kw_only=True):
    """A pattern of resources, or one resource, and how much of it: all, some, conditional, unclear."""

    resource: str
    how: str
    example: str = ""
    denied_example: str = ""


class WhichResources(msgspec.Struct, frozen=True, kw_only=True):
    """`unknown` says what of the principal's policies was never seen."""

    principal: str
    action: str
    resources: tuple[Reach, ...] = ()
    unknown: tuple[str, ...] = ()


def which_resources(
    directory: Directory,
    principal: str,
    action: str,
    *,
    resource_account: str | None = None,
    context: ContextValues | None = None,
    mode: Literal["strict", "discover"] = "discover",
) -> WhichResources:
    """Raises MalformedArn, UnknownPrincipal."""
    asked = Asked(action=action, resource_account=resource_account, context=context or {}, mode=mode)
    side = engine_of(directory).side(principal)
    effort = Effort(EFFORT)
    found = {
        pattern: reach
        for pattern in allowed_patterns(side, asked)
        if (reach := reach_of(directory, principal, pattern, asked, side, effort)) is not None
    }
    for arn in _with_policies(directory, action):
        covered = any(reach.how == "all" and matches_resource(pattern, arn) for pattern, reach in found.items())
        if arn not in found and not covered:
            decision = authorize(directory, asked.of(principal, arn))
            if decision.effect in ("allow", "conditional"):
                found[arn] = Reach(resource=arn, how="all" if decision.allowed else "conditional")
    resources = tuple(found[resource] for resource in sorted(found))
    return WhichResources(
        principal=principal, action=action, resources=resources, unknown=side.identity.why if side.identity else ()
    )


def allowed_patterns(side: CallerSide, asked: Asked) -> list[str]:
    """What the principal's own policies allow the action on, denies and limits apart. `*` for a root: it may all."""
    if side.caller.kind == "root":
        return ["*"]
    context = Context(asked.context, side.caller.keys, {}, asked.mode == "discover")
    found: list[str] = []
    for _, compiled in side.identity.statements() if side.identity is not None else ():
        if compiled.allows and compiled.speaks_of(asked.action.lower()):
            is_listed = compiled.statement.resources is not None
            found += compiled.resource_patterns(context.get) if is_listed else ["*"]
    return list(dict.fromkeys(found))[:MAX_PATTERNS]


def reach_of(
    directory: Directory, principal: str, pattern: str, asked: Asked, side: CallerSide, effort: Effort
) -> Reach | None:
    """How much of a pattern; None for none of it."""
    if pattern == "*" and asked.resource_account is None:
        # What it may do to others' resources, their owners decide: `*` is told of those of its own account.
        asked = msgspec.structs.replace(asked, resource_account=side.caller.account)
    extents = [_extent(directory, principal, each, asked, effort) for each in _regions(pattern, asked.action, side)]
    hows = {each.how for each in extents}
    if hows <= {"none"}:
        return None
    how = hows.pop() if len(hows) == 1 else "some" if hows & {"all", "some"} else "conditional"
    allowed = next((each.allowed for each in extents if each.allowed is not None), None)
    denied = next((each.denied or each.conditional for each in extents if each.denied or each.conditional), None)
    return Reach(
        resource=restored(pattern),
        how=how,
        example=allowed[0] if allowed is not None and how != "all" else "",
        denied_example=denied[0] if denied is not None and how == "some" else "",
    )


def _extent(directory: Directory, principal: str, pattern: str, asked: Asked, effort: Effort) -> Share:
    if is_pattern(pattern):
        return extent(directory, principal, pattern, asked, effort=effort)
    decision = authorize(directory, asked.of(principal, pattern))
    if decision.effect == "conditional":
        return Share(how="conditional", parts=1, conditional=(pattern, decision))
    if decision.allowed:
        return Share(how="all", parts=1, allowed=(pattern, decision))
    return Share(how="none", parts=1, denied=(pattern, decision))


def _regions(pattern: str, action: str, side: CallerSide) -> list[str]:
    """A pattern as it is; `*` as the resources of the caller's account that the action is about."""
    if pattern != "*":
        return [pattern]
    partition, account = side.caller.partition, side.caller.account
    found = resource_patterns(action, partition, account)
    if found is None:
        service = action.partition(":")[0].lower()
        return [f"arn:{partition}:{service}:*:{account}:*"]
    return found or ["*"]


def _with_policies(directory: Directory, action: str) -> list[str]:
    """The known resources of the action's service that have a policy of their own about it."""
    service = action.partition(":")[0].lower()
    found = []
    engine = engine_of(directory)
    for entity in directory.of_kind("resource", "role"):
        arn = entity.arn
        if arn and (service_of(arn) == service or (service == "sts" and entity.kind == "role")):
            policy = engine.target(Asked(action=action).of("", arn), entity.account).policy
            if policy is not None and _speaks_of(policy, action.lower()):
                found.append(arn)
    return found


def _speaks_of(policy: Layer, action: str) -> bool:
    return any(compiled.allows and compiled.speaks_of(action) for _, compiled in policy.statements())
