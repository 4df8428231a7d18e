"""Groups as numbers: those of the entities of all layers of a stack, one layer after the other.

Serves the row "who-can" of `make bench-history`."""

from __future__ import annotations

import itertools

import numpy as np
import numpy.typing as npt

from erstwhile.domain.directory import attributes
from erstwhile.projections.columns.held_items import items_held
from erstwhile.projections.columns.segment import Segment
from erstwhile.projections.columns.stack import Stack
from erstwhile.projections.columns.texts import ABSENT, Ints


class GroupsAt:
    """The groups of an instant, and the policies of each."""

    def __init__(self, layers: Stack) -> None:
        self._firsts = firsts_of(layers)
        count = self._firsts[-1]
        self.there = np.zeros(count, dtype=bool)
        self.unsure = np.zeros(count, dtype=bool)
        self.begin: Ints = np.zeros(count, dtype=np.int64)
        """Where the policies of each begin in `policies`; 0 of one that has none."""
        self.end: Ints = np.zeros(count, dtype=np.int64)
        self.policies: list[int] = []
        self.granted_by: list[int] = []

    def first(self, layer: int) -> int:
        """The number of the first entity of a layer."""
        return self._firsts[layer]

    def add(self, group: int, policies: list[int], granted_by: list[int]) -> None:
        self.begin[group] = len(self.policies)
        self.policies += policies
        self.granted_by += granted_by
        self.end[group] = len(self.policies)

    def is_known(self, groups: Ints) -> npt.NDArray[np.bool_]:
        """Of some groups, ABSENT among them, whether each is there, and its policies are known."""
        known: npt.NDArray[np.bool_] = self.there[groups] & ~self.unsure[groups] & (groups != ABSENT)
        return known


def firsts_of(stack: Stack) -> list[int]:
    """What the numbers of entities begin with in each layer, and how many there are in all."""
    return [0, *itertools.accumulate(layer.segment.entity_count for layer in stack)]


def groups_in(stack: Stack) -> tuple[Ints, ...]:
    """Of each layer, for each pair of its members (`held_items`), the group; ABSENT where nothing is known of it. Made
    once for each stack, which its uppermost segment tells."""
    kept = stack[0].segment.once(_none_kept)
    if not kept:
        kept.append(tuple(_groups(stack, layer.segment) for layer in stack))
    return kept[0]


def _none_kept(_: Segment) -> list[tuple[Ints, ...]]:
    return []


def _groups(stack: Stack, segment: Segment) -> Ints:
    return np.array([_number(stack, *pair) for pair in items_held(segment, attributes.MEMBER_OF)], dtype=np.int64)


def _number(stack: Stack, account: str, group: str) -> int:
    for layer, first in zip(stack, firsts_of(stack), strict=False):
        code = layer.segment.entity_code((account, "group", group))
        if code != ABSENT:
            return first + code
    return ABSENT
