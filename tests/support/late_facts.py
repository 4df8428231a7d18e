"""Histories in which facts became known late, as columns with all that was ever believed and, of one log position, as
intervals with what was believed then."""

from __future__ import annotations

import random

import orjson

from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.facts import Interval
from erstwhile.domain.history.interval_history import IntervalHistory
from erstwhile.domain.vocabulary.micros import micros_of
from erstwhile.projections.columns.builder import Builder, Row
from erstwhile.projections.columns.column_history import ColumnHistory
from erstwhile.projections.columns.signs import Signs
from erstwhile.projections.columns.stack import bottom
from erstwhile.projections.history import BELIEVED
from tests.support.column_layers import no_database
from tests.support.memory_log import MemoryLog
from tests.support.random_stories import richer_story
from tests.support.stories import tell


class LateFacts:
    """A random story that was told in random order."""

    def __init__(self, chance: random.Random) -> None:
        log = MemoryLog()
        self._believed: list[list[Interval]] = []
        """At each position."""
        self._rows: dict[tuple[object, ...], list[tuple[Interval, int, int]]] = {}
        """With the positions since and until which each was believed."""
        self._note(log)
        story = list(enumerate(richer_story(chance)))
        chance.shuffle(story)
        for number, event in story:
            tell(log, event, f"{number:04}")
            self._note(log)

    def _note(self, log: MemoryLog) -> None:
        now = {_told(row): row for row in log.intervals() if row.attribute != attributes.VANISHED}
        position = len(log.events)
        for told, spans in self._rows.items():
            row, since, until = spans[-1]
            if until == BELIEVED and told not in now:
                spans[-1] = row, since, position
        for told, row in now.items():
            spans = self._rows.setdefault(told, [])
            if not spans or spans[-1][2] != BELIEVED:
                spans.append((row, position, BELIEVED))
        self._believed.append(list(now.values()))

    @property
    def head(self) -> int:
        return len(self._believed)

    def intervals(self, known_at: int) -> IntervalHistory:
        return IntervalHistory(self._believed[known_at - 1], known_at)

    def columns(self, known_at: int) -> ColumnHistory:
        builder = Builder()
        builder.add(
            sorted((_packed(*each) for spans in self._rows.values() for each in spans), key=lambda row: row[:3])
        )
        return ColumnHistory(bottom(builder.segment({})), known_at, Signs(no_database))


def _told(row: Interval) -> tuple[object, ...]:
    return (*row[:5], orjson.dumps(row.value), *row[6:])


def _packed(row: Interval, recorded_from: int, recorded_to: int) -> Row:
    valid = micros_of(row.valid_from), micros_of(row.valid_to)
    numbers = (*valid, row.opened_by, row.closed_by or 0, recorded_from, recorded_to)
    return (
        *row[:5],
        orjson.dumps(row.value).decode(),
        b"".join(each.to_bytes(8, "big", signed=True) for each in numbers),
    )
