"""Actions in groups: those of one group are spoken of by the same statements, and follow the same rules of AWS."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, cached_property, lru_cache

from pyroaring import BitMap

from erstwhile.domain.history.comparing.cells_by_pattern import cut
from erstwhile.domain.history.comparing.naming import Named, Names
from erstwhile.domain.policy.evaluation import exemptions, impossible
from erstwhile.domain.policy.knowledge.rcp_services import in_force
from erstwhile.domain.policy.knowledge.service_reference import actions_of, services
from erstwhile.domain.policy.language.document import Statement
from erstwhile.domain.policy.language.match import matches


@cache
def _known() -> tuple[str, ...]:
    return tuple(f"{service}:{name}" for service in services() for name in actions_of(service))


@cache
def _lowered() -> tuple[str, ...]:
    return tuple(action.lower() for action in _known())


@cache
def _of_service() -> dict[str, range]:
    """The numbers of each service's actions."""
    found: dict[str, range] = {}
    begin = 0
    for service in services():
        end = begin + len(actions_of(service))
        found[service] = range(begin, end)
        begin = end
    return found


@cache
def _whole_services() -> dict[str, BitMap]:
    return {service: BitMap(numbers) for service, numbers in _of_service().items() if numbers}


@lru_cache(maxsize=16_384)
def _matching(pattern: str) -> BitMap:
    """The numbers of the known actions that a pattern (lower case) matches."""
    service, colon, _ = pattern.partition(":")
    if pattern == "*":
        return BitMap(range(len(_lowered())))
    if not colon or "*" in service or "?" in service:
        places: Iterable[int] = range(len(_lowered()))
    else:
        places = _of_service().get(service, ())
    lowered = _lowered()
    return BitMap([place for place in places if matches(pattern, lowered[place])])


@cache
def _apart() -> tuple[BitMap, ...]:
    """Actions with rules of their own, rule by rule."""
    named = (
        exemptions.NEEDS_NO_PERMISSION, exemptions.WITHOUT_CREDENTIALS, exemptions.OUTSIDE_RCP,
        exemptions.BUCKET_POLICY, exemptions.ROLE_TRUST, impossible.CHANGES_ROLE, impossible.DESCRIBES_ROLE,
        impossible.CHANGES_POLICY, impossible.CHANGES_ALIAS, impossible.ISSUES_TOKEN, {exemptions.SESSION_TOKEN},
        {impossible.ASSUME_ROLE},
    )  # fmt: skip
    found = [BitMap().union(*(_matching(action) for action in actions)) for actions in named]
    found.append(_matching("kms:*"))
    # What the trust policies of roles say of an action of STS is not among the statements, unless they changed.
    found += [BitMap((number,)) for number in _of_service()["sts"]]
    limited = BitMap()
    for service in in_force().services:
        limited |= _matching(f"{service}:*")
    found.append(limited)
    return tuple(found)


class ActionGroups:
    """The known actions, and those that the statements name though no reference knows them, cut into groups."""

    def __init__(self, statements: Iterable[Statement]) -> None:
        patterns: dict[str, None] = {}
        written: dict[str, str] = {}
        spoken: dict[tuple[frozenset[str], bool], list[Statement]] = {}
        for each in statements:
            actions = each.actions if each.actions is not None else each.not_actions or ()
            for action in actions:
                written.setdefault(action.lower(), action)
            lowered = frozenset(action.lower() for action in actions)
            patterns.update(dict.fromkeys(sorted(lowered)))
            spoken.setdefault((lowered, each.actions is None), []).append(each)
        self._names = _known()
        self._patterns = patterns
        self._written = written
        self._more = [
            written[pattern].replace("*", "Any").replace("?", "x")
            for pattern in patterns
            if pattern != "*" and not _matching(pattern)
        ]
        self.count = len(self._names) + len(self._more)
        self.everything = BitMap(range(self.count))
        self._kept = list(spoken.values())
        self._cuts = list(_apart())
        self._spoken_by: dict[int, BitMap] = {}
        for (lowered, is_except), alike in spoken.items():
            cut = self._spoken(lowered, is_except)
            self._cuts.append(cut)
            self._spoken_by |= dict.fromkeys(map(id, alike), cut)

    def groups(self, within: BitMap) -> list[BitMap]:
        """Some of the actions, in groups."""
        found = [within] if within else []
        for inside in self._cuts:
            if inside.intersect(within):
                found = [part for group in found for part in cut(group, inside)]
        return found

    def spoken_of(self, statements: Iterable[Statement]) -> BitMap:
        """The actions that some of the statements are about."""
        return BitMap().union(*(self._spoken_by[id(each)] for each in statements))

    @cached_property
    def free(self) -> BitMap:
        """The actions about which no policy decides."""
        return BitMap().union(*map(self.matching, exemptions.NEEDS_NO_PERMISSION))

    def with_beginnings(self, beginnings: tuple[str, ...]) -> BitMap:
        """The actions whose names, in lower case, begin in one of some ways."""
        return BitMap().union(*(self.matching(f"{each}*") for each in beginnings))

    def spoken_by(self, statement: Statement) -> BitMap:
        """The numbers of the actions that one of the statements is about."""
        return self._spoken_by[id(statement)]

    def named(self, cells: BitMap) -> list[Named]:
        """Actions by the patterns of the statements and by services, else by their names; of those that are `free` it
        does not matter whether they are named."""
        patterns, free = self._by_pattern, self.free
        may = cells | free
        left = cells - BitMap.union(BitMap(), *(inside for inside in patterns.values() if inside <= may))
        if not left:
            return self._names_by_pattern.of(cells)
        patterns = dict(patterns)
        is_most = 2 * len(cells) > self.count  # then what it is without is told
        if is_most:
            patterns["*"] = BitMap(range(self.count))
        mixed = BitMap(range(len(self._names), self.count))
        for service, inside in _whole_services().items():
            met = inside & cells
            if met or is_most:
                patterns[f"{service}:*"] = self.matching(f"{service}:*")
            if met and len(met) < len(inside) and inside - met - free:
                mixed |= inside
        singles = {self.name(place): BitMap((place,)) for place in mixed}
        return Names(patterns | singles, free).of(cells)

    @cached_property
    def _by_pattern(self) -> dict[str, BitMap]:
        """The actions that each pattern of the statements matches, as it is written there."""
        return {self._written.get(each, each): self.matching(each) for each in self._patterns}

    @cached_property
    def _names_by_pattern(self) -> Names:
        return Names(self._by_pattern, self.free)

    def name(self, number: int) -> str:
        """An action by its number."""
        return self._names[number] if number < len(self._names) else self._more[number - len(self._names)]

    def matching(self, pattern: str) -> BitMap:
        """The numbers of the actions that a pattern (lower case) matches."""
        more = [place for place, name in enumerate(self._more, len(self._names)) if matches(pattern, name.lower())]
        found = _matching(pattern)
        return found | BitMap(more) if more else found

    def _spoken(self, actions: frozenset[str], is_except: bool) -> BitMap:
        found = BitMap()
        for action in actions:
            found |= self.matching(action)
        return BitMap(range(self.count)) - found if is_except else found
