"""A timeline is answered from columns, whose intervals are made when they are looked at, as from intervals: a law."""

from __future__ import annotations

import gc
import random

from hypothesis import given, settings
from hypothesis import strategies as st

from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.facts import EntityKey, Interval
from erstwhile.domain.events.policies import PolicyVersionDeleted
from erstwhile.domain.history.course import Course
from erstwhile.domain.history.courses import course_of
from erstwhile.domain.history.facts_at import directory_at
from erstwhile.domain.history.interval_history import IntervalHistory
from erstwhile.domain.history.later_course import LaterCourse
from erstwhile.domain.history.timeline import timeline
from erstwhile.domain.history.windows import TICK
from erstwhile.domain.policy.inputs.sources import begun
from erstwhile.domain.policy.inputs.sources import managed as managed_policy
from erstwhile.domain.vocabulary.instants import BEFORE, FOREVER
from erstwhile.domain.vocabulary.micros import micros_of
from erstwhile.projections.columns.facts_at import ColumnFacts
from tests.support.column_layers import history_of
from tests.support.documents import allow
from tests.support.examples import examples
from tests.support.policy import generator
from tests.support.random_history import random_history
from tests.support.random_modes import with_modes
from tests.support.random_stories import BUCKET, richer_story
from tests.support.records import ACCOUNT
from tests.support.stories import (
    arn,
    attached,
    created,
    default,
    detached,
    log_of_story,
    managed,
    policy,
    policy_deleted,
    second,
    user,
    version,
)

READ, WRITE = allow("s3:GetObject"), allow("s3:PutObject")

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
    rows = with_modes(log_of_story(*richer_story(chance)).intervals(), chance)
    columns, intervals = history_of(rows, chance), IntervalHistory(rows, 1)
    for principal in (arn("user/eve"), arn("user/bob"), arn("role/admin"), arn("root")):
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
            assert later.attributes_turning(at) == whole.attributes_turning(at)
            assert later.next_change(at, frozenset()) == whole.next_change(at, frozenset())
            assert later.next_of_all(at) == whole.next_of_all(at)
            assert later.last_change(at, frozenset()) == whole.last_change(at, frozenset())
            if key[1] == "policy":
                assert later.policy_state(key, at) == whole.policy_state(key, at)
    assert LaterCourse in kinds


@settings(max_examples=examples(400, 60), deadline=None)
@given(seeds)
def test_the_line_of_a_policy_says_what_its_course_does(seed: int) -> None:
    """And where the line does not turn, nothing of the policy changes that has a say."""
    chance = random.Random(seed)
    rows = [row for row in log_of_story(*richer_story(chance)).intervals() if row.kind == "policy"]
    policies: dict[EntityKey, list[Interval]] = {}
    for row in rows:
        policies.setdefault(row[:3], []).append(row)
    history = history_of(rows, chance)
    for key, own in policies.items():
        line, whole = history.policy_line(key), Course(own)
        if line is None:
            continue
        turns = set(line.turns)
        for turn in sorted({at for row in own for at in row[6:8]} - {BEFORE, FOREVER}):
            for at in (turn - TICK, turn):
                known = line.at(micros_of(at))
                assert known is None or known._replace(known=None) == whole.policy_at(key, at)
            assert line.is_touched(micros_of(turn))
            if micros_of(turn) not in turns:
                was, now = whole.policy_state(key, turn - TICK), whole.policy_state(key, turn)
                assert (was.told, was.managed) == (now.told, now.managed)


@settings(max_examples=examples(400, 60), deadline=None)
@given(seeds)
def test_what_an_arn_means_in_force_is_what_its_entity_says(seed: int) -> None:
    chance = random.Random(seed)
    rows = log_of_story(*richer_story(chance)).intervals()
    history, intervals = history_of(rows, chance), IntervalHistory(rows, 1)
    attachments = (attributes.ATTACHED, attributes.BOUNDARY)
    used = {str(row.value.get("policy") or row.item) for row in rows if row.attribute in attachments}
    arns = sorted(used | {str(row.value["arn"]) for row in rows if row.kind == "policy" and "arn" in row.value})
    turns = sorted({at for row in rows for at in row[6:8]} - {BEFORE, FOREVER})
    for at in [near for turn in turns for near in (turn - TICK, turn)]:
        facts, directory = ColumnFacts(history, at), directory_at(intervals, at)
        for each in arns:
            known = facts.policy_in_force(each)
            if known is not None:
                found = managed_policy(directory, each)
                told = known.arn, known.document, known.version, known.defined_by, known.begun
                assert told == (each, found.document, found.version, found.defined_by, begun(directory, each))


def test_a_policy_that_is_used_is_found_at_once() -> None:
    """Its entity is not looked for."""
    used = arn("policy/P")
    rows = log_of_story(
        (0, created(user("eve"))), (5, policy("P", READ)), (10, attached(user("eve"), used)),
        (20, version("P", "v2", WRITE)), (30, policy_deleted("P")),
    ).intervals()  # fmt: skip
    history = history_of(rows, random.Random(1))
    asked: list[str] = []
    history.with_arn = asked.append  # type: ignore[assignment]
    found = [ColumnFacts(history, second(at)).policy_in_force(used) for at in (5, 12, 25)]
    assert [each and each.document for each in found] == [READ, READ, WRITE] and not asked


def test_a_policy_with_several_versions_has_a_line() -> None:
    rows = log_of_story(
        (0, policy("P", READ)),
        (10, version("P", "v2", WRITE)),
        (20, default("P", "v1")),
        (30, PolicyVersionDeleted(subject=managed("P"), arn=arn("policy/P"), version_id="v2")),
        (40, policy_deleted("P")),
    ).intervals()
    history = history_of(rows, random.Random(1))
    line = history.policy_line((ACCOUNT, "policy", "ANPAP1"))
    assert line is not None
    assert line.turns == [micros_of(second(at)) for at in (0, 10, 20, 40)]
    said = [line.at(micros_of(second(at))) for at in (-1, 0, 15, 25, 35, 40)]
    assert [each and (each.version, each.document) for each in said] == [
        None, ("v1", READ), ("v2", WRITE), ("v1", READ), ("v1", READ), None,
    ]  # fmt: skip


def test_a_policy_of_which_something_was_never_seen_has_none() -> None:
    rows = log_of_story((0, policy("P", READ)), (10, default("P", "v3")), (20, version("P", "v4", WRITE))).intervals()
    assert history_of(rows, random.Random(1)).policy_line((ACCOUNT, "policy", "ANPAP1")) is None


def test_what_a_timeline_made_goes_with_it() -> None:
    """What holds each other would wait for the collector of cycles: a tenth of a second, some day."""
    ada = user("ada")
    rows = log_of_story(
        (0, policy("P", READ)),
        (1, created(ada)),
        (2, attached(ada, arn("policy/P"))),
        (3, version("P", "v2", WRITE)),
        (4, detached(ada, arn("policy/P"))),
    ).intervals()
    history = history_of(rows, random.Random(1))
    asked = (arn("user/ada"), "s3:GetObject", f"{BUCKET}/x", BEFORE, FOREVER)
    assert len(timeline(history, *asked).spans) == 4
    gc.collect()
    gc.disable()
    try:
        timeline(history, *asked)
        assert gc.collect() == 0
    finally:
        gc.enable()
