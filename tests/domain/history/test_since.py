"""Since, until, first and last are what a timeline over everything says."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from hypothesis import example, given, settings
from hypothesis import strategies as st

from erstwhile.domain.history.interval_history import IntervalHistory
from erstwhile.domain.history.since import first, last, lasting
from erstwhile.domain.history.timeline import Span, question_of, spans_of
from erstwhile.domain.vocabulary.instants import BEFORE, FOREVER
from tests.support.policy import generator
from tests.support.policy.random_directory import random_directory
from tests.support.random_intervals import BEGIN, HOURS, cut_into_intervals


def stretch(spans: list[Span], instant: datetime) -> list[Span]:
    """The intervals around an instant that have the same effect for the same principal."""
    (at,) = [number for number, each in enumerate(spans) if each.begin <= instant < each.end]
    low = high = at
    while low and is_alike(spans[low - 1], spans[at]):
        low -= 1
    while high + 1 < len(spans) and is_alike(spans[high + 1], spans[at]):
        high += 1
    return spans[low : high + 1]


def is_alike(one: Span, other: Span) -> bool:
    return (one.effect, one.unique_id) == (other.effect, other.unique_id)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**48))
@example(9065)  # several causes meet, and the policies of none of them speak of the action
@example(9070)
def test_they_are_parts_of_the_timeline(seed: int) -> None:
    chance = random.Random(seed)
    history = IntervalHistory(cut_into_intervals(random_directory(seed), chance))
    question = question_of(
        history, chance.choice(generator.PRINCIPALS), chance.choice(generator.ACTIONS),
        chance.choice(generator.RESOURCES),
    )  # fmt: skip
    spans = list(spans_of(question, BEFORE, FOREVER))
    if any(each.notes for each in spans):
        return  # a statement compares the clock as text
    instant = BEGIN + timedelta(hours=chance.randrange(HOURS), minutes=chance.choice((0, 30)))
    found, wanted = lasting(question, instant), stretch(spans, instant)
    assert (found.since, found.until) == (wanted[0].begin, wanted[-1].end)
    assert found.since_causes == wanted[0].causes
    begin, end = BEGIN + timedelta(hours=2), BEGIN + timedelta(hours=20)
    for effect in ("allow", "conditional", "implicit_deny", ""):
        there = [each for each in spans_of(question, begin, end) if each.effect == effect]
        assert first(question, begin, end, effect) == (there[0] if there else None)
        assert last(question, begin, end, effect) == (there[-1] if there else None)
