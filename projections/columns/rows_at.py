"""The rows of history that are true at an instant."""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar

import numpy as np

from erstwhile.domain.vocabulary.micros import micros_of
from erstwhile.projections.columns.believed import believed_rows
from erstwhile.projections.columns.column_history import ColumnHistory
from erstwhile.projections.columns.segment import Segment
from erstwhile.projections.columns.texts import Codes

Rows = TypeVar("Rows", slice, Codes)
_MANY = 16
"""Rows of an entity beyond which numpy's fixed cost is less than that of looking at each."""


class RowsAt:
    def __init__(self, history: ColumnHistory, instant: datetime) -> None:
        self.history = history
        self.at = micros_of(instant)

    def true_of(self, segment: Segment, rows: Rows) -> Codes:
        """Which of some rows are true at the instant, as their places among them."""
        believed = believed_rows(segment, self.history.known_at)
        begin = rows.start if isinstance(rows, slice) else 0
        places = np.flatnonzero(believed[rows])
        those = places + begin if isinstance(rows, slice) else rows[places]
        begun = segment.valid_from[those] <= self.at
        places, those = places[begun], those[begun]
        true: Codes = places[segment.valid_to[those] > self.at].astype(np.int32)
        return true

    def is_true(self, segment: Segment, row: int) -> bool:
        """Whether one row is true at the instant."""
        return (
            segment.valid_froms[row] <= self.at < segment.valid_tos[row]
            and segment.recorded_froms[row] <= self.history.known_at < segment.recorded_tos[row]
        )

    def rows_of(self, segment: Segment, entity: int) -> list[int]:
        """The rows of an entity that are true at the instant."""
        first, last = segment.rows(entity)
        at, known_at = self.at, self.history.known_at
        # Nearly all rows were believed: their times of validity alone tell most of them apart.
        if last - first > _MANY:
            true = segment.valid_from[first:last] <= at
            true &= segment.valid_to[first:last] > at
            rows = [first + place for place in true.nonzero()[0].tolist()]
        else:
            spans = zip(range(first, last), segment.valid_froms[first:last], segment.valid_tos[first:last], strict=True)
            rows = [row for row, begin, end in spans if begin <= at < end]
        since, until = segment.recorded_froms, segment.recorded_tos
        return [row for row in rows if since[row] <= known_at < until[row]]
