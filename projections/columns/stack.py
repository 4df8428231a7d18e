"""Segments of history on top of each other: an entity's rows are those of the uppermost segment that has the entity.

What came since a segment was made is a small segment above it, with all rows of the entities that changed. Small ones
of similar size are merged, so that there are few of them: by reading again what came since the first of them, so that
no row is kept beside its columns.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from erstwhile.projections.columns.segment import Segment
from erstwhile.projections.columns.texts import ABSENT


class Layer(NamedTuple):
    """A segment, and of each of its entities whether no segment above it has the entity. `since`: the log
    position after which what it has came, of a segment that may still be merged with another."""

    segment: Segment
    counts: npt.NDArray[np.bool_]
    since: int | None = None

    @property
    def is_whole(self) -> bool:
        return bool(self.counts.all())


Stack = tuple[Layer, ...]
"""The uppermost segment first. It never changes."""


def bottom(segment: Segment) -> Stack:
    return (Layer(segment, np.ones(segment.entity_count, dtype=bool)),)


def under(stack: Stack, size: int) -> Stack:
    """The segments that stay under a new one of so many rows: the others are merged with it."""
    while stack[0].since is not None and len(stack[0].segment) <= 2 * size:
        size += len(stack[0].segment)
        stack = stack[1:]
    return stack


def on_top(stack: Stack, segment: Segment, since: int) -> Stack:
    """With a segment above the others."""
    keys = [segment.key(each) for each in range(segment.entity_count)]
    lower = []
    for layer in stack:
        codes = [code for key in keys if (code := layer.segment.entity_code(key)) != ABSENT]
        counts = layer.counts
        if codes:
            counts = counts.copy()
            counts[codes] = False
        lower.append(layer._replace(counts=counts))
    return (Layer(segment, np.ones(segment.entity_count, dtype=bool), since), *lower)


def rows_above_bottom(stack: Stack) -> int:
    return sum(len(layer.segment) for layer in stack[:-1])


def rows_since(stack: Stack, position: int) -> int:
    """How many rows above the lowest segment came after a log position. The others there are earlier rows of entities
    that changed."""
    came = 0
    for segment, counts, _ in stack[:-1]:
        came += int(np.count_nonzero((segment.recorded_from > position) & counts[segment.entity]))
    return came
