"""Which roles' trusts may name a principal, from when until when."""

from __future__ import annotations

import json

from erstwhile.domain.history.trusting import Trusting
from erstwhile.domain.policy.inputs.caller import parse_caller
from tests.support.documents import trusting
from tests.support.stories import arn, created, deleted, history_of, log_of_story, role, second, trusts, user

DEPLOY, BACKUP, EVE = role("deploy"), role("backup"), user("eve")


def test_a_trust_counts_from_its_beginning_until_another_takes_its_place() -> None:
    found = Trusting(history_of(log_of_story(
        (0, created(EVE)), (0, created(DEPLOY, trusting(arn("user/ada")))),
        (0, created(BACKUP, trusting(arn("user/ada")))), (10, trusts(DEPLOY, trusting(arn("user/eve")))),
        (20, trusts(DEPLOY, trusting(arn("user/ada")))), (20, trusts(BACKUP, trusting(arn("root")))),
        (30, deleted(BACKUP)),
    )))  # fmt: skip
    eve, ada = (parse_caller(arn(f"user/{name}")) for name in ("eve", "ada"))
    names = [[key[2] for key in found.roles(eve, second(at))] for at in (9.9, 10, 19.9, 20, 29.9, 30)]
    assert names == [[], [DEPLOY.id], [DEPLOY.id], [BACKUP.id], [BACKUP.id], []]
    assert {key[2] for key in found.roles(ada, second(25))} == {DEPLOY.id, BACKUP.id}
    assert found.begins(eve, second(0), second(60)) == [second(10), second(20)]
    assert found.begins(eve, second(10), second(20)) == []
    assert found.begins(ada, second(0), second(20.1)) == [second(20)]


def test_a_history_without_trusts_names_nobody() -> None:
    found = Trusting(history_of(log_of_story((0, created(EVE)))))
    eve = parse_caller(arn("user/eve"))
    assert list(found.roles(eve, second(1))) == [] and found.begins(eve, second(0), second(9)) == []


def test_two_of_one_name_are_told_apart() -> None:
    later = user("eve", 2)
    found = Trusting(history_of(log_of_story(
        (0, created(EVE)), (1, created(DEPLOY, trusting(arn("user/ada")))),
        (2, trusts(DEPLOY, trusting(arn("user/eve")), {arn("user/eve"): EVE.id})), (10, deleted(EVE)),
        (20, created(later)), (30, trusts(DEPLOY, trusting(arn("user/eve")), {arn("user/eve"): later.id})),
    )))  # fmt: skip
    callers = [parse_caller(arn("user/eve")) for _ in range(2)]
    for caller, who in zip(callers, (EVE, later), strict=True):
        caller.unique_id = who.id
    names = [[[key[2] for key in found.roles(each, second(at))] for at in (5, 35)] for each in callers]
    assert names == [[[DEPLOY.id], []], [[], [DEPLOY.id]]]


def test_whoever_is_not_named_by_an_exception_may_be_meant() -> None:
    """Since when its names are whose is left open: no role is left out."""
    statement = {"Effect": "Allow", "NotPrincipal": {"AWS": arn("user/eve")}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    found = Trusting(history_of(log_of_story((0, created(DEPLOY, document)), (5, created(EVE)))))
    assert [key[2] for key in found.roles(parse_caller(arn("user/eve")), second(6))] == [DEPLOY.id]
