"""The principals whose policies no source has shown, at an instant of a history of columns."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.facts import EntityKey
from erstwhile.projections.columns.column_history import ColumnHistory
from erstwhile.projections.columns.rows_at import RowsAt
from erstwhile.projections.columns.stack import Layer

_KINDS = ("user", "role")
Named = tuple[EntityKey, str]


class Uncovered(NamedTuple):
    in_all: int
    first: list[Named]
    """By account, kind and unique id; each with the name that it has at the instant."""


def uncovered(history: ColumnHistory, instant: datetime, accounts: Collection[str], most: int) -> Uncovered:
    """How many there are in some accounts, and the first of them: not more are looked at."""
    at, in_all = RowsAt(history, instant), 0
    found: list[tuple[EntityKey, Layer, int]] = []
    for layer in history.stack:
        segment = layer.segment
        for place, (account, kind) in enumerate(segment.places):
            if account in accounts and kind in _KINDS:
                rows = segment.uncovered_of(place)
                if len(rows):
                    entities = segment.entity[rows[at.true_of(segment, rows)]]
                    entities = entities[layer.counts[entities]]
                    in_all += len(entities)
                    found += [(segment.key(entity), layer, entity) for entity in entities[:most].tolist()]
    found.sort(key=lambda each: each[0])
    return Uncovered(in_all, [(key, _name(at, layer, entity)) for key, layer, entity in found[:most]])


def _name(at: RowsAt, layer: Layer, entity: int) -> str:
    """The name of an entity at the instant; '' where it has none."""
    segment = layer.segment
    first, last = segment.rows(entity)
    described = segment.of_attribute(attributes.ENTITY).data  # in the order of entities, for all have one item
    for place in range(bisect_left(described, first), bisect_left(described, last)):
        row = described[place]
        if at.is_true(segment, row):
            return str(segment.value_of(row)["name"])
    return ""
