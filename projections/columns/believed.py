"""Which rows of a segment were believed at a log position, and held for any time at all.

Serves the rows "who-can" and "ever over a year" of `make bench-history`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, TypeVarTuple, cast

import numpy as np
import numpy.typing as npt

from erstwhile.domain.vocabulary.bounded import Bounded
from erstwhile.projections.columns.segment import Segment

Flags = npt.NDArray[np.bool_]
Made = TypeVar("Made")
Given = TypeVarTuple("Given")
MOST_POSITIONS = 2
"""Positions of a segment for which something is kept: of what is believed, a byte for each row."""


def settled_position(segment: Segment, known_at: int) -> int:
    """A position at which the same rows of a segment are believed as at another: one for all that come after the last
    change of its rows."""
    return min(known_at, segment.last)


def as_known(segment: Segment, known_at: int, make: Callable[[Segment, int, *Given], Made], *given: *Given) -> Made:
    """What a function makes of a segment as known at a log position. It is kept as long as the segment, for the
    positions asked for last."""
    kept = segment.once(_none_made).setdefault((make, given), Bounded(MOST_POSITIONS))
    position = settled_position(segment, known_at)
    found = kept.get(position)
    return cast(Made, found if found is not None else kept.keep(position, make(segment, position, *given)))


def _none_made(_: Segment) -> dict[object, Bounded[int, Any]]:
    return {}


def believed_rows(segment: Segment, known_at: int) -> Flags:
    """Of each row."""
    return as_known(segment, known_at, _believed)


def _believed(segment: Segment, known_at: int) -> Flags:
    found: Flags = segment.recorded_from <= known_at
    found &= segment.recorded_to > known_at
    found &= segment.valid_from < segment.valid_to
    return found
