"""How much of the patterns that a principal's own policies allow denies and limits leave to it."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.policy.authorize import authorize
from erstwhile.domain.policy.evaluation.request_sides import CallerSide
from erstwhile.domain.policy.knowledge.service_reference import resource_patterns
from erstwhile.domain.policy.language.match import matches_resource
from erstwhile.domain.policy.language.patterns.pattern_parts import WELL_FORMED, Effort, TooManyParts
from erstwhile.domain.policy.language.statement import CompiledStatement
from erstwhile.domain.policy.language.variables import restored
from erstwhile.domain.questions.asked import Asked, is_pattern
from erstwhile.domain.questions.asked_pattern import Ground
from erstwhile.domain.questions.known_resources import Known
from erstwhile.domain.questions.own_patterns import Own, context_of
from erstwhile.domain.questions.resource_reach import DECIDED, UNCLEAR, How, Share, extent_on


class Reach(msgspec.Struct, frozen=True, kw_only=True):
    """A pattern of resources, or one resource, and how much of it: all, some, conditional, unclear."""

    resource: str
    how: str
    example: str = ""
    denied_example: str = ""


def allowed_patterns(
    side: CallerSide, asked: Asked, statements: Iterable[CompiledStatement] | None = None
) -> list[str]:
    """What the principal's own policies allow the action on, denies and limits apart. `*` for a root: it may all.

    `statements`: those of its identity policies about the action, where they are known already.
    """
    if side.caller.kind == "root":
        return ["*"]
    if statements is None:
        about = side.identity.about(asked.action.lower()) if side.identity is not None else ()
        statements = (compiled for compiled, _, _ in about)
    context = context_of(side, asked)
    found: dict[str, None] = {}
    for compiled in statements:
        if compiled.allows:
            is_listed = compiled.statement.resources is not None
            found.update(dict.fromkeys(compiled.resource_patterns(context.get) if is_listed else ["*"]))
    return list(found)


class Reaching:
    """Of one principal, in one answer. `at_all`: only whether it may something of a pattern, not how much."""

    def __init__(
        self, directory: Directory, principal: str, side: CallerSide, effort: Effort, at_all: bool = False
    ) -> None:
        self._directory = directory
        self._principal = principal
        self._side = side
        self._effort = effort
        self._at_all = at_all
        self._found: Known | None = None

    @property
    def known(self) -> Known:
        """The known resources, looked for when first asked about."""
        if self._found is None:
            self._found = Known(self._directory)
        return self._found

    def of(self, pattern: str, asked: Asked, own: Own) -> Reach | None:
        """How much of a pattern; None for none of it."""
        if pattern == "*" and asked.resource_account is None:
            # The owners of other accounts' resources decide about them: `*` means the resources of its own account.
            asked = msgspec.structs.replace(asked, resource_account=self._side.caller.account)
        return reach(pattern, [self.extent(each, asked, own) for each in self.regions(pattern, asked.action)])

    def regions(self, pattern: str, action: str) -> list[str]:
        """A pattern as it is; `*` as the resources of the caller's account that the action is about."""
        if pattern != "*":
            return [pattern]
        partition, account = self._side.caller.partition, self._side.caller.account
        found = resource_patterns(action, partition, account)
        if found is None:
            service = action.partition(":")[0].lower()
            return [f"arn:{partition}:{service}:*:{account}:*"]
        return found or ["*"]

    def extent(self, pattern: str, asked: Asked, own: Own) -> Share:
        """How much of a pattern, or whether a resource; unclear, where no effort is left."""
        if is_pattern(pattern):
            if self._effort.is_over:
                return UNCLEAR
            if self._at_all and (found := self._of_one(pattern, asked)) is not None:
                return found
            try:
                ground = Ground(self._directory, pattern, asked, self.known.inside(pattern, self._effort))
                return extent_on(ground, self._side, own, self._effort, self._at_all)
            except TooManyParts:
                return UNCLEAR
        try:
            self._effort.spend(DECIDED)
        except TooManyParts:
            return UNCLEAR
        decision = authorize(self._directory, asked.of(self._principal, pattern))
        if decision.effect == "conditional":
            return Share(how="conditional", parts=1, conditional=(pattern, decision))
        if decision.allowed:
            return Share(how="all", parts=1, allowed=(pattern, decision))
        return Share(how="none", parts=1, denied=(pattern, decision))

    def _of_one(self, pattern: str, asked: Asked) -> Share | None:
        """What some resource that matches a pattern tells; None where it is not allowed: others may be."""
        resource = restored(pattern.replace("*", "x").replace("?", "x"))
        if not matches_resource(WELL_FORMED, resource):
            return None
        self._effort.spend(DECIDED)
        decision = authorize(self._directory, asked.of(self._principal, resource))
        how: How | None = "all" if decision.allowed else "conditional" if decision.effect == "conditional" else None
        return Share(how=how, parts=1) if how is not None else None


def reach(pattern: str, extents: list[Share]) -> Reach | None:
    """How much of a pattern, from how much of its regions; None for nothing of it."""
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
