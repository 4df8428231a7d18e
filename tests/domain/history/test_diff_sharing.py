"""What is decided once for several principals equals what is decided about each by itself."""

from __future__ import annotations

import itertools
import random

import msgspec
from hypothesis import example, given, settings
from hypothesis import strategies as st

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.facts import EntityKey, Interval
from erstwhile.domain.history.diff import diff
from erstwhile.domain.history.difference import Diff
from erstwhile.domain.history.facts_at import directory_at
from erstwhile.domain.history.interval_history import IntervalHistory
from erstwhile.domain.vocabulary.instants import BEFORE, FOREVER
from tests.support.comparing import NOT_SMALLER, alone, compared, crowd, twins, without_examples
from tests.support.differences import outcome, told
from tests.support.random_crowds import ACCOUNTS, ACTIONS, BUCKET, RESOURCES, Crowd
from tests.support.random_history import HOURS, instant, random_history
from tests.support.random_stories import random_story
from tests.support.stories import history_of, log_of_story, second

seeds = st.integers(0, 2**48)


def assert_alike(together: Diff | None, by_itself: Diff | None) -> None:
    """What is decided once is paid for once by each: a principal may be clear that is unclear by itself."""
    if by_itself is None:
        return
    assert together is not None
    unclear = set(by_itself.unclear)
    assert unclear >= set(together.unclear)

    def clear(found: Diff) -> Diff:
        differences = tuple(each for each in found.differences if each.principal not in unclear)
        return msgspec.structs.replace(found, differences=differences, unclear=())

    assert clear(together) == clear(by_itself)


def crowd_with_other_bucket_policies(seed: int) -> IntervalHistory:
    """A crowd of whom nothing differs, but what a bucket's policies say."""
    crowd = Crowd(random.Random(seed))
    chance = random.Random(seed + 1)
    few = [crowd.document() for _ in range(5)]
    rows = [
        each._replace(value={"document": chance.choice(few)})
        if each.attribute in ("inline", "version") and chance.random() < 0.8
        else each
        for each in crowd.rows
        if each.kind != "resource" and (each.kind != "organization" or seed % 3 == 0)
    ]
    rows += twins(rows, chance)
    for number in range(chance.randint(1, 2)):
        bucket = BUCKET if number == 0 else f"{BUCKET}{number}"
        key = (chance.choice(ACCOUNTS), "resource", bucket)
        rows.append(Interval(*key, "entity", "", {"name": "payroll", "arn": bucket}, BEFORE, FOREVER, 900, None))
        at = BEFORE
        for until in (instant(7), instant(14), FOREVER):
            if chance.random() < 0.8:
                names = [
                    f"arn:aws:iam::{ACCOUNTS[0]}:root",
                    ACCOUNTS[1],
                    "*",
                    f"arn:aws:iam::{ACCOUNTS[0]}:user/u2",
                    "ID2",
                ]
                named = {"Principal": {"AWS": chance.sample(names, chance.randint(1, 2))}}
                value = {"document": crowd.document(0.8, **named)}
                rows.append(Interval(*key, "policy", "", value, at, until, 901, 902))
            at = until
    return IntervalHistory(rows, 1_000)


def is_named_by_its_arn(directory: Directory, key: EntityKey) -> bool:
    """A decision is asked by ARN: where sources contradict each other, another may have the same one."""
    entity = directory.get(*key)
    return entity is not None and entity.exists and directory.with_arn(directory.arn_of(entity)) is entity


@settings(max_examples=20, phases=NOT_SMALLER, deadline=None)
@given(seeds, st.tuples(st.integers(0, 20), st.integers(0, 20)))
@example(50458821, (10, 5))  # two users with one ARN, who differ in what they hold
@example(157311758573643, (1, 7))  # a bucket's policy has a variable, in what it says of another action
@example(1164, (18, 0))  # a resource control policy denies a part of another account's bucket
def test_of_a_crowd_of_whom_nothing_differs(seed: int, pair: tuple[int, int]) -> None:
    history = crowd_with_other_bucket_policies(seed)
    together = compared(history, pair)
    with alone():
        by_itself = compared(history, pair)
    if together is None or by_itself is None or by_itself.unclear:
        return  # who is like another is clear where the other is
    assert together == by_itself
    one, other = directory_at(history, instant(pair[0])), directory_at(history, instant(pair[1]))
    keys = [key for kind in ("user", "role") for key in history.of_kind(kind)]
    for key in random.Random(seed).sample(keys, 8):
        there = [is_named_by_its_arn(directory, key) for directory in (one, other)]
        for action, resource in itertools.product(ACTIONS, RESOURCES) if all(there) else ():
            was, now = outcome(one, other, key, action, resource), outcome(other, one, key, action, resource)
            lines = [
                (each.before, each.after) for each in told(together, key[2], action, resource) if each.account == key[0]
            ]
            assert lines == ([] if was == now else [(was, now)]), (key, action, resource)


@settings(max_examples=8, phases=NOT_SMALLER, deadline=None)
@given(seeds, st.tuples(st.integers(0, 20), st.integers(0, 20)))
@example(269637609586328, (14, 5))  # a resource control policy over an account that nobody registered
def test_of_a_crowd(seed: int, pair: tuple[int, int]) -> None:
    history = crowd(seed)
    together = compared(history, pair)
    with alone():
        assert_alike(together, compared(history, pair))


@settings(max_examples=8, phases=NOT_SMALLER, deadline=None)
@given(seeds, st.tuples(st.integers(0, HOURS - 1), st.integers(0, HOURS - 1)))
@example(159558226878339, (8, 16))  # one is clear that is unclear by itself
def test_of_a_random_history(seed: int, pair: tuple[int, int]) -> None:
    history = IntervalHistory(random_history(seed))
    together = compared(history, pair)
    with alone():
        assert_alike(together, compared(history, pair))


@settings(max_examples=20, phases=NOT_SMALLER, deadline=None)
@given(seeds, st.tuples(st.integers(-1, 61), st.integers(-1, 61)))
def test_of_a_random_story(seed: int, pair: tuple[int, int]) -> None:
    history = history_of(log_of_story(*random_story(random.Random(seed))))
    before, after = second(pair[0] + 0.5), second(pair[1] + 0.5)
    together = diff(history, before, after)
    with alone():
        assert_alike(without_examples(together), without_examples(diff(history, before, after)))
