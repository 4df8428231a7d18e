"""Windows of time, [begin, end): parts of them, and whether an instant is at or in one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from erstwhile.domain.vocabulary.instants import BEFORE, FOREVER

Window = tuple[datetime, datetime]
"""From an instant until another (exclusive)."""

TICK = timedelta(microseconds=1)
"""The least that two instants differ by."""
ALWAYS: Window = (BEFORE, FOREVER)


def within(windows: Iterable[Window], begin: datetime, end: datetime) -> tuple[Window, ...]:
    """The parts of windows that lie in [begin, end)."""
    cut = ((max(since, begin), min(until, end)) for since, until in windows)
    return tuple((since, until) for since, until in cut if since < until)


def touches(windows: Iterable[Window], instant: datetime) -> bool:
    """Whether an instant lies in one of the windows, or at the end of one."""
    return any(since <= instant <= until for since, until in windows)


def joined(windows: Iterable[Window]) -> tuple[Window, ...]:
    """Windows in their order, those as one that overlap or follow each other without a pause."""
    found: list[Window] = []
    for begin, end in sorted(windows):
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((begin, end))
    return tuple(found)


def covers(windows: Iterable[Window], begin: datetime, end: datetime) -> bool:
    """Whether one of the windows, which are `joined`, has all of [begin, end)."""
    return any(since <= begin and end <= until for since, until in windows)


def without(windows: Iterable[Window], others: Iterable[Window]) -> tuple[Window, ...]:
    """What windows have beside others, joined."""
    found: list[Window] = []
    apart = joined(others)
    place = 0
    for begin, end in joined(windows):
        while place < len(apart) and apart[place][1] <= begin:
            place += 1
        at = place
        while at < len(apart) and apart[at][0] < end:
            since, until = apart[at]
            if begin < since:
                found.append((begin, since))
            begin = max(begin, until)
            at += 1
        if begin < end:
            found.append((begin, end))
    return tuple(found)


def length(windows: Iterable[Window]) -> timedelta:
    """How long windows are together, each instant counted once."""
    return sum((until - since for since, until in joined(windows)), timedelta())
