"""What principals gained and lost between two instants, in stories whose answers are written out."""

from __future__ import annotations

from typing import Any

import pytest

from erstwhile.domain.events import Body
from erstwhile.domain.events.resources import ResourcePolicyPut
from erstwhile.domain.history.diff import diff
from erstwhile.domain.history.difference import Diff
from erstwhile.domain.policy.inputs.principals import UnknownPrincipal
from tests.support.documents import allow, text, trust, trusting
from tests.support.records import ACCOUNT
from tests.support.stories import (
    BEFORE_THE_STORY,
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
    inline_deleted,
    joined,
    left,
    log_of_story,
    policy,
    renamed,
    role,
    second,
    tagged,
    trusts,
    user,
    version,
)

EVE, BOB, TEAM = user("eve"), user("bob"), group("team")
BUCKET = "arn:aws:s3:::payroll"
READ = allow("s3:GetObject", f"{BUCKET}/*")
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}


def story(*events: Told, after: float = 50, before: float = 10, **asked: Any) -> tuple[Diff, list[int]]:
    """The diff, and the positions of the events in the order in which they are told."""
    found = diff(history_of(log_of_story(*events)), second(before), second(after), **asked)
    return found, [BEFORE_THE_STORY + 1 + number for number in range(len(events))]


def lines(found: Diff) -> list[tuple[str, str, str, str]]:
    return [
        (each.principal.rpartition("/")[2], each.change, each.actions[0].pattern, each.resources[0].pattern)
        for each in found.differences
    ]


def test_an_attached_policy_is_gained_by_its_event() -> None:
    found, at = story((0, created(EVE)), (1, policy("P", READ)), (20, attached(EVE, arn("policy/P"))))
    assert lines(found) == [("eve", "gained", "s3:GetObject", f"{BUCKET}/*")]
    [line] = found.differences
    assert line.events == (at[2],)
    assert (line.before.effect, line.after.effect) == ("deny", "allow")
    assert (line.unique_id, line.account, line.resource_account) == (EVE.id, ACCOUNT, "")


def test_what_a_group_grants_is_gained_by_joining_it_and_lost_with_its_policy() -> None:
    told: list[Told] = [
        (0, created(EVE)), (1, created(TEAM)), (2, inline(TEAM, READ)), (20, joined(EVE, TEAM)),
        (60, inline_deleted(TEAM)),
    ]  # fmt: skip
    found, at = story(*told)
    assert lines(found) == [("eve", "gained", "s3:GetObject", f"{BUCKET}/*")]
    assert found.differences[0].events == (at[3],)
    found, at = story(*told, before=50, after=70)
    assert lines(found) == [("eve", "lost", "s3:GetObject", f"{BUCKET}/*")]
    assert found.differences[0].events == (at[4],)


def test_a_reorganised_policy_that_grants_the_same_shows_nothing() -> None:
    two = allow(["s3:GetObject", "s3:PutObject"], f"{BUCKET}/*")
    found, _ = story(
        (0, created(EVE)), (1, created(TEAM)), (2, inline(EVE, two)),
        (20, policy("R", READ)), (21, attached(TEAM, arn("policy/R"))), (22, joined(EVE, TEAM)),
        (23, inline(EVE, allow("s3:put*", f"{BUCKET}/*"), "w")), (24, inline_deleted(EVE)),
        (25, inline(EVE, allow("s3:PutObject", f"{BUCKET}/*"), "w")),
    )  # fmt: skip
    assert (found.differences, found.whole) == ((), ())
    assert found.decided == 1


def test_a_condition_that_came_is_a_change_of_conditions() -> None:
    found, at = story(
        (0, created(EVE)),
        (1, inline(EVE, READ)),
        (20, inline(EVE, allow("s3:GetObject", f"{BUCKET}/*", Condition=MFA))),
    )
    [line] = found.differences
    assert (line.change, line.before.effect, line.after.effect) == ("changed", "allow", "conditional")
    assert [entry.key for term in line.after.terms for entry in term.conditions] == ["aws:multifactorauthpresent"]
    assert line.events == (at[2],)


def test_a_version_that_was_made_the_default_narrows_it() -> None:
    found, at = story(
        (0, created(EVE)), (1, policy("P", allow("s3:*"))), (2, version("P", "v2", READ, is_default=False)),
        (3, attached(EVE, arn("policy/P"))), (20, default("P", "v2")),
    )  # fmt: skip
    assert {each.change for each in found.differences} == {"lost"}
    assert all(each.events == (at[4],) for each in found.differences)
    line = next(each for each in found.differences if [named.pattern for named in each.actions] == ["s3:GetObject"])
    assert [(named.pattern, named.excepts) for named in line.resources] == [("*", (f"{BUCKET}/*",))]


def test_a_boundary_takes_what_it_does_not_allow() -> None:
    found, at = story(
        (0, created(EVE)), (1, inline(EVE, allow("s3:*"))), (2, policy("B", allow("s3:Get*"))),
        (20, bounded(EVE, arn("policy/B"))),
    )  # fmt: skip
    [line] = found.differences
    # A user needs no permission for GetSessionToken, but the leave of its boundary.
    assert [(named.pattern, named.excepts) for named in line.actions] == [
        ("s3:*", ("s3:Get*",)), ("sts:GetSessionToken", ()),
    ]  # fmt: skip
    assert (line.change, line.resources[0].pattern, line.events) == ("lost", "*", (at[3],))


def test_administrator_access_reads_as_one_star() -> None:
    found, _ = story((0, created(EVE)), (20, inline(EVE, allow("*"))))
    allowed = [each for each in found.differences if each.after.effect == "allow"]
    assert "*" in [named.pattern for each in allowed for named in each.actions]
    assert "*" in [named.pattern for each in allowed for named in each.resources]
    assert {each.change for each in found.differences} == {"gained"}


def test_a_grant_that_came_and_went_in_between_is_no_difference() -> None:
    found, _ = story((0, created(EVE)), (20, inline(EVE, READ)), (30, inline_deleted(EVE)))
    assert (found.differences, found.decided) == ((), 0)


def test_who_is_there_at_one_instant_only_is_told_as_a_whole() -> None:
    found, at = story((0, created(EVE)), (20, deleted(EVE)), (25, created(user("eve", 2))))
    assert [(each.unique_id, each.change, each.events) for each in found.whole] == [
        (EVE.id, "lost", (at[1],)), ("AIDAEVE2", "gained", (at[2],)),
    ]  # fmt: skip


def test_a_renamed_user_stays_the_same() -> None:
    found, _ = story((0, created(EVE)), (1, inline(EVE, READ)), (20, renamed(EVE, "carl")))
    assert (found.differences, found.whole) == ((), ())


def test_a_trust_policy_that_names_somebody_lets_it_in() -> None:
    boss = role("boss")
    found, at = story(
        (0, created(BOB)), (1, created(boss, trust=trusting(arn("user/eve")))),
        (2, inline(BOB, allow("sts:AssumeRole"))), (20, trusts(boss, trusting(arn("user/bob")))),
    )  # fmt: skip
    assert lines(found) == [("bob", "gained", "sts:AssumeRole", arn("role/boss"))]
    assert found.differences[0].events == (at[3],)


def test_a_bucket_policy_is_a_difference_of_its_principals_there() -> None:
    document = text(
        {"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": {"AWS": arn("user/bob")}, "Action": "s3:GetObject",
            "Resource": f"{BUCKET}/*",
        }]}
    )  # fmt: skip
    put: Body = ResourcePolicyPut(resource=BUCKET, document=document)
    found, at = story((0, created(BOB)), (1, created(EVE)), (20, put))
    assert lines(found) == [("bob", "gained", "s3:GetObject", f"{BUCKET}/*")]
    assert found.differences[0].events == (at[2],)
    assert found.decided == 1
    on_another, _ = story((0, created(BOB)), (20, put), resource="arn:aws:s3:::other/key")
    assert on_another.differences == ()
    on_it, _ = story((0, created(BOB)), (20, put), resource=f"{BUCKET}/key")
    assert lines(on_it) == [("bob", "gained", "s3:GetObject", f"{BUCKET}/key")]


def test_a_tag_by_which_a_condition_grants() -> None:
    red = allow("s3:GetObject", f"{BUCKET}/*", Condition={"StringEquals": {"aws:PrincipalTag/team": "red"}})
    found, at = story(
        (0, created(EVE)), (1, inline(EVE, red)), (2, tagged(EVE, team="blue")), (20, tagged(EVE, team="red"))
    )
    assert lines(found) == [("eve", "gained", "s3:GetObject", f"{BUCKET}/*")]
    assert found.differences[0].events == (at[3],)


def test_a_date_that_passed_needs_no_event() -> None:
    until = allow(
        "s3:GetObject", f"{BUCKET}/*", Condition={"DateLessThan": {"aws:CurrentTime": "2026-03-03T12:00:30Z"}}
    )
    found, _ = story((0, created(EVE)), (1, inline(EVE, until)))
    assert lines(found) == [("eve", "lost", "s3:GetObject", f"{BUCKET}/*")]
    assert found.differences[0].events == ()


def test_of_one_principal_of_one_account_and_of_one_resource() -> None:
    told: list[Told] = [
        (0, created(EVE)), (1, created(BOB)), (2, created(TEAM)), (20, inline(EVE, READ)),
        (21, inline(BOB, allow("sqs:*", f"arn:aws:sqs:eu-west-1:{ACCOUNT}:q"))), (30, left(EVE, TEAM)),
        (31, detached(EVE, arn("policy/none"))),
    ]  # fmt: skip
    assert lines(story(*told, principal=arn("user/bob"))[0]) == [
        ("bob", "gained", "sqs:*", f"arn:aws:sqs:eu-west-1:{ACCOUNT}:q")
    ]
    assert len(story(*told, account=ACCOUNT)[0].differences) == 2
    assert story(*told, account="999999999999")[0].differences == ()
    assert lines(story(*told, resource=f"{BUCKET}/key")[0]) == [("eve", "gained", "s3:GetObject", f"{BUCKET}/key")]


def test_a_principal_that_is_there_at_neither_instant() -> None:
    with pytest.raises(UnknownPrincipal):
        story((0, created(EVE)), principal=arn("user/nobody"))


def test_of_those_who_were_compared_nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    told = (
        (0, created(EVE)), (1, created(BOB)), (1.5, created(TEAM)), (2, joined(EVE, TEAM)), (3, joined(BOB, TEAM)),
        (20, inline(EVE, READ)), (30, inline(BOB, READ)), (40, inline(TEAM, allow("s3:PutObject", f"{BUCKET}/*"))),
    )  # fmt: skip
    whole, _ = story(*told)
    monkeypatch.setattr("erstwhile.domain.history.diff._KEPT", 1)
    found, _ = story(*told)
    assert found == whole
    assert {each.principal.rpartition("/")[2] for each in found.differences} == {"bob", "eve"}


def test_a_role_of_which_it_was_never_seen_whom_it_trusts_concerns_everybody() -> None:
    found, _ = story(
        (0, created(EVE)), (1, attached(role("admin"), "arn:aws:iam::aws:policy/X")), (20, deleted(role("admin")))
    )
    assert [each.principal for each in found.differences] == [f"arn:aws:iam::{ACCOUNT}:root", arn("user/eve")]
    for line in found.differences:
        assert (line.before.effect, line.after.effect) == ("conditional", "deny")
        assert [each.pattern for each in line.resources] == [arn("role/admin")]


def test_outsiders_whom_changed_policies_name_are_told_of_too() -> None:
    admin, other = role("admin"), "444455556666"
    trusts_lambda = trust({"Service": "lambda.amazonaws.com"}, "sts:AssumeRole")
    told = ((1, created(admin, trust=trusts_lambda)), (20, trusts(admin, trusting(arn("root", other)))))
    found, [_, trusted] = story(*told)
    assert [(each.principal, each.change, each.after.effect, each.events) for each in found.differences] == [
        (arn("role/*", other), "gained", "conditional", (trusted,)),
        ("lambda.amazonaws.com", "lost", "deny", (trusted,)),
    ]
    assert {each.principal for each in story(*told, account=other)[0].differences} == {arn("role/*", other)}
    opened = ResourcePolicyPut(resource=BUCKET, document=allow("s3:GetObject", f"{BUCKET}/*", Principal="*"))
    assert ("*", "gained", "s3:GetObject", f"{BUCKET}/*") in lines(story((20, opened))[0])
