"""How much of a pattern of resources a principal may: all of it, some of it, none of it.

`arn:aws:s3:::payroll/*` is cut into parts by the patterns of all policies that have a say; one resource of each
part is decided like any other, and answers for its part.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

import msgspec

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.policy.authorize import authorize
from erstwhile.domain.policy.engine.attached import engine_of
from erstwhile.domain.policy.evaluation.impossible import reserved_beginnings
from erstwhile.domain.policy.evaluation.layers import Layer
from erstwhile.domain.policy.evaluation.request_sides import CallerSide
from erstwhile.domain.policy.inputs.policy_carriers import carried_by
from erstwhile.domain.policy.inputs.request import Decision, Request
from erstwhile.domain.policy.inputs.resource_owner import common_prefixes
from erstwhile.domain.policy.language.context import Context
from erstwhile.domain.questions.pattern_parts import WELL_FORMED, Effort, TooManyParts, intersect, parts, reduced
from erstwhile.domain.vocabulary.context_values import ContextValues

How = Literal["all", "some", "none", "conditional", "unclear"]
_SEARCHED = 2
"""Steps that it costs to see whether an entity is inside a pattern."""
READ = 10
"""Steps that it costs to take the patterns of a statement."""
_MAX_KNOWN = 60
"""Known resources inside a pattern that cut it; more of them are asked one by one, and cut nothing."""


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """`allowed`, `denied` and `conditional` are examples: a resource of the first such part, and its decision."""

    how: How
    parts: int
    allowed: tuple[str, Decision] | None = None
    denied: tuple[str, Decision] | None = None
    conditional: tuple[str, Decision] | None = None


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked of each part."""

    action: str
    resource_account: str | None = None
    context: ContextValues = {}
    mode: Literal["strict", "discover"] = "discover"

    def of(self, principal: str, resource: str) -> Request:
        return Request(
            principal=principal, action=self.action, resource=resource,
            resource_account=self.resource_account, context=self.context, mode=self.mode,
        )  # fmt: skip


def count_statements(side: CallerSide) -> int:
    """How many statements a principal's own policies have."""
    return sum(1 for _ in side.identity.statements()) if side.identity is not None else 0


def is_pattern(resource: str) -> bool:
    """Whether a resource of a question stands for many. `*` alone is what actions without resources are asked of."""
    return resource != "*" and ("*" in resource or "?" in resource)


class KnownInside:
    """The known resources inside a pattern: they have policies and tags of their own."""

    def __init__(self, directory: Directory, pattern: str) -> None:
        self.entities = [entity for entity in _with_a_say(directory) if _reaches(entity.arn, pattern)]
        self.patterns: list[str] = []
        self.singles: list[str] = []
        for entity in self.entities:
            if len(self.patterns) < _MAX_KNOWN:
                self.patterns += _own_patterns(entity.arn)
            else:
                self.singles.append(entity.arn)


def _with_a_say(directory: Directory) -> Iterator[Entity]:
    for entity in directory.of_kind("resource", "role", "user"):
        if entity.arn and (entity.kind != "user" or entity.tags):
            yield entity


def _own_patterns(arn: str) -> list[str]:
    # A bucket's policy and tags are its objects' as well.
    return [arn, *carried_by(arn)]


def _reaches(arn: str, pattern: str) -> bool:
    return any(intersect(own, pattern) for own in _own_patterns(arn))


def extent(
    directory: Directory,
    principal: str,
    pattern: str,
    asked: Asked,
    known: KnownInside | None = None,
    effort: Effort | None = None,
) -> Share:
    """How much of a pattern the principal may; unclear, where that takes more than the effort that is left. Raises
    MalformedArn, UnknownPrincipal."""
    side = engine_of(directory).side(principal)
    within = (pattern, WELL_FORMED)
    try:
        if effort is not None:
            effort.spend(_SEARCHED * len(directory.entities) + READ * count_statements(side))
        inside = known or KnownInside(directory, pattern)
        cutting = reduced(within, tuple(_patterns(directory, side, pattern, asked, inside)), effort)
        resources = parts(within, tuple(sorted(cutting)), effort)
    except TooManyParts:
        return Share(how="unclear", parts=0)
    found: dict[str, tuple[str, Decision]] = {}
    counts = {"allow": 0, "conditional": 0, "deny": 0}
    for resource in (*resources, *inside.singles):
        decision = authorize(directory, asked.of(principal, resource))
        effect = decision.effect if decision.effect in counts else "deny"
        counts[effect] += 1
        found.setdefault(effect, (resource, decision))
    return Share(
        how=_how(counts),
        parts=len(resources),
        allowed=found.get("allow"),
        denied=found.get("deny"),
        conditional=found.get("conditional"),
    )


def _how(counts: dict[str, int]) -> How:
    if counts["allow"]:
        return "some" if counts["deny"] or counts["conditional"] else "all"
    return "conditional" if counts["conditional"] else "none"


def _patterns(directory: Directory, side: CallerSide, pattern: str, asked: Asked, inside: KnownInside) -> Iterator[str]:
    """All patterns that may tell one resource from another for this principal."""
    engine = engine_of(directory)
    layers = [layer for layer in (side.identity, side.boundary) if layer is not None]
    if side.scp is not None:
        layers += side.scp.layers
    account = asked.resource_account or side.caller.account
    owners = {account, *(entity.account for entity in inside.entities)}
    for resource in [*(entity.arn for entity in inside.entities), f"arn:aws:x::{account}:x"]:
        target = engine.target(asked.of(side.caller.arn, resource), side.caller.account)
        layers += [layer for layer in (target.policy, target.vpc_endpoint) if layer is not None]
        if target.rcp is not None:
            layers += target.rcp.layers
    context = Context(asked.context, side.caller.keys, {}, asked.mode == "discover")
    yield from _of_layers(layers, asked.action.lower(), context)
    yield from inside.patterns
    for owner in owners:
        if owner:
            yield f"arn:*:*:*:{owner}:*"
    yield from _of_aws(asked.action.lower(), pattern)


def _of_aws(action: str, pattern: str) -> Iterator[str]:
    """Parts of a pattern to which rules of AWS's own apply: what it alone changes, and what has no account."""
    parts = pattern.split(":", 5)
    if len(parts) < 6:
        return
    beginnings = reserved_beginnings(action)
    if not parts[4]:
        beginnings += common_prefixes(parts[2])
    for beginning in beginnings:
        yield ":".join((*parts[:5], f"{beginning}*"))


def _of_layers(layers: Iterable[Layer], action: str, context: Context) -> Iterator[str]:
    for layer in layers:
        for _, compiled in layer.statements():
            if compiled.speaks_of(action):
                yield from compiled.resource_patterns(context.get)
