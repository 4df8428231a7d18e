"""Which roles' trusts may name a principal, from when until when."""

from __future__ import annotations

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
