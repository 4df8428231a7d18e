"""How much of a pattern of resources a principal may: all of it, some of it, none of it.

`arn:aws:s3:::payroll/*` is cut into parts by the patterns of all policies that have a say; one resource of each
part is decided like any other, and answers for its part. Of the known resources inside, each sort is decided about
once.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.policy.authorize import authorize
from erstwhile.domain.policy.engine.attached import engine_of
from erstwhile.domain.policy.evaluation.request_sides import CallerSide
from erstwhile.domain.policy.inputs.request import Decision
from erstwhile.domain.policy.language.patterns.pattern_parts import Effort, TooManyParts
from erstwhile.domain.questions.asked import Asked, is_pattern
from erstwhile.domain.questions.asked_pattern import Ground
from erstwhile.domain.questions.known_resources import Known
from erstwhile.domain.questions.own_patterns import Own, own_of

How = Literal["all", "some", "none", "conditional", "unclear"]
DECIDED = 3
"""Steps that a decision costs."""
EFFORT = 1_000_000
"""Steps for what one principal may of a pattern; a pattern that takes more is unclear."""


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """`allowed`, `denied` and `conditional` are examples: a resource of the first such part, and its decision."""

    how: How
    parts: int
    allowed: tuple[str, Decision] | None = None
    denied: tuple[str, Decision] | None = None
    conditional: tuple[str, Decision] | None = None


UNCLEAR = Share(how="unclear", parts=0)


def extent(directory: Directory, principal: str, pattern: str, asked: Asked, known: Known | None = None) -> Share:
    """How much of a pattern the principal may; unclear, where that takes too much to tell. `known`: the known resources
    of the Directory, for whoever asks several questions. Raises MalformedArn, UnknownPrincipal."""
    side, effort = engine_of(directory).side(principal), Effort(EFFORT)
    try:
        own = own_of(side, asked, effort)
        ground = Ground(directory, pattern, asked, (known or Known(directory)).inside(pattern, effort))
        return extent_on(ground, side, own, effort)
    except TooManyParts:
        return UNCLEAR


def extent_on(ground: Ground, side: CallerSide, own: Own, effort: Effort, at_all: bool = False) -> Share:
    """How much of a ground a caller may; `at_all`: whether it may something, which the first part that is not denied
    tells. Raises TooManyParts."""
    caller = side.caller
    resources = ground.parts(side, own, effort)
    sorts = ground.shared(caller.account, effort).sorts
    known = sorts.of(caller, own, effort) if sorts is not None else None
    found: dict[str, tuple[str, Decision]] = {}
    decided = set()
    for resource in (*resources, *(known.firsts() if known is not None else ())):
        sort = known.sort(resource) if known is not None else None
        if sort is not None:
            if sort in decided:
                continue
            decided.add(sort)
        effort.spend(DECIDED)
        decision = authorize(ground.directory, ground.asked.of(caller.arn, resource))
        effect = decision.effect if decision.effect in ("allow", "conditional") else "deny"
        found.setdefault(effect, (resource, decision))
        if at_all and effect != "deny":
            break
    return Share(
        how=_how(set(found)),
        parts=len(resources),
        allowed=found.get("allow"),
        denied=found.get("deny"),
        conditional=found.get("conditional"),
    )


def _how(effects: set[str]) -> How:
    if "allow" in effects:
        return "some" if len(effects) > 1 else "all"
    return "conditional" if "conditional" in effects else "none"


__all__ = ["DECIDED", "EFFORT", "UNCLEAR", "Asked", "Share", "extent", "extent_on", "is_pattern"]
