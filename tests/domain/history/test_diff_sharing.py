"""What is decided once for several principals equals what is decided about each by itself."""

from __future__ import annotations

import random
from unittest.mock import patch

import msgspec
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.facts import Fact
from erstwhile.domain.history.comparing.sharing import Likeness
from erstwhile.domain.history.diff import Diff, diff
from erstwhile.domain.history.interval_history import IntervalHistory
from erstwhile.domain.policy.language.patterns.pattern_parts import TooMuch
from tests.support.random_crowds import Crowd
from tests.support.random_history import HOURS, instant, random_history
from tests.support.random_intervals import cut_into_intervals
from tests.support.random_stories import random_story
from tests.support.stories import history_of, log_of_story, second

seeds = st.integers(0, 2**48)
FEW = 300_000
"""Steps: what takes more is unclear."""
NOT_SMALLER = (Phase.explicit, Phase.reuse, Phase.generate)
"""A smaller seed makes no smaller history."""


def compared(history: IntervalHistory, pair: tuple[int, int]) -> Diff | None:
    """Without the examples: which of many alike it is, follows from the order in which entities are found."""
    try:
        found = diff(history, instant(pair[0]), instant(pair[1]), effort=FEW)
    except TooMuch:
        return None
    return without_examples(found)


def without_examples(found: Diff) -> Diff:
    differences = tuple(msgspec.structs.replace(each, example=("", "")) for each in found.differences)
    return msgspec.structs.replace(found, differences=differences)


def crowd(seed: int) -> IntervalHistory:
    """Many principals with few policies."""
    chance = random.Random(seed)
    facts = ((*row[:5], Fact(row.value, row.valid_from, row.opened_by)) for row in Crowd(chance).rows)
    return IntervalHistory(cut_into_intervals(Directory.from_facts(facts), chance), 1)


@settings(max_examples=8, phases=NOT_SMALLER, deadline=None)
@given(seeds, st.tuples(st.integers(0, 20), st.integers(0, 20)))
def test_of_a_crowd(seed: int, pair: tuple[int, int]) -> None:
    history = crowd(seed)
    together = compared(history, pair)
    with patch.multiple(Likeness, of_group=lambda *_: None, of_resource=lambda *_: None):
        assert together == compared(history, pair)


@settings(max_examples=8, phases=NOT_SMALLER, deadline=None)
@given(seeds, st.tuples(st.integers(0, HOURS - 1), st.integers(0, HOURS - 1)))
def test_of_a_random_history(seed: int, pair: tuple[int, int]) -> None:
    history = IntervalHistory(random_history(seed))
    together = compared(history, pair)
    with patch.multiple(Likeness, of_group=lambda *_: None, of_resource=lambda *_: None):
        assert together == compared(history, pair)


@settings(max_examples=20, phases=NOT_SMALLER, deadline=None)
@given(seeds, st.tuples(st.integers(-1, 61), st.integers(-1, 61)))
def test_of_a_random_story(seed: int, pair: tuple[int, int]) -> None:
    history = history_of(log_of_story(*random_story(random.Random(seed))))
    before, after = second(pair[0] + 0.5), second(pair[1] + 0.5)
    together = diff(history, before, after)
    with patch.multiple(Likeness, of_group=lambda *_: None, of_resource=lambda *_: None):
        assert without_examples(together) == without_examples(diff(history, before, after))
