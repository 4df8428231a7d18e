"""Groups as numbers: those of the entities of all layers of a stack, one layer after the other.

Serves the row "who-can" of `make bench-history`."""

from __future__ import annotations

import itertools

import numpy as np

from erstwhile.domain.directory import attributes
from erstwhile.projections.columns.held_items import items_held
from erstwhile.projections.columns.segment import Segment
from erstwhile.projections.columns.stack import Stack
from erstwhile.projections.columns.texts import ABSENT, Ints


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
