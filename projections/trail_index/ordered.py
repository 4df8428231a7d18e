"""The events that may pass a filter, in the order of time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from erstwhile.projections.trail_index.segment import BLOCK, Segment
from erstwhile.projections.trail_index.wanted import Wanted

_FIRST = 64
"""Blocks, and events of these, that are looked into at first; then twice as many, and so on."""

Numbers = npt.NDArray[np.int64]
Positions = Numbers
FIRST, LAST = -(1 << 62), 1 << 62
_EPOCH, _TICK = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)


class Span(NamedTuple):
    """`since` ≤ when it happened < `until`, up to position `upto`; None: no bound."""

    since: datetime | None = None
    until: datetime | None = None
    upto: int | None = None

    def beyond(self, instant: str | None, oldest_first: bool) -> Span:
        """What a page of this order has that begins at an instant."""
        if instant is None:
            return self
        at = datetime.fromisoformat(instant)
        if oldest_first:
            return self._replace(since=at if self.since is None else max(self.since, at))
        after = at + _TICK
        return self._replace(until=after if self.until is None else min(self.until, after))

    def limits(self, head: int) -> Limits:
        return Limits(
            FIRST if self.since is None else microseconds(self.since),
            LAST if self.until is None else microseconds(self.until) - 1,
            head if self.upto is None else min(head, self.upto),
        )


class Limits(NamedTuple):
    """Of instants, in microseconds since 1970: first ≤ when it happened ≤ last; and the last position."""

    first: int
    last: int
    upto: int


def microseconds(instant: datetime) -> int:
    return (instant - _EPOCH) // _TICK


def ordered(
    segments: Sequence[Segment], wanted: Wanted, limits: Limits, rest: Sequence[tuple[int, int]], oldest_first: bool
) -> Iterator[Positions]:
    """Some at a time, in the order of a page. `rest`: instant and position of events that no segment has."""
    lines = _Lines(segments, wanted)
    size = _FIRST
    for some in _in_time(segments, wanted, limits, rest, 1 if oldest_first else -1):
        begin = 0
        while begin < len(some):
            positions = some[begin : begin + size]
            begin, size = begin + size, 2 * size
            yield positions[lines.pass_of(positions)]


def _in_time(
    segments: Sequence[Segment], wanted: Wanted, limits: Limits, rest: Sequence[tuple[int, int]], sign: int
) -> Iterator[Positions]:
    """`sign`: 1 for the oldest first, -1 for the newest."""
    blocks = [_blocks(segment, wanted, limits, sign) for segment in segments]
    numbers = np.concatenate([np.empty(0, dtype=np.int64), *(each for each, _ in blocks)])
    nearest = np.concatenate([np.empty(0, dtype=np.int64), *(each for _, each in blocks)])
    owner = np.repeat(np.arange(len(segments)), [len(each) for each, _ in blocks])
    order = np.argsort(nearest, kind="stable")
    pool = _Pool(sign * np.array(rest, dtype=np.int64).reshape(-1, 2))
    done, size = 0, _FIRST
    while True:
        taken = order[done : done + size]
        for each in np.unique(owner[taken]).tolist():
            pool.add(sign * _events(segments[each], numbers[taken[owner[taken] == each]], limits))
        done, size = done + size, 2 * size
        if done >= len(order):
            yield sign * pool.all()
            return
        yield sign * pool.before(int(nearest[order[done]]))


def _blocks(segment: Segment, wanted: Wanted, limits: Limits, sign: int) -> tuple[Numbers, Numbers]:
    """The blocks that may have events that pass, and when the first of each may be, in the order."""
    found = segment.that_may_pass(wanted)
    found &= (segment.end >= limits.first) & (segment.begin <= limits.last)
    found &= segment.after + BLOCK * np.arange(len(segment)) < limits.upto
    numbers = np.flatnonzero(found)
    return numbers, sign * (segment.begin if sign > 0 else segment.end)[numbers]


def _events(segment: Segment, blocks: Numbers, limits: Limits) -> Numbers:
    """Instant and position of the events of some blocks within the limits."""
    places = (blocks[:, None] * BLOCK + np.arange(BLOCK)).ravel()
    at, positions = segment.at[places], segment.after + 1 + places
    within = (at >= limits.first) & (at <= limits.last) & (positions <= limits.upto)
    return np.column_stack((at[within], positions[within]))


class _Pool:
    """Instants and positions that are not asked for yet; smaller ones come first."""

    def __init__(self, rows: Numbers) -> None:
        self._rows = rows

    def add(self, rows: Numbers) -> None:
        self._rows = np.concatenate((self._rows, rows))

    def before(self, instant: int) -> Positions:
        is_before = self._rows[:, 0] < instant
        found, self._rows = self._rows[is_before], self._rows[~is_before]
        return _sorted(found)

    def all(self) -> Positions:
        return _sorted(self._rows)


def _sorted(rows: Numbers) -> Positions:
    return rows[np.lexsort((rows[:, 1], rows[:, 0]))][:, 1]


class _Lines:
    """Which lines pass: each is looked at once."""

    def __init__(self, segments: Sequence[Segment], wanted: Wanted) -> None:
        self._segments = segments
        self._ends = np.array([segment.upto for segment in segments], dtype=np.int64)
        self._wanted = wanted
        self._known: list[dict[int, bool]] = [{} for _ in segments]

    def pass_of(self, positions: Positions) -> npt.NDArray[np.bool_]:
        """Of each event, whether its line passes; an event that no segment has may."""
        found: npt.NDArray[np.bool_] = np.ones(len(positions), dtype=bool)
        if not self._wanted.on_line:
            return found
        owner = np.searchsorted(self._ends, positions)
        for each in np.unique(owner[owner < len(self._segments)]).tolist():
            is_own = owner == each
            segment = self._segments[each]
            numbers, which = np.unique(segment.line[positions[is_own] - 1 - segment.after], return_inverse=True)
            found[is_own] = np.array([self._passes(each, number) for number in numbers.tolist()], dtype=bool)[which]
        return found

    def _passes(self, segment: int, number: int) -> bool:
        known = self._known[segment]
        found = known.get(number)
        if found is None:
            found = known[number] = self._wanted.passes(self._segments[segment].line_of(number))
        return found
