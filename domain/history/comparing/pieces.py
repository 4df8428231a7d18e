"""Resources in pieces: what differs about an action inside of each pattern that tells of a difference, put together.

Serves the row "difference of two days" of `make bench-history`; tests/domain/history/test_diff_pieces.py holds it to
comparing all resources at once.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import NamedTuple

from pyroaring import BitMap

from erstwhile.domain.history.comparing.asked_group import AskedGroup, OutcomesOf, are_told_apart, bearing_on
from erstwhile.domain.history.comparing.elsewhere import ArnText
from erstwhile.domain.history.comparing.inside import CANNOT_SAY, NOTHING, Inside, Root
from erstwhile.domain.history.comparing.instants import Instants
from erstwhile.domain.history.comparing.piece import Piece
from erstwhile.domain.history.comparing.resource_cells import OWN_RULES, Ground, ResourceCells, rules_of_aws
from erstwhile.domain.history.comparing.sharing import Likeness, Outcomes
from erstwhile.domain.history.comparing.standing import Said
from erstwhile.domain.policy.evaluation.exemptions import BUCKET_POLICY, has_own_rules
from erstwhile.domain.policy.inputs.caller_keys import USER_ID
from erstwhile.domain.policy.language.patterns.pattern_parts import Effort
from erstwhile.domain.policy.language.statement import CompiledStatement

Decides = Callable[[Ground, list[list[Said]], list[CompiledStatement], Root], dict[str, Outcomes | None]]
_OF_ROOT, _OF_SAID = 2, 6
"""Where the key of a piece has what does not rest on its root, and what statements say inside."""


_NO_PIECE = Piece(Root(-1, "", ArnText("", False, None), ("", False)), (), Ground("", "", [], [], []), {}, 0)


class BareRegions(NamedTuple):
    """What differs in known resources about which no statement says anything but what it says about all."""

    known: dict[str, bool]
    """No others have its identity while it is kept."""
    alone: frozenset[str] | None
    """How the names end that their policies mean alone; None where that may be anyone."""
    is_alike: bool
    """Whether no condition is read."""
    pieces: dict[str, Piece]


class Pieces:
    """Of one principal."""

    def __init__(
        self,
        instants: Instants,
        cells: ResourceCells,
        likeness: Likeness,
        changed_keys: set[str],
        is_known: bool,
        is_other: bool,
        effort: Effort,
    ) -> None:
        """`is_known`: whether it is known what all of its policies say; `is_other`: whether other layers have a say."""
        self._inside: Inside = instants.inside
        self._instants = instants
        self._cells = cells
        self._likeness = likeness
        self._changed_keys = changed_keys
        self._is_known = is_known
        self._is_other = is_other
        self._effort = effort

    def of_group(
        self, action: str, about: list[list[Said]], numbers: list[list[int]], decides: Decides, outcomes: OutcomesOf
    ) -> tuple[list[Piece], dict[str, bool]] | None:
        """What differs about an action (lower case), in pieces, and the patterns of the known resources that were
        looked at; None where it has to be compared at once. `about`: the statements about it at each instant; `numbers`
        of them; `decides`: the outcomes where they differ."""
        inside = self._inside
        before, after = (frozenset(each) for each in numbers)
        everything = before | after
        telling, reading = everything if self._is_other else before ^ after, self._is_other
        if self._changed_keys:
            those = inside.reading(everything, self._changed_keys)
            telling, reading = telling | those, reading or bool(those)
        if not inside.unfit.isdisjoint(everything) or action.startswith(OWN_RULES):
            return None
        if self._is_other and not telling:
            return None  # what no statement of its own is about, policies of resources may allow
        known = self._cells.known_regions(action, False, bool(telling))
        moved = tuple([region for region, has_moved in known.items() if has_moved])
        if not telling and not moved:
            return [], known
        if rules_of_aws(action) and (telling or action not in BUCKET_POLICY):
            return None
        is_everywhere = self._is_other or not inside.everywhere.isdisjoint(telling)
        if is_everywhere:
            if not self._is_known or not inside.allowing.isdisjoint(everything):
                return None  # something may differ where no pattern tells
            roots = inside.roots_of(everything, ())
        else:
            roots = inside.roots_of(telling, moved)
        if roots is None or (not telling and len(roots) < len(moved)):
            return None
        group = AskedGroup(action, about, numbers, telling, reading, is_everywhere, outcomes)
        found = []
        for root in roots:
            piece = self._find(root, group, known, decides)
            if piece is None:
                return None
            if piece.cells:
                found.append(piece)
        if is_everywhere and known:
            bare = self._of_bare_regions(roots, group, known, decides)
            if bare is None:
                return None
            found += bare
        return found, known

    def _of_bare_regions(
        self, roots: tuple[Root, ...], group: AskedGroup, known: dict[str, bool], decides: Decides
    ) -> list[Piece] | None:
        """What differs in the known resources that no statement tells from others: all principals have them in common,
        of whom the same statements are about all resources."""
        bare = dict.fromkeys(known)
        for root in roots:
            for region in root.regions(known, self._cells.account) or ():
                bare.pop(region, None)
        if not bare:
            return []
        everywhere = self._inside.everywhere
        common = [frozenset(each for each in numbers if each in everywhere) for numbers in group.numbers]
        key = id(known), self._likeness.kind, group.action, *common
        kept = self._instants.bare.get(key)
        if kept is None:
            read = self._inside.read_by(common[0] | common[1])
            spoken = [self._inside.of_regions((region,), group.action) for region in known]
            told = [each for each in spoken if each is not None]
            alone = frozenset().union(*(each.alone for each in told)) if len(told) == len(spoken) else None
            is_alike = not read.union(self._instants.read_by_limits, *(each.read for each in told))
            kept = self._instants.bare.keep(key, BareRegions(known, alone, is_alike, {}))
        if kept.alone is None or not kept.alone.isdisjoint(self._likeness.own):
            return None
        found = []
        for region in bare:
            piece = kept.pieces.get(region)
            if piece is None:
                root_of = self._inside.root_of(region)
                if root_of is None or root_of.regions(known, self._cells.account) != (region,):
                    return None
                piece = self._find(root_of, group, known, decides)
                if piece is None:
                    return None
                if kept.is_alike:
                    kept.pieces[region] = piece
            if piece.cells:
                found.append(piece)
        return found

    def _find(self, root: Root, group: AskedGroup, known: dict[str, bool], decides: Decides) -> Piece | None:
        """None where it cannot be found so; `_NO_PIECE` where nothing differs."""
        regions: tuple[str, ...] | None = (root.pattern,)
        if group.telling:
            regions = root.regions(known, self._cells.account) if known else ()
        if regions is None:
            return None
        has_moved = any(known[region] for region in regions)
        key = self._key(root, group, regions, has_moved)
        if not key:
            return None if key is None else _NO_PIECE
        piece = self._instants.pieces.entries.get(key)
        if piece is not None:
            self._effort.spend(piece.effort)
            return piece
        says, spent = root.says, self._effort.spent
        if group.telling and not regions:
            piece = self._find_nested(root, group, key)
            if piece is not None:
                return self._instants.pieces.keep(key, piece)
        told_by: tuple[str, ...] = ()
        if any(says[number] for number in group.telling):
            told_by = (root.pattern,)
            if (
                root.pattern in known
                and not group.is_everywhere
                and not self._inside.names(group.telling, root.pattern)
            ):
                return None  # a pattern tells of a difference in a part of a region of which something differs
        bearing, told = bearing_on(root, group)
        grounds = self._cells.grounds(
            group.action, bearing, {region: known[region] for region in regions}, bool(group.telling), told_by
        )
        if len(grounds) != 1 or bool(grounds[0].region) is bool(group.telling):
            return None
        if any(len(each.cells) > 1 for each in grounds[0].inner):
            return None  # whether it is told by itself follows from the patterns of all
        decided = decides(grounds[0], bearing, told, root)
        number = self._instants.numbers.of
        found = {cell: (outcomes, number(outcomes)) for cell, outcomes in decided.items() if outcomes is not None}
        piece = Piece(root, regions, grounds[0], found, self._effort.spent - spent)
        return self._instants.pieces.keep(key, piece)

    def _find_nested(self, root: Root, group: AskedGroup, key: tuple[Hashable, ...]) -> Piece | None:
        """The same where no known resource is looked at: found from what statements say alone. None where it cannot be
        found so."""
        inside, says, spent = self._inside, root.says, self._effort.spent
        both = [{each: None for number in numbers if (each := says[number])} for numbers in group.numbers]
        cut = inside.nested(root, both[0] | both[1])
        if cut is None:
            return None
        cells, matching = cut
        covers: list[list[set[int]]] = []
        everything = range(len(cells))
        for those in both:
            covered: list[set[int]] = [set() for _ in cells]
            for each in those:
                cover, patterns = inside.covering[each]
                places: Iterable[int] = everything
                if "*" not in patterns:
                    places = BitMap().union(*(matching[pattern] for pattern in patterns))
                for place in places:
                    covered[place].add(cover)
            covers.append(covered)
        found: dict[str, tuple[Outcomes, int]] = {}
        for place, cell in enumerate(cells):
            one, other = covers[0][place], covers[1][place]
            if one == other and not group.reading:
                continue
            outcomes = self._decided(group, key, cell, one, other, root)
            if outcomes is not None:
                found[cell] = outcomes
        ground = Ground("", "", cells, [], [])
        return Piece(root, (), ground, found, self._effort.spent - spent, matching)

    def _decided(
        self, group: AskedGroup, key: tuple[Hashable, ...], cell: str, one: set[int], other: set[int], root: Root
    ) -> tuple[Outcomes, int] | None:
        """The outcomes of a cell where they differ. `one`, `other`: what the statements say that are about it."""
        before, after = self._instants.sides_of(cell)
        of: Hashable = None
        if not before.has_policies and not after.has_policies:
            sides = before.owner, after.owner, before.is_common, after.is_common
            of = *key[_OF_ROOT:_OF_SAID], sides, frozenset(one), frozenset(other)
            kept = self._instants.decided.entries
            if of in kept:
                self._effort.spend(1)
                return kept[of]
        covering = []
        for those, covers in zip(group.placed(), (one, other), strict=True):
            says = [(said, root.says[number]) for said, number in those]
            covering.append([said for said, each in says if each and self._inside.covering[each][0] in covers])
        outcomes = group.outcomes([cell], covering)[cell]
        found = None if outcomes is None else (outcomes, self._instants.numbers.of(outcomes))
        return found if of is None else self._instants.decided.keep(of, found)

    def _key(
        self, root: Root, group: AskedGroup, regions: tuple[str, ...], has_moved: bool
    ) -> tuple[Hashable, ...] | None:
        """Equal where the same differs inside of a root; () where nothing does. None where that cannot be said.
        `regions`: those of known resources inside; `has_moved`: whether something of one of them differs."""
        action = group.action
        inside, likeness = self._inside, self._likeness
        says = root.says
        both = []
        for those in group.numbers:
            said = set()
            for number in those:
                each = says.get(number)
                said.add(inside.say(root, number) if each is None else each)
            said.discard(NOTHING)
            both.append(said)
        one, other = both
        if CANNOT_SAY in one or CANNOT_SAY in other:
            return None
        conditions = inside.read
        read: set[str] = set()
        conditional = [each for each in one | other if each in conditions]
        if conditional:
            if not are_told_apart(root, group):
                return None
            read.update(*(conditions[each] for each in conditional))
        is_alike = one == other and not has_moved and not self._is_other
        if is_alike and not (group.reading and not read.isdisjoint(self._changed_keys)):
            return ()
        spoken: Hashable = 0
        if regions:
            of_regions = inside.of_regions(regions, action)
            if of_regions is None or not of_regions.alone.isdisjoint(likeness.own):
                return None
            spoken = of_regions.number
            read |= of_regions.read
            # By which patterns a part of a region is named, follows from all that meet it, also from those around it.
            besides = inside.besides
            one, other = ({besides[each] for each in those if says[each]} for those in group.numbers)
        read |= self._instants.read_by_limits
        if USER_ID in read and likeness.is_role:
            return None
        values = self._instants.numbers.of(likeness.values(read)) if read else -1
        rules = action if self._instants.has_limits or has_own_rules(action) or action in BUCKET_POLICY else ""
        return root.number, bool(group.telling), likeness.kind, values, rules, spoken, frozenset(one), frozenset(other)
