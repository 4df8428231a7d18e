"""Known resources in sorts, so that of each sort one is decided about.

Two resources are of one base where nothing but their own policies and a caller's patterns can tell them apart. What
their policies say about the action is looked at only where these may mean the caller: it is found by its names. So a
caller has as many decisions made as there are bases, policies that may mean it, and patterns of its own that tell
known resources apart.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Hashable, Iterable

from erstwhile.domain.policy.evaluation.exemptions import keeps_policy, needs_resource_policy
from erstwhile.domain.policy.evaluation.impossible import is_reserved, reserved_beginnings
from erstwhile.domain.policy.evaluation.request_sides import ResourceSide
from erstwhile.domain.policy.inputs.caller import Caller, account_named, ending, own_endings
from erstwhile.domain.policy.inputs.sources import Source
from erstwhile.domain.policy.language.match import LITERAL_QUESTION, LITERAL_STAR, matches_resource
from erstwhile.domain.policy.language.patterns.pattern_parts import Effort
from erstwhile.domain.policy.language.statement import CompiledStatement
from erstwhile.domain.questions.asked import Asked
from erstwhile.domain.questions.known_resources import Inside
from erstwhile.domain.questions.own_patterns import Own

_SILENT = -1
"""The policy of a resource that says nothing about the action, or nothing to the caller."""
Sort = tuple[int, int, tuple[int, ...]]
"""(the base, the policy if it may mean the caller, which of the caller's patterns match)"""


class Sorts:
    """Of the known resources inside a pattern, for one action, as callers of one account find them."""

    def __init__(self, asked: Asked, targets: list[ResourceSide], inside: Inside) -> None:
        self._arns: list[str] = []
        self._place: dict[str, int] = {}
        self._always: set[int] = set()
        self._meaning: dict[str, set[int]] = {}
        self._base: list[int] = []
        self._policy: list[int] = []
        self._singles: dict[int, dict[int, list[int]]] = {}
        self._matching: dict[str, frozenset[int]] = {}
        bases: dict[Hashable, int] = {}
        policies: dict[Hashable, int] = {}
        singles = set(inside.singles)
        for entity, target in zip(inside.entities, targets, strict=True):
            arn = entity.arn
            if arn in self._place:
                continue  # another account has an entity with this ARN, too
            place = self._place[arn] = len(self._arns)
            self._arns.append(arn)
            base = bases.setdefault(_base(asked, arn, target), len(bases))
            says = _says(asked, arn, target)
            policy = _SILENT
            if says is not None:
                known = len(policies)
                policy = policies.setdefault(says, known)
                if policy == known:
                    self._index(policy, asked, target)
            self._base.append(base)
            self._policy.append(policy)
            if arn in singles:
                self._singles.setdefault(base, {}).setdefault(policy, []).append(place)
        self._ordered = sorted(self._arns)
        self._is_single = singles.__contains__

    def _index(self, policy: int, asked: Asked, target: ResourceSide) -> None:
        """Whom a policy may mean."""
        assert target.policy is not None
        if target.policy.why:
            self._always.add(policy)
        for compiled, _, _ in target.policy.about(asked.action.lower()):
            if compiled.statement.not_principals is not None:
                self._always.add(policy)
            for _, name in compiled.statement.principals or ():
                self._meaning.setdefault(ending(name), set()).add(policy)
                if ":assumed-role/" in name:  # a session is its role's
                    self._meaning.setdefault(ending(name.rpartition("/")[0]), set()).add(policy)

    def of(self, caller: Caller, own: Own, effort: Effort) -> Told:
        """As one caller finds them. Raises TooManyParts."""
        meant = set(self._always)
        for each in own_endings(caller):
            meant |= self._meaning.get(each, frozenset())
        apart: dict[int, tuple[int, ...]] = {}
        for number, pattern in enumerate(self._near(own)):
            for place in self._matched(pattern, effort):
                apart[place] = (*apart.get(place, ()), number)
        effort.spend(len(meant) + len(apart))
        return Told(self, meant, apart)

    def _near(self, own: Own) -> Iterable[str]:
        if len(own.patterns) <= len(self._arns):
            return own.patterns
        return dict.fromkeys(pattern for arn in self._arns for pattern in own.near(arn))

    def _matched(self, pattern: str, effort: Effort) -> frozenset[int]:
        """The places of those that a pattern matches; none where it matches all, and so tells none apart."""
        found = self._matching.get(pattern)
        if found is None:
            matched = self._arns_matched(pattern, effort)
            everything = len(matched) == len(self._arns)
            found = frozenset() if everything else frozenset([self._place[arn] for arn in matched])
            self._matching[pattern] = found
        return found

    def _arns_matched(self, pattern: str, effort: Effort) -> list[str]:
        body = pattern[:-1] if pattern.endswith("*") else pattern
        if {"*", "?", LITERAL_STAR, LITERAL_QUESTION}.isdisjoint(body):
            effort.spend(1)
            if body == pattern:
                return [pattern] if pattern in self._place else []
            at = until = bisect_left(self._ordered, body)
            while until < len(self._ordered) and self._ordered[until].startswith(body):
                until += 1
            return self._ordered[at:until]
        effort.spend(len(self._arns))
        return [arn for arn in self._arns if matches_resource(pattern, arn)]

    def sort(self, arn: str, meant: set[int], apart: dict[int, tuple[int, ...]]) -> Sort | None:
        """The sort of a resource; None for one that is not known."""
        place = self._place.get(arn)
        if place is None:
            return None
        policy = self._policy[place]
        return self._base[place], policy if policy in meant else _SILENT, apart.get(place, ())

    def firsts(self, meant: set[int], apart: dict[int, tuple[int, ...]]) -> list[str]:
        """Of each sort the first that cuts nothing, in their order."""
        found: dict[Sort, int] = {}
        for base, policies in self._singles.items():
            for policy in meant & policies.keys():
                self._note(found, (base, policy, ()), policies[policy], apart)
            best = len(self._arns)
            for policy, places in policies.items():
                if places[0] > best:
                    break  # they are in the order of their first places
                if policy not in meant:
                    self._note(found, (base, _SILENT, ()), places, apart)
                    best = found.get((base, _SILENT, ()), best)
        for place in apart:
            arn = self._arns[place]
            sort = self.sort(arn, meant, apart)
            if sort is not None and self._is_single(arn):
                found[sort] = min(place, found.get(sort, place))
        return [self._arns[place] for place in sorted(found.values())]

    def _note(self, found: dict[Sort, int], sort: Sort, places: list[int], apart: dict[int, tuple[int, ...]]) -> None:
        place = next((each for each in places if each not in apart), None)
        if place is not None:
            found[sort] = min(place, found.get(sort, place))


class Told:
    """The sorts of known resources, as one caller finds them."""

    def __init__(self, sorts: Sorts, meant: set[int], apart: dict[int, tuple[int, ...]]) -> None:
        self._sorts = sorts
        self._meant = meant
        self._apart = apart

    def sort(self, arn: str) -> Sort | None:
        """The sort of a resource; None for one that is not known."""
        return self._sorts.sort(arn, self._meant, self._apart)

    def firsts(self) -> list[str]:
        return self._sorts.firsts(self._meant, self._apart)


def _base(asked: Asked, arn: str, target: ResourceSide) -> Hashable:
    """What distinguishes a resource from others, apart from its own policies and the caller's."""
    action = asked.action.lower()
    limits = list(target.rcp.layers) if target.rcp is not None else []
    if target.vpc_endpoint is not None:
        limits.append(target.vpc_endpoint)
    about = [compiled for layer in limits for compiled, _, _ in layer.about(action)]
    tail = arn.split(":", 5)[-1]
    return (
        target.owner,
        target.is_common,
        target.rcp is not None,
        tuple(sorted(target.keys.items())),
        needs_resource_policy(action, arn),
        keeps_policy(action, arn),
        is_reserved(action, arn),
        tuple(tail.startswith(each) for each in reserved_beginnings(action)),
        ":alias/aws/" in arn,
        tuple(_covers(compiled, arn) for compiled in about),
    )


def _says(asked: Asked, arn: str, target: ResourceSide) -> Hashable:
    """What a resource's own policy says about the action; None for nothing."""
    layer = target.policy
    if layer is None:
        return None
    about = list(layer.about(asked.action.lower()))
    if not about and not layer.why:
        return None
    return (
        bool(layer.why),
        layer.has_not_principal(),
        layer.named_sessions(),
        tuple((compiled, _saved(source, compiled), _covers(compiled, arn)) for compiled, source, _ in about),
    )


def _saved(source: Source, compiled: CompiledStatement) -> Hashable:
    """Since when its words are in force, where that decides whom its names mean."""
    statement = compiled.statement
    names = (*(statement.principals or ()), *(statement.not_principals or ()))
    is_telling = any(kind == "AWS" and name != "*" and not account_named(name) for kind, name in names)
    return source.saved if is_telling else None


def _covers(compiled: CompiledStatement, arn: str) -> Hashable:
    """Whether a statement is about a resource; where that depends on the caller, each resource is one of its own."""
    return arn if compiled.varies else compiled.covers(arn)
