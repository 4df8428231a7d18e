"""What events did that somebody should look at: new administrators, exposure, paths to administrator."""

from __future__ import annotations

from datetime import time

import orjson
import pytest

from erstwhile.domain.detections.administrators import new_administrators
from erstwhile.domain.detections.change_hours import ChangeHours, MalformedHours, parse_hours
from erstwhile.domain.detections.escalation import opened_paths
from erstwhile.domain.detections.exposure import exposures
from erstwhile.domain.detections.finding import Finding
from erstwhile.domain.detections.shared_issuers import open_to_shared_issuers
from erstwhile.domain.detections.touched import opens, rows_of
from erstwhile.domain.events.resources import ResourcePolicyPut
from erstwhile.domain.history.replayed import events_between
from tests.support.documents import FULL, allow, trust
from tests.support.stories import (
    BEFORE_THE_STORY,
    Told,
    arn,
    attached,
    bounded,
    created,
    detached,
    group,
    history_of,
    inline,
    joined,
    log_of_story,
    policy,
    role,
    second,
    trusts,
    unbounded,
    user,
    version,
)

EVE, BOSS, TEAM = user("eve"), role("boss"), group("team")
OWN = trust({"AWS": arn("root")}, "sts:AssumeRole")
BUCKET = "arn:aws:s3:::payroll"
NIGHT, NOON = ChangeHours(time(22), time(6)), ChangeHours(time(11), time(13))


def of_events(*events: Told, hours: ChangeHours | None = None, begin: float = 5) -> list[Finding]:
    """The findings of each event from a second on, but for the paths."""
    history = history_of(log_of_story(*events))
    found: list[Finding] = []
    for at, position in events_between(history, second(begin), second(1000)):
        rows = rows_of(history, position, at)
        found += new_administrators(history, at, position, rows, hours)
        found += exposures(history, at, position, rows)
        found += open_to_shared_issuers(history, at, position, rows)
    return found


def paths(*events: Told) -> list[Finding]:
    history = history_of(log_of_story(*events))
    instants = [
        (at, [position])
        for at, position in events_between(history, second(5), second(1000))
        if opens(rows_of(history, position, at))
    ]
    return list(opened_paths(history, instants))


def told(found: list[Finding]) -> list[tuple[str, str, int]]:
    """Kind, subject, and which event of the story did it."""
    return [(each.kind, each.subject.rpartition(":")[2], each.position - BEFORE_THE_STORY) for each in found]


ADMINISTRATOR = "administrator-outside-change-hours"


def test_who_becomes_an_administrator_is_told_with_the_event_that_did_it() -> None:
    found = of_events((1, created(EVE)), (10, inline(EVE, allow("s3:GetObject"))), (20, inline(EVE, FULL, "q")))
    assert told(found) == [(ADMINISTRATOR, "user/eve", 3)]
    assert (found[0].at, found[0].severity, found[0].certainty) == (second(20), "high", "certain")


@pytest.mark.parametrize(
    "last",
    [
        (20, joined(EVE, TEAM)),
        (20, version("P", "v2", FULL)),
    ],
    ids=["by a group", "by a policy's version"],
)
def test_so_is_who_becomes_one_by_a_group_or_by_a_version_of_a_policy(last: Told) -> None:
    found = of_events(
        (1, created(EVE)), (1, created(TEAM)), (1, policy("P", allow("s3:GetObject"))), (2, inline(TEAM, FULL)),
        (3, attached(EVE, arn("policy/P"))), last,
    )  # fmt: skip
    assert told(found) == [(ADMINISTRATOR, "user/eve", 6)]


def test_whom_a_boundary_leaves_too_little_becomes_one_when_it_is_gone() -> None:
    events: list[Told] = [
        (1, policy("B", allow("s3:*"))), (2, created(EVE)), (3, bounded(EVE, arn("policy/B"))), (10, inline(EVE, FULL)),
    ]  # fmt: skip
    assert of_events(*events) == []
    assert told(of_events(*events, (20, unbounded(EVE)))) == [(ADMINISTRATOR, "user/eve", 5)]


def test_an_administrator_who_gets_more_becomes_none() -> None:
    story: list[Told] = [(1, created(EVE)), (2, inline(EVE, FULL)), (10, inline(EVE, FULL, "q"))]
    assert of_events(*story) == []
    assert of_events(*story, (20, detached(EVE, arn("policy/P")))) == []


def test_within_the_change_hours_nobody_is_told() -> None:
    story: list[Told] = [(1, created(EVE)), (10, inline(EVE, FULL))]
    assert of_events(*story, hours=NOON) == []
    [found] = of_events(*story, hours=NIGHT)
    assert found.what.endswith("outside the change hours 22:00-06:00 UTC")


def test_change_hours_are_half_open_and_may_go_over_midnight() -> None:
    assert parse_hours("08:00-24:00").has(second(0)) and not parse_hours("08:00-12:00").has(second(0))
    assert parse_hours("12:00-12:01").has(second(0)) and not parse_hours("22:00-06:00").has(second(0))
    assert parse_hours("22:00-13:00").has(second(0))
    for text in ("8-18", "08:00", "25:00-26:00", "08:00-08:00", "08:00-18:00 UTC", ""):
        with pytest.raises(MalformedHours):
            parse_hours(text)


def bucket(principal: object, action: str = "s3:GetObject", effect: str = "Allow", **more: object) -> ResourcePolicyPut:
    statement = {"Effect": effect, "Principal": principal, "Action": action, "Resource": f"{BUCKET}/*"} | more
    document = orjson.dumps({"Version": "2012-10-17", "Statement": [statement]}).decode()
    return ResourcePolicyPut(resource=BUCKET, document=document)


def test_a_policy_that_lets_in_everybody_is_told() -> None:
    [found] = of_events((1, created(EVE)), (10, bucket("*")))
    assert (found.kind, found.subject, found.severity) == ("public-exposure", BUCKET, "critical")
    assert "everybody: s3:GetObject" in found.what and found.certainty == "certain"


def test_with_a_condition_it_is_told_as_depending_on_it() -> None:
    condition = {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}
    [found] = of_events((1, created(EVE)), (10, bucket("*", Condition=condition)))
    assert (found.severity, found.certainty) == ("medium", "conditional")
    assert "aws:sourceip 203.0.113.0/24" in found.because[0]


def test_an_account_that_is_not_known_is_told_and_one_that_is_is_not() -> None:
    stranger, own = {"AWS": "arn:aws:iam::999988887777:root"}, {"AWS": arn("root")}
    found = of_events(
        (
            1,
            created(BOSS),
        ),
        (10, bucket(stranger)),
        (20, bucket(own)),
        (30, bucket(own, "s3:PutObject")),
    )
    assert told(found) == [("unknown-account-let-in", "payroll", 2)]
    assert found[0].detail == "999988887777" and found[0].severity == "high"


def test_a_trust_that_lets_in_an_account_that_is_not_known_is_told() -> None:
    theirs = trust({"AWS": "arn:aws:iam::999988887777:root"}, "sts:AssumeRole")
    found = of_events((1, created(BOSS, trust=OWN)), (10, trusts(BOSS, theirs)))
    assert told(found) == [("unknown-account-let-in", "role/boss", 2)]


def test_what_was_open_before_or_is_denied_is_no_news() -> None:
    assert of_events((1, created(EVE)), (2, bucket("*")), (10, bucket("*"))) == []
    assert of_events((1, created(EVE)), (10, bucket("*", effect="Deny"))) == []


ASSUME = allow("sts:AssumeRole", arn("role/boss"))


def test_a_path_to_administrator_that_opens_is_told_with_its_event() -> None:
    found = paths(
        (1, created(EVE)), (2, created(BOSS, trust=OWN)), (3, inline(BOSS, FULL)),
        (10, inline(EVE, allow("s3:GetObject"), "q")), (20, inline(EVE, ASSUME)), (30, inline(EVE, ASSUME, "r")),
    )  # fmt: skip
    assert told(found) == [("escalation-path-opened", "user/eve", 5)]
    assert found[0].what == (
        f"a path to administrator opened: {arn('user/eve')} → assume-role {arn('role/boss')}"
    )  # fmt: skip


def test_it_is_told_too_where_the_target_became_an_administrator() -> None:
    found = paths(
        (1, created(EVE)), (2, created(BOSS, trust=OWN)), (3, inline(EVE, ASSUME)), (10, inline(BOSS, FULL)),
    )  # fmt: skip
    assert told(found) == [("escalation-path-opened", "user/eve", 4)]


def test_a_path_that_a_boundary_keeps_shut_and_one_that_closes_are_not() -> None:
    found = paths(
        (1, policy("B", allow("s3:*"))), (1, created(EVE)), (2, created(BOSS, trust=OWN)), (3, inline(BOSS, FULL)),
        (4, bounded(EVE, arn("policy/B"))), (10, inline(EVE, ASSUME)),
    )  # fmt: skip
    assert found == []
    story: list[Told] = [
        (1, created(EVE)),
        (2, created(BOSS, trust=OWN)),
        (3, inline(BOSS, FULL)),
        (4, inline(EVE, ASSUME)),
    ]
    assert paths(*story, (10, inline(EVE, allow("s3:GetObject")))) == []
    assert paths(*story, (10, inline(EVE, FULL, "q"))) == []


def test_who_was_an_administrator_and_may_now_raise_itself_is_no_news() -> None:
    raising = allow("iam:PutUserPolicy", arn("user/eve"))
    assert paths((1, created(EVE)), (2, inline(EVE, FULL)), (10, inline(EVE, raising))) == []


WIDE = [("critical", "certain")]
GITHUB = "token.actions.githubusercontent.com"


def trust_of_github(subject: str | None, **more: str) -> str:
    limits = {f"{GITHUB}:aud": "sts.amazonaws.com", **more}
    wide = {} if subject is None else {"StringLike": {f"{GITHUB}:sub": subject}}
    provider = {"Federated": arn(f"oidc-provider/{GITHUB}")}
    return trust(provider, "sts:AssumeRoleWithWebIdentity", StringEquals=limits, **wide)


@pytest.mark.parametrize(("subject", "more", "expected"), [
    (None, {}, WIDE), ("*", {}, WIDE), ("repo:*", {}, WIDE), ("repo:*:pull_request", {}, WIDE), ("repo:acme/*", {}, []),
    ("repo:acme*/*", {}, []),
    ("repo:*", {"aws:SourceVpc": "vpc-1"}, [("medium", "conditional")]),
])  # fmt: skip
def test_a_trust_that_names_no_owner_lets_in_everybody_of_github(
    subject: str | None, more: dict[str, str], expected: list[tuple[str, str]]
) -> None:
    found = of_events((1, created(BOSS, OWN)), (10, trusts(BOSS, trust_of_github(subject, **more))))
    wide = [each for each in found if each.kind == "federated-subject-too-wide"]
    assert [(each.severity, each.certainty) for each in wide] == expected
    assert all((each.who, each.position - BEFORE_THE_STORY) == (GITHUB, 2) for each in wide)
    again = of_events(
        (1, created(BOSS, trust_of_github(subject, **more))), (10, trusts(BOSS, trust_of_github(subject, **more)))
    )
    assert [each for each in again if each.kind == "federated-subject-too-wide"] == []
