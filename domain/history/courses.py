"""The course of an entity of whatever kind."""

from __future__ import annotations

from collections.abc import Iterable

from erstwhile.domain.directory.facts import Interval
from erstwhile.domain.history.course import Course, OrganizationCourse
from erstwhile.domain.history.kept_intervals import KeptIntervals
from erstwhile.domain.history.later_course import LaterCourse
from erstwhile.domain.history.later_intervals import LaterIntervals


def course_of(kind: str, intervals: Iterable[Interval]) -> Course:
    """The course of an entity of a kind."""
    if not isinstance(intervals, KeptIntervals):
        return _course_of(kind, intervals)
    if intervals.course is None:
        intervals.course = _course_of(kind, intervals)
    return intervals.course


def _course_of(kind: str, intervals: Iterable[Interval]) -> Course:
    if kind == "organization":
        return OrganizationCourse(intervals)
    return LaterCourse(intervals) if isinstance(intervals, LaterIntervals) else Course(intervals)
