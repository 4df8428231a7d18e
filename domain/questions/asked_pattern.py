"""A pattern of resources in a question, and what is the same for all principals."""

from __future__ import annotations

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.policy.engine.attached import engine_of
from erstwhile.domain.policy.evaluation.impossible import reserved_beginnings
from erstwhile.domain.policy.evaluation.layers import Layer
from erstwhile.domain.policy.evaluation.request_sides import CallerSide, ResourceSide
from erstwhile.domain.policy.inputs.resource_owner import common_prefixes
from erstwhile.domain.policy.language.patterns.pattern_parts import (
    WELL_FORMED,
    Effort,
    TooManyParts,
    parts,
    reduced,
    surely_covers,
)
from erstwhile.domain.policy.language.statement import CompiledStatement
from erstwhile.domain.questions.asked import Asked
from erstwhile.domain.questions.known_resources import Inside
from erstwhile.domain.questions.own_patterns import Own, context_of
from erstwhile.domain.questions.resource_sorts import Sorts


class Shared:
    """What callers of one account find there alike: the patterns that cut it, the statements whose patterns depend on
    the caller, and the sorts of known resources."""

    def __init__(self, cutting: frozenset[str], varying: tuple[CompiledStatement, ...], sorts: Sorts | None) -> None:
        self.cutting = cutting
        self.varying = varying
        self.sorts = sorts


class Ground:
    """One pattern, asked about one action."""

    def __init__(self, directory: Directory, pattern: str, asked: Asked, inside: Inside) -> None:
        self.asked = asked
        self.pattern = pattern
        self.inside = inside
        self.directory = directory
        self._engine = engine_of(directory)
        self._within = (pattern, WELL_FORMED)
        self._meeting: dict[str, bool] = {}
        self._shared: dict[str, Shared] = {}
        self._parts: dict[tuple[str, ...], tuple[str, ...]] = {}
        self._by_own: dict[tuple[Own, str], tuple[str, ...]] = {}

    def shared(self, account: str, effort: Effort) -> Shared:
        """What callers of an account find there. Raises TooManyParts."""
        found = self._shared.get(account)
        if found is None:
            found = self._shared[account] = self._share(account, effort)
        return found

    def parts(self, side: CallerSide, own: Own, effort: Effort) -> tuple[str, ...]:
        """One resource of each part that the policies with a say in it tell apart. Raises TooManyParts."""
        account = side.caller.account
        found = self._by_own.get((own, account))
        if found is None:
            found = self._cut(self.shared(account, effort), side, own, effort)
            if not self.shared(account, effort).varying:
                self._by_own[own, account] = found
        return found

    def _cut(self, shared: Shared, side: CallerSide, own: Own, effort: Effort) -> tuple[str, ...]:
        cutting = set(shared.cutting)
        cutting.update(each for each in own.near(self.pattern) if self._meets(each, effort))
        if shared.varying:
            context = context_of(side, self.asked)
            for compiled in shared.varying:
                patterns = compiled.resource_patterns(context.get)
                cutting.update(each for each in patterns if self._meets(each, effort))
        key = tuple(sorted(cutting))
        if key not in self._parts:
            self._parts[key] = ()  # stays so if there are too many parts
            self._parts[key] = parts(self._within, key, effort)
        found = self._parts[key]
        if not found:
            raise TooManyParts
        return found

    def _meets(self, pattern: str, effort: Effort) -> bool:
        """Whether a pattern matches some of what this one does, and not all of it for sure."""
        found = self._meeting.get(pattern)
        if found is None:
            tells = not surely_covers(pattern, self.pattern)
            found = self._meeting[pattern] = tells and bool(reduced(self._within, (pattern,), effort))
        return found

    def _share(self, account: str, effort: Effort) -> Shared:
        asked, inside = self.asked, self.inside
        effort.spend(len(inside.entities))
        owner = asked.resource_account or account
        targets = [self._engine.target(asked.of("", entity.arn), account) for entity in inside.entities]
        nowhere = self._engine.target(asked.of("", f"arn:aws:x::{owner}:x"), account)
        action = asked.action.lower()
        patterns: dict[str, None] = {}
        varying: dict[CompiledStatement, None] = {}
        for layer in layers_there([*targets, nowhere]):
            for compiled, _, _ in layer.about(action):
                if compiled.varies:
                    varying[compiled] = None
                else:
                    patterns.update(dict.fromkeys(compiled.resources or ()))
        patterns.update(dict.fromkeys(inside.patterns))
        owners = {owner, *(entity.account for entity in inside.entities)}
        patterns.update((f"arn:*:*:*:{each}:*", None) for each in owners if each)
        patterns.update(dict.fromkeys(patterns_of_aws(action, self.pattern)))
        cutting = frozenset(each for each in patterns if self._meets(each, effort))
        sorts = Sorts(asked, targets, inside) if inside.entities else None
        return Shared(cutting, tuple(varying), sorts)


def layers_there(targets: list[ResourceSide]) -> dict[Layer, None]:
    """The policies on the side of these resources."""
    found: dict[Layer, None] = {}
    for target in targets:
        for layer in (target.policy, target.vpc_endpoint, *(target.rcp.layers if target.rcp is not None else ())):
            if layer is not None:
                found[layer] = None
    return found


def patterns_of_aws(action: str, pattern: str) -> list[str]:
    """Parts of a pattern to which rules of AWS's own apply: what it alone changes, and what has no account."""
    parts_of_arn = pattern.split(":", 5)
    if len(parts_of_arn) < 6:
        return []

    def beginning_with(beginnings: tuple[str, ...]) -> list[str]:
        return [":".join((*parts_of_arn[:5], f"{beginning}*")) for beginning in beginnings]

    without_account = beginning_with(common_prefixes(parts_of_arn[2])) if not parts_of_arn[4] else []
    if any(surely_covers(each, pattern) for each in without_account):
        without_account = []  # all of it is of one kind
    return beginning_with(reserved_beginnings(action)) + without_account
