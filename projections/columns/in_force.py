"""Which versions of managed policies were in force, from when to when: found once for each segment. At an instant, or
in a window, it takes two comparisons.

Serves the rows "who-can" and "ever over a year" of `make bench-history`."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from erstwhile.domain.directory import attributes
from erstwhile.domain.history.at_once.spans import Spans, meetings
from erstwhile.projections.columns.believed import as_known, believed_rows
from erstwhile.projections.columns.segment import Segment
from erstwhile.projections.columns.texts import Codes, Ints
from erstwhile.projections.columns.version_items import version_items


class InForce(NamedTuple):
    """One line for each time that a version was the default, and was there. No two of a policy hold at one instant."""

    entity: Codes
    """The policy."""
    value: Codes
    """What the version says."""
    version: Codes
    """The row of the version."""
    default: Codes
    """The row by which it was the default."""
    begin: Ints
    end: Ints

    def at(self, at: int) -> Ints:
        """The places of those that are in force at an instant, in microseconds."""
        return np.flatnonzero((self.begin <= at) & (self.end > at))

    def within(self, begin: int, end: int) -> Ints:
        """The places of those that are in force at any time of [begin, end)."""
        return np.flatnonzero((self.begin < end) & (self.end > begin))


def in_force(segment: Segment, known_at: int) -> InForce:
    """As known at a log position."""
    return as_known(segment, known_at, _made)


def _made(segment: Segment, known_at: int) -> InForce:
    believed = believed_rows(segment, known_at)
    defaults, versions = (
        rows[believed[rows]]
        for rows in (segment.of_attribute(attributes.DEFAULT), segment.of_attribute(attributes.VERSION))
    )
    # One number for a policy's version: the places of the different ones.
    wanted = version_items(segment, segment.value[defaults])
    named = (segment.entity[defaults].astype(np.int64) << 32) | wanted
    there = (segment.entity[versions].astype(np.int64) << 32) | segment.item[versions]
    _, keys = np.unique(np.concatenate((named, there)), return_inverse=True)
    ours, theirs = keys[: len(defaults)], keys[len(defaults) :]
    valid_from, valid_to = segment.valid_from, segment.valid_to
    held = Spans(theirs, valid_from[versions], valid_to[versions], np.arange(len(theirs), dtype=np.int64)).in_order()
    met = meetings(Spans(ours, valid_from[defaults], valid_to[defaults], ours), held)
    default, version = defaults[met.left], versions[held.what[met.right]]
    return InForce(segment.entity[default], segment.value[version], version, default, met.begin, met.end)
