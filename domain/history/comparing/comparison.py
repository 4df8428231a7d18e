"""One principal at two instants: on which actions and resources the outcome of its requests differs.

Actions are taken in groups that all statements of both instants speak of alike (`action_groups`), resources in the
parts into which the patterns of these statements cut them (`resource_cells`); one of each is decided about at both
instants. Where neither the statements about a group nor what they read of the caller differ, nothing is decided.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from pyroaring import BitMap

from erstwhile.domain.history.comparing.action_groups import ActionGroups
from erstwhile.domain.history.comparing.cells_by_pattern import CellsByPattern, Covered
from erstwhile.domain.history.comparing.events_behind import EventsBehind, Found
from erstwhile.domain.history.comparing.instants import Instants
from erstwhile.domain.history.comparing.moved_actions import moved_actions, moved_statements
from erstwhile.domain.history.comparing.naming import Names
from erstwhile.domain.history.comparing.outcome import DENIED, Outcome
from erstwhile.domain.history.comparing.resource_cells import Ground, ResourceCells
from erstwhile.domain.history.comparing.sharing import Likeness, Outcomes, Part, Shared
from erstwhile.domain.history.comparing.standing import Said, Standing
from erstwhile.domain.policy.evaluation.exemptions import ROLE_TRUST
from erstwhile.domain.policy.evaluation.impossible import is_reserved
from erstwhile.domain.policy.language.patterns.pattern_parts import Effort, meet
from erstwhile.domain.policy.language.statement import CompiledStatement
from erstwhile.domain.questions.resource_reach import DECIDED


def _bears(compiled: CompiledStatement, patterns: Sequence[str]) -> bool:
    """Whether a statement may be about resources of one of some patterns."""
    if compiled.resources is None or compiled.varies or compiled.statement.not_resources is not None:
        return True
    return any(meet(one, other) for one in compiled.resources for other in patterns)


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
        self._likeness = Likeness(instants, self._both, self._changed_keys, self._is_other)
        self._events: Found = {}
        self._asked: set[Hashable] = set()
        """What of `Instants.outcomes` it was charged for."""

    def parts(self) -> list[Part]:
        """Raises TooManyParts."""
        moved = moved_statements(self._instants, self._both, self._cells, self._changed_keys)
        if moved == [] and not self._instants.may_be_unknown:
            return []
        spoken = [each.compiled.statement for one in self._both for each in (*one.said, *one.said_of_resources)]
        cells = self._cells
        for arn in cells.meaning:
            spoken += [each.statement for each in (*self._instants.speaking(arn), *cells.limiting(arn))]
        groups = ActionGroups(spoken)
        said = [
            [(each, groups.spoken_by(each.compiled.statement)) for each in (*one.said, *one.said_of_resources)]
            for one in self._both
        ]
        apart = groups.groups(moved_actions(groups, self._instants, moved))
        self._effort.spend(len(apart) * (1 + len(spoken)) // 10)
        alike: dict[frozenset[object], tuple[BitMap, list[Part]]] = {}
        for group in apart:
            if group <= groups.free:
                continue
            number = group.min()
            about = [[each for each, actions in those if number in actions] for those in said]
            found = self._of_group(groups.name(number), about)
            if found:
                # In whichever order: it is that in which the parts' resources were found.
                key = frozenset((each.resources, each.before, each.after, each.events, each.owner) for each in found)
                alike.setdefault(key, (BitMap(), found))[0].update(group)
        return [
            part._replace(actions=tuple(named), example=(groups.name(cells.min()), part.example[1]))
            for cells, found in alike.values()
            for named in (groups.named(cells),)
            for part in found
        ]

    def _of_group(self, action: str, about: list[list[Said]]) -> list[Part]:
        """What differs about an action and all of its group. `about`: the statements about it at each instant."""
        lowered = action.lower()
        read = {key for each in about for said in each for key in said.compiled.keys_read}
        telling = self._telling(about)
        told_by = self._told_by(telling)
        is_moved = self._is_other or bool(telling)
        has_roles = is_moved and lowered in ROLE_TRUST and self._instants.within is None
        regions = self._cells.regions(lowered, read, is_moved, told_by, not has_roles)
        if not regions and not is_moved:
            return []
        if told_by is not None:
            bearing = (*told_by, *(region for region, has_moved in regions.items() if has_moved))
            about = [[said for said in each if _bears(said.compiled, bearing)] for each in about]
        key = self._likeness.of_group(lowered, about, regions, told_by)
        if has_roles:
            if self._is_alike(key, action, about, regions, telling, told_by):
                return []
            # The others, of which nothing is decided, are the same for all of this key.
            regions = self._cells.regions(lowered, read, is_moved, told_by)
        shared = None if key is None else self._instants.shared.get(key)
        if shared is None:
            before = self._effort.spent
            grounds = self._cells.grounds(lowered, about, regions, is_moved, told_by)
            decided = [(ground, self._decided(action, ground, about, telling)) for ground in grounds]
            differing = [(ground, found) for ground, found in decided if any(found.values())]
            shared = Shared(differing, self._effort.spent - before, {})
            if key is not None:
                self._instants.shared.keep(key, shared)
        else:
            self._effort.spend(shared.effort)
        if not shared.decided:
            return []
        events = EventsBehind(self._instants, self._both, about, self._events)
        return [part for place in range(len(shared.decided)) for part in self._differing(action, shared, place, events)]

    def _is_alike(
        self, key: Hashable | None, action: str, about: list[list[Said]], regions: dict[str, bool],
        telling: list[CompiledStatement], told_by: tuple[str, ...] | None,
    ) -> bool:  # fmt: skip
        """Whether nothing differs about an action that trust policies decide about. `regions`: without the thousands of
        roles that never let the principal in, among which nothing does; they are needed to name what differs."""
        found = None if key is None else self._instants.alike.get(key)
        if found is None:
            before = self._effort.spent
            grounds = self._cells.grounds(action.lower(), about, regions, True, told_by)
            decided = (self._decided(action, ground, about, telling) for ground in grounds)
            is_alike = self._cells.are_others(grounds, regions) and not any(any(each.values()) for each in decided)
            found = is_alike, self._effort.spent - before
            if key is not None:
                self._instants.alike.keep(key, found)
        else:
            self._effort.spend(found[1])
        return found[0]

    def _told_by(self, telling: list[CompiledStatement]) -> tuple[str, ...] | None:
        """The patterns of the resources on which something may differ for what the principal has; None where that may
        be all."""
        if self._is_other:
            return None
        for each in telling:
            if (
                each.resources is None
                or each.varies
                or each.statement.not_resources is not None
                or "*" in each.resources
            ):
                return None
        return tuple(dict.fromkeys(pattern for each in telling for pattern in each.resources or ()))

    def _decided(
        self, action: str, ground: Ground, about: list[list[Said]], telling: list[CompiledStatement]
    ) -> dict[str, Outcomes | None]:
        """Of each cell, the outcomes at the two instants where they differ."""
        cells = ground.cells
        found: dict[str, Outcomes | None] = dict.fromkeys(cells)
        moved = BitMap([place for place, cell in enumerate(cells) if cell in ground.moved])
        for place in moved:
            found[cells[place]] = self._differs(action, cells[place])
        covered = Covered(cells)
        lowered = action.lower()
        for places in covered.apart(self._that_may_differ(lowered, covered, telling) - moved, about):
            covering = [[said for said in each if places.min() in covered.by(said.compiled)] for each in about]
            found |= self._outcomes(action, [cells[place] for place in places], covering)
        return found

    def _outcomes(self, action: str, resources: list[str], covering: list[list[Said]]) -> dict[str, Outcomes | None]:
        """The outcomes of resources at the two instants where they differ: of all that are of one sort, and of all
        principals that are alike, one is decided about. `covering`: the statements about them at each instant."""
        outcomes = self._instants.outcomes
        found: dict[str, Outcomes | None] = {}
        keys = self._likeness.of_resources(action.lower(), resources, covering)
        for resource, key in zip(resources, keys, strict=True):
            if key is None:
                found[resource] = self._differs(action, resource)
                continue
            if key not in outcomes:
                outcomes.keep(key, self._differs(action, resource))
            elif key not in self._asked:
                self._effort.spend(2 * DECIDED)  # as if it had been compared first
            self._asked.add(key)
            found[resource] = outcomes.entries[key]
        return found

    def _differing(self, action: str, shared: Shared, place: int, events: EventsBehind) -> list[Part]:
        ground, decided = shared.decided[place]
        self._effort.spend(len(decided))
        found: dict[str, _Differs | None] = {
            cell: None if each is None else (*each, events.of(cell)) for cell, each in decided.items()
        }
        key = place, tuple([each[2] for each in found.values() if each is not None])
        parts = shared.told.get(key)
        if parts is None:
            parts = shared.told[key] = self._parts(action, ground, found)
        return parts

    def _parts(self, action: str, ground: Ground, found: dict[str, _Differs | None]) -> list[Part]:
        told = []
        for inner in ground.inner:
            if len({found[cell] for cell in inner.cells}) > 1:
                told += self._told(action, inner, {cell: found[cell] for cell in inner.cells})
                found |= dict.fromkeys(inner.cells, _TOLD)
        return [*self._told(action, ground, found), *told]

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

    def _that_may_differ(self, action: str, covered: Covered, telling: list[CompiledStatement]) -> BitMap:
        """The cells about which the statements that differ, or that read what differs, may decide otherwise. `telling`:
        those of them that are about the action (lower case)."""
        cells = covered.cells
        found = BitMap(range(len(cells)))
        if not self._is_other:
            self._effort.spend(len(cells))
            found = BitMap().union(*(covered.by(each) for each in telling))
        if action in ROLE_TRUST:
            found -= BitMap([place for place in found if self._cells.is_never_trusted(cells[place])])
        return found

    def _differs(self, action: str, resource: str) -> Outcomes | None:
        self._effort.spend(2 * DECIDED)
        before, after = (one.outcome(action, resource) for one in self._both)
        return None if before == after else (before, after)

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
