"""How much of a pattern a principal may, in the plainest way: all patterns at once, and each known resource by itself.

What `extent` says must be what this says, whatever it computes once for many.
"""

from __future__ import annotations

from collections.abc import Iterator

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.policy.authorize import authorize
from erstwhile.domain.policy.engine.attached import engine_of
from erstwhile.domain.policy.inputs.policy_carriers import carried_by
from erstwhile.domain.policy.inputs.request import Decision
from erstwhile.domain.policy.language.context import Context
from erstwhile.domain.policy.language.patterns.pattern_parts import WELL_FORMED, intersect, parts, reduced
from erstwhile.domain.questions.asked import Asked
from erstwhile.domain.questions.asked_pattern import patterns_of_aws
from erstwhile.domain.questions.resource_reach import Share


def plain_extent(directory: Directory, principal: str, pattern: str, asked: Asked, most_cutting: int) -> Share:
    """`most_cutting`: known resources inside the pattern that cut it; the others are asked one by one."""
    within = (pattern, WELL_FORMED)
    known = [each for each in _with_a_say(directory) if any(intersect(own, pattern) for own in _own(each.arn))]
    patterns = list(_patterns(directory, principal, pattern, asked, known))
    patterns += [own for each in known[:most_cutting] for own in _own(each.arn)]
    resources = parts(within, tuple(sorted(reduced(within, patterns))))
    found: dict[str, tuple[str, Decision]] = {}
    for resource in (*resources, *(each.arn for each in known[most_cutting:])):
        decision = authorize(directory, asked.of(principal, resource))
        effect = decision.effect if decision.effect in ("allow", "conditional") else "deny"
        found.setdefault(effect, (resource, decision))
    how = "conditional" if "conditional" in found else "none"
    if "allow" in found:
        how = "some" if len(found) > 1 else "all"
    return Share(
        how=how,  # type: ignore[arg-type]
        parts=len(resources),
        allowed=found.get("allow"),
        denied=found.get("deny"),
        conditional=found.get("conditional"),
    )


def _with_a_say(directory: Directory) -> Iterator[Entity]:
    for entity in directory.of_kind("resource", "role", "user"):
        if entity.arn and (entity.kind != "user" or entity.tags):
            yield entity


def _own(arn: str) -> list[str]:
    return [arn, *carried_by(arn)]


def _patterns(directory: Directory, principal: str, pattern: str, asked: Asked, known: list[Entity]) -> Iterator[str]:
    engine = engine_of(directory)
    side = engine.side(principal)
    layers = [layer for layer in (side.identity, side.boundary) if layer is not None]
    if side.scp is not None:
        layers += side.scp.layers
    account = asked.resource_account or side.caller.account
    for resource in [*(each.arn for each in known), f"arn:aws:x::{account}:x"]:
        target = engine.target(asked.of(principal, resource), side.caller.account)
        layers += [layer for layer in (target.policy, target.vpc_endpoint) if layer is not None]
        if target.rcp is not None:
            layers += target.rcp.layers
    context = Context(asked.context, side.caller.keys, {}, asked.mode == "discover")
    for layer in layers:
        for _, compiled in layer.statements():
            if compiled.speaks_of(asked.action.lower()):
                yield from compiled.resource_patterns(context.get)
    for owner in {account, *(each.account for each in known)}:
        if owner:
            yield f"arn:*:*:*:{owner}:*"
    yield from patterns_of_aws(asked.action.lower(), pattern)
