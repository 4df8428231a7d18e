"""Which rows of a segment were believed at a log position, and held for any time at all.

Serves the rows "who-can" and "ever over a year" of `make bench-history`."""

from __future__ import annotations

from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from erstwhile.domain.vocabulary.bounded import Bounded
from erstwhile.domain.vocabulary.micros import NEVER
from erstwhile.projections.columns.segment import Segment

Flags = npt.NDArray[np.bool_]
MOST_POSITIONS = 2
"""Positions of a segment that are kept: a byte for each row."""


class _Kept(NamedTuple):
    last: int
    """The last position at which a row came or went: at any later one the same rows are believed."""
    flags: Bounded[int, Flags]


_kept: WeakKeyDictionary[Segment, _Kept] = WeakKeyDictionary()


def settled_position(segment: Segment, known_at: int) -> int:
    """A position at which the same rows of a segment are believed as at another: one for all that come after the last
    change of its rows."""
    return min(known_at, _kept_of(segment).last)


def believed_rows(segment: Segment, known_at: int) -> Flags:
    """Of each row."""
    kept = _kept_of(segment)
    position = min(known_at, kept.last)
    found = kept.flags.get(position)
    if found is None:
        flags: Flags = segment.recorded_from <= known_at
        flags &= segment.recorded_to > known_at
        flags &= segment.valid_from < segment.valid_to
        found = kept.flags.keep(position, flags)
    return found


def _kept_of(segment: Segment) -> _Kept:
    found = _kept.get(segment)
    if found is None:
        found = _kept[segment] = _Kept(_last(segment), Bounded(MOST_POSITIONS))
    return found


def _last(segment: Segment) -> int:
    ended = segment.recorded_to[segment.recorded_to != NEVER]
    return max(int(segment.recorded_from.max(initial=0)), int(ended.max(initial=0)))
