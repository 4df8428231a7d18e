"""What differs inside of one pattern, and how several such pieces are told together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import NamedTuple

from pyroaring import BitMap

from erstwhile.domain.history.comparing.cells_by_pattern import CellsByPattern
from erstwhile.domain.history.comparing.inside import Root
from erstwhile.domain.history.comparing.naming import Names, Pick
from erstwhile.domain.history.comparing.resource_cells import Ground
from erstwhile.domain.history.comparing.sharing import Outcomes, Part

Events = tuple[int, ...]
EventsOf = Callable[[str], Events]
_PLACES = ("", "aws")


class _Order(NamedTuple):
    """Where a cell stands among all cells of a group of actions: those of known resources first."""

    region: str
    place: tuple[int, ...]
    cell: str


class Told(NamedTuple):
    """Resources inside of a root of which the same differs."""

    outcomes: Outcomes
    number: int
    """Equal for equal outcomes."""
    label: int
    """Equal for equal events."""
    first: _Order
    picks: list[tuple[Pick, _Order]]
    region: str
    """The region of known resources by which it is told alone; '' for none."""
    owner: str


class Piece:
    """What differs about an action inside of a root; without events."""

    def __init__(
        self,
        root: Root,
        regions: tuple[str, ...],
        ground: Ground,
        found: dict[str, tuple[Outcomes, int]],
        effort: int,
        inside: dict[str, BitMap] | None = None,
    ) -> None:
        """`inside`: by pattern the places of the cells that it matches, where they are known."""
        self.effort = effort
        """What it took."""
        self.cells = list(found)
        """Those in which something differs."""
        self._found = found
        self._root = root
        self._regions = regions
        self._ground = ground
        self._inside = inside
        self._told: dict[tuple[int, ...], list[Told]] = {}

    def told(self, labels: tuple[int, ...]) -> list[Told]:
        """By the events of each cell, of which some are equal."""
        told = self._told.get(labels)
        if told is None:
            told = self._told[labels] = list(self._tell(labels))
        return told

    def _tell(self, labels: tuple[int, ...]) -> list[Told]:
        ground = self._ground
        found = {cell: (number, label) for (cell, (_, number)), label in zip(self._found.items(), labels, strict=True)}
        apart: list[Told] = []
        told_apart: set[str] = set()
        for inner in ground.inner:
            if len({found.get(cell) for cell in inner.cells}) > 1:
                apart += self._classes(inner, {cell: found[cell] for cell in inner.cells if cell in found})
                told_apart.update(inner.cells)
        own = {cell: each for cell, each in found.items() if cell not in told_apart}
        return [*self._classes(ground, own), *apart]

    def _classes(self, ground: Ground, found: dict[str, tuple[int, int]]) -> list[Told]:
        places = {cell: place for place, cell in enumerate(ground.cells)}
        alike: dict[tuple[int, int], BitMap] = {}
        for cell in found:
            alike.setdefault(found[cell], BitMap()).add(places[cell])
        if not alike:
            return []
        matching = self._inside
        if matching is None:
            by_pattern = CellsByPattern(ground.cells)
            matching = {each: by_pattern.inside(each) for each in dict.fromkeys(ground.patterns)}
        names = Names(matching, BitMap())
        told = []
        for (number, label), inside in alike.items():
            picks = []
            for pick in names.picks(inside):
                named = ground.in_region(pick.named)
                picks.append((pick._replace(named=named), self._order(ground, pick.cell)))
            first = self._order(ground, inside.min())
            outcomes = self._found[first.cell][0]
            told.append(Told(outcomes, number, label, first, picks, ground.region, ground.owner))
        return told

    def _order(self, ground: Ground, place: int) -> _Order:
        cell = ground.cells[place]
        for region in self._regions:
            if region == cell or (region.endswith("*") and cell.startswith(region[:-1])):
                return _Order(region, (place,), cell)
        owner, has_region = self._root.place
        return _Order("", (_PLACES.index(owner) + 1 if owner in _PLACES else 0, has_region, len(cell)), cell)


def parts_of(action: str, pieces: Sequence[Piece], regions: Iterable[str], events_of: EventsOf) -> list[Part]:
    """What differs about an action, of all pieces together. `regions`: the patterns of known resources, in order."""
    alike: dict[tuple[int, Events], list[Told]] = {}
    apart: list[tuple[Told, Events]] = []
    for piece in pieces:
        events = [events_of(cell) for cell in piece.cells]
        own: dict[Events, int] = {}
        labels = tuple([own.setdefault(each, len(own)) for each in events])
        told_of = list(own)
        for told in piece.told(labels) if events else ():
            if told.region:
                apart.append((told, told_of[told.label]))
            else:
                alike.setdefault((told.number, told_of[told.label]), []).append(told)
    if len(alike) == 1 and not apart:
        return [_part(action, told, events, _Places(regions)) for (_, events), told in alike.items()]
    places = _Places(regions)
    firsts = {key: min([places.of(each.first) for each in told]) for key, told in alike.items()}
    found = [_part(action, alike[key], key[1], places) for key in sorted(alike, key=firsts.__getitem__)]
    apart.sort(key=lambda each: places.of_region(each[0].region))
    return [*found, *(_part(action, [told], events, places) for told, events in apart)]


class _Places:
    """Where cells stand among all."""

    def __init__(self, regions: Iterable[str]) -> None:
        self._regions = regions

    @cached_property
    def _number_of(self) -> dict[str, int]:
        return {region: number for number, region in enumerate(self._regions)}

    def of_region(self, region: str) -> int:
        return self._number_of[region]

    def of(self, order: _Order) -> tuple[object, ...]:
        return (0, self.of_region(order.region), *order.place) if order.region else (1, *order.place, order.cell)


def _part(action: str, told: list[Told], events: Events, places: _Places) -> Part:
    """What differs alike, in one piece or several."""
    one = told[0]
    if len(told) == 1:
        named, example = [pick.named for pick, _ in one.picks], one.first.cell
    else:
        picks = [(pick.cost, pick.place, places.of(order), pick.named) for each in told for pick, order in each.picks]
        named = [each[3] for each in sorted(picks, key=lambda each: each[:3])]
        example = min([(places.of(each.first), each.first.cell) for each in told])[1]
    return Part((), tuple(named), *one.outcomes, events, (action, example), one.owner)
