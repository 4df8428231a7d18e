"""A timeline is answered from columns, whose intervals are made when they are looked at, as from intervals: a law."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.facts import EntityKey, Interval
from erstwhile.domain.history.course import Course
from erstwhile.domain.history.courses import course_of
from erstwhile.domain.history.interval_history import IntervalHistory
from erstwhile.domain.history.later_course import LaterCourse
from erstwhile.domain.history.timeline import timeline
from erstwhile.domain.history.windows import TICK
from erstwhile.domain.vocabulary.instants import BEFORE, FOREVER
from tests.support.column_layers import history_of
from tests.support.policy import generator
from tests.support.random_history import random_history
from tests.support.random_stories import BUCKET, richer_story
from tests.support.records import ACCOUNT
from tests.support.stories import arn, log_of_story

seeds = st.integers(0, 2**48)


@settings(max_examples=40, deadline=None)
@given(seeds)
def test_of_a_random_history(seed: int) -> None:
    chance = random.Random(seed)
    rows = [row for row in random_history(seed) if row.attribute != attributes.VANISHED]
    columns, intervals = history_of(rows, chance), IntervalHistory(rows, 1)
    for _ in range(3):
        principal = chance.choice(generator.PRINCIPALS)
        asked = (principal, chance.choice(generator.ALL_ACTIONS), chance.choice(generator.RESOURCES), BEFORE, FOREVER)
        assert timeline(columns, *asked) == timeline(intervals, *asked)


@settings(max_examples=40, deadline=None)
@given(seeds)
def test_of_a_story(seed: int) -> None:
    chance = random.Random(seed)
    rows = log_of_story(*richer_story(chance)).intervals()
    columns, intervals = history_of(rows, chance), IntervalHistory(rows, 1)
    for principal in (arn("user/eve"), arn("user/bob"), arn("role/admin")):
        for action, resource in (("s3:GetObject", f"{BUCKET}/eve"), ("sts:AssumeRole", arn("role/admin"))):
            asked = (principal, action, resource, BEFORE, FOREVER)
            assert timeline(columns, *asked, resource_account=ACCOUNT) == timeline(
                intervals, *asked, resource_account=ACCOUNT
            )


@settings(max_examples=40, deadline=None)
@given(seeds)
def test_a_course_of_intervals_that_are_made_later(seed: int) -> None:
    """It says of every instant what one says whose intervals are there."""
    chance = random.Random(seed)
    rows = log_of_story(*richer_story(chance)).intervals()
    of_entities: dict[EntityKey, list[Interval]] = {}
    for row in rows:
        of_entities.setdefault(row[:3], []).append(row)
    history = history_of(rows, chance)
    kinds = set()
    for key, own in of_entities.items():
        later, whole = course_of(key[1], history.intervals_of(key)), Course(own)
        kinds.add(type(later))
        if key[1] == "organization":
            continue
        assert later.intervals == whole.intervals
        turns = sorted({at for row in own for at in row[6:8]} - {BEFORE, FOREVER})
        for at in [near for turn in turns for near in (turn - TICK, turn, turn + TICK)]:
            assert later.facts_at(at) == whole.facts_at(at)
            assert list(later.touching(at)) == list(whole.touching(at))
            assert later.goes_on(at) == whole.goes_on(at)
            for step in (Course.next_change, Course.last_change):
                assert step(later, at, frozenset()) == step(whole, at, frozenset())
    assert LaterCourse in kinds
