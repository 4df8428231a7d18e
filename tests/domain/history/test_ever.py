"""Who ever could, and never, in stories whose answers are written out."""

from __future__ import annotations

from datetime import timedelta

import pytest

from erstwhile.domain.events.resources import ResourcePolicyPut
from erstwhile.domain.history.ever import Ever, ever, never
from erstwhile.domain.policy.language.patterns.pattern_parts import TooMuch
from tests.support.documents import allow, trusting
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
    joined,
    left,
    log_of_story,
    policy,
    renamed,
    role,
    second,
    user,
)

EVE, BOB, TEAM = user("eve"), user("bob"), group("team")
QUEUE = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:jobs"
SEND = allow("sqs:SendMessage")
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}


def asked(*events: Told, begin: float = 10, end: float = 3600, resource: str = QUEUE, most: int = 1_000) -> Ever:
    history = history_of(log_of_story((0, created(EVE)), (0, created(BOB)), *events))
    action = "sts:AssumeRole" if ":role/" in resource else "sqs:SendMessage"
    return ever(history, action, resource, second(begin), second(end), most_states=most)


def periods(found: Ever) -> dict[str, list[tuple[float, float, str]]]:
    """By name, in seconds after noon; roots apart."""
    return {
        each.principal.rpartition("/")[2]: [
            ((one.begin - second(0)).total_seconds(), (one.end - second(0)).total_seconds(), one.how)
            for one in each.periods
        ]
        for each in (*found.allowed, *found.conditional, *found.unknown)
        if each.kind != "root"
    }


def test_a_session_is_found_that_a_policy_names_before_its_role_is_there() -> None:
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/App/s1"
    names = allow("sqs:SendMessage", Principal={"AWS": session})
    found = asked((20, ResourcePolicyPut(resource=QUEUE, document=names)), (60, created(role("App"))))
    assert periods(found)["s1"] == [(60, 3600, "allowed")]


def test_a_grant_of_ninety_seconds_is_found() -> None:
    found = asked(
        (100, policy("P", SEND)), (600, attached(EVE, arn("policy/P"))), (690, detached(EVE, arn("policy/P")))
    )
    assert periods(found) == {"eve": [(600, 690, "allowed")]}
    [eve] = [each for each in found.allowed if each.kind == "user"]
    assert (eve.unique_id, eve.total()) == (EVE.id, timedelta(seconds=90))


def test_memberships_make_several_periods_of_one_principal() -> None:
    found = asked(
        (1, created(TEAM)), (2, inline(TEAM, SEND)), (20, joined(EVE, TEAM)), (50, left(EVE, TEAM)),
        (80, joined(EVE, TEAM)), (90, deleted(EVE)),
    )  # fmt: skip
    assert periods(found) == {"eve": [(20, 50, "allowed"), (80, 90, "allowed")]}


def test_what_depends_on_the_request_is_conditional() -> None:
    found = asked((20, inline(EVE, allow("sqs:SendMessage", Condition=MFA))), (60, inline(EVE, SEND)))
    assert periods(found) == {"eve": [(20, 60, "conditional"), (60, 3600, "allowed")]}
    assert [each.kind for each in found.allowed] == ["root", "user"]


def test_who_is_recreated_under_a_name_is_another() -> None:
    again = user("eve", 2)
    found = asked((5, inline(EVE, SEND)), (20, deleted(EVE)), (30, created(again)), (40, inline(again, SEND)))
    assert {each.unique_id for each in found.allowed if each.kind == "user"} == {EVE.id, again.id}


def test_a_rename_keeps_one_principal() -> None:
    assert periods(asked((5, inline(EVE, SEND)), (50, renamed(EVE, "carl")))) == {"carl": [(10, 3600, "allowed")]}


def test_never_holds_in_all_states_but_for_those_that_are_excepted() -> None:
    found = asked((20, inline(EVE, allow("s3:*"))))
    root = arn("root")
    proof = never(found, excepting=[root])
    assert (proof.holds, proof.is_sure) == (True, True)
    assert proof.ever.states >= proof.ever.principals >= 1
    assert not never(found).holds
    assert not never(asked((20, inline(EVE, allow("sqs:SendMessage", Condition=MFA)))), excepting=[root]).is_sure


def test_gaps_of_what_is_known_make_never_unsure() -> None:
    history = history_of(log_of_story((0, created(EVE))))
    gap = (second(20), second(30))
    found = ever(history, "sqs:SendMessage", QUEUE, second(10), second(40), gaps=[gap, (second(50), second(60))])
    assert found.gaps == (gap,)
    proof = never(found, excepting=[arn("root")])
    assert (proof.holds, proof.is_sure) == (True, False)


def test_an_outsider_whom_a_bucket_lets_in() -> None:
    other = "arn:aws:iam::999999999999:user/mallory"
    put = ResourcePolicyPut(resource=QUEUE, document=trusting(other, "sqs:SendMessage"))
    found = asked((20, put))
    assert [each.principal for each in (*found.allowed, *found.conditional) if each.is_outsider] == [other]


def test_too_many_states_are_refused_with_their_number() -> None:
    with pytest.raises(TooMuch, match="1 states"):
        asked((20, inline(EVE, SEND)), (30, inline(BOB, SEND)), most=1)


def test_a_window_that_is_turned_around_is_refused() -> None:
    with pytest.raises(ValueError, match="ends before"):
        asked(begin=20, end=10)
