"""The rows of an attribute by account and item: who ever had which policy attached, and was in which group."""

from __future__ import annotations

from weakref import WeakKeyDictionary

import numpy as np

from erstwhile.domain.history.at_once.spans import ranges
from erstwhile.projections.columns.segment import Segment
from erstwhile.projections.columns.texts import Codes, Ints

_kept: WeakKeyDictionary[Segment, dict[str, HeldItems]] = WeakKeyDictionary()


class HeldItems:
    """`pairs`: each account with each item that one of its entities ever had."""

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

    def rows(self, numbers: list[int] | Ints) -> Codes:
        """The rows of some pairs, given by their places in `pairs`."""
        those = np.asarray(numbers, dtype=np.int64)
        return self._rows[ranges(self._begins[those], self._begins[those + 1])]

    def lengths(self, numbers: Ints) -> Ints:
        """How many rows each of some pairs has."""
        return self._begins[numbers + 1] - self._begins[numbers]

    def rows_with(self, numbers: list[int]) -> tuple[Codes, Ints]:
        """The rows of some pairs, and of each row the place of its pair in `numbers`."""
        those = np.array(numbers, dtype=np.int64)
        begins, ends = self._begins[those], self._begins[those + 1]
        return self._rows[ranges(begins, ends)], np.repeat(np.arange(len(those), dtype=np.int64), ends - begins)


def held_items(segment: Segment, attribute: str) -> HeldItems:
    """Made once for each segment."""
    of_segment = _kept.setdefault(segment, {})
    found = of_segment.get(attribute)
    if found is None:
        found = of_segment[attribute] = HeldItems(segment, attribute)
    return found
