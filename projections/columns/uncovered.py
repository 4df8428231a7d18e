"""The principals whose policies no source has shown, at an instant of a history of columns.

Each answer about the past tells them: serves the row "decision" of `make bench-history`."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np

from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.facts import EntityKey
from erstwhile.domain.vocabulary.bounded import Bounded
from erstwhile.projections.columns.column_history import ColumnHistory
from erstwhile.projections.columns.rows_at import RowsAt
from erstwhile.projections.columns.segment import MOST_FOUND, Segment
from erstwhile.projections.columns.stack import Layer
from erstwhile.projections.columns.texts import Codes, Ints

_KINDS = ("user", "role")
_MANY = 10_000
"""Rows of an account and kind, beyond which hardly two instants have the same answer."""
MOST_ANSWERS = 1_000
_answers: WeakKeyDictionary[ColumnHistory, Bounded[tuple[int, ...], Uncovered]] = WeakKeyDictionary()
"""By how many are named at most, and `_epochs`."""


class Uncovered(NamedTuple):
    in_all: int
    first: list[str]
    """As account:kind/name, with the names of the instant. Nobody may change it."""


def uncovered(history: ColumnHistory, instant: datetime, accounts: Collection[str], most: int) -> Uncovered:
    """How many there are in some accounts, and the first of them by account, kind and unique id: not more are looked
    at."""
    at = RowsAt(history, instant)
    place = _epochs(at, accounts)
    if place is None:
        return _found(at, accounts, most)
    kept = _answers.get(history)
    if kept is None:
        kept = _answers[history] = Bounded(MOST_ANSWERS)
    found = kept.get((most, *place))
    return found if found is not None else kept.keep((most, *place), _found(at, accounts, most))


def _epochs(at: RowsAt, accounts: Collection[str]) -> list[int] | None:
    """Between which changes of those that have a say an instant is: between the same ones, the answer is the same. None
    where there are too many to be kept."""
    found: list[int] = []
    for number, layer in enumerate(at.history.stack):
        for place, (account, kind) in enumerate(layer.segment.places):
            if account in accounts and kind in _KINDS:
                changes = _uncovered_of(layer.segment).changes[place]
                if changes is None:
                    return None
                found += (number, place, bisect_right(changes, at.at))
    return found


def _found(at: RowsAt, accounts: Collection[str], most: int) -> Uncovered:
    in_all = 0
    found: list[tuple[EntityKey, Layer, int]] = []
    for layer in at.history.stack:
        segment, counts = layer.segment, layer.counts
        for place, (account, kind) in enumerate(segment.places):
            if account in accounts and kind in _KINDS:
                entities = _uncovered_of(segment).at(at, place)
                if len(entities):
                    entities = entities[counts[entities]]
                    in_all += len(entities)
                    found += [(segment.key(entity), layer, entity) for entity in entities[:most].tolist()]
    found.sort(key=lambda each: each[0])
    first = [
        f"{account}:{kind}/{_uncovered_of(layer.segment).name(at, layer.segment, entity)}"
        for (account, kind, _), layer, entity in found[:most]
    ]
    return Uncovered(in_all, sorted(first))


class _Rows(NamedTuple):
    """The rows of one account and kind that say so, each with its entity and its times: side by side, so that a mask
    over them gathers nothing."""

    entity: Codes
    valid_from: Ints
    valid_to: Ints
    recorded_from: Ints
    recorded_to: Ints


class _Uncovered:
    """Of one segment, which it must not hold: as long as that lives, this is kept."""

    def __init__(self, segment: Segment) -> None:
        rows = segment.of_attribute(attributes.COVERAGE)  # in the order of entities, for all have one item
        bounds = np.searchsorted(segment.place[segment.entity[rows]], np.arange(len(segment.places) + 1)).tolist()
        self._rows = [_rows_of(segment, rows[begin:end]) for begin, end in pairwise(bounds)]
        described = segment.of_attribute(attributes.ENTITY)
        self.changes = [_changes(segment, each, described) for each in self._rows]
        """Of each account and kind, the instants in order at which one of them begins or ends to be, or is described
        anew; None where there are many."""
        self._described: Bounded[int, list[int]] = Bounded(MOST_FOUND)
        """By entity: the rows that describe it."""

    def at(self, at: RowsAt, place: int) -> Codes:
        """The entities of an account and kind of which it is true at the instant."""
        rows = self._rows[place]
        if not len(rows.entity):
            return rows.entity
        instant, known_at = at.at, at.history.known_at
        true = rows.valid_from <= instant
        true &= rows.valid_to > instant
        true &= rows.recorded_from <= known_at
        true &= rows.recorded_to > known_at
        found: Codes = rows.entity[true]
        return found

    def name(self, at: RowsAt, segment: Segment, entity: int) -> str:
        """The name of an entity at the instant; '' where it has none."""
        rows = self._described.get(entity)
        if rows is None:
            first, last = segment.rows(entity)
            described = segment.of_attribute(attributes.ENTITY).data  # in the order of entities, too
            begin, end = bisect_left(described, first), bisect_left(described, last)
            rows = self._described.keep(entity, described[begin:end].tolist())
        for row in rows:
            if at.is_true(segment, row):
                return str(segment.value_of(row)["name"])
        return ""


def _rows_of(segment: Segment, rows: Codes) -> _Rows:
    columns = (segment.valid_from, segment.valid_to, segment.recorded_from, segment.recorded_to)
    return _Rows(segment.entity[rows], *(column[rows] for column in columns))


def _changes(segment: Segment, rows: _Rows, described: Codes) -> list[int] | None:
    if len(rows.entity) > _MANY:
        return None
    describing = described[np.isin(segment.entity[described], rows.entity)]
    instants = (rows.valid_from, rows.valid_to, segment.valid_from[describing], segment.valid_to[describing])
    changes: list[int] = np.unique(np.concatenate(instants)).tolist()
    return changes


def _uncovered_of(segment: Segment) -> _Uncovered:
    """Made once for each segment."""
    return segment.once(_Uncovered)
