"""Which rows of a segment were believed at a log position, and held for any time at all.

Serves the rows "who-can" and "ever over a year" of `make bench-history`."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from erstwhile.domain.vocabulary.bounded import Bounded
from erstwhile.domain.vocabulary.micros import NEVER
from erstwhile.projections.columns.segment import Segment

Flags = npt.NDArray[np.bool_]
MOST_POSITIONS = 2
"""Positions of a segment that are kept: a byte for each row."""


class _Believed:
    """Of one segment."""

    def __init__(self, segment: Segment) -> None:
        ended = segment.recorded_to[segment.recorded_to != NEVER]
        self.last = max(int(segment.recorded_from.max(initial=0)), int(ended.max(initial=0)))
        """The last position at which a row came or went: at any later one the same rows are believed."""
        self.flags: Bounded[int, Flags] = Bounded(MOST_POSITIONS)


def settled_position(segment: Segment, known_at: int) -> int:
    """A position at which the same rows of a segment are believed as at another: one for all that come after the last
    change of its rows."""
    return min(known_at, segment.once(_Believed).last)


def believed_rows(segment: Segment, known_at: int) -> Flags:
    """Of each row."""
    kept = segment.once(_Believed)
    position = min(known_at, kept.last)
    found = kept.flags.get(position)
    if found is None:
        flags: Flags = segment.recorded_from <= known_at
        flags &= segment.recorded_to > known_at
        flags &= segment.valid_from < segment.valid_to
        found = kept.flags.keep(position, flags)
    return found
