"""For which times the documents of managed policies were known: of all policies of a segment at once, by masks over the
intervals of their versions."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from erstwhile.domain.directory import attributes
from erstwhile.domain.history.at_once.spans import NONE, Spans, joined, meetings, merged, ranges, spans
from erstwhile.domain.history.wide_history import Ints
from erstwhile.domain.vocabulary.bounded import Bounded
from erstwhile.projections.columns.believed import settled_position
from erstwhile.projections.columns.segment import Segment
from erstwhile.projections.columns.texts import Codes
from erstwhile.projections.columns.version_items import version_items

MOST_POSITIONS = 2
"""Log positions, as known at which this is kept."""
Flags = npt.NDArray[np.bool_]


class ToldPolicies:
    """As known at a log position."""

    def __init__(self, segment: Segment, known_at: int) -> None:
        found = [_told(segment, place, known_at) for place, (_, kind) in enumerate(segment.places) if kind == "policy"]
        told = joined(*found).in_order()
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
    kept = segment.once(_none_found)
    position = settled_position(segment, known_at)
    found = kept.get(position)
    return found if found is not None else kept.keep(position, ToldPolicies(segment, position))


def _none_found(_: Segment) -> Bounded[int, ToldPolicies]:
    return Bounded(MOST_POSITIONS)


def _told(segment: Segment, place: int, known_at: int) -> Spans:
    """Of one account's policies, which stand together: what else there is, is not read."""
    entities = segment.of_place(place)
    first, last = segment.rows(entities.start)[0], segment.rows(entities.stop - 1)[1]
    believed = segment.recorded_from[first:last] <= known_at
    believed &= segment.recorded_to[first:last] > known_at
    believed &= segment.valid_from[first:last] < segment.valid_to[first:last]

    def rows_of(attribute: str) -> Codes:
        wanted = segment.attribute[first:last] == segment.attribute_codes.get(attribute, -1)
        found: Codes = (np.flatnonzero(believed & wanted) + first).astype(np.int32)
        return found

    versions, defaults = rows_of(attributes.VERSION), rows_of(attributes.DEFAULT)
    versions = versions[~np.isin(segment.value[versions], segment.unseen)]
    item: Ints = np.concatenate((version_items(segment, segment.value[defaults]), segment.item[versions]))
    entity = np.concatenate((segment.entity[defaults], segment.entity[versions])).astype(np.int64)
    pairs: Ints = (entity << 32) | item
    _, keys = np.unique(pairs, return_inverse=True)
    ours, theirs = keys[: len(defaults)], keys[len(defaults) :]
    in_force = meetings(_times(segment, ours, defaults), _times(segment, theirs, versions).in_order())
    told = spans(entity[in_force.left], in_force.begin, in_force.end)
    told = told.only(~np.isin(told.key, segment.entity[rows_of(attributes.GAP)]))
    # Numbers from 0 on: what is counted by them is of this account's policies.
    there = rows_of(attributes.ENTITY)
    lives = merged(_times(segment, segment.entity[there].astype(np.int64) - entities.start, there).in_order())
    told = merged(told._replace(key=told.key - entities.start).in_order())
    both = meetings(lives, told)
    return spans(lives.key[both.left] + entities.start, both.begin, both.end) if len(both.left) else NONE


def _times(segment: Segment, keys: Ints, rows: Codes) -> Spans:
    return spans(keys, segment.valid_from[rows], segment.valid_to[rows])
