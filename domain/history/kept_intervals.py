"""The intervals of an entity that every question about its account reads, with its course: that is made once.

Serves the row "a principal's timeline over everything" of `make bench-history`."""

from __future__ import annotations

from collections.abc import Iterable

from erstwhile.domain.directory.facts import Interval
from erstwhile.domain.history.course import Course

MOST = 2_000
"""Intervals of an entity whose course is kept: what that finds of all instants grows with their square."""


class KeptIntervals(list[Interval]):
    """Nobody changes them. Any thread may read them, and the course."""

    __slots__ = ("course",)

    def __init__(self, intervals: Iterable[Interval]) -> None:
        super().__init__(intervals)
        self.course: Course | None = None
