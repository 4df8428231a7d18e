"""The rows of a window, from columns: `WindowRows`. Numbers of entities and values go on from segment to segment."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson

from erstwhile.domain.directory import attributes as a
from erstwhile.domain.directory.facts import EntityKey, Value
from erstwhile.domain.directory.named import Principals, all_of
from erstwhile.domain.history.at_once.readings import said_by
from erstwhile.domain.history.wide_history import ABSENT, Described, Ints, Rows, Speaking, T, described_policy
from erstwhile.domain.policy.language.bearing_statement import BearingStatements
from erstwhile.domain.vocabulary.bounded import Bounded
from erstwhile.domain.vocabulary.micros import ALWAYS, NEVER
from erstwhile.projections.columns.attribute_rows import rows_of_attribute
from erstwhile.projections.columns.believed import believed_rows
from erstwhile.projections.columns.documents import Bearing, documents_of
from erstwhile.projections.columns.held_items import HeldItems, held_items
from erstwhile.projections.columns.in_force import in_force
from erstwhile.projections.columns.pair_numbers import PairNumbers, groups_of, pair_numbers
from erstwhile.projections.columns.principals import are_of_services, principals_in
from erstwhile.projections.columns.segment import Segment
from erstwhile.projections.columns.stack import Layer, Stack
from erstwhile.projections.columns.texts import Codes

_NOTHING = np.empty(0, dtype=np.int64)
Mask = npt.NDArray[np.bool_]
_MOST_KEPT = 8
"""Positions of which something is kept."""


class _Part:
    """A segment, and what its numbers begin with."""

    def __init__(self, layer: Layer, entities: int, values: int, window: tuple[int, int], known_at: int) -> None:
        self.segment: Segment = layer.segment
        self.entities, self.values = entities, values
        self.counts = None if layer.is_whole else layer.counts
        self.window, self.known_at = window, known_at

    def holding(self, rows: Codes, items: Ints | None = None, wanted: Mask | None = None) -> Rows:
        """Of some rows those that hold in the window, as known at the position. `items`: a number for each; `wanted`:
        whether each entity of the segment is."""
        segment, (begin, end) = self.segment, self.window
        which = believed_rows(segment, self.known_at)[rows]
        if wanted is not None or self.counts is not None:
            entities = segment.entity[rows]
            which = which if wanted is None else which & wanted[entities]
            which = which if self.counts is None else which & self.counts[entities]
        rows, items = _some(which, rows, items)
        since = segment.valid_from[rows]
        which = since < end
        rows, items = _some(which, rows, items)
        since, until = since[which], segment.valid_to[rows]
        which = until > begin
        rows, items = _some(which, rows, items)
        return Rows(
            segment.entity[rows].astype(np.int64) + self.entities,
            items if items is not None else np.zeros(len(rows), dtype=np.int64),
            segment.value[rows].astype(np.int64) + self.values,
            since[which],
            until[which],
        )

    def of_attribute(self, attribute: str, wanted: Mask | None) -> Rows:
        """As `holding`, of all rows of an attribute, in their order."""
        held, (begin, end) = rows_of_attribute(self.segment, attribute, self.known_at), self.window
        which = held.begin < end
        which &= held.end > begin
        places = np.flatnonzero(which)
        for each in (wanted, self.counts):
            if each is not None:
                places = places[each[held.holders[places]]]
        return Rows(
            held.holders[places].astype(np.int64) + self.entities,
            np.zeros(len(places), dtype=np.int64),
            self.segment.value[held.rows[places]].astype(np.int64) + self.values,
            held.begin[places],
            held.end[places],
        )

    def held(self, attribute: str) -> HeldItems:
        return held_items(self.segment, attribute, self.known_at)

    def holding_items(self, held: HeldItems, pairs: Ints, items: Ints, wanted: Mask | None) -> Rows:
        """As `holding`, of some pairs. `items`: a number for each pair."""
        if self.counts is not None:
            wanted = self.counts if wanted is None else wanted & self.counts
        places, owners = held.within(*self.window, pairs, wanted)
        return Rows(
            held.entity[places].astype(np.int64) + self.entities,
            items[pairs][owners],
            held.value[places].astype(np.int64) + self.values,
            held.valid_from[places],
            held.valid_to[places],
        )

    def wanted(self, entities: Ints | None) -> Mask | None:
        """Of each entity of the segment, whether it is among some; None for all."""
        if entities is None:
            return None
        found = np.zeros(self.segment.entity_count, dtype=bool)
        found[entities[(entities >= self.entities) & (entities < self.entities + len(found))] - self.entities] = True
        return found

    def local(self, values: Ints) -> Codes:
        """Of some values, which are in order, those of this segment."""
        first, last = np.searchsorted(values, (self.values, self.values + len(self.segment.values)))
        return (values[first:last] - self.values).astype(np.int32)


class ColumnRows:
    """`WindowRows` of [begin, end), in microseconds."""

    def __init__(self, stack: Stack, known_at: int, begin: int, end: int) -> None:
        self._stack, self._known_at = stack, known_at
        self._parts: list[_Part] = []
        self.places: Sequence[tuple[str, str]] = list(
            dict.fromkeys(place for layer in stack for place in layer.segment.places)
        )
        number_of = {place: number for number, place in enumerate(self.places)}
        entities = values = 0
        of_entities = [_NOTHING]
        for layer in stack:
            segment = layer.segment
            self._parts.append(_Part(layer, entities, values, (begin, end), known_at))
            entities, values = entities + segment.entity_count, values + len(segment.values)
            numbers = np.array([number_of[place] for place in segment.places], dtype=np.int64)
            of_entities.append(numbers[segment.place])
        self.place: Ints = np.concatenate(of_entities)
        self._entities = [part.entities for part in self._parts]
        self._values = [part.values for part in self._parts]

    def keys(self, entities: Ints) -> list[EntityKey]:
        if len(self._parts) == 1:
            return self._parts[0].segment.keys(entities.tolist())
        found = []
        for entity in entities.tolist():
            part = self._parts[bisect_right(self._entities, entity) - 1]
            found.append(part.segment.key(entity - part.entities))
        return found

    def number(self, key: EntityKey) -> int:
        for part in self._parts:
            code = part.segment.entity_code(key)
            if code != ABSENT:
                return code + part.entities
        return ABSENT

    def value(self, number: int) -> Value:
        part = self._parts[bisect_right(self._values, number) - 1]
        return part.segment.decoded(number - part.values)

    def values(self, numbers: Ints) -> list[Value]:
        if len(self._parts) == 1:
            return list(map(orjson.loads, self._parts[0].segment.values.raws(numbers.tolist())))
        found: list[Value] = []
        for number in numbers.tolist():
            part = self._parts[bisect_right(self._values, number) - 1]
            found.append(orjson.loads(part.segment.values.raw(number - part.values)))
        return found

    def principals(self, entities: Ints, described: Ints) -> Principals:
        found, places = [], []
        for part in self._parts:
            those = np.flatnonzero((entities >= part.entities) & (entities < part.entities + part.segment.entity_count))
            columns = principals_in(part.segment)
            found.append(columns.who(columns.places(entities[those] - part.entities, described[those] - part.values)))
            places.append(those)
        every = np.concatenate(places)
        # Entities that are in order stand as their parts do.
        return all_of(found) if bool((every[1:] > every[:-1]).all()) else all_of(found).only(np.argsort(every))

    def are_of_services(self, described: Ints) -> Mask:
        found = np.zeros(len(described), dtype=bool)
        for part in self._parts:
            those = (described >= part.values) & (described < part.values + len(part.segment.values))
            found[those] = are_of_services(part.segment, described[those] - part.values)
        return found

    def rows(self, attribute: str, entities: Ints | None = None) -> Rows:
        return _together(part.of_attribute(attribute, part.wanted(entities)) for part in self._parts)

    def held(self, attribute: str) -> ColumnHeld:
        return ColumnHeld(self._parts, attribute, pair_numbers(self._stack, attribute))

    def groups(self) -> Ints:
        return groups_of(self._stack)

    def kept(self, make: Callable[[Iterable[Described]], T]) -> T:
        of_stack = self._stack[0].segment.once(_kept_of_stack)
        place = (make, self._known_at, *(id(layer.segment) for layer in self._stack))
        found: T | None = of_stack.get(place)
        return found if found is not None else of_stack.keep(place, make(self._policies()))

    def _policies(self) -> Iterator[Described]:
        always = ColumnRows(self._stack, self._known_at, ALWAYS, NEVER)
        for part in always._parts:
            segment = part.segment
            of_policies = np.array([kind == "policy" for _, kind in segment.places], dtype=bool)[segment.place]
            rows = part.holding(segment.of_attribute(a.ENTITY), wanted=of_policies)
            keys, values = (
                self.keys(rows.entity),
                map(orjson.loads, segment.values.raws((rows.value - part.values).tolist())),
            )
            for entity, key, value, begin, end in zip(
                rows.entity.tolist(), keys, values, rows.begin.tolist(), rows.end.tolist(), strict=True
            ):  # fmt: skip
                yield described_policy(entity, key, value, begin, end)

    def in_force(self) -> Rows:
        return _together(map(_in_force, self._parts))

    def inline(self, values: Ints) -> Rows:
        return _together(
            part.holding(documents_of(part.segment).inline_rows(part.local(values))) for part in self._parts
        )  # fmt: skip

    def speaking(self, action: str, resource: str) -> Speaking:
        values, says, bearing = [_NOTHING], [_NOTHING], list[Bearing]()
        for part in self._parts:
            found = documents_of(part.segment).bearing(action, resource)
            allows, denies, opened = found.surely()
            values.append(found.values.astype(np.int64) + part.values)
            says.append(np.where(opened, ABSENT, said_by(allows, denies)))
            bearing.append(found)

        def statements(value: int) -> BearingStatements | None:
            place = bisect_right(self._values, value) - 1
            return bearing[place].statements(value - self._parts[place].values)

        def alike(value: int) -> tuple[object, ...] | None:
            place = bisect_right(self._values, value) - 1
            said = bearing[place].alike(value - self._parts[place].values)
            return None if said is None else (place, *said)

        return Speaking(np.concatenate(values), np.concatenate(says), statements, alike)


class ColumnHeld:
    """`HeldItems`."""

    def __init__(self, parts: list[_Part], attribute: str, of_stack: PairNumbers) -> None:
        self._parts = [(part, part.held(attribute)) for part in parts]
        self.pairs: Sequence[tuple[str, str]] = of_stack.pairs
        self._numbers = of_stack.numbers

    def rows(self, pairs: Ints, entities: Ints | None = None) -> Rows:
        wanted = np.zeros(len(self.pairs), dtype=bool)
        wanted[pairs] = True
        found = []
        for (part, held), numbers in zip(self._parts, self._numbers, strict=True):
            found.append(part.holding_items(held, np.flatnonzero(wanted[numbers]), numbers, part.wanted(entities)))
        return _together(found)


def _kept_of_stack(_: Segment) -> Bounded[tuple[object, ...], Any]:
    """What was made of the policies' descriptions, by the uppermost segment."""
    return Bounded(_MOST_KEPT)


def _some(which: Mask, rows: Codes, items: Ints | None) -> tuple[Codes, Ints | None]:
    return rows[which], None if items is None else items[which]


def _in_force(part: _Part) -> Rows:
    """The versions that were the default, while they were."""
    held = in_force(part.segment, part.known_at)
    places = held.within(*part.window)
    if part.counts is not None:
        places = places[part.counts[held.entity[places]]]
    return Rows(
        held.entity[places].astype(np.int64) + part.entities,
        np.zeros(len(places), dtype=np.int64),
        held.value[places].astype(np.int64) + part.values,
        held.begin[places],
        held.end[places],
    )


def _together(found: Iterable[Rows]) -> Rows:
    several = list(found)
    if len(several) == 1:
        return several[0]
    return Rows(*(np.concatenate([_NOTHING, *columns]) for columns in zip(*several, strict=True)))
