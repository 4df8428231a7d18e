"""Watches: who gains and loses what, from when to when, and by which events."""

from __future__ import annotations

from typing import Any

import pytest

from erstwhile.domain.events.resources import ResourcePolicyPut
from erstwhile.domain.history.watching import keeping
from erstwhile.domain.history.watching.answers import whole_answer
from erstwhile.domain.history.watching.differences import Gain, Notice, notices
from erstwhile.domain.history.watching.keeping import Keeping, place_of
from erstwhile.domain.history.watching.watch import Asked
from erstwhile.domain.vocabulary.instants import FOREVER
from tests.support.documents import allow, trusting
from tests.support.memory_log import MemoryLog
from tests.support.random_stories import BUCKET
from tests.support.records import ACCOUNT
from tests.support.stories import (
    Told,
    arn,
    attached,
    created,
    deleted,
    detached,
    group,
    history_of,
    inline,
    inline_deleted,
    joined,
    left,
    log_of_story,
    policy,
    second,
    tagged,
    tell,
    user,
    version,
)
from tests.support.watching import KeptAnswers, changed, watch

ADA, BOB, TEAM = user("ada"), user("bob"), group("team")
READ = allow("s3:GetObject")


class Kept:
    """A watch over a story that goes on."""

    def __init__(self, *told: Told, **limits: Any) -> None:
        self.log: MemoryLog = log_of_story(*told)
        limited = watch("bucket", BUCKET, "s3:GetObject", resource_account=ACCOUNT, **limits)
        self._asked = [Asked(limited, "s3:GetObject")]
        self._before = history_of(self.log)
        self._keeping = Keeping(self._asked)
        self.answers = KeptAnswers(self._asked, self._before)

    def goes_on(self, *told: Told) -> list[Notice]:
        """The notices of events that come together."""
        for event in told:
            tell(self.log, event)
        after = history_of(self.log)
        steps = self._keeping.step(self._before, after, changed(self._before, after), self.answers)
        for step in steps:
            self.answers.write(step.difference)
        for each in self._asked:
            assert self.answers.answers[place_of(each)] == whole_answer(after, each)
        self._before = after
        return notices((step.difference.asked, gain) for step in steps for gain in step.gains)


def words(gain: Gain) -> str:
    begin = int((gain.begin - second(0)).total_seconds())
    end = "" if gain.end == FOREVER else int((gain.end - second(0)).total_seconds())
    return f"{gain.principal.rpartition('/')[2]} {gain.change} {begin}–{end} {gain.before} → {gain.after}"


def told(found: list[Notice]) -> list[tuple[int, list[str]]]:
    return [(each.position, [words(gain) for gain in each.gains]) for each in found]


def test_a_grant_and_its_end_give_a_notice_each() -> None:
    kept = Kept((0, created(ADA)))
    at = len(kept.log.events)
    assert told(kept.goes_on((10, inline(ADA, READ)))) == [(at + 1, ["ada gained 10– None → allowed"])]
    assert told(kept.goes_on((20, tagged(ADA, team="red")))) == []
    assert told(kept.goes_on((30, inline_deleted(ADA)))) == [(at + 2 + 1, ["ada lost 30– allowed → None"])]


def test_a_ninety_second_grant_that_comes_as_a_whole_names_both_events() -> None:
    kept = Kept((0, created(ADA)))
    at = len(kept.log.events)
    [found] = kept.goes_on((10, inline(ADA, READ)), (50, tagged(ADA, team="red")), (100, inline_deleted(ADA)))
    assert told([found]) == [(at + 3, ["ada gained 10–100 None → allowed"])]
    assert found.gains[0].events == (at + 1, at + 3)


def test_a_group_and_a_policy_concern_those_who_have_them() -> None:
    kept = Kept((0, created(ADA)), (0, created(BOB)), (0, created(TEAM)), (0, policy("P", allow("sqs:*"))),
                (1, joined(ADA, TEAM)))  # fmt: skip
    at = len(kept.log.events)
    assert told(kept.goes_on((10, attached(TEAM, arn("policy/P"))))) == []
    assert told(kept.goes_on((20, version("P", "v2", READ)))) == [(at + 2, ["ada gained 20– None → allowed"])]
    assert told(kept.goes_on((30, joined(BOB, TEAM)))) == [(at + 3, ["bob gained 30– None → allowed"])]
    assert told(kept.goes_on((40, left(ADA, TEAM)))) == [(at + 4, ["ada lost 40– allowed → None"])]
    assert told(kept.goes_on((50, detached(TEAM, arn("policy/P"))))) == [(at + 5, ["bob lost 50– allowed → None"])]


def test_a_late_event_changes_the_past_and_says_so() -> None:
    kept = Kept((0, created(ADA)), (10, inline(ADA, READ)))
    at = len(kept.log.events)
    [found] = kept.goes_on((5, inline(ADA, READ, "earlier")))
    assert told([found]) == [(at + 1, ["ada gained 5–10 None → allowed"])]
    [found] = kept.goes_on((8, inline_deleted(ADA, "earlier")))
    assert told([found]) == [(at + 2, ["ada lost 8–10 allowed → None"])]


def test_a_policy_of_the_resource_concerns_everybody() -> None:
    kept = Kept((0, created(ADA)))
    at = len(kept.log.events)
    stranger = "arn:aws:iam::999900001111:role/x"
    found = kept.goes_on((10, ResourcePolicyPut(resource=BUCKET, document=trusting(stranger, "s3:GetObject"))))
    assert [each.position for each in found] == [at + 1]
    assert [(gain.principal, gain.is_outsider) for gain in found[0].gains] == [(stranger, True)]


def test_who_is_excepted_and_other_accounts_are_not_watched() -> None:
    kept = Kept((0, created(ADA)), (0, created(BOB)), excepting=(ADA.id,))
    found = kept.goes_on((10, inline(ADA, READ)), (11, inline(BOB, READ)))
    assert [[gain.unique_id for gain in each.gains] for each in found] == [[BOB.id]]
    kept = Kept((0, created(ADA)), account="999900001111")
    assert kept.goes_on((10, inline(ADA, READ))) == []


def test_a_principal_that_ends_loses_it() -> None:
    kept = Kept((0, created(ADA)), (10, inline(ADA, READ)))
    at = len(kept.log.events)
    assert told(kept.goes_on((20, deleted(ADA)))) == [(at + 1, ["ada lost 20– allowed → None"])]


@pytest.mark.parametrize(
    "document", [allow("sqs:*"), allow("s3:GetObject", "arn:aws:s3:::other/*"), allow("s3:PutObject")]
)
def test_what_says_nothing_of_it_is_not_decided_about(document: str, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Kept((0, created(ADA)), (0, created(TEAM)), (0, policy("P", document)), (1, joined(ADA, TEAM)))

    def decide(*_: Any) -> Any:
        raise AssertionError("it is decided about")

    monkeypatch.setattr(keeping, "answer_of_one", decide)
    monkeypatch.setattr(keeping, "whole_answer", decide)
    for event in (inline(ADA, document), attached(TEAM, arn("policy/P")), attached(ADA, arn("policy/P")),
                  version("P", "v2", document), tagged(ADA, a="b")):  # fmt: skip
        kept.goes_on((20, event))
