"""The facts that hold without an end, as known at a log position: what the Directory of now goes on from."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import numpy as np

from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.fact_source import Facts
from erstwhile.domain.directory.facts import EntityKey
from erstwhile.domain.vocabulary.instants import FOREVER
from erstwhile.projections.columns.column_history import ColumnHistory
from erstwhile.projections.columns.facts_at import ColumnFacts
from erstwhile.projections.columns.stack import Layer
from erstwhile.projections.columns.texts import Codes

_LAST_INSTANT = FOREVER - timedelta(microseconds=1)


class CurrentFacts(ColumnFacts):
    """A `CountedSource`. Any thread may ask."""

    def __init__(self, history: ColumnHistory) -> None:
        super().__init__(history, _LAST_INSTANT)
        self._counts: dict[tuple[str, str], int] = {}

    def facts_of(self, key: EntityKey) -> Facts | None:
        """The facts, for whoever goes on from them and changes them."""
        facts = super().facts_of(key)
        return None if facts is None else {attribute: dict(items) for attribute, items in facts.items()}

    def count(self, account: str, kind: str) -> int:
        found = self._counts.get((account, kind))
        if found is None:
            found = sum(len(rows) for _, rows in self._described(account, kind))
            self._counts[account, kind] = found
        return found

    def names(self, account: str, kind: str) -> list[str]:
        found: dict[str, None] = {}
        for layer, rows in self._described(account, kind):
            value_of = layer.segment.value_of
            found |= dict.fromkeys(str(value_of(row)["name"]).lower() for row in rows.tolist())
        return list(found)

    def targets(self, account: str, attribute: str, is_other: Callable[[EntityKey], bool]) -> list[str]:
        found: dict[str, None] = {}
        for layer in self.history.stack:
            segment = layer.segment
            rows, items = segment.links_of(attribute)
            if not len(rows):
                continue
            holding = self.true_of(segment, rows)
            entities, items = segment.entity[rows[holding]], items[holding]
            is_of_account = np.array([place[0] == account for place in segment.places], dtype=bool)
            counts = layer.counts[entities] & is_of_account[segment.place[entities]]
            entities, items = entities[counts], items[counts]
            for some in np.split(np.arange(len(items)), np.flatnonzero(np.diff(items)) + 1):
                # Most often the first of them tells.
                if any(self._is_there(layer, each, is_other) for each in entities[some].tolist()):
                    found[segment.items.text(int(items[some[0]]))] = None
        return list(found)

    def _is_there(self, layer: Layer, entity: int, is_other: Callable[[EntityKey], bool]) -> bool:
        """Whether an entity exists, and is none of others."""
        segment = layer.segment
        if is_other(segment.key(entity)):
            return False
        code = segment.attribute_codes.get(attributes.ENTITY)
        return any(segment.attribute_of[row] == code for row in self.rows_of(segment, entity))

    def _described(self, account: str, kind: str) -> Iterator[tuple[Layer, Codes]]:
        """The rows that describe the entities of a kind in an account."""
        for layer in self.history.stack:
            segment = layer.segment
            code = segment.attribute_codes.get(attributes.ENTITY)
            if (account, kind) not in segment.places or code is None:
                continue
            those = segment.of_place(segment.places.index((account, kind)))
            begin, end = int(segment.first_row[those.start]), int(segment.first_row[those.stop])
            rows = self.true_of(segment, slice(begin, end)) + begin
            rows = rows[segment.attribute[rows] == code]
            yield layer, rows[layer.counts[segment.entity[rows]]].astype(np.int32)
