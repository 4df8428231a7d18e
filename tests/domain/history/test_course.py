"""The facts of one entity over all time: the same at an instant, however many instants are asked about."""

from __future__ import annotations

import random
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from erstwhile.domain.directory.facts import Interval
from erstwhile.domain.history.course import Course, facts_of
from erstwhile.domain.vocabulary.instants import BEFORE, FOREVER
from tests.support.stories import second


def row(item: str, begin: float | None, end: float | None, position: int) -> Interval:
    return Interval(
        "111122223333", "user", "AIDAEVE", "attached", item, {"by": position},
        BEFORE if begin is None else second(begin), FOREVER if end is None else second(end), position, None,
    )  # fmt: skip


def assert_same(rows: list[Interval]) -> None:
    course = Course(rows)
    for moment in range(-1, 25):
        at = second(moment) + timedelta(microseconds=1)
        assert course.facts_at(at) == facts_of(course.intervals, at), moment


def test_of_two_facts_in_one_place_the_other_goes_on_when_one_ends() -> None:
    """Records that contradict each other: one unique id under two names, both from before all records."""
    assert_same([row("P", None, 10, 14), row("P", None, 20, 19), row("Q", 3, 5, 20), row("R", 7, None, 21)])


@settings(max_examples=100)
@given(st.integers(0, 2**48))
def test_any_rows(seed: int) -> None:
    chance = random.Random(seed)
    rows = []
    for position in range(1, chance.randint(2, 12)):
        begin, end = sorted(chance.sample(range(24), 2))
        rows.append(
            row(chance.choice("PQ"), None if begin < 4 else begin, None if end > 20 else end, position)
        )  # fmt: skip
    assert_same(rows)
