"""Which recorded calls would have failed, had changes been made at an instant."""

from __future__ import annotations

import random
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.facts import EntityKey
from erstwhile.domain.history.fact_history import FactHistory
from erstwhile.domain.history.facts_at import directory_at
from erstwhile.domain.history.wide_history import WideHistory
from erstwhile.domain.policy.authorize import authorize
from erstwhile.domain.policy.inputs.principals import UnknownPrincipal
from erstwhile.domain.policy.inputs.request import Request
from erstwhile.domain.vocabulary.instants import BEFORE
from erstwhile.domain.what_if import changes as c
from erstwhile.domain.what_if.calls import PassedCalls, RecordedCall
from erstwhile.domain.what_if.counterfactual import Counterfactual
from erstwhile.domain.what_if.deciding import PlainDecisions
from erstwhile.domain.what_if.lookups import ImpossibleChange
from erstwhile.domain.what_if.sightings import FEW, Sightings
from erstwhile.domain.what_if.supposed import SupposedHistory
from tests.support.documents import FULL, allow
from tests.support.random_stories import BUCKET, random_story
from tests.support.records import ACCOUNT
from tests.support.stories import Told, arn, detached, history_of, inline, log_of_story, role, second
from tests.support.supposed import STORY, random_changes

PAYROLL = "arn:aws:s3:::payroll/march"
DENY = allow("s3:GetObject", Effect="Deny")


def call(at: float, name: str, action: str, *resources: str, **context: str) -> RecordedCall:
    return RecordedCall(
        key=f"{at}", at=second(at), principal=name if ":" in name else arn(f"user/{name}"), action=action,
        resources=resources or ("*",), account=ACCOUNT,
        context={f"aws:{key}": (value,) for key, value in context.items()},
    )  # fmt: skip


def affected(
    at: float, *calls: RecordedCall, story: tuple[Told, ...] = STORY, change: c.AnyChange
) -> list[tuple[str, str]]:
    asked = Counterfactual(history_of(log_of_story(*story)), second(at), [change])
    return [(each.call.key, each.how) for each in asked.affected(calls)]


def test_a_guardrail_would_have_stopped_calls_from_its_instant_on() -> None:
    calls = (
        call(5, "bob", "s3:GetObject", PAYROLL), call(15, "bob", "s3:GetObject", PAYROLL),
        call(16, "bob", "iam:ListUsers"), call(17, "eve", "s3:GetObject", PAYROLL),
    )  # fmt: skip
    # Eve was never allowed as far as is known: the change is not what stops her.
    guardrail = c.AttachGuardrail(target=ACCOUNT, document=DENY)
    assert affected(10, *calls, change=guardrail) == [("15", "would_fail")]


def test_what_happened_since_happened_all_the_same() -> None:
    detach = c.DetachPolicy(principal="role/admin", policy="writer")
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/admin/s"
    calls = (call(15, session, "s3:PutObject", PAYROLL), call(35, session, "s3:PutObject", PAYROLL))
    story: tuple[Told, ...] = (*STORY, (30, inline(role("admin"), FULL)))
    assert affected(10, *calls, story=story, change=detach) == [("15", "would_fail")]
    story = (*STORY, (12, detached(role("admin"), arn("policy/writer"))))
    assert affected(10, *calls, story=story, change=detach) == []


def test_a_condition_that_no_record_settles() -> None:
    calls = (call(15, "bob", "s3:GetObject", PAYROLL),)
    mfa = allow("*", Effect="Deny", Condition={"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}})
    assert affected(10, *calls, change=c.AttachGuardrail(target=ACCOUNT, document=mfa)) == [("15", "may_fail")]


def test_one_resource_of_several_is_enough() -> None:
    calls = (call(15, "bob", "s3:GetObject", "arn:aws:s3:::payroll/a", "arn:aws:s3:::payroll/b"),)
    one = allow("s3:GetObject", "arn:aws:s3:::payroll/b", Effect="Deny")
    asked = Counterfactual(
        history_of(log_of_story(*STORY)), second(10), [c.AttachGuardrail(target=ACCOUNT, document=one)]
    )
    [found] = asked.affected(calls)
    assert (found.resource, found.before.effect, found.after.effect) == (
        "arn:aws:s3:::payroll/b", "allow", "explicit_deny",
    )  # fmt: skip
    assert (asked.looked_at, asked.undecided) == (1, 0)


def test_callers_that_cannot_be_asked_about_are_counted() -> None:
    asked = Counterfactual(
        history_of(log_of_story(*STORY)), second(10), [c.AttachGuardrail(target=ACCOUNT, document=DENY)]
    )
    calls = [call(15, ":nobody", "s3:GetObject", PAYROLL), call(15, "ghost", "s3:GetObject", PAYROLL)]
    assert list(asked.affected(calls)) == []
    assert (asked.looked_at, asked.undecided) == (2, 2)


def plain(directory: Directory, asked: RecordedCall) -> str:
    try:
        return authorize(
            directory,
            Request(
                principal=asked.principal, action=asked.action, resource=asked.resources[0],
                resource_account=ACCOUNT, mode="discover",
            ),
        ).effect  # fmt: skip
    except UnknownPrincipal:
        return ""


@settings(max_examples=60)
@given(st.integers(0, 2**48))
def test_it_equals_deciding_each_call_over_both_directories(seed: int) -> None:
    chance = random.Random(seed)
    history = history_of(log_of_story(*random_story(random.Random(seed))))
    at = chance.randint(5, 50)
    changes = random_changes(chance, directory_at(history, second(at)))
    try:
        supposed = SupposedHistory(history, second(at), changes, goes_on=True)
    except ImpossibleChange:
        return
    calls = [
        call(
            moment + 0.5, chance.choice(("eve", "bob", arn("role/admin"))),
            chance.choice(("s3:GetObject", "s3:PutObject", "sqs:SendMessage")), f"{BUCKET}/key",
        )
        for moment in sorted(chance.sample(range(at, 62), 10))
    ]  # fmt: skip
    expected = []
    for each in calls:
        before, after = (plain(directory_at(one, each.at), each) for one in (history, supposed))
        if after.endswith("deny") and before in ("allow", "conditional"):
            expected.append((each.key, "would_fail"))
        elif after == "conditional" and before == "allow":
            expected.append((each.key, "may_fail"))
    asked = Counterfactual(history, second(at), changes, second(62))
    found = [(each.call.key, each.how) for each in asked.affected(calls)]
    assert [each for each in found if each[1] == "would_fail"] == [each for each in expected if each[1] == "would_fail"]
    assert set(expected) <= set(found)


class DecidesAll(Counterfactual):
    """Decides every call for itself, whether or not the changes may concern it."""

    def __init__(
        self, history: WideHistory, instant: datetime, changes: Sequence[c.AnyChange], until: datetime
    ) -> None:
        super().__init__(history, instant, changes, until)
        self._real, self._changed = PlainDecisions(history), PlainDecisions(self._supposed)

    def _concerned(self, call: RecordedCall) -> list[str]:
        return list(call.resources)


def _guardrail(chance: random.Random) -> c.AnyChange:
    conditions: tuple[dict[str, Any], ...] = (
        {}, {"Condition": {"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}}},
        {"Condition": {"StringEquals": {"aws:PrincipalTag/team": "red"}}},
        {"Condition": {"NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}}},
    )  # fmt: skip
    action, resource = chance.choice(("s3:Get*", "sqs:*")), chance.choice(("*", f"{BUCKET}/k*"))
    document = allow(action, resource, Effect="Deny", **chance.choice(conditions))
    return c.AttachGuardrail(target=ACCOUNT, document=document)


@settings(max_examples=60)
@given(st.integers(0, 2**48))
def test_what_the_changes_cannot_concern_stays_as_it_is(seed: int) -> None:
    chance = random.Random(seed)
    told = chance.choice((STORY, random_story(random.Random(seed))))
    history = history_of(log_of_story(*told))
    at = chance.randint(5, 50)
    changes = random_changes(chance, directory_at(history, second(at)))[:2]
    changes = [*changes, _guardrail(chance)] if chance.random() < 0.7 else changes
    try:
        each, all_of_them = (kind(history, second(at), changes, second(62)) for kind in (Counterfactual, DecidesAll))
    except ImpossibleChange:
        return
    calls = [
        call(
            moment + 0.5, chance.choice(("eve", "bob", "ghost", arn("role/admin"))),
            chance.choice(("s3:GetObject", "s3:PutObject", "sqs:SendMessage")),
            *chance.sample((f"{BUCKET}/key", f"{BUCKET}/other", PAYROLL), 2),
            requestedregion=chance.choice(("eu-west-1", "us-east-1")),
            sourceip=chance.choice(("10.1.1.1", "192.0.2.1")),
        )
        for moment in sorted(chance.sample(range(at, 62), 10))
    ]  # fmt: skip
    some: list[RecordedCall | PassedCalls] = []
    for one in calls:
        address = {"aws:sourceip": one.context["aws:sourceip"]}
        is_read = each.may_concern(one.principal, one.action, address)
        some.append(one if is_read else PassedCalls(one.principal, [one.at]))
    assert list(each.affected(some)) == list(all_of_them.affected(calls))
    assert (each.looked_at, each.undecided) == (all_of_them.looked_at, all_of_them.undecided)


def test_calls_that_a_changed_policy_does_not_speak_of_are_passed_over() -> None:
    history = history_of(log_of_story(*STORY))
    guardrail = c.AttachGuardrail(target=ACCOUNT, document=DENY)
    asked = Counterfactual(history, second(10), [guardrail])
    assert asked.may_concern(arn("user/bob"), "s3:GetObject", {})
    assert not asked.may_concern(arn("user/bob"), "s3:PutObject", {})
    detach = c.DetachPolicy(principal="role/admin", policy="writer")
    asked = Counterfactual(history, second(10), [detach])
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/Admin/s"
    assert [asked.may_concern(each, "s3:PutObject", {}) for each in (arn("role/admin"), session, arn("user/bob"))] == [
        True, True, False,
    ]  # fmt: skip
    assert not asked.may_concern(session, "s3:GetObject", {})


@settings(max_examples=40)
@given(st.integers(0, 2**48))
def test_who_is_known_follows_from_the_lives_of_all(seed: int) -> None:
    chance = random.Random(seed)
    history = history_of(log_of_story(*random_story(random.Random(seed))))
    since, changed = chance.choice((BEFORE, second(20))), frozenset[EntityKey]()
    over: FactHistory = history
    with suppress(ImpossibleChange):
        changes = random_changes(chance, directory_at(history, second(20)))
        over = supposed = SupposedHistory(history, second(20), changes, goes_on=True)
        changed = frozenset(supposed.changed_keys)
    one_by_one, by_lives = (Sightings(over, history, changed, since, few) for few in (FEW, 0))
    names = ("user/eve", "user/bob", "role/admin", "user/Eve", "role/ghost", "root")
    roles = ("admin/s", "Admin/s", "ghost/s", "admin", "admin/s/t")
    sessions = (f"arn:aws:sts::{ACCOUNT}:assumed-role/{each}" for each in roles)
    for principal in (*map(arn, names), *sessions, "arn:aws:iam::123456789012:user/eve", "nobody"):
        for moment in range(-12, 62, 6):
            at = second(moment)
            if at < since:
                continue
            assert by_lives.is_known(principal, at) == one_by_one.is_known(principal, at), (principal, moment)
