"""Segments of history on top of each other: an entity's rows are those of the uppermost segment that has the entity.

What came since a segment was made is a small segment above it, with all rows of the entities that changed. Small ones
of similar size are merged, so that there are few of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from erstwhile.domain.directory.facts import EntityKey
from erstwhile.projections.columns.builder import Row
from erstwhile.projections.columns.segment import Segment
from erstwhile.projections.columns.texts import ABSENT

Recent = dict[EntityKey, list[Row]]


class Layer(NamedTuple):
    """A segment, and of each of its entities whether no segment above it has the entity. `recent`: its rows, of a
    segment that may still be merged with another."""

    segment: Segment
    counts: npt.NDArray[np.bool_]
    recent: Recent | None = None

    @property
    def is_whole(self) -> bool:
        return bool(self.counts.all())


Stack = tuple[Layer, ...]
"""The uppermost segment first. It never changes."""


def bottom(segment: Segment) -> Stack:
    return (Layer(segment, np.ones(segment.entity_count, dtype=bool)),)


def by_entity(rows: Iterable[Row]) -> Recent:
    found: Recent = {}
    for row in rows:
        found.setdefault(row[:3], []).append(row)
    return found


def to_merge(stack: Stack, recent: Recent) -> tuple[Recent, Stack]:
    """What a new segment is to be made of, and the segments that stay under it."""
    size = sum(map(len, recent.values()))
    while stack[0].recent is not None and len(stack[0].segment) <= 2 * size:
        recent = stack[0].recent | recent
        size = sum(map(len, recent.values()))
        stack = stack[1:]
    return recent, stack


def on_top(stack: Stack, segment: Segment, recent: Recent) -> Stack:
    """With a segment above the others."""
    lower = []
    for layer in stack:
        codes = [code for key in recent if (code := layer.segment.entity_code(key)) != ABSENT]
        counts = layer.counts
        if codes:
            counts = counts.copy()
            counts[codes] = False
        lower.append(layer._replace(counts=counts))
    return (Layer(segment, np.ones(segment.entity_count, dtype=bool), recent), *lower)


def rows_above_bottom(stack: Stack) -> int:
    return sum(len(layer.segment) for layer in stack[:-1])
