"""Who had which policy when, of all users and roles at once: as own policies, through groups, and as boundaries."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from erstwhile.domain.directory import attributes as a
from erstwhile.domain.directory.facts import EntityKey
from erstwhile.domain.history.at_once.policies import Policies
from erstwhile.domain.history.at_once.readings import (
    FIRST_TAGGED,
    NEVER_SEEN,
    PERSONAL,
    SILENT,
    UNREAD,
    Readings,
    says,
)
from erstwhile.domain.history.at_once.spans import NONE, Spans, joined, meetings, spans, uncovered
from erstwhile.domain.history.fact_history import FactHistory
from erstwhile.domain.history.wide_history import ABSENT, Ints, Rows, Speaking, WindowRows
from erstwhile.domain.vocabulary.micros import micros_of

PRINCIPALS = ("user", "role")
Mask = npt.NDArray[np.bool_]
_GONE = -1
"""In place of a reading: the group was not there."""


class Holdings:
    """Of one question. The key of all intervals is the number of an entity, `what` is a reading."""

    def __init__(
        self,
        history: FactHistory,
        rows: WindowRows,
        policies: Policies,
        readings: Readings,
        speaking: Speaking,
        begin: int,
        end: int,
    ) -> None:
        self._history, self._rows = history, rows
        self._policies, self._readings = policies, readings
        self._window = begin, end
        self.is_principal = self._of_kinds(*PRINCIPALS)
        own = joined(self._attached(), self._inline(speaking), self._not_known())
        members = self._through_groups(own)
        self._identity = joined(own, members).only(
            self.is_principal[np.concatenate((own.key, members.key))]
        )  # fmt: skip

    def holders(self) -> Mask:
        """Of each entity, whether it is a user or role that had something that may allow it."""
        readings = self._identity.what
        may_allow = np.array([number >= NEVER_SEEN or says(number)[0] is not False for number in range(PERSONAL + 1)])
        found = np.zeros(len(self._rows.place), dtype=bool)
        found[self._identity.key[may_allow[np.minimum(readings, PERSONAL)]]] = True
        return found

    def identity(self, entities: Mask) -> Spans:
        """What the identity policies of some users and roles say."""
        return self._by_tags(self._identity.only(entities[self._identity.key]))

    def bounds(self, entities: Mask) -> tuple[Spans, Spans]:
        """When some users and roles had a boundary, and what it says."""
        rows = self._rows.rows(a.BOUNDARY, np.flatnonzero(entities))
        bounded = spans(rows.entity, rows.begin, rows.end)
        values, places = np.unique(rows.value, return_inverse=True)
        arns = [str(self._rows.value(value)["policy"]) for value in values.tolist()]
        # Many have the same boundary.
        keys = self._rows.place[rows.entity].astype(np.int64) * max(1, len(arns)) + places
        different, of_pair = np.unique(keys, return_inverse=True)
        pairs = [(self._rows.places[key // len(arns)][0], arns[key % len(arns)]) for key in different.tolist()]
        number = self._policies.numbers(pairs)[of_pair]
        speaks = number >= 0
        met = meetings(Spans(number, rows.begin, rows.end, rows.entity).only(speaks), self._policies.parts)
        said = spans(rows.entity[speaks][met.left], met.begin, met.end, self._policies.parts.what[met.right])
        return bounded, self._by_tags(said)

    def existence(self, entities: Mask) -> Rows:
        """When some users and roles existed, under which description."""
        return self._rows.rows(a.ENTITY, np.flatnonzero(entities))

    def _of_kinds(self, *kinds: str) -> Mask:
        of_places = np.array([kind in kinds for _, kind in self._rows.places], dtype=bool)
        return of_places[self._rows.place]

    # What entities have themselves.

    def _attached(self) -> Spans:
        held = self._rows.held(a.ATTACHED)
        numbers = self._policies.numbers(held.pairs)
        rows, parts = held.rows(np.flatnonzero(numbers >= 0)), self._policies.parts
        met = meetings(Spans(numbers[rows.item], rows.begin, rows.end, rows.entity), parts)
        there = rows.begin[met.left] >= self._policies.begun[met.right]
        return Spans(rows.entity[met.left], met.begin, met.end, parts.what[met.right]).only(there)

    def _inline(self, speaking: Speaking) -> Spans:
        rows = self._rows.inline(speaking.values)
        readings = self._readings.of_values(self._rows, rows.value, speaking)
        return Spans(rows.entity, rows.begin, rows.end, readings).only(readings != SILENT)

    def _not_known(self) -> Spans:
        """Whose policies were never seen, and who may have been deleted without a record."""
        uncovered_rows = self._rows.rows(a.COVERAGE)
        begin, end = self._window
        gone = [
            (self._rows.number(row[:3]), micros_of(row.valid_from), micros_of(row.valid_to), UNREAD)
            for row in self._history.with_attribute(a.VANISHED)
        ]
        gone = [each for each in gone if each[0] != ABSENT and each[1] < end and begin < each[2]]
        return joined(
            spans(uncovered_rows.entity, uncovered_rows.begin, uncovered_rows.end, NEVER_SEEN),
            Spans(*np.array(gone, dtype=np.int64).reshape(-1, 4).T),
        )

    # Through groups.

    def _through_groups(self, own: Spans) -> Spans:
        held = self._rows.held(a.MEMBER_OF)
        groups = self._rows.groups()
        pair_of = np.full(len(self._rows.place), ABSENT, dtype=np.int64)
        known = np.flatnonzero(groups >= 0)
        pair_of[groups[known]] = known
        theirs = own.only(pair_of[own.key] >= 0)
        there = self._rows.rows(a.ENTITY, groups[known])
        lives = spans(pair_of[there.entity], there.begin, there.end)
        gone = uncovered(lives, np.arange(len(groups), dtype=np.int64), *self._window)
        gone = gone._replace(what=np.full(len(gone.key), _GONE, dtype=np.int64))
        parts = joined(theirs._replace(key=pair_of[theirs.key]), gone).in_order()
        has_parts = np.zeros(len(groups), dtype=bool)
        has_parts[parts.key] = True
        rows = held.rows(np.flatnonzero(has_parts))
        met = meetings(Spans(rows.item, rows.begin, rows.end, rows.entity), parts)
        what, pair = parts.what[met.right], rows.item[met.left]
        for each in np.unique(pair[what == _GONE]).tolist():
            account, item = held.pairs[each]
            what[(what == _GONE) & (pair == each)] = self._without_group((account, "group", item))
        return Spans(rows.entity[met.left], met.begin, met.end, what)

    def _without_group(self, key: EntityKey) -> int:
        """What is known of the policies of a group while it was not there: nothing, or what the Directory of each
        instant tells."""
        begin, end = self._window
        rows = self._history.intervals_of(key)
        is_known = any(micros_of(row.valid_from) < end and begin < micros_of(row.valid_to) for row in rows)
        return PERSONAL if is_known else NEVER_SEEN

    # By the tags of principals.

    def _by_tags(self, those: Spans) -> Spans:
        """The same, with what the tags of each principal make of the documents that look at one."""
        tagged = those.what >= FIRST_TAGGED
        if not tagged.any():
            return those
        found = [those.only(~tagged)]
        rest = those.only(tagged)
        readings = self._readings
        numbers = np.unique(rest.what).tolist()
        for tag in dict.fromkeys(readings.tagged[number - FIRST_TAGGED].tag for number in numbers):
            of_tag = [number for number in numbers if readings.tagged[number - FIRST_TAGGED].tag == tag]
            found.append(self._by_tag(tag, rest.only(np.isin(rest.what, of_tag))))
        return joined(*found)

    def _by_tag(self, tag: str, those: Spans) -> Spans:
        held = self._rows.held(a.TAG)
        pairs = [place for place, (_, key) in enumerate(held.pairs) if key.lower() == tag]
        is_wanted = np.zeros(len(self._rows.place), dtype=bool)
        is_wanted[those.key] = True
        wanted = np.flatnonzero(is_wanted)
        rows = held.rows(np.array(pairs, dtype=np.int64), wanted)
        if len({held.pairs[place][1] for place in pairs}) > 1:
            return those._replace(what=np.full(len(those.key), PERSONAL, dtype=np.int64))
        bearing = spans(rows.entity, rows.begin, rows.end, rows.value)
        bare = uncovered(bearing, wanted, *self._window)
        values = joined(bearing, bare._replace(what=np.full(len(bare.key), ABSENT, dtype=np.int64))).in_order()
        met = meetings(those, values)
        said = self._said(those.what[met.left], values.what[met.right])
        return Spans(those.key[met.left], met.begin, met.end, said).only(said != SILENT)

    def _said(self, readings: Ints, values: Ints) -> Ints:
        """What documents say to those who have a tag's value (a number; ABSENT: not at all)."""
        pairs = readings * (int(values.max(initial=0)) + 2) + values + 1
        different, first, places = np.unique(pairs, return_index=True, return_inverse=True)
        said = {
            value: None if value == ABSENT else str(self._rows.value(value)["value"])
            for value in np.unique(values[first]).tolist()
        }
        numbers = [
            self._readings.with_tag(reading, said[value])
            for reading, value in zip(readings[first].tolist(), values[first].tolist(), strict=True)
        ]
        return np.array(numbers, dtype=np.int64)[places] if len(different) else NONE.what
