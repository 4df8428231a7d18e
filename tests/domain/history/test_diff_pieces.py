"""What differs inside of single patterns, put together, is what differs where all resources are compared at once."""

from __future__ import annotations

import random
from typing import Any
from unittest.mock import patch

import orjson
from hypothesis import example, given, settings
from hypothesis import strategies as st

from erstwhile.domain.directory.facts import Interval
from erstwhile.domain.history.comparing.pieces import Pieces
from erstwhile.domain.history.diff import Diff, diff
from erstwhile.domain.history.interval_history import IntervalHistory
from erstwhile.domain.policy.language.patterns.pattern_parts import TooMuch
from erstwhile.domain.vocabulary.instants import BEFORE, FOREVER
from tests.support.comparing import NOT_SMALLER
from tests.support.examples import examples
from tests.support.guarded_crowds import under_guardrails
from tests.support.random_crowds import ACCOUNTS, BUCKET
from tests.support.random_history import instant

_QUEUES = f"arn:aws:sqs:eu-west-1:{ACCOUNTS[0]}:"
_PATTERNS = (
    BUCKET, f"{BUCKET}*", f"{BUCKET}/*", f"{BUCKET}/m*", f"{BUCKET}/march.csv", f"{BUCKET}/home/*",
    f"{BUCKET}/home/u1/*", f"{BUCKET}/home/u1/x", f"{BUCKET}/home/u2*", "arn:aws:s3:::pay*", "arn:aws:s3:::*",
    f"{_QUEUES}*", f"{_QUEUES}jobs", f"{_QUEUES}jobs*", f"{_QUEUES}jobs-x",
    f"arn:aws:sqs:eu-west-1:{ACCOUNTS[1]}:jobs*",
)  # fmt: skip
_SELDOM = ("*", f"{BUCKET}/m?rch*", "arn:aws:s3:::*/x", f"{BUCKET}/home/${{aws:username}}/*")
_ACTIONS = (
    "s3:GetObject",
    "s3:PutObject",
    "s3:GetObject*",
    "s3:Get*",
    "sqs:SendMessage",
    "sqs:*",
    "s3:GetBucketPolicy",
)
_CONDITIONS: tuple[dict[str, Any], ...] = (
    {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}},
    {"StringEquals": {"aws:PrincipalTag/team": ["red", "blue"]}},
    {"StringEquals": {"aws:ResourceAccount": ACCOUNTS[0]}},
    {"StringEquals": {"aws:ResourceTag/team": "red"}},
)


def _document(chance: random.Random, **more: Any) -> str:
    statements = []
    for _ in range(chance.randint(1, 4)):
        said: dict[str, Any] = {
            "Effect": "Allow" if chance.random() < 0.8 else "Deny",
            "Action": chance.sample(_ACTIONS, chance.randint(1, 2)),
            "Resource": chance.sample(_PATTERNS, chance.randint(1, 3)),
            **more,
        }
        if chance.random() < 0.05:
            said["Resource"] = chance.choice(_SELDOM)
        if chance.random() < 0.2:
            said["Condition"] = chance.choice(_CONDITIONS)
        statements.append(said)
    return orjson.dumps({"Version": "2012-10-17", "Statement": statements}).decode()


def with_patterns_in_patterns(seed: int) -> IntervalHistory:
    """A crowd whose policies change, and nearly all of them name ARNs and beginnings of ARNs; under guardrails."""
    chance = random.Random(seed)
    rows: list[Interval] = []
    for row in under_guardrails(seed):
        if row.attribute in ("inline", "version"):
            at = BEFORE
            for until in (*(instant(each) for each in sorted(chance.sample(range(21), chance.randint(0, 2)))), FOREVER):
                of = chance.randrange(500)
                rows.append(
                    row._replace(value={"document": _document(chance)}, valid_from=at, valid_to=until, opened_by=of)
                )
                at = until
        elif row.attribute == "boundary" and chance.random() < 0.5:
            rows.append(row._replace(valid_from=instant(chance.randrange(21))))
        elif row.kind != "resource":
            rows.append(row)
    for number in range(chance.randint(0, 2)):
        bucket = BUCKET if number == 0 else f"{BUCKET}{number}"
        key = (chance.choice(ACCOUNTS), "resource", bucket)
        rows.append(Interval(*key, "entity", "", {"name": bucket[13:], "arn": bucket}, BEFORE, FOREVER, 900, None))
        at = BEFORE
        for until in (instant(chance.randrange(21)), FOREVER):
            names = [f"arn:aws:iam::{ACCOUNTS[0]}:root", ACCOUNTS[1], f"arn:aws:iam::{ACCOUNTS[0]}:user/u2", "*"]
            who = {"AWS": chance.sample(names, chance.randint(1, 2))}
            rows.append(
                Interval(*key, "policy", "", {"document": _document(chance, Principal=who)}, at, until, 901, 902)
            )
            at = until
    return IntervalHistory(rows, 1_000)


def _compared(history: IntervalHistory, pair: tuple[int, int]) -> Diff | None:
    try:
        return diff(history, instant(pair[0]), instant(pair[1]))
    except TooMuch:
        return None


@settings(max_examples=examples(300, 15), phases=NOT_SMALLER, deadline=None)
@given(st.integers(0, 2**48), st.tuples(st.integers(0, 20), st.integers(0, 20)))
@example(
    246045741367, (4, 17)
)  # two users with one ARN: of the one everything counts, of the other what bears on a bucket
@example(84387869975, (4, 9))  # a part of a region of known resources is told by itself
@example(493206294020, (14, 5))  # two are alike, but for the patterns around a region
def test_in_pieces_as_at_once(seed: int, pair: tuple[int, int]) -> None:
    history = with_patterns_in_patterns(seed)
    in_pieces = _compared(history, pair)
    with patch.object(Pieces, "of_group", lambda *_: None):
        at_once = _compared(history, pair)
    assert in_pieces == at_once
