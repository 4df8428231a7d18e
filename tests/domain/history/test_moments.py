"""Step from change to change of what concerns an entity."""

from __future__ import annotations

import pytest

from erstwhile.domain.events.organizations import GuardrailAttached, OrganizationListed, OrganizationNode
from erstwhile.domain.events.resources import ResourcePolicyPut
from erstwhile.domain.history.bearers import bearers
from erstwhile.domain.history.moments import Step, moments
from erstwhile.domain.vocabulary.instants import BEFORE
from tests.support.documents import allow, trusting
from tests.support.records import ACCOUNT
from tests.support.scenarios import END, EVE
from tests.support.stories import (
    BEFORE_THE_STORY,
    NOON,
    Told,
    arn,
    attached,
    bounded,
    created,
    default,
    deleted,
    detached,
    group,
    history_of,
    inline,
    joined,
    key_made,
    left,
    log_of_story,
    policy,
    renamed,
    second,
    user,
    version,
)

USER, TEAM = user("eve"), group("team")
READ, WRITE = allow("s3:GetObject"), allow("s3:PutObject")
P = arn("policy/P")
BUCKET = "arn:aws:s3:::bucket"
ORGANIZATION = "999988887777"


def lines(steps: tuple[Step, ...]) -> list[str]:
    return [
        f"{(step.at - NOON).total_seconds():g} {change.layer} by {change.position - BEFORE_THE_STORY}"
        for step in steps
        for change in step.changes
    ]


def steps(what: str | tuple[str, str, str], *events: Told) -> list[str]:
    return lines(moments(history_of(log_of_story(*events)), what, second(-1_000), END))


def test_a_group_counts_while_the_user_is_in_it_and_a_policy_while_it_is_attached() -> None:
    assert steps(
        EVE,
        (0, created(USER)), (0, created(TEAM)), (1, policy("P", READ)), (2, attached(TEAM, P)),
        (10, joined(USER, TEAM)), (20, version("P", "v2", WRITE, False)), (21, default("P", "v2")),
        (30, detached(TEAM, P)), (40, default("P", "v1")), (50, inline(TEAM, READ)), (60, left(USER, TEAM)),
        (70, inline(TEAM, WRITE)), (80, key_made(USER, "AKIAEVE")), (90, bounded(USER, P)), (95, default("P", "v2")),
    ) == [
        "0 principal by 1",
        "10 group membership by 5",
        "20 policy version by 6", "21 policy version by 7",
        "30 attachment by 8",
        "50 group policy by 10",
        "60 group membership by 11",
        "80 credential by 13",
        "90 boundary by 14",
        "95 policy version by 15",
    ]  # fmt: skip


def test_a_step_has_the_facts_before_and_after() -> None:
    history = history_of(log_of_story((0, created(USER)), (5, inline(USER, READ)), (9, inline(USER, WRITE))))
    (step,) = moments(history, EVE, second(9), END)
    (change,) = step.changes
    assert (change.attribute, change.item) == ("inline", "p")
    assert (change.before, change.after) == ({"document": READ}, {"document": WRITE})
    assert change.key == (ACCOUNT, "user", USER.id)


def test_a_policy_is_concerned_by_whom_it_is_attached_to() -> None:
    assert steps(
        (ACCOUNT, "policy", "ANPAP1"),
        (0, created(USER)), (1, policy("P", READ)), (5, attached(USER, P)), (6, inline(USER, READ)),
        (7, bounded(USER, P)), (8, detached(USER, P)),
    ) == ["1 policy by 2", "1 policy version by 2", "1 policy version by 2",
          "5 attachment by 3", "7 boundary by 5", "8 attachment by 6"]  # fmt: skip


def test_a_group_is_concerned_by_its_members() -> None:
    story = ((0, created(USER)), (0, created(TEAM)), (5, joined(USER, TEAM)), (6, inline(TEAM, READ)))
    assert steps(arn("group/team"), *story) == ["0 group by 2", "5 group membership by 3", "6 group policy by 4"]


def test_guardrails_above_the_account_concern_its_resources_and_principals() -> None:
    nodes = [OrganizationNode("r-1", "root"), OrganizationNode(ACCOUNT, "account", "r-1"),
             OrganizationNode("2", "account", "r-1")]  # fmt: skip
    listed = OrganizationListed(organization="o-1", management_account=ORGANIZATION, nodes=nodes, policies=[])
    story: tuple[Told, ...] = (
        (0, listed, ORGANIZATION), (1, ResourcePolicyPut(resource=BUCKET, document=trusting("*", "s3:*"))),
        (5, GuardrailAttached(policy="p-1", target="r-1"), ORGANIZATION),
        (6, GuardrailAttached(policy="p-1", target="2"), ORGANIZATION),
    )  # fmt: skip
    assert steps(BUCKET, *story)[-3:] == ["1 resource by 2", "1 resource policy by 2", "5 guardrail by 3"]


def test_lives_under_one_name_are_all_stepped_through() -> None:
    again = user("eve", 2)
    story = ((0, created(USER)), (10, deleted(USER)), (20, created(again)), (30, renamed(again, "mallory")))
    assert steps(EVE, *story) == [
        "0 principal by 1",
        "10 principal by 2",
        "20 principal by 3",
        "30 principal by 4",
    ]
    assert steps((ACCOUNT, "user", USER.id), *story) == ["0 principal by 1", "10 principal by 2"]
    history = history_of(log_of_story(*story))
    assert [(each.key[2], each.begin, each.end) for each in bearers(history, EVE)] == [
        (USER.id, second(0), second(10)),
        (again.id, second(20), second(30)),
    ]
    assert [each.key[2] for each in bearers(history, arn("user/mallory"))] == [again.id]
    assert bearers(history, arn("user/nobody")) == []


def test_what_began_and_ended_within_a_second_is_seen() -> None:
    assert steps(EVE, (0, created(USER)), (0, deleted(USER))) == ["0 principal by 1", "0 principal by 2"]


def test_what_was_there_before_all_records_stands_first() -> None:
    history = history_of(log_of_story((5, inline(USER, READ))))
    found = moments(history, EVE, BEFORE, END)
    assert [step.at for step in found] == [BEFORE, second(5)]
    assert {change.layer for change in found[0].changes} == {"principal", "knowledge", "account"}


def test_a_window_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ValueError, match="ends before it begins"):
        moments(history_of(log_of_story()), EVE, END, END)
