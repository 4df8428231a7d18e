"""Which rows of a segment were believed at a log position, and held for any time at all.

Serves the rows "who-can" and "ever over a year" of `make bench-history`."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from erstwhile.domain.vocabulary.bounded import Bounded
from erstwhile.projections.columns.segment import Segment

Flags = npt.NDArray[np.bool_]
MOST_POSITIONS = 2
"""Positions of a segment that are kept: a byte for each row."""


def settled_position(segment: Segment, known_at: int) -> int:
    """A position at which the same rows of a segment are believed as at another: one for all that come after the last
    change of its rows."""
    return min(known_at, segment.last)


def believed_rows(segment: Segment, known_at: int) -> Flags:
    """Of each row."""
    kept = segment.once(_none_looked_at)
    position = settled_position(segment, known_at)
    found = kept.get(position)
    if found is None:
        flags: Flags = segment.recorded_from <= known_at
        flags &= segment.recorded_to > known_at
        flags &= segment.valid_from < segment.valid_to
        found = kept.keep(position, flags)
    return found


def _none_looked_at(_: Segment) -> Bounded[int, Flags]:
    return Bounded(MOST_POSITIONS)
