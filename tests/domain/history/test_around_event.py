"""A history around one event has, before it, all that there would be without it."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from erstwhile.domain.events import Body
from erstwhile.domain.events.policies import PolicyCreated
from erstwhile.domain.events.principals import EntityCreated, EntityDeleted, EntityListed, EntityRenamed
from erstwhile.domain.history.around_event import AroundEvent
from erstwhile.domain.history.fact_history import FactHistory
from erstwhile.domain.history.facts_at import directory_at
from erstwhile.domain.vocabulary.slots import Slot
from tests.support.memory_log import MemoryLog
from tests.support.random_stories import random_story
from tests.support.records import ACCOUNT
from tests.support.stories import BEFORE_THE_STORY, Told, history_of, tell

TICK = timedelta(microseconds=1)
_LIVES = (EntityCreated, EntityDeleted, EntityListed, EntityRenamed, PolicyCreated)
"""Without these, the events after them would tell of other principals."""


def log_of(story: list[tuple[int, Told]]) -> MemoryLog:
    log = MemoryLog()
    for number, event in story:
        tell(log, event, f"{number:04}")
    return log


def slot(body: Body) -> Slot:
    return type(body).slot(ACCOUNT, body)


def facts(history: FactHistory, at: datetime) -> list[str]:
    directory = directory_at(history, at)
    return sorted(repr((*each[:5], sorted(each[5].value.items()))) for each in directory.facts())


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**48))
def test_before_it_there_is_what_there_would_be_without_it(seed: int) -> None:
    chance = random.Random(seed)
    story = list(enumerate(random_story(chance, seconds=20)))
    chance.shuffle(story)
    history = history_of(log_of(story))
    for place in chance.sample(range(len(story)), 8):
        at, body = story[place][1][:2]
        if isinstance(body, _LIVES):
            continue
        if sum(each[0] == at and slot(each[1]) == slot(body) for _, each in story) > 1:
            continue  # what one of these set and another took away within the instant, no history keeps
        around = AroundEvent(history, place + 1 + BEFORE_THE_STORY)
        if around.at is None:
            continue
        without = history_of(log_of(story[:place] + story[place + 1 :]))
        assert facts(around, around.at - TICK) == facts(without, around.at)
        assert facts(around, around.at) == facts(history, around.at)
        wanted = {each[:3] for each in history.of_event(place + 1 + BEFORE_THE_STORY)}
        assert set(around.changed(around.at - TICK, around.at)) == wanted


def test_an_event_that_changed_nothing_has_no_instant() -> None:
    log = log_of([(0, (0, random_story(random.Random(1))[2][1]))])
    assert AroundEvent(history_of(log), 999).at is None
