"""The rows of one attribute that were believed at a position, next to each other: which of them hold at an instant, or
in a window, two comparisons tell.

Serves the rows "who-can" and "ever over a year" of `make bench-history`."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from erstwhile.projections.columns.believed import as_known, believed_rows
from erstwhile.projections.columns.segment import Segment
from erstwhile.projections.columns.texts import Codes, Ints


class AttributeRows(NamedTuple):
    """In their order, which is that of the entities."""

    rows: Codes
    holders: Codes
    begin: Ints
    end: Ints


def rows_of_attribute(segment: Segment, attribute: str, known_at: int) -> AttributeRows:
    return as_known(segment, known_at, _made, attribute)


def _made(segment: Segment, known_at: int, attribute: str) -> AttributeRows:
    rows = np.sort(segment.of_attribute(attribute))
    rows = rows[believed_rows(segment, known_at)[rows]]
    return AttributeRows(rows, segment.entity[rows], segment.valid_from[rows], segment.valid_to[rows])
