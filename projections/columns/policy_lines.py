"""What managed policies said over time: which versions were in force one after another.

Serves the rows "decision" and "a principal's timeline over everything" of `make bench-history`."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import datetime

import numpy as np
import numpy.typing as npt

from erstwhile.domain.directory import attributes as a
from erstwhile.domain.directory.fact_source import PolicyInForce
from erstwhile.domain.directory.facts import EntityKey
from erstwhile.domain.history.course import WITHOUT_A_SAY
from erstwhile.domain.history.policy_states import are_told_alike, surely_named
from erstwhile.domain.vocabulary.micros import ALWAYS, NEVER, instant_of
from erstwhile.projections.columns.believed import as_known, believed_rows
from erstwhile.projections.columns.documents import documents_of
from erstwhile.projections.columns.in_force import InForce, in_force
from erstwhile.projections.columns.policy_uses import policy_uses
from erstwhile.projections.columns.segment import Segment
from erstwhile.projections.columns.texts import Codes, Ints

_USUAL = frozenset((a.ENTITY, a.DEFAULT, a.VERSION, *WITHOUT_A_SAY))
"""The attributes of a policy with a line. Another may have a say in other ways."""


class ColumnLine:
    """A `PolicyLine`."""

    def __init__(
        self, segment: Segment, entity: int, named: tuple[str, datetime], begins: list[int], end: int,
        chosen: list[int], versions: list[int],
    ) -> None:  # fmt: skip
        """`named`: its ARN, and since when it exists; `chosen` and `versions`: the rows that chose each version in
        force, and those with its words."""
        self._segment = segment
        self._entity = entity
        self._arn, self._begun = named
        self._begins = begins
        self._end = end
        self._chosen = chosen
        self._versions = versions
        self._said: dict[int, PolicyInForce | None] = {}
        self._touched: set[int] | None = None
        self.turns: Sequence[int] = [each for each in (*begins, end) if each not in (ALWAYS, NEVER)]

    def at(self, at: int) -> PolicyInForce | None:
        number = bisect_right(self._begins, at) - 1
        if number < 0 or at >= self._end:
            return None
        if number not in self._said:
            self._said[number] = self._in_force(number)
        return self._said[number]

    def _in_force(self, number: int) -> PolicyInForce | None:
        return _said(self._segment, self._chosen[number], self._versions[number], self._arn, self._begun)

    def is_touched(self, at: int) -> bool:
        if self._touched is None:
            segment = self._segment
            first, last = segment.rows(self._entity)
            self._touched = {*segment.valid_froms[first:last], *segment.valid_tos[first:last]}
        return at in self._touched


class PolicyLines:
    """Of the policies of one segment, as believed at a log position."""

    def __init__(self, segment: Segment, known_at: int) -> None:
        self._segment = segment
        self._named: dict[int, tuple[str, datetime] | None] = {}
        rows = _rows_of_policies(segment, known_at)
        self._described = described = _of(segment, rows, a.ENTITY)
        self._described_entities = segment.entity[described].data
        self._described_begins = segment.valid_from[described].data
        found = in_force(segment, known_at)
        chosen = np.lexsort((found.begin, found.entity))
        usual = [name in _USUAL for name in segment.attributes]
        odd = [
            segment.entity[rows[~np.array(usual, dtype=bool)[segment.attribute[rows]]]],
            _interrupted(found.entity[chosen], found.begin[chosen], found.end[chosen]),
            _interrupted(segment.entity[described], segment.valid_from[described], segment.valid_to[described]),
        ]
        chosen = chosen[~np.isin(found.entity[chosen], np.concatenate(odd))]
        self._entities, self._begins = found.entity[chosen].data, found.begin[chosen].data
        self._ends = found.end[chosen].data
        self._chosen, self._versions = found.default[chosen].data, found.version[chosen].data
        self.uses = uses = policy_uses(segment)
        self._first_of, self._end_of = (
            np.searchsorted(found.entity[chosen], uses.entity, side).astype(np.int32).data for side in ("left", "right")
        )
        """Where the lines of each used policy begin and end."""
        self._are_described = self._described_throughout(found, chosen).data

    def _described_throughout(self, found: InForce, chosen: Ints) -> npt.NDArray[np.bool_]:
        """Of which lines something describes the policy from begin to end."""
        segment, described, entities = self._segment, self._described, found.entity[chosen]
        if not len(described):
            return np.zeros(len(chosen), dtype=bool)
        first, end = (np.searchsorted(segment.entity[described], entities, side) for side in ("left", "right"))
        since = segment.valid_from[described[np.minimum(first, len(described) - 1)]]
        until = segment.valid_to[described[end - 1]]
        return (first < end) & (since <= found.begin[chosen]) & (until >= found.end[chosen])

    def said_by(self, place: int, arn: str, at: int) -> PolicyInForce | None:
        """What a used policy says at an instant, of that place among `uses` and with that ARN; None where it has no
        line, or where it is not sure that it alone has the ARN."""
        uses, segment = self.uses, self._segment
        begun = int(uses.begun[place])
        if begun == NEVER:
            return None
        first = self._first_of[place]
        number = bisect_right(self._begins, at, first, self._end_of[place]) - 1
        if number < first or at >= self._ends[number] or not self._are_described[number]:
            return None
        return _said(segment, self._chosen[number], self._versions[number], arn, instant_of(begun))

    def line(self, key: EntityKey, entity: int) -> ColumnLine | None:
        """None for a policy that is not as simple as a line."""
        first = bisect_left(self._entities, entity)
        last = bisect_right(self._entities, entity, lo=first)
        if first == last:
            return None
        begins, end = self._begins[first:last].tolist(), self._ends[last - 1]
        if entity not in self._named:
            self._named[entity] = self._find_name(key, entity, begins[0], end)
        named = self._named[entity]
        if named is None:
            return None
        chosen, versions = self._chosen[first:last].tolist(), self._versions[first:last].tolist()
        return ColumnLine(self._segment, entity, named, begins, end, chosen, versions)

    def in_force(self, key: EntityKey, entity: int, at: int) -> PolicyInForce | None:
        """What one policy says at an instant; None where it has no line, or its ARN is not sure there."""
        segment = self._segment
        number = _last_at(self._entities, self._begins, entity, at)
        described = _last_at(self._described_entities, self._described_begins, entity, at)
        if number < 0 or described < 0:
            return None
        row = int(self._described[described])
        if at >= self._ends[number] or at >= segment.valid_tos[row]:
            return None
        named = surely_named(key, segment.fact_of(row))
        if named is None:
            return None
        return _said(segment, self._chosen[number], self._versions[number], named.arn, named.begun)

    def _find_name(self, key: EntityKey, entity: int, begin: int, end: int) -> tuple[str, datetime] | None:
        """The ARN of a policy, and since when it exists; None where these are not the same, and sure, from the begin of
        its first version to the end of the last."""
        segment = self._segment
        first = bisect_left(self._described_entities, entity)
        rows = self._described[first : bisect_right(self._described_entities, entity, lo=first)].tolist()
        if not rows or (segment.valid_froms[rows[0]], segment.valid_tos[rows[-1]]) != (begin, end):
            return None
        last = segment.fact_of(rows[0])
        found = surely_named(key, last)
        if found is None:
            return None
        for row in rows[1:]:
            described = segment.fact_of(row)
            if not are_told_alike(last, described) and surely_named(key, described) != found:
                return None
            last = described
        return found.arn, found.begun


def _last_at(entities: memoryview, begins: memoryview, entity: int, at: int) -> int:
    """Of rows in order, the last one of an entity that has begun at an instant; -1 where there is none."""
    first = bisect_left(entities, entity)
    last = bisect_right(entities, entity, lo=first)
    found = bisect_right(begins, at, first, last) - 1
    return found if found >= first else -1


def _said(segment: Segment, chosen: int, version: int, arn: str, begun: datetime) -> PolicyInForce | None:
    """From the row that chose a version, and the one with its words."""
    value = segment.value_code(version)
    document = segment.decoded(value).get("document")
    if document is None:
        return None
    known = documents_of(segment).known(value)
    return PolicyInForce(arn, document, segment.item_of(version), segment.opened_bys[chosen], begun, known)


def policy_lines(segment: Segment, known_at: int) -> PolicyLines:
    """As known at a log position."""
    return as_known(segment, known_at, PolicyLines)


def _rows_of_policies(segment: Segment, known_at: int) -> Codes:
    """Those that are believed, and held for any time at all."""
    believed = believed_rows(segment, known_at)
    rows = [np.zeros(0, dtype=np.int64)]
    for place, (_, kind) in enumerate(segment.places):
        if kind == "policy":
            those = segment.of_place(place)
            first = int(segment.first_row[those.start])
            rows.append(first + np.flatnonzero(believed[first : int(segment.first_row[those.stop])]))
    return np.concatenate(rows).astype(np.int32)


def _of(segment: Segment, rows: Codes, attribute: str) -> Codes:
    """The rows of an attribute, by entity and by time."""
    code = segment.attribute_codes.get(attribute)
    rows = rows[segment.attribute[rows] == code] if code is not None else rows[:0]
    return rows[np.lexsort((segment.valid_from[rows], segment.entity[rows]))]


def _interrupted(entity: Codes, begin: Ints, end: Ints) -> Codes:
    """The entities whose times, in order, do not follow one another without a pause."""
    found: Codes = entity[1:][(begin[1:] != end[:-1]) & (entity[1:] == entity[:-1])]
    return found
