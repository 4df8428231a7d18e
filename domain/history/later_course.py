"""The course of an entity whose intervals are made when they are looked at.

A principal had dozens of policies, each for a small part of all time: of these parts alone their words are read."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import datetime

from erstwhile.domain.directory import attributes as a
from erstwhile.domain.directory.fact_source import Facts
from erstwhile.domain.directory.facts import EntityKey, Interval
from erstwhile.domain.history.course import WITHOUT_A_SAY, Course
from erstwhile.domain.history.later_intervals import LaterIntervals
from erstwhile.domain.history.policy_states import OF_POLICIES, PolicyState, policy_state
from erstwhile.domain.vocabulary.instants import BEFORE, FOREVER
from erstwhile.domain.vocabulary.micros import ALWAYS, NEVER, instant_of, micros_of


class LaterCourse(Course):
    def __init__(self, rows: LaterIntervals) -> None:
        self._rows = rows
        spans = zip(range(len(rows)), rows.attributes, rows.begins, rows.ends, strict=True)
        self._spans = [each for each in spans if each[2] < each[3] and each[1] not in WITHOUT_A_SAY]
        """Of the intervals that may have a say: place, attribute, begin and end."""
        at = {begin for _, _, begin, _ in self._spans}
        at.update([end for _, _, _, end in self._spans])
        at -= {ALWAYS, NEVER}
        self._instants = sorted(at)
        self._kept: dict[int, Facts | None] = {}
        self._states: dict[int, PolicyState] = {}
        self._in_force: dict[tuple[int, ...], PolicyState] = {}
        """By the places of what is in force together."""
        self._may_read_clock: bool | None = None
        self._whole: list[Interval] | None = None

    @property
    def intervals(self) -> Sequence[Interval]:
        if self._whole is None:
            self._whole = [self._rows.at(place) for place, _, _, _ in self._spans]
        return self._whole

    def facts_at(self, instant: datetime) -> Facts | None:
        place = bisect_right(self._instants, micros_of(instant))
        if place not in self._kept:
            self._kept[place] = self._facts_since(self._begin_of(place))
        return self._kept[place]

    def _begin_of(self, place: int) -> int:
        """Of one of the times between two changes."""
        return self._instants[place - 1] if place else ALWAYS

    def _facts_since(self, at: int) -> Facts | None:
        facts: Facts = {}
        item, fact = self._rows.item, self._rows.fact
        for place, attribute, begin, end in self._spans:
            if begin <= at < end:
                facts.setdefault(attribute, {})[item(place)] = fact(place)
        return facts or None

    def policy_state(self, key: EntityKey, instant: datetime) -> PolicyState:
        """Reads no version but that in force."""
        place = bisect_right(self._instants, micros_of(instant))
        found = self._states.get(place)
        if found is None:
            found = self._states[place] = self._state_since(key, self._begin_of(place))
        return found

    def _state_since(self, key: EntityKey, at: int) -> PolicyState:
        """Most of what changes is not in force."""
        rows = [place for place, name, begin, end in self._spans if begin <= at < end and name in OF_POLICIES]
        attributes, item, fact = self._rows.attributes, self._rows.item, self._rows.fact
        versions = [place for place in rows if attributes[place] == a.VERSION]
        default = [fact(place) for place in rows if attributes[place] == a.DEFAULT]
        version = str(default[-1].value["version"]) if default else ""
        others = [place for place in versions if not default or item(place) != version]
        in_force = tuple([place for place in rows if place not in others])
        found = self._in_force.get(in_force)
        if found is None:
            facts: Facts = {}
            for place in in_force:
                facts.setdefault(attributes[place], {})[item(place)] = fact(place)
            found = self._in_force[in_force] = policy_state(key, facts)
        return found

    def goes_on(self, instant: datetime) -> bool:
        at = micros_of(instant)
        if not self._turns(at):
            return True
        is_before = is_after = False
        for _, _, begin, end in self._spans:
            if begin < at < end:
                return True
            is_before |= begin < at <= end
            is_after |= begin <= at < end
        return is_before == is_after

    def touching(self, instant: datetime) -> Sequence[Interval]:
        at = micros_of(instant)
        if not self._turns(at):
            return ()
        made = self._rows.at
        return [made(place) for place, _, begin, end in self._spans if at in (begin, end)]

    def attributes_turning(self, instant: datetime) -> set[str]:
        at = micros_of(instant)
        return {attribute for _, attribute, begin, end in self._spans if at in (begin, end)}

    def _turns(self, at: int) -> bool:
        """Whether anything begins or ends at an instant."""
        place = bisect_left(self._instants, at)
        return place < len(self._instants) and self._instants[place] == at

    def next_change(self, instant: datetime, accounts: frozenset[str]) -> datetime:
        return self.next_of_all(instant)

    def next_of_all(self, instant: datetime) -> datetime:
        return _next_of(self._instants, instant)

    def last_change(self, instant: datetime, accounts: frozenset[str]) -> datetime:
        return _last_of(self._instants, instant)


def _next_of(instants: list[int], instant: datetime) -> datetime:
    place = bisect_right(instants, micros_of(instant))
    return instant_of(instants[place]) if place < len(instants) else FOREVER


def _last_of(instants: list[int], instant: datetime) -> datetime:
    place = bisect_right(instants, micros_of(instant))
    return instant_of(instants[place - 1]) if place else BEFORE
