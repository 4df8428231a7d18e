"""Who could ever is answered from columns as from intervals in memory."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from erstwhile.domain.directory import attributes
from erstwhile.domain.history.ever import ever
from erstwhile.domain.history.interval_history import IntervalHistory
from tests.support.column_layers import history_of
from tests.support.policy import generator
from tests.support.random_history import HOURS, instant, random_history
from tests.support.random_modes import with_modes
from tests.support.random_stories import BUCKET, richer_story
from tests.support.stories import log_of_story, second

seeds = st.integers(0, 2**48)


@settings(max_examples=60, deadline=None)
@given(seeds, st.tuples(st.integers(0, HOURS), st.integers(1, HOURS)))
def test_of_a_random_history(seed: int, window: tuple[int, int]) -> None:
    chance = random.Random(seed)
    rows = [row for row in random_history(seed) if row.attribute != attributes.VANISHED]
    begin, end = instant(window[0]), instant(sum(window))
    columns, intervals = history_of(rows, chance), IntervalHistory(rows, 1)
    for _ in range(2):
        action, resource = chance.choice(generator.ALL_ACTIONS), chance.choice(generator.RESOURCES)
        assert ever(columns, action, resource, begin, end) == ever(intervals, action, resource, begin, end)


@settings(max_examples=60, deadline=None)
@given(seeds, st.tuples(st.integers(-5, 60), st.integers(1, 70)))
def test_of_a_story(seed: int, window: tuple[int, int]) -> None:
    chance = random.Random(seed)
    rows = with_modes(log_of_story(*richer_story(chance)).intervals(), chance)
    begin, end = second(window[0]), second(sum(window))
    columns, intervals = history_of(rows, chance), IntervalHistory(rows, 1)
    action, resource = chance.choice(("s3:GetObject", "sts:AssumeRole")), chance.choice((f"{BUCKET}/key", "*"))
    assert ever(columns, action, resource, begin, end) == ever(intervals, action, resource, begin, end)
