"""Laws over random stories that go through the replayer, in whatever order they become known."""

from __future__ import annotations

import random
from datetime import timedelta

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.history.course import instants_of
from erstwhile.domain.history.facts_at import directory_at
from erstwhile.domain.history.interval_history import IntervalHistory
from erstwhile.domain.history.moments import moments
from erstwhile.domain.history.timeline import timeline
from erstwhile.domain.policy.authorize import authorize
from erstwhile.domain.policy.inputs.principals import UnknownPrincipal
from erstwhile.domain.policy.inputs.request import Decision, Request
from erstwhile.domain.vocabulary.instants import BEFORE, FOREVER
from tests.support.memory_log import MemoryLog
from tests.support.random_modes import with_modes
from tests.support.random_stories import BUCKET, random_story
from tests.support.records import ACCOUNT
from tests.support.stories import Told, arn, history_of, log_of_story, second, tell

TICK = timedelta(microseconds=1)
REQUESTS = [
    Request(principal=principal, action=action, resource=resource, resource_account=ACCOUNT, mode="discover")
    for principal in (arn("user/eve"), arn("user/bob"), arn("role/admin"), arn("root"))
    for action, resource in (("s3:GetObject", "arn:aws:s3:::bucket/eve"), ("sts:AssumeRole", arn("role/admin")))
]


def decided(directory: Directory, request: Request) -> Decision | None:
    try:
        return authorize(directory, request)
    except UnknownPrincipal:
        return None


def log_of(story: list[tuple[int, Told]]) -> MemoryLog:
    """The number of an event orders it among those of its second, in whatever order they come."""
    log = MemoryLog()
    for number, event in story:
        tell(log, event, f"{number:04}")
    return log


def without_positions(decision: Decision | None) -> Decision | None:
    if decision is None:
        return None
    bare = [msgspec.structs.replace(each, granted_by=0, defined_by=0) for each in decision.determining]
    return msgspec.structs.replace(decision, determining=tuple(sorted(bare, key=repr)))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**48))
def test_as_of_equals_folding_the_log_and_deciding(seed: int) -> None:
    chance = random.Random(seed)
    story = list(enumerate(random_story(chance)))
    chance.shuffle(story)
    history = history_of(log_of(story))
    for at in chance.sample(range(-10, 60), 6):
        folded = log_of([(number, event) for number, event in story if event[0] <= at]).engine.directory
        folded.as_of = second(at)
        view = directory_at(history, second(at))
        for request in REQUESTS:
            assert without_positions(decided(view, request)) == without_positions(decided(folded, request)), at


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**48))
def test_a_timeline_equals_asking_around_every_event(seed: int) -> None:
    chance = random.Random(seed)
    story = random_story(chance)
    chance.shuffle(story)
    log = log_of_story(*story)
    rows = with_modes(log.intervals(), chance)
    history = IntervalHistory(rows, 1)
    instants = sorted({near for each in instants_of(rows) for near in (each - TICK, each)})
    for request in chance.sample(REQUESTS, 3):
        found = timeline(
            history, request.principal, request.action, request.resource, instants[0], second(100),
            resource_account=ACCOUNT,
        ).spans  # fmt: skip
        for instant in instants:
            (span,) = [each for each in found if each.begin <= instant < each.end]
            assert span.decision == decided(directory_at(history, instant), request), (request, instant)
        positions = {cause.position for span in found for cause in span.causes}
        assert positions <= {0, *range(1, len(log.events) + 1)}
        assert all(span.causes for span in found[1:])
        stepped = {
            (step.at, change.position)
            for what in (request.principal, BUCKET, arn("role/admin"))
            for step in moments(history, what, BEFORE, FOREVER)
            for change in step.changes
        }
        caused = {(span.begin, cause.position) for span in found for cause in span.causes if cause.position}
        assert caused <= stepped
