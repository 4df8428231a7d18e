"""What one event did: its facts, and whose access it changed."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from erstwhile.domain.events.organizations import (
    GuardrailAttached,
    OrganizationListed,
    OrganizationNode,
    OrganizationPolicy,
)
from erstwhile.domain.events.resources import ResourcePolicyPut
from erstwhile.domain.history.diff import diff
from erstwhile.domain.history.effect import Effect, effect_of
from erstwhile.domain.history.replayed import events_between
from erstwhile.domain.history.windows import TICK
from tests.support.documents import allow, text, trust, trusting
from tests.support.memory_log import MemoryLog
from tests.support.random_stories import random_story
from tests.support.records import ACCOUNT
from tests.support.stories import (
    BEFORE_THE_STORY,
    Told,
    arn,
    attached,
    bounded,
    created,
    deleted,
    detached,
    group,
    history_of,
    inline,
    joined,
    key_made,
    log_of_story,
    policy,
    role,
    second,
    tell,
    trusts,
    user,
    version,
)

EVE, BOB, TEAM = user("eve"), user("bob"), group("team")
READ, WRITE = allow("s3:GetObject"), allow("s3:PutObject")
P = arn("policy/P")
ORGANIZATION = "999988887777"
NOBODY_ELSE: tuple[Told, ...] = ((0, created(EVE)), (0, created(BOB)), (0, created(TEAM)), (0, policy("P", READ)))


def effect(*events: Told) -> Effect:
    """Of the last of the events."""
    history = history_of(log_of_story(*NOBODY_ELSE, *events))
    return effect_of(history, len(NOBODY_ELSE) + len(events) + BEFORE_THE_STORY)


def lines(found: Effect) -> list[str]:
    assert found.difference is not None
    told = [
        f"{each.principal.rpartition('/')[2]} {each.change} "
        f"{'+'.join(one.pattern for one in each.actions)} on {'+'.join(one.pattern for one in each.resources)}"
        for each in found.difference.differences
    ]
    return told + [f"{each.principal.rpartition('/')[2]} {each.change} all" for each in found.difference.whole]


def test_the_facts_that_it_began_and_ended() -> None:
    found = effect((5, inline(EVE, READ)), (9, inline(EVE, WRITE)))
    (change,) = found.changes
    assert (change.layer, change.before, change.after) == ("own policy", {"document": READ}, {"document": WRITE})
    assert change.position == found.position


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([(5, attached(EVE, P))], ["eve gained s3:GetObject on *"]),
        ([(5, attached(EVE, P)), (6, detached(EVE, P))], ["eve lost s3:GetObject on *"]),
        ([(5, inline(EVE, READ)), (6, attached(EVE, P))], []),
        (
            [(5, joined(EVE, TEAM)), (5, joined(BOB, TEAM)), (9, attached(TEAM, P))],
            ["bob gained s3:GetObject on *", "eve gained s3:GetObject on *"],
        ),
        (
            [(5, joined(EVE, TEAM)), (6, attached(TEAM, P)), (7, attached(BOB, P)), (9, version("P", "v2", WRITE))],
            [
                "bob gained s3:PutObject on *", "bob lost s3:GetObject on *",
                "eve gained s3:PutObject on *", "eve lost s3:GetObject on *",
            ],
        ),
        # Users need no permission for it, and a boundary limits them all the same.
        ([(5, attached(EVE, P)), (9, bounded(EVE, P))], ["eve lost sts:GetSessionToken on *"]),
        ([(5, inline(EVE, allow("s3:*"))), (6, key_made(EVE, "AKIAEVE"))], []),
        ([(5, deleted(EVE))], ["eve lost all"]),
    ],
)  # fmt: skip
def test_whose_access_it_changed(events: list[Told], expected: list[str]) -> None:
    assert lines(effect(*events)) == expected


def test_others_of_its_second_came_before_it() -> None:
    """Of two grants of one second, each alone added nothing to what the other gave."""
    story: list[Told] = [(5, attached(EVE, P)), (5, inline(BOB, WRITE))]
    assert lines(effect(*story)) == ["bob gained s3:PutObject on *"]
    assert lines(effect(*reversed(story))) == ["eve gained s3:GetObject on *"]
    assert lines(effect((5, attached(EVE, P)), (5, inline(EVE, READ)))) == []


def test_a_policy_of_a_bucket_changes_whom_it_names() -> None:
    bucket = "arn:aws:s3:::bucket"
    put = ResourcePolicyPut(resource=bucket, document=trusting(arn("user/eve"), "s3:ListBucket"))
    found = effect((5, put))
    assert found.difference is not None
    assert {each.principal for each in found.difference.differences} == {arn("user/eve")}
    assert {change.layer for change in found.changes} == {"resource", "resource policy"}


def test_a_trust_changes_the_access_of_outsiders() -> None:
    admin, other, third = role("admin"), "444455556666", "777788889999"
    trusting_both = trust(
        {"AWS": [arn("root", other), arn("user/x", third)], "Service": "ec2.amazonaws.com"}, "sts:AssumeRole"
    )
    found = effect(
        (1, created(admin, trust=trusting(arn("root", third)))), (5, trusts(admin, trusting_both)),
    )  # fmt: skip
    assert found.difference is not None
    told = {(each.principal, each.change, each.after.effect) for each in found.difference.differences}
    assert told == {
        (arn("role/*", other), "gained", "conditional"),
        ("ec2.amazonaws.com", "gained", "allow"),
        (arn("role/*", third), "lost", "deny"),
    }
    history = history_of(log_of_story(*NOBODY_ELSE, (1, created(admin, trust=trusting(arn("root", third))))))
    only = effect_of(history, len(NOBODY_ELSE) + 1 + BEFORE_THE_STORY, account=third).difference
    assert only is not None and {each.principal for each in only.differences} == {arn("role/*", third)}


def test_the_root_of_an_unknown_account_is_told_of_once() -> None:
    other = "444455556666"
    document = allow("s3:GetObject", "arn:aws:s3:::payroll/*", Principal={"AWS": arn("root", other)})
    found = effect((1, ResourcePolicyPut(resource="arn:aws:s3:::payroll", document=document)))
    assert found.difference is not None
    assert [each.principal for each in found.difference.differences] == [arn("root", other), arn("role/*", other)]


def test_a_resource_control_policy_changes_the_access_of_outsiders() -> None:
    """What it is for most of all: that nobody outside of the organisation gets in."""
    bucket, other, kind = "arn:aws:s3:::payroll", "444455556666", "RESOURCE_CONTROL_POLICY"
    condition = {"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}}
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": ["s3:*", "sts:*"],
        "Resource": "*",
        "Condition": condition,
    }
    nodes = [OrganizationNode("r-1", "root"), OrganizationNode(ACCOUNT, "account", "r-1")]
    full = [
        OrganizationPolicy(f"p-{name}", of, name, None, ["r-1", ACCOUNT])
        for name, of in (("FullAWSAccess", "SERVICE_CONTROL_POLICY"), ("RCPFullAWSAccess", kind))
    ]
    denying = OrganizationPolicy("p-deny", kind, "No", text({"Version": "2012-10-17", "Statement": statement}), [])
    opened = ResourcePolicyPut(resource=bucket, document=allow("s3:GetObject", f"{bucket}/*", Principal="*"))
    found = effect(
        (0, OrganizationListed(
            organization="o-1", management_account="999988887777", nodes=nodes, policies=[*full, denying]
        )),
        (1, opened), (2, created(role("admin"), trust=trusting(arn("root", other)))),
        (20, GuardrailAttached(policy="p-deny", target=ACCOUNT)),
    )  # fmt: skip
    assert found.difference is not None
    told = [(each.principal, each.change, each.before.effect) for each in found.difference.differences]
    assert ("*", "changed", "allow") in told and (arn("role/*", other), "changed", "conditional") in told


def test_a_guardrail_changes_the_access_of_all_below_it() -> None:
    nodes = [OrganizationNode("r-1", "root"), OrganizationNode(ACCOUNT, "account", "r-1")]
    deny = text({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}]})
    kind = "SERVICE_CONTROL_POLICY"
    policies = [OrganizationPolicy("p-FullAWSAccess", kind, "Full", None, ["r-1", ACCOUNT]),
                OrganizationPolicy("p-deny", kind, "No", deny, [])]  # fmt: skip
    listed = OrganizationListed(
        organization="o-1", management_account=ORGANIZATION, nodes=nodes, policies=policies
    )  # fmt: skip
    found = effect(
        (1, listed, ORGANIZATION), (2, inline(EVE, READ)), (3, attached(BOB, P)),
        (9, GuardrailAttached(policy="p-deny", target="r-1"), ORGANIZATION),
    )  # fmt: skip
    assert found.difference is not None
    lost = {each.principal for each in found.difference.differences if each.change == "lost"}
    assert {arn("user/eve"), arn("user/bob")} <= lost


def test_an_event_that_changed_nothing() -> None:
    found = effect((5, detached(EVE, P)))
    assert (found.changes, found.difference) == ((), None)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**48))
def test_it_is_the_difference_around_an_event_that_is_alone_in_its_second(seed: int) -> None:
    chance = random.Random(seed)
    story = random_story(chance, length=15, seconds=10_000)
    log = MemoryLog()
    for event in story:
        tell(log, event)
    history = history_of(log)
    for place in chance.sample(range(len(story)), 4):
        at = second(story[place][0])
        if story[place][0] < 0 or [each[0] for each in story].count(story[place][0]) > 1:
            continue
        found = effect_of(history, place + 1 + BEFORE_THE_STORY)
        around = diff(history, at - TICK, at)
        if found.difference is None:
            assert (around.differences, around.whole) == ((), ())
        else:
            assert found.difference.differences == around.differences
            assert found.difference.whole == around.whole


@settings(max_examples=20)
@given(st.integers(0, 2**48))
def test_a_window_replayed_has_each_event_that_changed_facts_in_it(seed: int) -> None:
    history = history_of(log_of_story(*random_story(random.Random(seed))))
    begin, end = second(10), second(40)
    rows = [row for kind in dict.fromkeys(kind for _, kind in history.kinds()) for key in history.of_kind(kind)
            for row in history.intervals_of(key)]  # fmt: skip
    expected = {row.opened_by for row in rows if begin <= row.valid_from < end} | {
        row.closed_by for row in rows if begin <= row.valid_to < end and row.closed_by is not None
    }
    found = events_between(history, begin, end)
    assert {position for _, position in found} == expected - {0}
    assert [at for at, _ in found] == sorted(at for at, _ in found)
