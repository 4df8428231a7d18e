"""Rows stand in one order, however they were read: an answer is given again byte for byte after a restart."""

from __future__ import annotations

import random
import struct

import pytest

from erstwhile.domain.directory.facts import in_order
from erstwhile.domain.vocabulary.micros import NEVER
from erstwhile.projections.columns.builder import Builder, Row
from erstwhile.projections.columns.column_history import ColumnHistory
from erstwhile.projections.columns.signs import Signs
from erstwhile.projections.columns.stack import bottom
from erstwhile.projections.history import BELIEVED

KEY = ("111122223333", "user", "AIDAEVE")


def row(attribute: str, item: str, opened_by: int) -> Row:
    value = '{"name":"eve"}' if attribute == "entity" else "{}"
    return (*KEY, attribute, item, value, struct.pack(">6q", opened_by, NEVER, opened_by, 0, opened_by, BELIEVED))


def history(rows: list[Row]) -> ColumnHistory:
    builder = Builder()
    builder.add(rows)
    return ColumnHistory(bottom(builder.segment({})), 9, Signs(lambda _: []))


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_facts_does_not_depend_on_that_of_reading(seed: int) -> None:
    rows = [row("entity", "", 1), *(row("attached", f"arn:{n}", 2 + n % 2) for n in range(6)), row("member_of", "g", 3)]
    wanted = in_order(history(rows).intervals_of(KEY))
    random.Random(seed).shuffle(rows)
    assert list(history(rows).intervals_of(KEY)) == wanted
