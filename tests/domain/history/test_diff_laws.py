"""The laws of diff: it is empty exactly where no decision differs, and mirrored where the instants are exchanged."""

from __future__ import annotations

import itertools
import random
from typing import Any

from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from erstwhile.domain.directory.view import DirectoryView
from erstwhile.domain.history.diff import diff
from erstwhile.domain.history.difference import Diff
from erstwhile.domain.history.facts_at import directory_at
from erstwhile.domain.history.interval_history import IntervalHistory
from erstwhile.domain.policy.evaluation.impossible import is_reserved
from erstwhile.domain.policy.language.patterns.pattern_parts import TooMuch
from erstwhile.domain.vocabulary.identifiers import account_in
from tests.support.differences import outcome, told
from tests.support.policy import generator
from tests.support.random_history import HOURS, instant, random_history
from tests.support.random_stories import BUCKET, random_story
from tests.support.records import ACCOUNT
from tests.support.stories import arn, history_of, log_of_story, second

seeds = st.integers(0, 2**48)
hours = st.tuples(st.integers(0, HOURS - 1), st.integers(0, HOURS - 1)).filter(lambda pair: pair[0] != pair[1])
FEW = 300_000
"""Steps: what takes more is unclear."""
NOT_SMALLER = (Phase.explicit, Phase.reuse, Phase.generate)
"""A smaller seed makes no smaller history."""
STORY_ACTIONS = ("s3:GetObject", "s3:PutObject", "sts:AssumeRole", "sqs:SendMessage", "kms:Decrypt")
STORY_RESOURCES = (
    "*", BUCKET, f"{BUCKET}/key", f"{BUCKET}eve", arn("role/admin"), arn("role/other"),
    f"arn:aws:sqs:eu-west-1:{ACCOUNT}:queue",
)  # fmt: skip
ACTIONS = tuple(dict.fromkeys((*generator.ACTIONS, *generator.RCP_ACTIONS[:20])))


@settings(max_examples=60, phases=NOT_SMALLER)
@given(seeds, st.tuples(st.integers(-1, 61), st.integers(-1, 61)))
def test_it_tells_exactly_the_decisions_of_a_story_that_differ(seed: int, pair: tuple[int, int]) -> None:
    history = history_of(log_of_story(*random_story(random.Random(seed))))
    before, after = second(pair[0] + 0.5), second(pair[1] + 0.5)
    one, other = directory_at(history, before), directory_at(history, after)
    found = diff(history, before, after)
    for key in (key for kind in ("user", "role") for key in history.of_kind(kind)):
        there = [(each := directory.get(*key)) is not None and each.exists for directory in (one, other)]
        assert (key[2] in {each.unique_id for each in found.whole}) == (there[0] != there[1])
        if all(there):
            for action, resource in itertools.product(STORY_ACTIONS, STORY_RESOURCES):
                was, now = outcome(one, other, key, action, resource), outcome(other, one, key, action, resource)
                lines = [(each.before, each.after) for each in told(found, key[2], action, resource)]
                assert lines == ([] if was == now else [(was, now)]), (key, action, resource)


@settings(max_examples=12, phases=NOT_SMALLER)
@given(seeds, hours)
@example(143717196400685, (2, 17))  # what a policy says was not known, and became known
@example(1261399, (10, 0))  # a role's trust policy tells actions of STS apart that no other statement does
def test_it_tells_exactly_the_decisions_that_differ(seed: int, pair: tuple[int, int]) -> None:
    history, chance = IntervalHistory(random_history(seed)), random.Random(seed)
    before, after = instant(pair[0]), instant(pair[1])
    one, other = directory_at(history, before), directory_at(history, after)
    try:
        found = diff(history, before, after, effort=FEW)
    except TooMuch:
        return
    keys = [key for kind in ("user", "role") for key in history.of_kind(kind)]
    whole = {each.unique_id for each in found.whole}
    for key in keys:
        there = [(each := directory.get(*key)) is not None and each.exists for directory in (one, other)]
        assert (key[2] in whole) == (there[0] != there[1])
        if there != [True, True]:
            continue
        arn = other.arn_of(other.at(key))
        if arn in found.unclear:
            continue
        for action in chance.sample(ACTIONS, 12):
            for resource in generator.RESOURCES:
                if is_elsewhere(one, other, key[0], resource):
                    continue
                was = outcome(one, other, key, action, resource)
                now = outcome(other, one, key, action, resource)
                lines = told(found, key[2], action, resource)
                if action == "sts:GetCallerIdentity" or is_reserved(action.lower(), resource):
                    continue  # no policy decides
                expected = [] if was == now else [(was, now)]
                assert [(each.before, each.after) for each in lines] == expected, (key, action, resource)
                if was != now:
                    assert all(each.events for each in lines) or reads_clock(history)


def reads_clock(history: IntervalHistory) -> bool:
    texts = [str(each.value) for kind in ("version", "inline", "policy", "trust", "guardrail")
             for each in history.with_attribute(kind)]  # fmt: skip
    return any("CurrentTime" in text for text in texts)


def is_elsewhere(one: DirectoryView, other: DirectoryView, account: str, resource: str) -> bool:
    """Whether a resource is another account's, and no Directory knows it: nothing is told of those."""
    owner = account_in(resource)
    return owner not in ("", "aws", account) and one.with_arn(resource) is None and other.with_arn(resource) is None


@settings(max_examples=8, phases=NOT_SMALLER)
@given(seeds, hours)
def test_exchanged_instants_mirror_it(seed: int, pair: tuple[int, int]) -> None:
    history = IntervalHistory(random_history(seed))
    before, after = instant(pair[0]), instant(pair[1])
    try:
        found, mirrored = diff(history, before, after, effort=FEW), diff(history, after, before, effort=FEW)
    except TooMuch:
        return
    swapped = {"gained": "lost", "lost": "gained", "changed": "changed"}

    def lines(each: Diff) -> set[Any]:
        return {(one.unique_id, one.before, one.after, one.change, one.events) for one in each.differences}

    assert lines(mirrored) == {(name, b, a, swapped[change], ev) for name, a, b, change, ev in lines(found)}
    assert {(each.unique_id, swapped[each.change], each.events) for each in mirrored.whole} == {
        (each.unique_id, each.change, each.events) for each in found.whole
    }
