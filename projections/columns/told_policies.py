"""For which times the documents of managed policies were known: of all policies of a segment at once, from the versions
in force."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from erstwhile.domain.directory import attributes
from erstwhile.domain.history.at_once.spans import Spans, meetings, merged, ranges, spans
from erstwhile.domain.history.wide_history import Ints
from erstwhile.projections.columns.believed import as_known, believed_rows
from erstwhile.projections.columns.described import is_of_kind
from erstwhile.projections.columns.in_force import in_force
from erstwhile.projections.columns.segment import Segment
from erstwhile.projections.columns.texts import Codes

Flags = npt.NDArray[np.bool_]


class ToldPolicies:
    """As known at a log position."""

    def __init__(self, segment: Segment, known_at: int) -> None:
        told = _told(segment, known_at).in_order()
        self._begin, self._end = told.begin, told.end
        self._first = np.searchsorted(told.key, np.arange(segment.entity_count + 1))

    def throughout(self, entities: Codes | Ints, begins: Ints, ends: Ints) -> Flags:
        """Of each of some entities, whether it was there in all of [begin, end), and its document known."""
        first, last = self._first[entities], self._first[entities + 1]
        times = ranges(first, last)
        owners = np.repeat(np.arange(len(entities)), last - first)
        found = np.zeros(len(entities), dtype=bool)
        found[owners[(self._begin[times] <= begins[owners]) & (self._end[times] >= ends[owners])]] = True
        return found


def told_policies(segment: Segment, known_at: int) -> ToldPolicies:
    return as_known(segment, known_at, ToldPolicies)


def _told(segment: Segment, known_at: int) -> Spans:
    """When each policy was there, and the version in force was one that somebody had seen."""
    found = in_force(segment, known_at)
    believed = believed_rows(segment, known_at)
    gaps = segment.of_attribute(attributes.GAP)
    seen = is_of_kind(segment, "policy")[found.entity] & ~np.isin(found.value, segment.unseen)
    seen &= ~np.isin(found.entity, segment.entity[gaps[believed[gaps]]])
    there = _descriptions(segment)
    there = there[believed[there]]
    lives = spans(segment.entity[there].astype(np.int64), segment.valid_from[there], segment.valid_to[there])
    told = spans(found.entity[seen].astype(np.int64), found.begin[seen], found.end[seen])
    lives, told = merged(lives.in_order()), merged(told.in_order())
    both = meetings(lives, told)
    return spans(lives.key[both.left], both.begin, both.end)


def _descriptions(segment: Segment) -> Ints:
    """The rows that describe policies. Those of an account stand together: what else there is, is not read."""
    found = [np.empty(0, dtype=np.int64)]
    for place, (_, kind) in enumerate(segment.places):
        entities = segment.of_place(place)
        if kind == "policy" and len(entities):
            first, last = segment.rows(entities.start)[0], segment.rows(entities.stop - 1)[1]
            wanted = segment.attribute[first:last] == segment.attribute_codes.get(attributes.ENTITY, -1)
            found.append(np.flatnonzero(wanted) + first)
    return np.concatenate(found)
