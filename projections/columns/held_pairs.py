"""Entities of a segment with their policies, as columns.

Serves the row "who-can" of `make bench-history`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from erstwhile.domain.directory.held import OWN
from erstwhile.projections.columns.segment import Segment
from erstwhile.projections.columns.texts import Codes, Ints

_RANKS = 4
"""How many ranks there are."""
_MOST = 2**63


class Pairs(NamedTuple):
    """Entities of a layer with policies. Those of an entity stand in the order of `rank`, then `row`, then `place`."""

    entity: Ints
    rank: Ints
    row: Ints
    place: Ints
    policy: Ints
    way: Ints
    granted_by: Ints


class PairsOf(NamedTuple):
    """Of some entities, in order."""

    counts: Ints
    """How many policies each has."""
    policies: Ints
    """The policies of all, one entity after the other."""
    ways: Ints
    granted_by: Ints


def in_order(segment: Segment, pairs: Pairs, entities: Ints) -> PairsOf:
    those = np.flatnonzero(set_of(segment, [entities])[pairs.entity])
    entity, rank, row, place = (each[those] for each in pairs[:4])
    ranks, rows, places = _RANKS, len(segment) + 1, int(place.max(initial=0)) + 1
    if segment.entity_count * ranks * rows * places < _MOST:
        # One number is sorted in a fraction of the time of four.
        order = those[np.argsort(((entity * ranks + rank) * rows + row) * places + place, kind="stable")]
    else:
        order = those[np.lexsort((place, row, rank, entity))]
    counts = np.diff(np.append(np.searchsorted(pairs.entity[order], entities), len(order)))
    return PairsOf(counts, pairs.policy[order], pairs.way[order], pairs.granted_by[order])


def set_of(segment: Segment, entities: Sequence[Codes | Ints]) -> npt.NDArray[np.bool_]:
    found = np.zeros(segment.entity_count, dtype=bool)
    for each in entities:
        found[each] = True
    return found


def pairs_of_rows(segment: Segment, rank: int, rows: Codes, policies: Ints) -> Pairs:
    places = np.zeros(len(rows), dtype=np.int64)
    return Pairs(
        segment.entity[rows].astype(np.int64), places + rank, rows.astype(np.int64), places, policies, places + OWN,
        segment.opened_by[rows],
    )  # fmt: skip
