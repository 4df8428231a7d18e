"""Columns from intervals, without a database."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from typing import TypeVar

import orjson

from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.facts import Interval
from erstwhile.domain.vocabulary.micros import micros_of
from erstwhile.projections.columns.builder import Builder, Row
from erstwhile.projections.columns.column_history import ColumnHistory
from erstwhile.projections.columns.signs import Signs
from erstwhile.projections.columns.stack import bottom, on_top
from erstwhile.projections.history import BELIEVED
from erstwhile.projections.sql import Connection

T = TypeVar("T")


def rows_of(intervals: Iterable[Interval]) -> list[Row]:
    """All of them believed since position 1. What vanished is no row: it follows from listings."""
    found = []
    for each in intervals:
        numbers = (
            micros_of(each.valid_from),
            micros_of(each.valid_to),
            each.opened_by,
            each.closed_by or 0,
            1,
            BELIEVED,
        )
        packed = b"".join(number.to_bytes(8, "big", signed=True) for number in numbers)
        if each.attribute != attributes.VANISHED:
            found.append((*each[:5], orjson.dumps(each.value).decode(), packed))
    return found


def no_database(question: Callable[[Connection], T]) -> T:
    raise AssertionError("no listing ended anything")


def history_of(intervals: Iterable[Interval], chance: random.Random, known_at: int = 1) -> ColumnHistory:
    """In layers: the upper ones have some entities, whose rows in the lower ones say something that does not count."""
    by_key: dict[tuple[str, str, str], list[Row]] = {}
    for row in rows_of(intervals):
        by_key.setdefault(row[:3], []).append(row)
    keys = list(by_key)
    upper = [chance.sample(keys, chance.randrange(len(keys) + 1)) for _ in range(chance.randrange(3))]
    later = {key for those in upper for key in those}
    whole = Builder()
    for key, rows in by_key.items():
        whole.add(chance.sample(rows, len(rows) // 2) if key in later else rows)
    stack = bottom(whole.segment({}))
    for number, those in enumerate(upper):
        is_last = number == len(upper) - 1
        recent = {key: by_key[key] if is_last or key not in upper[-1] else by_key[key][:1] for key in those}
        builder = Builder()
        builder.add([row for rows in recent.values() for row in rows])
        stack = on_top(stack, builder.segment({}), number)
    return ColumnHistory(stack, known_at, Signs(no_database))
