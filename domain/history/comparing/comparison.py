"""One principal at two instants: on which actions and resources the outcome of its requests differs.

Actions are taken in groups that all statements of both instants speak of alike (`action_groups`), resources in the
parts into which the patterns of these statements cut them (`resource_cells`); one of each is decided about at both
instants. Where neither the statements about a group nor what they read of the caller differ, nothing is decided.
"""

from __future__ import annotations

from typing import NamedTuple

from pyroaring import BitMap

from erstwhile.domain.directory import attributes as a
from erstwhile.domain.directory.facts import EntityKey
from erstwhile.domain.history.comparing.action_groups import FREE, ActionGroups
from erstwhile.domain.history.comparing.causes import Place, places_of
from erstwhile.domain.history.comparing.cells_by_pattern import CellsByPattern
from erstwhile.domain.history.comparing.instants import Instants
from erstwhile.domain.history.comparing.moved_actions import moved_actions
from erstwhile.domain.history.comparing.naming import Named, Names
from erstwhile.domain.history.comparing.outcome import DENIED, Outcome
from erstwhile.domain.history.comparing.resource_cells import TAGS, Ground, ResourceCells
from erstwhile.domain.history.comparing.resources import EVERYBODY, meant, side_of
from erstwhile.domain.history.comparing.standing import Said, Standing
from erstwhile.domain.policy.evaluation.exemptions import BUCKET_POLICY, has_own_rules
from erstwhile.domain.policy.evaluation.impossible import is_reserved
from erstwhile.domain.policy.inputs.caller import own_endings
from erstwhile.domain.policy.inputs.principals import find_resources
from erstwhile.domain.policy.language.patterns.pattern_parts import Effort
from erstwhile.domain.policy.language.statement import CompiledStatement
from erstwhile.domain.questions.resource_reach import DECIDED


class Part(NamedTuple):
    """Actions and resources on which the outcome differs alike, with an example."""

    actions: tuple[Named, ...]
    resources: tuple[Named, ...]
    before: Outcome
    after: Outcome
    events: tuple[int, ...]
    example: tuple[str, str]
    owner: str
    """The account whose the resources are, where it is another than the principal's."""


def _is_of_owner(key: str) -> bool:
    """Whether a condition key says where the owner of a resource stands in its organisation."""
    return key.startswith("aws:resourceorg")


_Differs = tuple[Outcome, Outcome, tuple[int, ...]]
_TOLD: _Differs = (DENIED, DENIED, ())
"""What differs in these cells is told of the region that they are in."""


class Comparison:
    """Of one principal that is there at both instants."""

    def __init__(self, instants: Instants, before: Standing, after: Standing, effort: Effort) -> None:
        self._instants = instants
        self._both = (before, after)
        self._effort = effort
        self._account = after.caller.account
        self._changed_keys = {
            key
            for key in before.caller.keys.keys() | after.caller.keys.keys()
            if before.caller.keys.get(key) != after.caller.keys.get(key)
        }
        self._is_other = before.shape != after.shape
        self._cells = ResourceCells(instants, self._both, self._changed_keys, effort)

    def parts(self) -> list[Part]:
        """Raises TooManyParts."""
        spoken = [said.compiled.statement for one in self._both for said in (*one.said, *one.said_of_resources)]
        for directory in self._instants.directories:
            for arn in self._cells.meaning:
                policy = side_of(directory, arn).policy
                spoken += [compiled.statement for compiled, _, _ in policy.placed] if policy is not None else []
        groups = ActionGroups(spoken)
        apart = groups.groups(
            moved_actions(groups, self._instants, self._both, self._cells.meaning, self._changed_keys)
        )  # fmt: skip
        self._effort.spend(len(apart) * (1 + len(spoken)) // 10)
        alike: dict[frozenset[object], tuple[BitMap, list[Part]]] = {}
        free = groups.spelled(FREE)
        for group in apart:
            if group <= free:
                continue
            found = self._of_group(groups, group.min())
            if found:
                # In whichever order: it is that in which the parts' resources were found.
                key = frozenset((each.resources, each.before, each.after, each.events, each.owner) for each in found)
                alike.setdefault(key, (BitMap(), found))[0].update(group)
        return [
            part._replace(actions=tuple(named), example=(groups.name(cells.min()), part.example[1]))
            for cells, found in alike.values()
            for named in (groups.named(cells, free),)
            for part in found
        ]

    def _of_group(self, groups: ActionGroups, number: int) -> list[Part]:
        action = groups.name(number)
        lowered = action.lower()
        about = [
            [said for said in (*one.said, *one.said_of_resources) if groups.speaks(said.compiled.statement, number)]
            for one in self._both
        ]
        read = {key for each in about for said in each for key in said.compiled.keys_read}
        before, after = ({(said.place, said.content) for said in each} for each in about)
        is_moved = self._is_other or before != after or not read.isdisjoint(self._changed_keys)
        if self._account in self._instants.limited:
            is_moved = is_moved or any(map(_is_of_owner, read))
        grounds = self._cells.grounds(lowered, about, read, is_moved)
        return [part for ground in grounds for part in self._differing(action, ground, about)]

    def _differing(self, action: str, ground: Ground, about: list[list[Said]]) -> list[Part]:
        found: dict[str, _Differs | None] = {}
        alike: dict[object, _Differs | None] = {}
        telling = self._telling(about)
        for resource in ground.cells:
            if resource in ground.moved:
                found[resource] = self._differs(action, resource, about)
            elif not self._may_differ(resource, telling):
                found[resource] = None
            else:
                covering = [[said for said in each if said.compiled.may_cover(resource)] for each in about]
                sort = self._sort(action.lower(), resource, covering)
                if sort is None or sort not in alike:
                    alike[sort] = self._differs(action, resource, about)
                found[resource] = alike[sort]
        if not any(found.values()):
            return []
        self._effort.spend(len(found))
        told = []
        for inner in ground.inner:
            if len({found[cell] for cell in inner.cells}) > 1:
                told += self._told(action, inner, {cell: found[cell] for cell in inner.cells})
                found |= dict.fromkeys(inner.cells, _TOLD)
        return [*self._told(action, ground, found), *told]

    def _sort(self, action: str, resource: str, covering: list[list[Said]]) -> object:
        """What tells resources apart about which nothing differs between the instants: of one sort, one is decided
        about. None for one that is a sort of its own. `action` in lower case; `covering`: the statements about the
        resource at each instant."""
        if resource == "*" or has_own_rules(action) or action in BUCKET_POLICY:
            return None
        compiled = [said.compiled for each in covering for said in each]
        if any(each.varies or any(key.startswith(TAGS) for key in each.keys_read) for each in compiled):
            return None
        sides = [side_of(directory, resource) for directory in self._instants.directories]
        for side, one in zip(sides, self._both, strict=True):
            if side.policy is not None and not meant(side).isdisjoint(own_endings(one.caller) | {EVERYBODY}):
                return None
        return (
            *((side.owner, side.is_common, side.policy is None) for side in sides),
            *(tuple(map(id, each)) for each in covering),
        )

    def _telling(self, about: list[list[Said]]) -> list[CompiledStatement]:
        """Of the statements about an action at each instant, those that differ, or read what differs."""
        before, after = ({(said.place, said.content) for said in each} for each in about)
        both = before & after
        is_limited = self._account in self._instants.limited
        found = {
            said.compiled: None
            for each in about
            for said in each
            if (said.place, said.content) not in both
            or not said.compiled.keys_read.isdisjoint(self._changed_keys)
            or (is_limited and any(map(_is_of_owner, said.compiled.keys_read)))
        }
        return list(found)

    def _may_differ(self, resource: str, telling: list[CompiledStatement]) -> bool:
        """Whether the statements about a resource of which nothing differs do, or read what differs. `telling`: those
        about the action that do."""
        if self._is_other:
            return True
        self._effort.spend(1)
        return any(each.may_cover(resource) for each in telling)

    def _differs(self, action: str, resource: str, about: list[list[Said]]) -> _Differs | None:
        self._effort.spend(2 * DECIDED)
        before, after = (one.outcome(action, resource) for one in self._both)
        return None if before == after else (before, after, self._events(resource, about))

    def _told(self, action: str, ground: Ground, found: dict[str, _Differs | None]) -> list[Part]:
        cells = list(found)
        free = BitMap()
        alike: dict[_Differs, BitMap] = {}
        for place, (resource, differs) in enumerate(found.items()):
            if differs is not None and differs is not _TOLD:
                alike.setdefault(differs, BitMap()).add(place)
            elif differs is None and is_reserved(action.lower(), resource):
                free.add(place)
        if not alike:
            return []
        by_pattern = CellsByPattern(cells)
        names = Names({pattern: by_pattern.inside(pattern) for pattern in dict.fromkeys(ground.patterns)}, free)
        return [
            Part((), tuple(ground.named(names, places)), *differs, (action, cells[places.min()]), ground.owner)
            for differs, places in alike.items()
        ]

    def _events(self, resource: str, about: list[list[Said]]) -> tuple[int, ...]:
        changes = self._instants.changes
        before, after = (
            {(each.place, each.content): each for each in said if each.compiled.may_cover(resource)} for said in about
        )
        places = self._places_there(resource, about)
        for one, own, others in ((self._both[0], before, after), (self._both[1], after, before)):
            for key, said in own.items():
                if key not in others:
                    places += places_of(
                        one.directory, self._instants.organizations, one.caller.entity, said.place[0], said.source
                    )  # fmt: skip
        found = changes.events(places)
        if not found:
            keys = self._resource_keys(resource) | {
                one.caller.entity.key for one in self._both if one.caller.entity is not None
            }
            for one in self._both:
                keys |= {(self._account, "account", self._account)}
                keys |= {each.key for each in self._instants.organizations}
                if one.caller.entity is not None:
                    keys |= {(self._account, "group", unique_id) for unique_id in one.caller.entity.group_ids}
            found = changes.all_events(keys)
        return tuple(sorted(found))

    def _places_there(self, resource: str, about: list[list[Said]]) -> list[Place]:
        """Where the facts stand of the resource: its policies, and its tags where a statement reads them."""
        keys = self._resource_keys(resource)
        attributes = [a.TRUST, a.POLICY, a.STATEMENT, a.GRANT]
        if any(key.startswith(TAGS) for each in about for said in each for key in said.compiled.keys_read):
            attributes.append(a.TAG)
        return [(key, attribute, None) for key in keys for attribute in attributes]

    def _resource_keys(self, resource: str) -> set[EntityKey]:
        return {each.key for directory in self._instants.directories for each in find_resources(directory, resource)}
