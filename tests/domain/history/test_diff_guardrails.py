"""Where service control policies change, one of those who have the same is compared: as if each had been."""

from __future__ import annotations

import random
from typing import Any
from unittest.mock import patch

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from erstwhile.domain.directory.facts import Interval
from erstwhile.domain.history import diff as diff_module
from erstwhile.domain.history.comparing import unchanged
from erstwhile.domain.history.comparing.comparison import Comparison
from erstwhile.domain.history.diff import diff
from erstwhile.domain.history.interval_history import IntervalHistory
from erstwhile.domain.policy.language.statement import compile_document
from erstwhile.domain.vocabulary.instants import BEFORE, FOREVER
from tests.support.comparing import NOT_SMALLER, alone, compared, twins
from tests.support.examples import examples
from tests.support.random_crowds import ACCOUNTS, Crowd
from tests.support.random_history import instant

_ALL = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
_ACTIONS = (
    "s3:GetObject",
    "s3:Get*",
    "s3:*",
    "dynamodb:Query",
    "S3:GetObject",
    "sts:AssumeRole",
    "iam:*",
    "kms:Decrypt",
)


def under_guardrails(seed: int) -> IntervalHistory:
    """A crowd of whom nothing differs, but which service control policies are over it."""
    crowd, chance = Crowd(random.Random(seed)), random.Random(seed + 1)
    few = [crowd.document() for _ in range(5)]
    rows = [
        each._replace(value={"document": chance.choice(few)})
        if each.attribute in ("inline", "version") and chance.random() < 0.8
        else each
        for each in crowd.rows
        if each.kind != "organization"
    ]
    rows += twins(rows, chance)
    key = (ACCOUNTS[1], "organization", "o-1")
    rows.append(
        Interval(*key, "organization", "", {"id": "o-1", "management": "999988887777"}, BEFORE, FOREVER, 1, None)
    )
    for node, parent in (("r-1", ""), *((account, "r-1") for account in ACCOUNTS)):
        kind = "account" if parent else "root"
        rows.append(_row(key, "node", node, {"kind": kind, "parent": parent, "name": node}, (0, 21)))
    for policy, document in (("p-all", _ALL), ("p-one", _guardrail(chance)), ("p-other", _guardrail(chance))):
        value = {"type": "SERVICE_CONTROL_POLICY", "name": policy, "document": document}
        rows.append(_row(key, "guardrail", policy, value, (0, 21)))
        for node in ("r-1", *ACCOUNTS):
            if policy == "p-all":
                rows.append(_row(key, "target", f"{policy}@{node}", {}, (0, 21)))
            elif chance.random() < 0.5:
                begin, end = sorted(chance.sample(range(22), 2))
                rows.append(_row(key, "target", f"{policy}@{node}", {}, (begin, end)))
    return IntervalHistory(rows, 1_000)


def _guardrail(chance: random.Random) -> str:
    said: dict[str, object] = {"Effect": "Deny" if chance.random() < 0.8 else "Allow", "Resource": "*"}
    said["NotAction" if chance.random() < 0.1 else "Action"] = chance.sample(_ACTIONS, chance.randint(1, 2))
    if chance.random() < 0.1:
        said["Resource"] = "arn:aws:s3:::payroll/*"
    if chance.random() < 0.3:
        said["Condition"] = {"StringEquals": {chance.choice(("aws:PrincipalTag/team", "aws:RequestedRegion")): "red"}}
    return orjson.dumps({"Version": "2012-10-17", "Statement": [said]}).decode()


def _row(
    key: tuple[str, str, str], attribute: str, item: str, value: dict[str, Any], hours: tuple[int, int]
) -> Interval:
    begin, end = (BEFORE if hours[0] == 0 else instant(hours[0])), (FOREVER if hours[1] == 21 else instant(hours[1]))
    return Interval(
        *key, attribute, item, value, begin, end, 900 + hours[0], None if end == FOREVER else 900 + hours[1]
    )


@settings(max_examples=examples(300, 20), phases=NOT_SMALLER, deadline=None)
@given(st.integers(0, 2**48), st.tuples(st.integers(0, 20), st.integers(0, 20)))
def test_of_a_crowd_under_other_guardrails(seed: int, pair: tuple[int, int]) -> None:
    history = under_guardrails(seed)
    together = compared(history, pair)
    with alone():
        by_itself = compared(history, pair)
    if together is None or by_itself is None or by_itself.unclear:
        return  # who is like another is clear where the other is
    assert together == by_itself


def test_those_who_have_the_same_are_compared_once() -> None:
    rows = _denied_from_five()
    for number in range(30):
        rows += _user(number, "s3:GetObject" if number % 2 else "sqs:SendMessage")
    with patch.object(diff_module, "Comparison", wraps=Comparison) as compared_each:
        found = diff(IntervalHistory(rows, 1_000), instant(4), instant(6))
    names = {each.principal.rpartition(":")[2] for each in found.differences}
    assert names == {"root", *(f"user/u{number}" for number in range(1, 30, 2))}
    assert {each.change for each in found.differences} == {"lost"}
    assert found.decided == 31  # and the root
    assert compared_each.call_count == 3


def test_a_policy_that_was_never_seen_is_no_document() -> None:
    rows = _denied_from_five()
    for number in range(2):
        rows += _user(number, "s3:GetObject")
        rows.append(_row((ACCOUNTS[0], "user", f"ID{number}"), "inline", "unseen", {"document": None}, (0, 21)))
    with patch.object(unchanged, "compile_document", wraps=compile_document) as compiled:
        found = diff(IntervalHistory(rows, 1_000), instant(4), instant(6))
    assert {each.principal.rpartition(":")[2] for each in found.differences} == {"root", "user/u0", "user/u1"}
    assert all(isinstance(call.args[0], str) for call in compiled.call_args_list)


def test_whose_arn_means_another_is_compared_by_all_of_it() -> None:
    """Two sources may give two users one ARN: what is told of either is what the ARN means."""
    rows = [*_denied_from_five(), *_user(0, "s3:GetObject")]
    name, arn = "u0", f"arn:aws:iam::{ACCOUNTS[0]}:user/u0"
    other = (ACCOUNTS[0], "user", "ID00")
    rows.append(_row(other, "entity", "", {"name": name, "arn": arn}, (0, 21)))
    document = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sqs:SendMessage","Resource":"*"}]}'
    rows.append(_row((ACCOUNTS[0], "user", "ID0"), "inline", "more", {"document": document}, (0, 5)))
    found = diff(IntervalHistory(rows, 1_000), instant(4), instant(6))
    lost = {
        unique_id: {
            action.pattern for each in found.differences if each.unique_id == unique_id for action in each.actions
        }
        for unique_id in ("ID0", "ID00")
    }
    assert lost["ID0"] == lost["ID00"] == {"s3:GetObject", "sqs:SendMessage"}


def _user(number: int, action: str) -> list[Interval]:
    key = (ACCOUNTS[0], "user", f"ID{number}")
    arn = f"arn:aws:iam::{ACCOUNTS[0]}:user/u{number}"
    document = f'{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"{action}","Resource":"*"}}]}}'
    return [
        _row(key, "entity", "", {"name": f"u{number}", "arn": arn}, (0, 21)),
        _row(key, "inline", "own", {"document": document}, (0, 21)),
    ]


def _denied_from_five() -> list[Interval]:
    """An account to which reading is denied from an instant on."""
    rows = [_row((ACCOUNTS[0], "account", ACCOUNTS[0]), "mode", "", {"mode": "observed"}, (0, 21))]
    key = (ACCOUNTS[1], "organization", "o-1")
    rows.append(_row(key, "organization", "", {"id": "o-1", "management": "999988887777"}, (0, 21)))
    for node, parent in (("r-1", ""), (ACCOUNTS[0], "r-1")):
        rows.append(_row(key, "node", node, {"kind": "account", "parent": parent, "name": node}, (0, 21)))
        rows.append(_row(key, "target", f"p-all@{node}", {}, (0, 21)))
    rows.append(_row(key, "target", "p-no@r-1", {}, (5, 21)))
    denied = '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"s3:GetObject","Resource":"*"}]}'
    for policy, document in (("p-all", _ALL), ("p-no", denied)):
        value = {"type": "SERVICE_CONTROL_POLICY", "name": policy, "document": document}
        rows.append(_row(key, "guardrail", policy, value, (0, 21)))
    return rows
