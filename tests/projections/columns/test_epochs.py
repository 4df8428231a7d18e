"""What is kept of organisations and accounts from one change to the next is bounded, whatever is asked."""

from __future__ import annotations

from datetime import timedelta

import orjson

from erstwhile.domain.vocabulary.instants import FOREVER
from erstwhile.domain.vocabulary.micros import micros_of
from erstwhile.projections.columns import epochs
from erstwhile.projections.columns.builder import Builder, Row
from erstwhile.projections.columns.column_history import ColumnHistory
from erstwhile.projections.columns.facts_at import ColumnFacts
from erstwhile.projections.columns.signs import Signs
from erstwhile.projections.columns.stack import bottom
from erstwhile.projections.history import BELIEVED
from tests.support.column_layers import no_database
from tests.support.random_intervals import BEGIN

KEY = ("444455556666", "organization", "o-1")


def row(number: int) -> Row:
    """An account that came into the organisation at an hour, which is known since a position: both of this number."""
    times = (micros_of(BEGIN + timedelta(hours=number)), micros_of(FOREVER), number, 0, number, BELIEVED)
    packed = b"".join(each.to_bytes(8, "big", signed=True) for each in times)
    value = {"kind": "account", "parent": "r-1", "name": ""}
    return (*KEY, "node", f"{number:012}", orjson.dumps(value).decode(), packed)


def test_as_known_at_few_positions() -> None:
    """An organisation with thousands of accounts has as many facts at each instant, as known at each position."""
    builder = Builder()
    builder.add([row(number) for number in range(1, 41)])
    segment = builder.segment({})
    for known_at in range(1, 41):
        history = ColumnHistory(bottom(segment), known_at, Signs(no_database))
        for hour in range(1, 41):
            facts = ColumnFacts(history, BEGIN + timedelta(hours=hour)).facts_of(KEY)
            assert facts is not None and len(facts["node"]) == min(hour, known_at)
    kept = [each for known in segment.epochs.entries.values() for each in known.entries.values()]
    assert 0 < sum(len(each.kept) for each in kept) <= 40 * epochs.MOST_POSITIONS
