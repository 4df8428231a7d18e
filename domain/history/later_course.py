"""The course of an entity whose intervals are made when they are looked at.

A principal had dozens of policies, each for a small part of all time: of these parts alone their words are read."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime

from erstwhile.domain.directory.fact_source import Facts
from erstwhile.domain.directory.facts import Fact, Interval
from erstwhile.domain.history.course import WITHOUT_A_SAY, Course
from erstwhile.domain.history.later_intervals import LaterIntervals
from erstwhile.domain.vocabulary.micros import ALWAYS, NEVER, instant_of


class LaterCourse(Course):
    def __init__(self, rows: LaterIntervals) -> None:
        self._rows = rows
        spans = zip(range(len(rows)), rows.attributes, rows.begins, rows.ends, strict=True)
        self._spans = [each for each in spans if each[2] < each[3] and each[1] not in WITHOUT_A_SAY]
        """Of the intervals that may have a say: place, attribute, begin and end."""
        at = {begin for _, _, begin, _ in self._spans}
        at.update([end for _, _, _, end in self._spans])
        self._instants = sorted(at - {ALWAYS, NEVER})
        self._start(list(map(instant_of, self._instants)))
        self._whole: list[Interval] | None = None
        self._turning: dict[datetime, list[int]] | None = None

    @property
    def intervals(self) -> Sequence[Interval]:
        if self._whole is None:
            self._whole = [self._rows.at(place) for place, _, _, _ in self._spans]
        return self._whole

    def facts_at(self, instant: datetime) -> Facts | None:
        place = bisect_right(self._changes, instant)
        if place not in self._kept:
            self._kept[place] = self._facts_since(self._instants[place - 1] if place else ALWAYS)
        return self._kept[place]

    def _facts_since(self, at: int) -> Facts | None:
        facts: Facts = {}
        for place, attribute, begin, end in self._spans:
            if begin <= at < end:
                row = self._rows.at(place)
                facts.setdefault(attribute, {})[row.item] = Fact(row.value, row.valid_from, row.opened_by)
        return facts or None

    def goes_on(self, instant: datetime) -> bool:
        place = bisect_right(self._changes, instant)
        if not place or self._changes[place - 1] != instant:
            return True
        at = self._instants[place - 1]
        is_before = is_after = False
        for _, _, begin, end in self._spans:
            if begin < at < end:
                return True
            is_before |= begin < at <= end
            is_after |= begin <= at < end
        return is_before == is_after

    def touching(self, instant: datetime) -> Sequence[Interval]:
        if self._turning is None:
            places: dict[int, list[int]] = {}
            for place, _, begin, end in self._spans:
                places.setdefault(begin, []).append(place)
                places.setdefault(end, []).append(place)
            self._turning = {
                each: places[at] for each, at in zip(self._changes, self._instants, strict=True)
            }  # fmt: skip
        found = self._turning.get(instant)
        return () if found is None else list(map(self._rows.at, found))

    def _reach(self, accounts: frozenset[str]) -> list[datetime]:
        self._reaching[accounts] = self._changes
        return self._changes
