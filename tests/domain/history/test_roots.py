"""An account that is governed here begins when it is registered, and so does its root: all questions agree on that."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from erstwhile.domain.events.account import AccountRegistered
from erstwhile.domain.events.principals import UserCreated
from erstwhile.domain.events.resources import ResourcePolicyPut
from erstwhile.domain.history.diff import diff
from erstwhile.domain.history.ever import Holder, ever, never
from erstwhile.domain.history.facts_at import directory_at
from erstwhile.domain.history.interval_history import IntervalHistory
from erstwhile.domain.history.timeline import timeline
from erstwhile.domain.policy.authorize import authorize
from erstwhile.domain.policy.inputs.principals import UnknownPrincipal
from erstwhile.domain.policy.inputs.request import Request
from erstwhile.domain.questions.what_can import what_can
from erstwhile.domain.questions.which_resources import which_resources
from erstwhile.domain.questions.who_can import who_can
from erstwhile.domain.vocabulary.identifiers import Ref
from erstwhile.domain.vocabulary.instants import BEFORE, FOREVER
from tests.support.documents import allow
from tests.support.records import ACCOUNT
from tests.support.stories import history_of, log_of_story, second

HERE = "123456789012"
ROOT = f"arn:aws:iam::{HERE}:root"
ELSEWHERE = f"arn:aws:iam::{ACCOUNT}:root"
ADA = f"arn:aws:iam::{HERE}:user/ada"
QUEUE = f"arn:aws:sqs:eu-west-1:{HERE}:queue"
REGISTERED = second(30)
TICK = timedelta(microseconds=1)
NAMES_ROOT = allow("s3:*", Principal={"AWS": ROOT})
ASKED = (("iam:CreateUser", "*"), ("sqs:SendMessage", QUEUE), ("s3:GetObject", "arn:aws:s3:::ledger/a"))
INSTANTS = (BEFORE + TICK, second(0), REGISTERED - TICK, REGISTERED, second(40), second(90))


@pytest.fixture(scope="module")
def history() -> IntervalHistory:
    return history_of(
        log_of_story(
            (5, ResourcePolicyPut(resource="arn:aws:s3:::ledger", document=NAMES_ROOT)),
            (30, AccountRegistered(mode="governed"), HERE),
            (35, UserCreated(subject=Ref("user", "ada", "AIDAADA"), arn=ADA), HERE),
        )
    )


def could(history: IntervalHistory, principal: str, action: str, resource: str, at: datetime) -> str:
    try:
        found = authorize(
            directory_at(history, at),
            Request(principal=principal, action=action, resource=resource, mode="discover"),
        )
    except UnknownPrincipal:
        return ""
    return found.effect


def listed(history: IntervalHistory, action: str, resource: str, at: datetime) -> dict[str, str]:
    found = who_can(directory_at(history, at), action, resource)
    return {each.principal: each.decision.effect for each in (*found.allowed, *found.conditional, *found.unknown)}


def root_in(holders: tuple[Holder, ...]) -> list[tuple[datetime, datetime]]:
    return [(each.begin, each.end) for holder in holders if holder.principal == ROOT for each in holder.periods]


@pytest.mark.parametrize(("action", "resource"), ASKED)
@pytest.mark.parametrize("at", INSTANTS)
def test_nobody_is_there_before_the_account(history: IntervalHistory, action: str, resource: str, at: datetime) -> None:
    found = {name: could(history, name, action, resource, at) for name in (ROOT, ADA, ELSEWHERE)}
    assert (found[ROOT] == "") == (at < REGISTERED)
    if at < second(35):
        assert found[ADA] == ""
    assert found[ELSEWHERE] != ""  # an observed account was there before we heard of it
    allowing = {name: effect for name, effect in found.items() if effect in ("allow", "conditional")}
    who = listed(history, action, resource, at)
    assert {name: effect for name, effect in who.items() if name in found} == allowing


def test_ever_and_never_begin_with_the_account(history: IntervalHistory) -> None:
    for action, resource in ASKED:
        found = ever(history, action, resource, BEFORE, FOREVER)
        assert root_in(found.allowed) == [(REGISTERED, FOREVER)]
        assert root_in((*found.conditional, *found.unknown)) == []
        earlier = ever(history, action, resource, BEFORE, REGISTERED, account=HERE)
        assert never(earlier).is_sure


def test_a_timeline_says_that_it_was_not_there(history: IntervalHistory) -> None:
    for action, resource in ASKED:
        nobody, root = timeline(history, ROOT, action, resource, BEFORE, FOREVER).spans
        assert (nobody.decision, nobody.end) == (None, REGISTERED)
        assert root.decision is not None
        assert root.decision.effect == "allow"
        [cause] = root.causes
        assert (cause.key, cause.position) == ((HERE, "account", HERE), 3)


def test_what_it_may_is_told_from_then_on(history: IntervalHistory) -> None:
    before, after = directory_at(history, REGISTERED - TICK), directory_at(history, REGISTERED)
    assert what_can(after, ROOT).is_root
    which_resources(after, ROOT, "sqs:SendMessage")
    for ask in (lambda: what_can(before, ROOT), lambda: which_resources(before, ROOT, "sqs:SendMessage")):
        with pytest.raises(UnknownPrincipal):
            ask()
    assert before.accounts() == [ACCOUNT]
    assert after.accounts() == [ACCOUNT, HERE]


def test_a_difference_tells_that_it_gained_all(history: IntervalHistory) -> None:
    found = diff(history, second(0), second(34), account=HERE)
    assert found.differences == ()
    [root] = found.whole
    assert (root.principal, root.change, root.events) == (ROOT, "gained", (3,))


def test_a_policy_that_named_it_is_told(history: IntervalHistory) -> None:
    found = who_can(directory_at(history, second(10)), "s3:GetObject", "arn:aws:s3:::ledger/a")
    assert f"a policy of arn:aws:s3:::ledger/a names {ROOT}, which nobody has seen in its account" in found.notes


def test_whose_owner_was_not_there_yet_is_told(history: IntervalHistory) -> None:
    before, after = (who_can(directory_at(history, at), "sqs:SendMessage", QUEUE) for at in (second(10), second(40)))
    assert before.notes == (f"{HERE}, whose resource it is, is governed here and was not there yet",)
    assert (before.allowed, after.notes) == ((), ())
