"""What is told of the events that gave facts, as columns: an answer about everybody names thousands of them, and in the
log each stands between others that it does not name. Events never change.

Serves the rows "who-can", "decision" and "provenance" of `make bench-history`."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import orjson

from erstwhile.domain.vocabulary.bounded import Bounded
from erstwhile.domain.vocabulary.micros import ALWAYS, NEVER
from erstwhile.projections.columns.segment import Arrays, Segment
from erstwhile.projections.columns.texts import Codes, Ints, Texts, packed

Row = tuple[str, str, str, str, str, str, str, bytes]
"""A `Sort` and the evidence; position and instant, as numbers of 64 bits."""
_NUMBERS = 2
_POSITION = "event.position"
MOST_SORTS = 5_000
"""Sorts whose texts are kept."""


class Sort(NamedTuple):
    """What many events have in common."""

    type: str
    action: str
    actor: str
    source: str
    account: str
    actor_type: str


class GrantingEvent(NamedTuple):
    """`occurred_at` in microseconds."""

    sort: Sort
    occurred_at: int
    evidence: str


class Granting(NamedTuple):
    """Of some events. `occurred_at` in microseconds, `sorts` as numbers, `evidence` as JSON."""

    positions: list[int]
    occurred_at: Ints
    sorts: list[int]
    evidence: list[bytes]


class GrantingColumns:
    """Of one segment, which it must not hold: as long as that lives, this is kept. `texts`: what a caller makes of each
    sort."""

    def __init__(self, arrays: Arrays) -> None:
        self._position: Ints = arrays[_POSITION]
        self._positions = self._position.data
        """The same, as Python's integers."""
        self._at: Ints = arrays["event.at"]
        self._sort: Codes = arrays["event.sort"]
        self._evidence_of: Codes = arrays["event.evidence"]
        self._sorts = Texts(arrays["event.sorts.block"], arrays["event.sorts.offsets"])
        self._evidence = Texts(arrays["event.evidences.block"], arrays["event.evidences.offsets"])
        self.texts: Bounded[int, tuple[bytes, bytes]] = Bounded(MOST_SORTS)

    def sort(self, number: int) -> Sort:
        return Sort(*orjson.loads(self._sorts.raw(number)))

    def event(self, position: int) -> GrantingEvent | None:
        """One of them; None where it is not here."""
        place = bisect_left(self._positions, position)
        if place == len(self._positions) or self._positions[place] != position:
            return None
        evidence: str = orjson.loads(self._evidence.raw(int(self._evidence_of[place])))
        return GrantingEvent(self.sort(int(self._sort[place])), int(self._at[place]), evidence)

    def find(self, positions: Sequence[int]) -> Granting:
        """Of the events at some positions, those that are here."""
        wanted = np.array(positions, dtype=np.int64)
        places = np.searchsorted(self._position, wanted)
        is_there = places < len(self._position)
        places, wanted = places[is_there], wanted[is_there]
        places = places[self._position[places] == wanted]
        return Granting(
            self._position[places].tolist(), self._at[places], self._sort[places].tolist(),
            self._evidence.raws(self._evidence_of[places].tolist()),
        )  # fmt: skip


def granting_of(segment: Segment) -> GrantingColumns | None:
    """None of a segment that was made without: what came since a file was written."""
    return segment.once(_columns_of) if _POSITION in segment.arrays else None


def _columns_of(segment: Segment) -> GrantingColumns:
    return GrantingColumns(segment.arrays)


class GrantingBuilder:
    """Takes events in the order of the log."""

    def __init__(self) -> None:
        self._sorts: dict[tuple[str, ...], int] = {}
        self._evidence: dict[str, int] = {}
        self._codes = array("i")
        self._numbers: list[Ints] = []

    def add(self, rows: Sequence[Row]) -> None:
        sorts, evidence = self._sorts, self._evidence
        for row in rows:
            self._codes.append(sorts.setdefault(row[:6], len(sorts)))
            self._codes.append(evidence.setdefault(row[6], len(evidence)))
        self._numbers.append(np.frombuffer(b"".join([row[7] for row in rows]), dtype=">i8").reshape(-1, _NUMBERS))

    def arrays(self) -> Arrays:
        position, at = np.concatenate([np.empty((0, _NUMBERS), dtype=np.int64), *self._numbers]).T
        sort, evidence = np.array(self._codes, dtype=np.int32).reshape(-1, 2).T
        kept = (at != ALWAYS) & (at != NEVER)
        found: Arrays = {
            _POSITION: position[kept], "event.at": at[kept], "event.sort": sort[kept],
            "event.evidence": evidence[kept],
        }  # fmt: skip
        for name, each in (("sorts", self._sorts), ("evidences", self._evidence)):
            # Copies: what orjson writes holds a kilobyte of room.
            texts = [bytes(memoryview(orjson.dumps(told))) for told in each]
            found[f"event.{name}.block"], found[f"event.{name}.offsets"] = packed(texts)
        return {name: np.ascontiguousarray(each) for name, each in found.items()}
