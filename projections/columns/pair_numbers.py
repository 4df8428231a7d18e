"""Accounts with items (`held_items`), numbered over all layers of a stack.

Serves the row "ever over a year" of `make bench-history`."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from erstwhile.domain.directory import attributes
from erstwhile.projections.columns.groups_in import groups_in
from erstwhile.projections.columns.held_items import items_held
from erstwhile.projections.columns.segment import Segment
from erstwhile.projections.columns.stack import Stack
from erstwhile.projections.columns.texts import ABSENT, Ints


class PairNumbers(NamedTuple):
    pairs: list[tuple[str, str]]
    numbers: tuple[Ints, ...]
    """Of each layer, the places of its pairs among these."""


def pair_numbers(stack: Stack, attribute: str) -> PairNumbers:
    """Made once for each stack, which its uppermost segment tells."""
    kept = stack[0].segment.once(_none_kept)
    found = kept.get(attribute)
    return found if found is not None else kept.setdefault(attribute, _numbered(stack, attribute))


def _none_kept(_: Segment) -> dict[str, PairNumbers]:
    return {}


def _numbered(stack: Stack, attribute: str) -> PairNumbers:
    of_layers = [items_held(layer.segment, attribute) for layer in stack]
    place_of = {pair: place for place, pair in enumerate(dict.fromkeys(pair for pairs in of_layers for pair in pairs))}
    numbers = [np.array([place_of[pair] for pair in pairs], dtype=np.int64) for pairs in of_layers]
    return PairNumbers(list(place_of), tuple(numbers))


def groups_of(stack: Stack) -> Ints:
    """Of the pairs of members, the numbers of the groups (`groups_in`)."""
    pairs, numbers = pair_numbers(stack, attributes.MEMBER_OF)
    found = np.full(len(pairs), ABSENT, dtype=np.int64)
    for places, groups in zip(numbers, groups_in(stack), strict=True):
        found[places] = groups
    return found
