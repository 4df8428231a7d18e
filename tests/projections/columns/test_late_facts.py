"""What was believed at other log positions alone is in the columns too, and no answer tells of it: a law."""

from __future__ import annotations

import random

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from erstwhile.domain.history.bearers import bearers
from erstwhile.domain.history.ever import ever
from erstwhile.domain.history.timeline import timeline
from erstwhile.domain.vocabulary.instants import BEFORE, FOREVER
from tests.support.examples import examples
from tests.support.late_facts import LateFacts
from tests.support.random_stories import BUCKET
from tests.support.stories import arn

ASKED = (
    ("s3:GetObject", f"{BUCKET}/key"), ("sts:AssumeRole", arn("role/admin")), ("sqs:SendMessage", "*"),
    ("iam:CreateUser", "*"),
)  # fmt: skip
PRINCIPALS = (arn("user/eve"), arn("user/bob"), arn("role/admin"))


@settings(max_examples=examples(120, each_run=40), deadline=None)
@given(st.integers(0, 2**48))
def test_columns_say_what_intervals_do(seed: int) -> None:
    chance = random.Random(seed)
    facts = LateFacts(chance)
    known_at = chance.randrange(facts.head) + 1
    columns, intervals = facts.columns(known_at), facts.intervals(known_at)
    for principal in PRINCIPALS:
        assert set(columns.with_arn(principal)) == set(intervals.with_arn(principal))
        assert bearers(columns, principal) == bearers(intervals, principal)
        for action, resource in ASKED:
            asked = (principal, action, resource, BEFORE, FOREVER)
            assert timeline(columns, *asked) == timeline(intervals, *asked), asked
    for action, resource in ASKED:
        one, other = (ever(each, action, resource, BEFORE, FOREVER) for each in (columns, intervals))
        # How many states are looked at depends on who is settled by arithmetic.
        assert one == msgspec.structs.replace(other, states=one.states), (action, resource)
