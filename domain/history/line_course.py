"""The course of a policy with a line: its intervals are read where somebody asks for these."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

from erstwhile.domain.directory.fact_source import Facts, PolicyInForce
from erstwhile.domain.directory.facts import EntityKey, Interval
from erstwhile.domain.history.course import Course
from erstwhile.domain.history.policy_line import PolicyLine
from erstwhile.domain.history.policy_states import PolicyState
from erstwhile.domain.vocabulary.instants import BEFORE, FOREVER
from erstwhile.domain.vocabulary.micros import instant_of, micros_of


class Turn(NamedTuple):
    """What a policy said before an instant and from it on."""

    before: PolicyInForce
    after: PolicyInForce


class LineCourse(Course):
    def __init__(self, line: PolicyLine, read: Callable[[], Course]) -> None:
        self._line = line
        self._read = read
        self._course: Course | None = None

    @property
    def _whole(self) -> Course:
        if self._course is None:
            self._course = self._read()
        return self._course

    @property
    def intervals(self) -> Sequence[Interval]:
        return self._whole.intervals

    @property
    def may_read_clock(self) -> bool:
        return self._whole.may_read_clock

    def facts_at(self, instant: datetime) -> Facts | None:
        return self._whole.facts_at(instant)

    def policy_state(self, key: EntityKey, instant: datetime) -> PolicyState:
        return self._whole.policy_state(key, instant)

    def policy_at(self, key: EntityKey, instant: datetime) -> PolicyInForce | None:
        return self._line.at(micros_of(instant)) or self._whole.policy_at(key, instant)

    def turn(self, instant: datetime) -> Turn | None:
        """None where it begins or ends, and where not all of it is known."""
        at = micros_of(instant)
        before, after = self._line.at(at - 1), self._line.at(at)
        return None if before is None or after is None else Turn(before, after)

    def next_turn(self, instant: datetime) -> datetime:
        """The first instant after one at which something changes that may have a say; FOREVER where there is none."""
        turns = self._line.turns
        place = bisect_right(turns, micros_of(instant))
        return instant_of(turns[place]) if place < len(turns) else FOREVER

    def last_turn(self, instant: datetime) -> datetime:
        """The last instant not after one at which something changed that may have a say; BEFORE where there is none."""
        turns = self._line.turns
        place = bisect_right(turns, micros_of(instant))
        return instant_of(turns[place - 1]) if place else BEFORE

    def goes_on(self, instant: datetime) -> bool:
        return self._whole.goes_on(instant)

    def touching(self, instant: datetime) -> Sequence[Interval]:
        return self._whole.touching(instant) if self._line.is_touched(micros_of(instant)) else ()

    def attributes_turning(self, instant: datetime) -> set[str]:
        return self._whole.attributes_turning(instant)

    def next_change(self, instant: datetime, accounts: frozenset[str]) -> datetime:
        return self._whole.next_change(instant, accounts)

    def next_of_all(self, instant: datetime) -> datetime:
        return self._whole.next_of_all(instant)

    def last_change(self, instant: datetime, accounts: frozenset[str]) -> datetime:
        return self._whole.last_change(instant, accounts)
