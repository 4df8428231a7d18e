"""The law of timelines: a timeline says of every instant what the question says that is asked at that instant."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from erstwhile.domain.directory.facts import Interval
from erstwhile.domain.history.course import instants_of
from erstwhile.domain.history.fact_history import FactHistory
from erstwhile.domain.history.facts_at import directory_at
from erstwhile.domain.history.interval_history import IntervalHistory
from erstwhile.domain.history.question import Answer, Question
from erstwhile.domain.history.timeline import Span, question_of, spans_of, timeline
from erstwhile.domain.policy.authorize import authorize
from erstwhile.domain.policy.inputs.principals import UnknownPrincipal
from erstwhile.domain.policy.inputs.request import Decision, Request
from erstwhile.domain.vocabulary.instants import BEFORE, FOREVER
from tests.support.policy import generator
from tests.support.policy.random_directory import random_directory
from tests.support.random_intervals import cut_into_intervals
from tests.support.random_stories import BUCKET, richer_story
from tests.support.records import ACCOUNT
from tests.support.stories import arn, history_of, log_of_story

TICK = timedelta(microseconds=1)
CLOCKS = (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 3, 31, tzinfo=UTC), datetime(2026, 3, 31, 12, tzinfo=UTC))
"""The instants that random policies compare the clock with."""


def around(intervals: Iterable[Interval]) -> list[datetime]:
    """Every instant at which something changes, and the ones before and after it."""
    instants = {*instants_of(list(intervals)), *CLOCKS}
    return sorted({near for each in instants for near in (each - TICK, each, each + TICK)})


def asked(history: FactHistory, request: Request, instant: datetime) -> Decision | None:
    try:
        return authorize(directory_at(history, instant), request)
    except UnknownPrincipal:
        return None


def at(spans: Iterable[Span], instant: datetime) -> Span:
    (found,) = [each for each in spans if each.begin <= instant < each.end]
    return found


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**48))
def test_a_timeline_equals_asking_at_every_instant(seed: int) -> None:
    chance = random.Random(seed)
    rows = cut_into_intervals(random_directory(seed), chance)
    history = IntervalHistory(rows, 7)
    instants = around(rows)
    for _ in range(3):
        request = Request(
            principal=chance.choice(generator.PRINCIPALS), action=chance.choice(generator.ACTIONS),
            resource=chance.choice(generator.RESOURCES), mode=chance.choice(("discover", "strict")),
        )  # fmt: skip
        found = timeline(
            history, request.principal, request.action, request.resource, instants[0], instants[-1] + TICK,
            mode=request.mode,
        ).spans  # fmt: skip
        assert [each.end for each in found[:-1]] == [each.begin for each in found[1:]]
        if any(each.notes for each in found):
            continue  # a statement compares the clock as text
        for instant in instants:
            assert at(found, instant).decision == asked(history, request, instant), (request, instant)
        for before, after in pairwise(found):
            assert (before.decision, before.unique_id) != (after.decision, after.unique_id)
            assert after.causes
        assert not found[0].causes


class _AsksAgain(Question):
    """Takes no answer for that of another instant."""

    def just_before(self, answer: Answer, following: Answer) -> Answer | None:
        return None


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**48), st.booleans())
def test_an_answer_of_before_is_that_of_just_before(seed: int, is_shuffled: bool) -> None:
    """Where nothing changed meanwhile of what it read: the causes are the same as if it were asked for again."""
    chance = random.Random(seed)
    story = richer_story(chance)
    if is_shuffled:
        chance.shuffle(story)
    history = history_of(log_of_story(*story))
    asked_of = (("s3:GetObject", f"{BUCKET}/eve"), ("sts:AssumeRole", arn("role/admin")))
    for principal in (arn("user/eve"), arn("user/bob"), arn("role/admin")):
        for action, resource in asked_of:
            question = question_of(history, principal, action, resource, resource_account=ACCOUNT)
            again = _AsksAgain(history, question.request, question.follow)
            assert list(spans_of(question, BEFORE, FOREVER)) == list(spans_of(again, BEFORE, FOREVER))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**48))
def test_an_answer_of_before_is_that_of_just_before_whatever_policies_say(seed: int) -> None:
    chance = random.Random(seed)
    history = IntervalHistory(cut_into_intervals(random_directory(seed), chance), 7)
    for _ in range(3):
        request = Request(
            principal=chance.choice(generator.PRINCIPALS), action=chance.choice(generator.ACTIONS),
            resource=chance.choice(generator.RESOURCES), mode="discover",
        )  # fmt: skip
        question, again = Question(history, request), _AsksAgain(history, request)
        assert list(spans_of(question, BEFORE, FOREVER)) == list(spans_of(again, BEFORE, FOREVER))
