"""Each supposed change: whose access it would change, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from erstwhile.domain.what_if import changes as c
from erstwhile.domain.what_if.lookups import ImpossibleChange
from erstwhile.domain.what_if.what_if import WhatIf, what_if
from tests.support.documents import allow, trusting
from tests.support.records import ACCOUNT
from tests.support.stories import (
    Told,
    arn,
    attached,
    bounded,
    history_of,
    log_of_story,
    second,
)
from tests.support.supposed import EVE, PAYROLL, READ, ROOT, STORY, WRITE


def ask(*changes: c.AnyChange, story: tuple[Told, ...] = STORY, **asked: Any) -> WhatIf:
    return what_if(history_of(log_of_story(*story)), second(50), changes, **asked)


def lines(found: WhatIf) -> list[tuple[str, str, str]]:
    return [
        (each.principal.rpartition("/")[2], each.change, each.actions[0].pattern)
        for each in found.difference.differences
    ]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (c.AttachPolicy(principal="user/eve", policy="reader"), [("eve", "gained", "s3:GetObject")]),
        (c.AttachPolicy(principal=arn("group/team"), policy=arn("policy/writer")), [("bob", "gained", "s3:PutObject")]),
        (c.DetachPolicy(principal="admin", policy="writer"), [("admin", "lost", "s3:PutObject")]),
        (
            c.PutInlinePolicy(principal="eve", name="own", document=WRITE), [("eve", "gained", "s3:PutObject")],
        ),
        (c.DeleteInlinePolicy(principal="team", name="p"), [("bob", "lost", "s3:GetObject")]),
        (
            c.SetPolicy(policy="writer", document=READ),
            [("admin", "gained", "s3:GetObject"), ("admin", "lost", "s3:PutObject")],
        ),
        (c.SetBoundary(principal="role/admin", policy="reader"), [("admin", "lost", "s3:PutObject")]),
        (c.AddToGroup(user="eve", group="team"), [("eve", "gained", "s3:GetObject")]),
        (c.RemoveFromGroup(user="bob", group="team"), [("bob", "lost", "s3:GetObject")]),
        (c.Delete(what="group/team"), [("bob", "lost", "s3:GetObject")]),
        (c.Delete(what="policy/writer"), [("admin", "lost", "s3:PutObject")]),
        (
            c.SetTrust(role="admin", document=trusting(arn("user/eve"))),
            [("bob", "lost", "sts:AssumeRole"), ("eve", "gained", "sts:AssumeRole")],
        ),
        (
            c.AttachGuardrail(target=ACCOUNT, document=allow("s3:GetObject", Effect="Deny")),
            [("bob", "lost", "s3:GetObject")],
        ),
        (
            c.DetachGuardrail(policy="full", target=ROOT),
            [("admin", "lost", "s3:PutObject"), ("bob", "lost", "s3:GetObject")],
        ),
    ],
)  # fmt: skip
def test_a_change_and_whose_access_it_would_change(change: c.AnyChange, expected: list[tuple[str, str, str]]) -> None:
    found = lines(ask(change))
    for each in expected:
        assert each in found, found


def test_changes_are_made_one_after_the_other() -> None:
    new = arn("user/new")
    found = ask(
        c.Create(arn=new), c.SetPolicy(policy=arn("policy/own"), document=READ),
        c.AttachPolicy(principal=new, policy=arn("policy/own")),
    )  # fmt: skip
    [whole] = found.difference.whole
    assert (whole.principal, whole.change, found.changes_of(whole.events)) == (new, "gained", [0])
    found = ask(c.AttachPolicy(principal="eve", policy="reader"), c.DetachPolicy(principal="eve", policy="reader"))
    assert found.difference.differences == ()


def test_each_difference_names_the_changes_that_it_comes_from() -> None:
    found = ask(c.AttachPolicy(principal="eve", policy="writer"), c.AddToGroup(user="eve", group="team"))
    told = {each.actions[0].pattern: found.changes_of(each.events) for each in found.difference.differences}
    assert told == {"s3:PutObject": [0], "s3:GetObject": [1]}


def test_a_resource_policy_lets_an_outsider_in() -> None:
    outsider = "arn:aws:iam::444455556666:role/partner"
    document = allow("s3:GetObject", f"{PAYROLL}/*", Principal={"AWS": outsider})
    found = ask(c.SetResourcePolicy(resource=PAYROLL, document=document, account=ACCOUNT))
    assert (outsider.rpartition("/")[2], "gained", "s3:GetObject") in lines(found)


def test_what_happened_later_is_no_part_of_it() -> None:
    later: tuple[Told, ...] = (*STORY, (60, attached(EVE, arn("policy/writer"))))
    found = ask(c.AttachPolicy(principal="eve", policy="reader"), story=later)
    assert lines(found) == [("eve", "gained", "s3:GetObject")]
    assert ask(story=later).difference.differences == ()


OPEN = allow("s3:GetObject", f"{PAYROLL}/*", Principal="*")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (c.AttachPolicy(principal="nobody", policy="reader"), "there is no user or group or role nobody"),
        (c.AttachPolicy(principal="eve", policy="none"), "there is no policy none"),
        (c.DetachPolicy(principal="eve", policy="reader"), "is not attached to"),
        (c.PutInlinePolicy(principal="eve", name="x", document="{}"), "inline policy x"),
        (c.DeleteInlinePolicy(principal="eve", name="x"), "has no inline policy x"),
        (c.RemoveBoundary(principal="eve"), "has no permissions boundary"),
        (c.RemoveFromGroup(user="eve", group="team"), "is not in"),
        (c.Create(arn=arn("user/Eve")), "already"),
        (c.Create(arn=arn("role/new")), "a trust policy"),
        (c.Create(arn="arn:aws:iam::999900001111:user/new"), "nothing is known of account 999900001111"),
        (c.Create(arn="arn:aws:s3:::bucket"), "is not the ARN of a user, group or role"),
        (c.SetPolicy(policy="none", document=READ), "there is no policy none"),
        (
            c.SetResourcePolicy(resource=PAYROLL, document=OPEN),
            "name its account",
        ),
        (c.SetResourcePolicy(resource=arn("role/admin"), document=OPEN), "beside those of IAM"),
        (c.Tag(what=arn("user/nobody"), tags={"a": "b"}), "there is no user or role or policy"),
        (c.Tag(what=arn("assumed-role/admin/x"), tags={"a": "b"}), "beside those of IAM"),
        (c.DeleteResourcePolicy(resource=PAYROLL), "no policy of"),
        (c.AttachGuardrail(target="ou-none", document=READ), "no organisation"),
        (c.AttachGuardrail(target=ROOT), "either a document or a policy"),
        (c.DetachGuardrail(policy="p-none", target=ROOT), "there is no guardrail p-none"),
    ],
)  # fmt: skip
def test_what_cannot_be_supposed(change: c.AnyChange, words: str) -> None:
    with pytest.raises(ImpossibleChange, match=words) as found:
        ask(c.AttachPolicy(principal="bob", policy="reader"), change)
    assert found.value.index == 1


def test_a_boundary_that_is_in_use_is_not_deleted() -> None:
    story: tuple[Told, ...] = (*STORY, (5, bounded(EVE, arn("policy/reader"))))
    with pytest.raises(ImpossibleChange, match="is the permissions boundary of"):
        ask(c.Delete(what="policy/reader"), story=story)
    found = ask(c.RemoveBoundary(principal="eve"), c.Delete(what="policy/reader"), story=story)
    assert {each[:2] for each in lines(found)} == {("eve", "gained")}  # what needs no permission, but for the boundary
