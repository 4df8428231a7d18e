"""History as known at one log position, from columns: a `WideHistory`; and the facts of one instant of it.

It is long because a history has many ways to its entities, of a few lines each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

import numpy as np

from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.fact_source import FactSource
from erstwhile.domain.directory.facts import IAM_KINDS, EntityKey, Interval
from erstwhile.domain.history.later_intervals import LaterIntervals
from erstwhile.domain.history.policy_line import PolicyLine
from erstwhile.domain.vocabulary.bounded import Bounded
from erstwhile.domain.vocabulary.identifiers import account_in
from erstwhile.domain.vocabulary.micros import instant_of, micros_of
from erstwhile.projections.columns.alone import is_surely_alone
from erstwhile.projections.columns.descriptions import with_name, with_recorded_arn
from erstwhile.projections.columns.granting import GrantingColumns, granting_of
from erstwhile.projections.columns.made_once import MadeOnce
from erstwhile.projections.columns.policy_lines import policy_lines
from erstwhile.projections.columns.read_intervals import ReadIntervals
from erstwhile.projections.columns.segment import Segment
from erstwhile.projections.columns.signs import Signs
from erstwhile.projections.columns.stack import Layer, Stack
from erstwhile.projections.columns.texts import ABSENT, Codes
from erstwhile.projections.columns.window_rows import ColumnRows
from erstwhile.projections.columns.words import rows_with_words
from erstwhile.projections.vanished import KINDS, Ended, vanished_value

_ONE = timedelta(microseconds=1)
_READ_IN_PART = ("policy", "group", "resource")
"""Kinds of entities that have a say for a small part of the time of which something is known of them."""
MOST_CALLED = 40_000


class ColumnHistory(MadeOnce):
    """A `WideHistory`. Any thread may ask."""

    def __init__(self, stack: Stack, known_at: int, signs: Signs) -> None:
        super().__init__()
        self.stack = stack
        self._known_at = known_at
        self._signs = signs
        self._read = ReadIntervals()
        self._called: Bounded[str | tuple[str, str, str], Sequence[EntityKey]] = Bounded(MOST_CALLED)
        """By ARN, and by account, kind and name."""

    @property
    def known_at(self) -> int:
        return self._known_at

    def forget(self) -> None:
        """What was read of single entities: questions about thousands leave more than others need."""
        self._read.clear()
        self._called.clear()
        for layer in self.stack:
            layer.segment.forget()

    @property
    def granting(self) -> GrantingColumns | None:
        """What is told of the events that gave facts, as far as it is known without the log."""
        return granting_of(self.stack[-1].segment)

    def place_of(self, key: EntityKey) -> tuple[Layer, int] | None:
        """Where the rows of an entity are: the layer, and its code there."""
        for layer in self.stack:
            entity = layer.segment.entity_code(key)
            if entity != ABSENT:
                return layer, entity
        return None

    def believed(self, segment: Segment, entity: int) -> list[int]:
        """The rows of an entity that were believed at the position."""
        first, last = segment.rows(entity)
        known_at = self._known_at
        spans = zip(segment.recorded_froms[first:last].tolist(), segment.recorded_tos[first:last].tolist(), strict=True)
        return [row for row, (begin, end) in enumerate(spans, first) if begin <= known_at < end]

    def intervals_of(self, key: EntityKey) -> Sequence[Interval]:
        """Principals have policies in common, and the guardrails of their account: those are read again and again."""
        read = self._read.get(key)
        return read if read is not None else self._read.keep(key, self._intervals_of(key))

    def _intervals_of(self, key: EntityKey) -> Sequence[Interval]:
        found = self.place_of(key)
        if found is None:
            return ()
        segment, entity = found[0].segment, found[1]
        rows = self.believed(segment, entity)
        can_vanish = bool(segment.listings) and key[1] in KINDS
        if key[1] in _READ_IN_PART and not can_vanish:
            return self._later(segment, key, rows)
        intervals = [self._interval(segment, key, row) for row in rows]
        if not can_vanish:
            return intervals
        return intervals + [gone for row in rows for gone in self.vanished(segment, key, row, rows)]

    def _later(self, segment: Segment, key: EntityKey, rows: list[int]) -> LaterIntervals:
        names, of, begins, ends = segment.attributes, segment.attribute_of, segment.valid_froms, segment.valid_tos
        return LaterIntervals(
            [names[of[row]] for row in rows], [begins[row] for row in rows], [ends[row] for row in rows],
            lambda place: self._interval(segment, key, rows[place]),
            lambda place: segment.item_of(rows[place]), lambda place: segment.fact_of(rows[place]),
        )  # fmt: skip

    def policy_line(self, key: EntityKey) -> PolicyLine | None:
        found = self.place_of(key)
        if found is None:
            return None
        return policy_lines(found[0].segment, self._known_at).line(key, found[1])

    def intervals_within(self, key: EntityKey, begin: datetime, end: datetime) -> Sequence[Interval]:
        """Of a short time, the intervals of hundreds of entities are a fraction of all that these ever had.

        Serves the rows "guardrail: …" of `make bench-incident`."""
        found = self.place_of(key)
        if found is None:
            return ()
        segment, since, until = found[0].segment, micros_of(begin), micros_of(end)
        rows = self.believed(segment, found[1])
        froms, tos = segment.valid_froms, segment.valid_tos
        intervals = [self._interval(segment, key, row) for row in rows if froms[row] <= until and tos[row] >= since]
        return intervals + [gone for row in rows for gone in self.vanished(segment, key, row, rows)]

    def intervals_with(self, key: EntityKey, names: frozenset[str]) -> Sequence[Interval]:
        """Of thousands of entities, each once, most intervals are of other attributes.

        Serves `attestation` of `make bench-reports`, and "provenance" of `make bench-history`."""
        read = self._read.get(key)
        if read is not None:
            return read.of(names) if isinstance(read, LaterIntervals) else read
        found = self.place_of(key)
        if found is None:
            return ()
        segment = found[0].segment
        codes, of, known_at = segment.attribute_codes, segment.attribute_of, self._known_at
        wanted = {codes[each] for each in names if each in codes}
        since, until = segment.recorded_froms, segment.recorded_tos
        those = [row for row in range(*segment.rows(found[1])) if of[row] in wanted]
        intervals = [self._interval(segment, key, row) for row in those if since[row] <= known_at < until[row]]
        if attributes.VANISHED in names:
            rows = self.believed(segment, found[1])
            intervals += [gone for row in rows for gone in self.vanished(segment, key, row, rows)]
        return intervals

    def _interval(self, segment: Segment, key: EntityKey, row: int) -> Interval:
        found = segment.intervals.entries.get(row)
        return found if found is not None else segment.intervals.keep(row, self._made(segment, key, row))

    def _made(self, segment: Segment, key: EntityKey, row: int) -> Interval:
        return Interval(
            *key, segment.attributes[segment.attribute_of[row]], segment.item_of(row), segment.value_of(row),
            instant_of(segment.valid_froms[row]), instant_of(segment.valid_tos[row]),
            segment.opened_bys[row], segment.closed_bys[row] or None,
        )  # fmt: skip

    def vanished(self, segment: Segment, key: EntityKey, row: int, believed: Iterable[int]) -> Iterator[Interval]:
        """While an entity may have been deleted without a record: from its last sign on, where its row was ended by a
        listing. `believed`: the entity's rows."""
        closed_by = segment.closed_bys[row]
        listing = segment.listings.get(closed_by)
        if listing is None or key[1] not in KINDS or segment.attributes[segment.attribute_of[row]] != attributes.ENTITY:
            return
        surely, at = listing
        if not surely and any(
            segment.valid_froms[each] == at < segment.valid_tos[each]
            and segment.attribute_of[each] == segment.attribute_of[row]
            for each in believed
        ):
            return  # it was described anew
        begin, end, until = instant_of(segment.valid_froms[row]), instant_of(segment.valid_tos[row]), instant_of(at)
        last = self._signs.last(Ended(key, segment.value_of(row), begin, until), self._known_at)
        if last is not None and max(begin, last + _ONE) < end:
            value = vanished_value(last, until)
            yield Interval(*key, attributes.VANISHED, "", value, max(begin, last + _ONE), end, closed_by, closed_by)

    def of_event(self, position: int) -> Sequence[Interval]:
        found: dict[tuple[EntityKey, int], Interval] = {}
        for layer in self.stack:
            segment = layer.segment
            for column in ("opened_by", "closed_by"):
                for key, row in self._believed_rows(layer, segment.between(column, position, position)):
                    found[key, row] = self._interval(segment, key, row)
        return [*found.values(), *(gone for gone in self._all_vanished() if gone.opened_by == position)]

    def facts_at(self, instant: datetime) -> FactSource:
        # It reads this class.
        from erstwhile.projections.columns.facts_at import ColumnFacts

        return ColumnFacts(self, instant)

    def documents_with(self, words: tuple[str, ...]) -> Iterable[Interval]:
        for layer in self.stack:
            for key, row in self._believed_rows(layer, rows_with_words(layer.segment, words)):
                yield self._interval(layer.segment, key, row)

    def with_attribute(self, attribute: str) -> Iterable[Interval]:
        if attribute == attributes.VANISHED:
            yield from self._all_vanished()
            return
        for layer in self.stack:
            for key, row in self._believed_rows(layer, layer.segment.of_attribute(attribute)):
                yield self._interval(layer.segment, key, row)

    def window(self, begin: datetime, end: datetime) -> ColumnRows:
        return ColumnRows(self.stack, self._known_at, micros_of(begin), micros_of(end))

    def changed(self, after: datetime, until: datetime, names: frozenset[str] | None = None) -> Iterable[EntityKey]:
        begin, end = micros_of(after), micros_of(until)
        found: dict[EntityKey, None] = {}
        for layer in self.stack:
            segment = layer.segment
            rows = [segment.between("valid_from", begin + 1, end), segment.between("valid_to", begin + 1, end)]
            if names is not None:
                wanted = np.array([each in names for each in segment.attributes], dtype=bool)
                rows = [each[wanted[segment.attribute[each]]] for each in rows]
            # Since when one of these may not exist any more, lies within its row.
            rows.append(segment.ended[(segment.valid_from[segment.ended] <= end)])
            entities = np.unique(segment.entity[np.concatenate(rows)])
            found |= dict.fromkeys(self._keys(layer, entities.tolist()))
        return list(found)

    def _believed_rows(self, layer: Layer, rows: Codes) -> Iterator[tuple[EntityKey, int]]:
        """Of some rows, those that were believed at the position, each with the key of its entity."""
        segment = layer.segment
        counts = layer.counts[segment.entity[rows]]
        counts &= segment.recorded_from[rows] <= self._known_at
        counts &= segment.recorded_to[rows] > self._known_at
        for row in rows[counts].tolist():
            yield segment.key(int(segment.entity[row])), row

    def _all_vanished(self) -> Iterator[Interval]:
        for layer in self.stack:
            segment = layer.segment
            for key, row in list(self._believed_rows(layer, segment.ended)):
                believed = self.believed(segment, int(segment.entity[row]))
                yield from self.vanished(segment, key, row, believed)

    # Ways to entities.

    def _keys(self, layer: Layer, entities: Iterable[int]) -> Iterator[EntityKey]:
        segment, counts = layer.segment, layer.counts
        return (segment.key(each) for each in entities if counts[each])

    def with_arn(self, arn: str) -> Sequence[EntityKey]:
        """A difference asks for two instants."""
        found = self._called.entries.get(arn)
        return self._called.keep(arn, self._with_arn(arn)) if found is None else found

    def _with_arn(self, arn: str) -> Sequence[EntityKey]:
        found = dict.fromkeys(with_recorded_arn(self.stack, self._known_at, arn))
        kind, _, path = arn.rpartition(":")[2].partition("/")
        if kind in IAM_KINDS:
            account, name = account_in(arn), path.rpartition("/")[2]
            found |= dict.fromkeys(self.with_name(account, kind, name.lower()))
            if self.intervals_of((account, kind, name)):
                found[account, kind, name] = None
        return list(found)

    def has_alone(self, key: EntityKey, arn: str) -> bool:
        return is_surely_alone(self.stack, key, arn) or list(self.with_arn(arn)) == [key]

    def with_access_key(self, access_key_id: str) -> Iterable[EntityKey]:
        return self._linked(attributes.ACCESS_KEY, access_key_id)

    def with_name(self, account: str, kind: str, name: str) -> Iterable[EntityKey]:
        place = (account, kind, name)
        found = self._called.entries.get(place)
        return self._called.keep(place, with_name(self.stack, self._known_at, *place)) if found is None else found

    def of_kind(self, kind: str, account: str = "") -> Iterable[EntityKey]:
        for layer in self.stack:
            for place, (owner, held) in enumerate(layer.segment.places):
                if held == kind and account in ("", owner):
                    yield from self._keys(layer, layer.segment.of_place(place))

    def holders(self, account: str, attribute: str, item: str) -> Iterable[EntityKey]:
        return [key for key in self._linked(attribute, item) if key[0] == account]

    def _linked(self, attribute: str, item: str) -> Iterable[EntityKey]:
        for layer in self.stack:
            rows = layer.segment.links(attribute, item)
            if len(rows):
                yield from self._keys(layer, np.unique(layer.segment.entity[rows]).tolist())

    def kinds(self) -> Iterable[tuple[str, str]]:
        return dict.fromkeys(place for layer in self.stack for place in layer.segment.places)

    def having(self, attribute: str) -> Iterable[EntityKey]:
        for layer in self.stack:
            rows = layer.segment.of_attribute(attribute)
            if len(rows):
                yield from self._keys(layer, np.unique(layer.segment.entity[rows]).tolist())

    def items_of(self, attribute: str) -> Iterable[str]:
        return dict.fromkeys(item for layer in self.stack for item in layer.segment.items_with(attribute))

    def vpc_endpoints(self) -> Iterable[EntityKey]:
        return [key for layer in self.stack for key in self._keys(layer, layer.segment.endpoints.tolist())]

    def secrets_called(self, arn: str) -> Iterable[EntityKey]:
        return [key for layer in self.stack for key in self._keys(layer, layer.segment.secrets_called(arn))]
