"""On which resources a principal may do an action: the patterns of its policies, with how much of each is left by
denies and limits, and the known resources whose own policies let it in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

import msgspec

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.policy.authorize import authorize
from erstwhile.domain.policy.engine.attached import engine_of
from erstwhile.domain.policy.inputs.caller import Caller
from erstwhile.domain.policy.language.match import matches_resource
from erstwhile.domain.policy.language.patterns.pattern_beginnings import Beginnings
from erstwhile.domain.policy.language.patterns.pattern_parts import Effort, TooManyParts, TooMuch
from erstwhile.domain.policy.language.variables import restored
from erstwhile.domain.questions.asked import Asked, is_pattern
from erstwhile.domain.questions.own_patterns import own_of
from erstwhile.domain.questions.principal_reach import Reach, Reaching, allowed_patterns
from erstwhile.domain.questions.resource_reach import DECIDED

MAX_PATTERNS = 1_000
"""How many patterns of one answer are evaluated; the others are unclear."""
_ASSUMING = ("user", "role", "session")
"""Kinds of callers that trusts name by ARNs, ids and accounts."""
EFFORT = 1_000_000
"""Steps for all patterns of one answer; the patterns that are left after them are unclear."""


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
    context: Mapping[str, tuple[str, ...]] | None = None,
    mode: Literal["strict", "discover"] = "discover",
) -> WhichResources:
    """Raises MalformedArn, UnknownPrincipal, and TooMuch where the principal has more policies, or the action more
    known resources with policies about it, than are looked at for one answer."""
    asked = Asked(action=action, resource_account=resource_account, context=context or {}, mode=mode)
    side = engine_of(directory).side(principal)
    effort = Effort(EFFORT)
    try:
        own = own_of(side, asked, effort)
    except TooManyParts:
        raise TooMuch(f"{principal} has too many policies about {action} to look at: ask about one resource") from None
    reaching = Reaching(directory, principal, side, effort)
    found: dict[str, Reach] = {}
    patterns = 0
    for pattern in allowed_patterns(side, asked):
        patterns += is_pattern(pattern)
        if patterns > MAX_PATTERNS and is_pattern(pattern):
            found[pattern] = Reach(resource=restored(pattern), how="unclear")
        elif (reach := reaching.of(pattern, asked, own)) is not None:
            found[pattern] = reach
    whole = [pattern for pattern, reach in found.items() if reach.how == "all"]
    by_beginning = Beginnings(whole)
    decisions = Effort(EFFORT)
    for arn in _with_policies(directory, side.caller, action):
        covered = any(matches_resource(whole[place], arn) for place in by_beginning.agreeing(arn))
        if arn not in found and not covered:
            try:
                decisions.spend(DECIDED)
            except TooManyParts:
                raise TooMuch(
                    f"more than {EFFORT // DECIDED:,} known resources have policies of their own about {action}: ask "
                    "about one resource"
                ) from None
            decision = authorize(directory, asked.of(principal, arn))
            if decision.effect in ("allow", "conditional"):
                found[arn] = Reach(resource=arn, how="all" if decision.allowed else "conditional")
    resources = tuple(found[resource] for resource in sorted(found))
    return WhichResources(
        principal=principal, action=action, resources=resources, unknown=side.identity.why if side.identity else ()
    )


def _with_policies(directory: Directory, caller: Caller, action: str) -> list[str]:
    """The known resources of the action's service that have a policy of their own about it; of roles, those that may
    trust the caller."""
    service, lowered = action.partition(":")[0].lower(), action.lower()
    found = []
    engine = engine_of(directory)
    roles: Iterable[Entity] = ()
    if lowered == "sts:assumerole" and caller.kind in _ASSUMING:
        roles = directory.roles_trusting(caller)
    elif service == "sts":
        roles = directory.of_kind("role")
    for entity in (*directory.resources_of(service), *roles):
        arn = entity.arn
        if arn:
            policy = engine.target(Asked(action=action).of("", arn), entity.account).policy
            if policy is not None and any(compiled.allows for compiled, _, _ in policy.about(lowered)):
                found.append(arn)
    return found
