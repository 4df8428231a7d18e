"""Whom principals could have become at any time of a window."""

from __future__ import annotations

import pytest

from erstwhile.domain.incident.could import reached
from erstwhile.domain.incident.through_reach import through_reach
from tests.support.documents import allow, trusting
from tests.support.records import ACCOUNT
from tests.support.stories import Told, arn, created, history_of, inline, log_of_story, role, second, trusts, user

EVE, DEPLOY, BACKUP = user("eve"), role("deploy"), role("backup")
STORY: tuple[Told, ...] = (
    (0, created(EVE)), (0, created(DEPLOY, trusting(arn("root")))), (0, created(BACKUP, trusting(arn("user/ada")))),
    *((each, inline(EVE, allow(["s3:GetObject", "s3:PutObject"][: 1 + each // 10 % 2]))) for each in (10, 20, 30)),
    (35, inline(EVE, allow("sts:AssumeRole"))), (40, trusts(BACKUP, trusting(arn("user/eve")))),
)  # fmt: skip


def test_every_interval_counts_and_so_does_a_trust_that_changed_meanwhile() -> None:
    history = history_of(log_of_story(*STORY))
    periods = list(reached(history, (ACCOUNT, "user", EVE.id), second(5), second(60)))
    assert len(periods) > 3
    found = through_reach(history, periods)
    assert [(each.target, each.since) for each in found.lines] == [
        (arn("role/deploy"), second(35)), (arn("role/backup"), second(40)),
    ]  # fmt: skip
    assert found.notes == ("paths of more than 3 steps are not looked for: erstwhile reach --steps looks further",)


@pytest.mark.parametrize("at", [3, 40])
def test_a_trust_that_is_bound_to_a_unique_id_counts(at: float) -> None:
    bound = trusts(BACKUP, trusting(arn("user/eve")), {arn("user/eve"): EVE.id})
    history = history_of(log_of_story(
        (0, created(BACKUP, trusting(arn("user/ada")))), (2, created(EVE)), (at, bound),
        (5, inline(EVE, allow("sts:AssumeRole"))),
    ))  # fmt: skip
    found = through_reach(history, list(reached(history, (ACCOUNT, "user", EVE.id), second(10), second(60))))
    assert [(each.target, each.since) for each in found.lines] == [(arn("role/backup"), second(max(at, 10)))]
