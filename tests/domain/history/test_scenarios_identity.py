"""Timelines of what a principal has by itself, by its groups, and by managed policies."""

from __future__ import annotations

import pytest

from erstwhile.domain.vocabulary.identifiers import Ref
from tests.support.documents import EVERYTHING, allow, text
from tests.support.records import ACCOUNT
from tests.support.scenarios import Scenario, told
from tests.support.stories import (
    arn,
    attached,
    bounded,
    created,
    default,
    deleted,
    detached,
    group,
    inline,
    inline_deleted,
    joined,
    key_deleted,
    key_made,
    left,
    of_aws,
    policy,
    policy_deleted,
    renamed,
    tagged,
    unbounded,
    untagged,
    user,
    version,
    version_of_aws,
)

EVE, MALLORY, TEAM, OTHERS = user("eve"), Ref("user", "mallory", "AIDAEVE1"), group("team"), group("others")
READ, WRITE, ALL = allow("s3:GetObject"), allow("s3:PutObject"), text(EVERYTHING)
DENY = text({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]})
P = arn("policy/P")
LIMIT = arn("policy/LIMIT")

OF_RED = allow("s3:GetObject", Condition={"StringEquals": {"aws:PrincipalTag/team": "red"}})
UNTIL_12_01 = allow("s3:GetObject", Condition={"DateLessThan": {"aws:CurrentTime": "2026-03-03T12:01:00Z"}})
FROM_12_01_TO_12_02 = allow(
    "s3:GetObject",
    Condition={
        "NumericGreaterThanEquals": {"aws:EpochTime": "1772539260"},
        "DateLessThanEquals": {"aws:EpochTime": "1772539320"},
    },
)
WITH_MFA = allow("s3:GetObject", Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}})

# fmt: off
SCENARIOS = (
    Scenario(
        "the ninety-second grant",
        ((0, created(EVE)), (10, policy("P", ALL)), (100, attached(EVE, P)), (190, detached(EVE, P))),
        (
            "-inf nobody",
            "0 implicit_deny: principal by 1",
            "100 allow: attachment by 3",
            "190 implicit_deny: attachment by 4",
        ),
    ),
    Scenario(
        "deleted and created anew under one name",
        (
            (0, created(EVE)),
            (5, inline(EVE, READ)),
            (10, deleted(EVE)),
            (20, created(user("eve", 2))),
            (30, inline(user("eve", 2), READ)),
        ),
        (
            "-inf nobody",
            "0 implicit_deny: principal by 1",
            "5 allow: own policy by 2",
            "10 nobody: principal by 3",
            "20 implicit_deny: principal by 4",
            "30 allow: own policy by 5",
        ),
    ),
    Scenario(
        "deleted and created anew within one second: one life after the other, without a pause",
        ((0, created(EVE)), (5, inline(EVE, READ)), (10, inline_deleted(EVE)), (10, deleted(EVE)),
         (10, created(user("eve", 2))), (20, inline(user("eve", 2), READ))),
        ("-inf nobody", "0 implicit_deny: principal by 1", "5 allow: own policy by 2",
         "10 implicit_deny: own policy by 3, principal by 4, principal by 5", "20 allow: own policy by 6"),
    ),
    Scenario(
        "a rename: the name is nobody's afterwards",
        ((0, created(EVE)), (5, inline(EVE, READ)), (10, renamed(EVE, "mallory"))),
        ("-inf nobody", "0 implicit_deny: principal by 1", "5 allow: own policy by 2", "10 nobody: principal by 3"),
    ),
    Scenario(
        "a rename: the new name begins where the old one ends",
        ((0, created(EVE)), (5, inline(EVE, READ)), (10, renamed(EVE, "mallory"))),
        ("-inf nobody", "10 allow: principal by 3"),
        principal=arn("user/mallory"),
    ),
    Scenario(
        "a rename: who is followed by unique id goes on",
        ((0, created(EVE)), (5, inline(EVE, READ)), (10, renamed(EVE, "mallory")), (20, inline_deleted(MALLORY))),
        ("-inf nobody", "0 implicit_deny: principal by 1", "5 allow: own policy by 2", "10 allow: principal by 3",
         "20 implicit_deny: own policy by 4"),
        principal=(ACCOUNT, "user", "AIDAEVE1"),
    ),
    Scenario(
        "a version rolled back",
        (
            (0, created(EVE)),
            (0, policy("P", READ)),
            (1, attached(EVE, P)),
            (10, version("P", "v2", WRITE)),
            (20, default("P", "v1")),
        ),
        (
            "-inf nobody",
            "0 implicit_deny: principal by 1",
            "1 allow: attachment by 3",
            "10 implicit_deny: policy version by 4",
            "20 allow: policy version by 5",
        ),
    ),
    Scenario(
        "a version that is made, but not the default, changes nothing",
        (
            (0, created(EVE)),
            (0, policy("P", READ)),
            (1, attached(EVE, P)),
            (10, version("P", "v2", DENY, False)),
            (20, default("P", "v2")),
        ),
        (
            "-inf nobody",
            "0 implicit_deny: principal by 1",
            "1 allow: attachment by 3",
            "20 explicit_deny: policy version by 5",
        ),
    ),
    Scenario(
        "a group emptied and filled",
        (
            (0, created(TEAM)),
            (0, created(EVE)),
            (1, inline(TEAM, READ)),
            (10, joined(EVE, TEAM)),
            (20, left(EVE, TEAM)),
            (30, joined(EVE, TEAM)),
            (40, inline_deleted(TEAM)),
            (50, inline(TEAM, WRITE)),
            (60, inline(TEAM, READ)),
        ),
        (
            "-inf nobody",
            "0 implicit_deny: principal by 2",
            "10 allow: group membership by 4",
            "20 implicit_deny: group membership by 5",
            "30 allow: group membership by 6",
            "40 implicit_deny: group policy by 7",
            "60 allow: group policy by 9",
        ),
    ),
    Scenario(
        "the same policy by two groups: one is left, the way is another",
        (
            (0, created(TEAM)),
            (0, created(OTHERS)),
            (0, created(EVE)),
            (0, policy("P", READ)),
            (1, attached(TEAM, P)),
            (2, attached(OTHERS, P)),
            (10, joined(EVE, TEAM)),
            (20, joined(EVE, OTHERS)),
            (30, left(EVE, TEAM)),
            (40, left(EVE, OTHERS)),
        ),
        (
            "-inf nobody",
            "0 implicit_deny: principal by 3",
            "10 allow: group membership by 7",
            "20 allow: group membership by 8",
            "30 allow: group membership by 9",
            "40 implicit_deny: group membership by 10",
        ),
    ),
    Scenario(
        "a policy of AWS that changed on AWS's side",
        (
            version_of_aws(0, "SupportAccess", "v1", WRITE),
            (0, created(EVE)),
            (5, attached(EVE, of_aws("SupportAccess"))),
            version_of_aws(30, "SupportAccess", "v2", READ),
        ),
        ("-inf nobody", "0 implicit_deny: principal by 2", "30 allow: policy version by 4"),
    ),
    Scenario(
        "a deny is added and removed",
        ((0, created(EVE)), (1, inline(EVE, READ)), (10, inline(EVE, DENY, "stop")), (20, inline_deleted(EVE, "stop"))),
        (
            "-inf nobody",
            "0 implicit_deny: principal by 1",
            "1 allow: own policy by 2",
            "10 explicit_deny: own policy by 3",
            "20 allow: own policy by 4",
        ),
    ),
    Scenario(
        "a boundary is set and removed",
        (
            (0, policy("LIMIT", WRITE)),
            (0, created(EVE)),
            (1, inline(EVE, READ)),
            (10, bounded(EVE, LIMIT)),
            (20, version("LIMIT", "v2", ALL)),
            (30, unbounded(EVE)),
        ),
        (
            "-inf nobody",
            "0 implicit_deny: principal by 2",
            "1 allow: own policy by 3",
            "10 implicit_deny: boundary by 4",
            "20 allow: policy version by 5",
            "30 allow: boundary by 6",
        ),
    ),
    Scenario(
        "a policy is deleted while it is attached, and another of its name is no heir",
        (
            (0, policy("P", READ)),
            (0, created(EVE)),
            (1, attached(EVE, P)),
            (10, policy_deleted("P")),
            (20, policy("P", ALL, 2)),
            (30, attached(EVE, P)),
        ),
        (
            "-inf nobody",
            "0 implicit_deny: principal by 2",
            "1 allow: attachment by 3",
            "10 conditional: policy by 4",
            "20 implicit_deny: policy by 5",
        ),
    ),
    Scenario(
        "two changes within one second, of which one has a say",
        (
            (0, created(EVE)),
            (0, policy("P", READ)),
            (10, attached(EVE, P)),
            (10, inline(EVE, WRITE)),
            (20, detached(EVE, P)),
            (20, inline_deleted(EVE)),
        ),
        (
            "-inf nobody",
            "0 implicit_deny: principal by 1",
            "10 allow: attachment by 3",
            "20 implicit_deny: attachment by 5",
        ),
    ),
    Scenario(
        "two grants within one second, either of which is enough",
        ((0, created(EVE)), (0, policy("P", READ)), (10, attached(EVE, P)), (10, inline(EVE, READ))),
        ("-inf nobody", "0 implicit_deny: principal by 1", "10 allow: attachment by 3, own policy by 4"),
    ),
    Scenario(
        "a policy for those of one team: the tag comes, changes and goes",
        ((0, created(EVE)), (1, inline(EVE, OF_RED)), (10, tagged(EVE, team="red")), (20, tagged(EVE, team="blue")),
         (30, tagged(EVE, team="red")), (40, untagged(EVE, "team"))),
        ("-inf nobody", "0 implicit_deny: principal by 1", "1 conditional: own policy by 2", "10 allow: tag by 3",
         "20 implicit_deny: tag by 4", "30 allow: tag by 5", "40 conditional: tag by 6"),
    ),
    Scenario(
        "a policy for office hours ends by the clock",
        ((0, created(EVE)), (1, inline(EVE, UNTIL_12_01))),
        ("-inf nobody", "0 implicit_deny: principal by 1", "1 allow: own policy by 2", "60 implicit_deny: clock"),
    ),
    Scenario(
        "a policy that begins and ends by the clock, in seconds since 1970",
        ((0, created(EVE)), (1, inline(EVE, FROM_12_01_TO_12_02))),
        ("-inf nobody", "0 implicit_deny: principal by 1", "60 allow: clock", "121 implicit_deny: clock"),
    ),
    Scenario(
        "a policy that asks for MFA stays a question",
        ((0, created(EVE)), (1, inline(EVE, WITH_MFA)), (10, inline(EVE, READ))),
        ("-inf nobody", "0 implicit_deny: principal by 1", "1 conditional: own policy by 2",
         "10 allow: own policy by 3"),
    ),
    Scenario(
        "a policy that asks for MFA, where the question brings it",
        ((0, created(EVE)), (1, inline(EVE, WITH_MFA)), (10, inline_deleted(EVE))),
        ("-inf nobody", "0 implicit_deny: principal by 1", "1 allow: own policy by 2",
         "10 implicit_deny: own policy by 3"),
        context={"aws:multifactorauthpresent": ("true",)},
    ),
    Scenario(
        "an access key has no say",
        ((0, created(EVE)), (1, key_made(EVE, "AKIAEVE")), (2, inline(EVE, READ)), (3, key_deleted(EVE, "AKIAEVE"))),
        ("-inf nobody", "0 implicit_deny: principal by 1", "2 allow: own policy by 3"),
    ),
    Scenario(
        "the root of an account always may, however early",
        ((0, created(EVE)),),
        ("-inf allow",),
        principal=arn("root"),
    ),
)
# fmt: on


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_the_timeline_is_as_written(scenario: Scenario) -> None:
    assert told(scenario) == scenario.expected
