"""The rows of an attribute by account and item: who ever had which policy attached, and was in which group.

Those that were believed at a position stand together: a question of many entities reads neighbours."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from erstwhile.domain.history.at_once.spans import ranges
from erstwhile.projections.columns.believed import as_known, believed_rows
from erstwhile.projections.columns.segment import Segment
from erstwhile.projections.columns.texts import Codes, Ints

_NOT_ASKED = -1
_MANY = 8
"""Of one pair in so many, rows are found by looking at all of them."""


class RowOrder:
    """Of rows that stand pair after pair: the way to the order of the rows, which is that of the entities. Found when
    it is asked for."""

    def __init__(self) -> None:
        self._ways: tuple[Codes, Codes] | None = None

    def of(self, rows: Codes) -> tuple[Codes, Codes]:
        """Of each place its number in the order, and the places in it."""
        if self._ways is None:
            places = np.argsort(rows, kind="stable").astype(np.int32)
            numbers = np.empty(len(rows), dtype=np.int32)
            numbers[places] = np.arange(len(rows), dtype=np.int32)
            self._ways = numbers, places
        return self._ways


class HeldItems(NamedTuple):
    """Rows that were believed at a position, pair after pair. `pairs`: each account with each item that one of its
    entities ever had."""

    pairs: list[tuple[str, str]]
    begins: Ints
    """Where the rows of each pair begin; one more than there are: the number of all rows."""
    row: Codes
    entity: Codes
    value: Codes
    valid_from: Ints
    valid_to: Ints
    row_order: RowOrder

    def places(self, numbers: list[int] | Ints) -> tuple[Ints, Ints]:
        """Of some pairs, given by their places in `pairs`: the places of their rows, and of each row the place of its
        pair in `numbers`."""
        those = np.asarray(numbers, dtype=np.int64)
        begins, ends = self.begins[those], self.begins[those + 1]
        return ranges(begins, ends), np.repeat(np.arange(len(those), dtype=np.int64), ends - begins)

    def true_at(self, at: int, numbers: list[int] | Ints) -> tuple[Codes, Ints]:
        """The rows of some pairs, which are in order, that are true at an instant, in microseconds; and of each the
        place of its pair in `numbers`."""
        places, owners = self.true_places(at, numbers)
        return self.row[places], owners

    def true_places(self, at: int, numbers: list[int] | Ints) -> tuple[Ints, Ints]:
        """As `true_at`, with the places of the rows in these columns."""
        those = np.asarray(numbers, dtype=np.int64)
        if len(those) * _MANY > len(self.pairs):
            return self._among_all(at, those)
        places, owners = self.places(those)
        places, owners = _some(self.valid_from[places] <= at, places, owners)
        return _some(self.valid_to[places] > at, places, owners)

    def _among_all(self, at: int, numbers: Ints) -> tuple[Ints, Ints]:
        """The same, where it takes less to look at the rows of all pairs, one after the other. `numbers` are in
        order."""
        places = np.flatnonzero((self.valid_from <= at) & (self.valid_to > at))
        owners = self._owners(places, numbers)
        wanted = owners >= 0
        return places[wanted], owners[wanted]

    def _owners(self, places: Ints, numbers: Ints) -> Ints:
        """Of each of some places of rows, which are in order, the place of its pair in `numbers`; less than 0 where it
        is none of them."""
        counts = np.diff(np.searchsorted(places, self.begins))
        place_of = np.full(len(self.pairs), _NOT_ASKED, dtype=np.int64)
        place_of[numbers] = np.arange(len(numbers))
        return np.repeat(place_of, counts)

    def within(self, begin: int, end: int, numbers: Ints, wanted: npt.NDArray[np.bool_] | None) -> tuple[Ints, Ints]:
        """The places of those rows of some pairs that hold in [begin, end), in the order of their entities, and of each
        the place of its pair in `numbers`. `wanted`: whether each entity is; None for all."""
        which = self.valid_from < end
        which &= self.valid_to > begin
        if len(numbers) < len(self.pairs):
            is_asked = np.zeros(len(self.pairs), dtype=bool)
            is_asked[numbers] = True
            which &= np.repeat(is_asked, np.diff(self.begins))
        if wanted is not None:
            which &= wanted[self.entity]
        places = np.flatnonzero(which)
        return self._by_entities(places, self._owners(places, numbers))

    def _by_entities(self, places: Ints, owners: Ints) -> tuple[Ints, Ints]:
        number_of, place_of = self.row_order.of(self.row)
        owner_of = np.full(len(self.row), _NOT_ASKED, dtype=np.int32)
        owner_of[number_of[places]] = owners
        numbers = np.flatnonzero(owner_of != _NOT_ASKED)
        return place_of[numbers].astype(np.int64), owner_of[numbers].astype(np.int64)


class _Order:
    """The rows of an attribute in the order of pairs."""

    def __init__(self, segment: Segment, attribute: str) -> None:
        accounts = sorted({account for account, _ in segment.places})
        number_of = {account: number for number, account in enumerate(accounts)}
        account_of = np.array([number_of[account] for account, _ in segment.places], dtype=np.int64)
        rows = segment.of_attribute(attribute)
        keys: Ints = (account_of[segment.place[segment.entity[rows]]] << 32) | segment.item[rows]
        order = np.argsort(keys, kind="stable")
        self._rows: Codes = rows[order]
        unique, begins = np.unique(keys[order], return_index=True)
        self._begins: Ints = np.append(begins, len(rows))
        self.pairs = [(accounts[key >> 32], segment.items.text(key & 0xFFFFFFFF)) for key in unique.tolist()]

    def at(self, segment: Segment, known_at: int) -> HeldItems:
        counts = believed_rows(segment, known_at)[self._rows]
        rows = self._rows[counts]
        begins = np.append(0, np.cumsum(counts))[self._begins]
        return HeldItems(
            self.pairs, begins, rows, segment.entity[rows], segment.value[rows], segment.valid_from[rows],
            segment.valid_to[rows], RowOrder(),
        )  # fmt: skip


def held_items(segment: Segment, attribute: str, known_at: int) -> HeldItems:
    """The order of the rows is found once for each segment."""
    return as_known(segment, known_at, _held_items, attribute)


def _held_items(segment: Segment, known_at: int, attribute: str) -> HeldItems:
    return _order_of(segment, attribute).at(segment, known_at)


def items_held(segment: Segment, attribute: str) -> list[tuple[str, str]]:
    """The `pairs` of `held_items`."""
    return _order_of(segment, attribute).pairs


def _order_of(segment: Segment, attribute: str) -> _Order:
    of_segment = segment.once(_by_attribute)
    found = of_segment.get(attribute)
    if found is None:
        found = of_segment[attribute] = _Order(segment, attribute)
    return found


def _some(which: npt.NDArray[np.bool_], places: Ints, owners: Ints) -> tuple[Ints, Ints]:
    return places[which], owners[which]


def _by_attribute(_: Segment) -> dict[str, _Order]:
    return {}
