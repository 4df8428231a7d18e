"""A Terraform plan as changes: what is created, updated, deleted and replaced, and what cannot be read."""

from __future__ import annotations

from typing import Any

import pytest

from erstwhile.domain.what_if import changes as c
from erstwhile.domain.what_if.pieces import NoPlan, NotUnderstood
from erstwhile.domain.what_if.terraform.plan import planned_changes
from tests.support.documents import FULL, allow, trusting
from tests.support.records import ACCOUNT
from tests.support.stories import arn

READ = allow("s3:GetObject")
Values = dict[str, Any]


def entry(address: str, before: Values | None, after: Values | None, unknown: Values | None = None) -> Values:
    actions = ["create"] if before is None else ["delete"] if after is None else ["update"]
    change = {"actions": actions, "before": before, "after": after, "after_unknown": unknown or {}}
    return {"address": address, "mode": "managed", "type": address.split(".")[-2], "change": change}


def plan(*entries: Values, **configured: Values) -> Values:
    resources = [{"address": address.replace("__", "."), "expressions": each} for address, each in configured.items()]
    return {
        "format_version": "1.2", "resource_changes": list(entries),
        "configuration": {"root_module": {"resources": resources}},
    }  # fmt: skip


def refers(*references: str) -> Values:
    return {"references": list(references)}


def test_a_role_its_policy_and_the_attachment_between_them() -> None:
    found = planned_changes(
        plan(
            entry(
                "aws_iam_role_policy_attachment.a", None, {"role": "app"}, {"policy_arn": True, "id": True},
            ),
            entry("aws_iam_policy.p", None, {"name": "own", "path": "/team/", "policy": READ}, {"arn": True}),
            entry("aws_iam_role.r", None, {"name": "app", "path": "/", "assume_role_policy": FULL}, {"arn": True}),
            aws_iam_role_policy_attachment__a={
                "policy_arn": refers("aws_iam_policy.p.arn", "aws_iam_policy.p"), "role": {"constant_value": "app"},
            },
        ),
        ACCOUNT,
    )  # fmt: skip
    own = arn("policy/team/own")
    assert found.changes == (
        c.SetPolicy(policy=own, document=READ), c.Create(arn=arn("role/app"), trust=FULL),
        c.AttachPolicy(principal=arn("role/app"), policy=own),
    )  # fmt: skip
    assert found.addresses == ("aws_iam_policy.p", "aws_iam_role.r", "aws_iam_role_policy_attachment.a")
    assert found.not_understood == ()


@pytest.mark.parametrize(
    ("address", "before", "after", "expected"),
    [
        (
            "aws_iam_role.r",
            {"arn": arn("role/app"), "name": "app", "assume_role_policy": FULL},
            {"arn": arn("role/app"), "name": "app", "assume_role_policy": trusting(arn("user/eve"))},
            [c.SetTrust(role=arn("role/app"), document=trusting(arn("user/eve")))],
        ),
        (
            "aws_iam_user.u",
            {"arn": arn("user/eve"), "name": "eve", "permissions_boundary": arn("policy/b"), "tags_all": {"a": "1"}},
            {"arn": arn("user/eve"), "name": "eve", "permissions_boundary": None, "tags_all": {"a": "2", "b": "3"}},
            [
                c.Tag(what=arn("user/eve"), tags={"a": "2"}), c.Tag(what=arn("user/eve"), tags={"b": "3"}),
                c.RemoveBoundary(principal=arn("user/eve")),
            ],
        ),
        (
            "aws_iam_policy.p",
            {"arn": arn("policy/own"), "name": "own", "policy": READ},
            {"arn": arn("policy/own"), "name": "own", "policy": FULL},
            [c.SetPolicy(policy=arn("policy/own"), document=FULL)],
        ),
        (
            "aws_iam_policy.p", {"arn": arn("policy/own"), "name": "own", "policy": READ}, None,
            [c.Delete(what=arn("policy/own"))],
        ),
        (
            "aws_iam_group_policy.g",
            {"group": "team", "name": "p", "policy": READ}, {"group": "team", "name": "p", "policy": FULL},
            [c.PutInlinePolicy(principal=arn("group/team"), name="p", document=FULL)],
        ),
        (
            "aws_iam_user_policy.g", {"user": "eve", "name": "p", "policy": READ}, None,
            [c.DeleteInlinePolicy(principal=arn("user/eve"), name="p")],
        ),
        (
            "aws_iam_user_group_membership.m",
            {"user": "eve", "groups": ["a", "b"]}, {"user": "eve", "groups": ["b", "c"]},
            [
                c.AddToGroup(user=arn("user/eve"), group=arn("group/c")),
                c.RemoveFromGroup(user=arn("user/eve"), group=arn("group/a")),
            ],
        ),
        (
            "aws_iam_policy_attachment.x",
            {"users": ["eve"], "groups": [], "roles": ["r"], "policy_arn": arn("policy/p")},
            {"users": [], "groups": ["team"], "roles": ["r"], "policy_arn": arn("policy/p")},
            [
                c.AttachPolicy(principal=arn("group/team"), policy=arn("policy/p")),
                c.DetachPolicy(principal=arn("user/eve"), policy=arn("policy/p")),
            ],
        ),
        (
            "aws_s3_bucket_policy.b", None, {"bucket": "payroll", "policy": FULL},
            [c.SetResourcePolicy(resource="arn:aws:s3:::payroll", document=FULL, account=ACCOUNT)],
        ),
        (
            "aws_kms_key.k",
            {"arn": f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1", "policy": FULL},
            {"arn": f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1", "policy": READ},
            [c.SetResourcePolicy(resource=f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1", document=READ)],
        ),
        (
            "aws_organizations_policy_attachment.a", {"policy_id": "p-1", "target_id": ACCOUNT}, None,
            [c.DetachGuardrail(policy="p-1", target=ACCOUNT)],
        ),
        ("aws_instance.i", None, {"ami": "ami-1"}, []),
    ],
)  # fmt: skip
def test_what_a_resource_of_the_plan_changes(
    address: str, before: Values | None, after: Values | None, expected: list[c.AnyChange]
) -> None:
    assert planned_changes(plan(entry(address, before, after)), ACCOUNT).changes == tuple(expected)


def test_a_new_guardrail_comes_with_its_target() -> None:
    found = planned_changes(
        plan(
            entry("aws_organizations_policy.g", None, {"name": "no-s3", "type": None, "content": READ}, {"id": True}),
            entry("aws_organizations_policy_attachment.a", None, {"target_id": "r-1"}, {"policy_id": True}),
            aws_organizations_policy_attachment__a={"policy_id": refers("aws_organizations_policy.g.id")},
        )
    )
    assert found.changes == (c.AttachGuardrail(target="r-1", document=READ),)


def test_a_role_that_is_replaced_loses_what_it_had() -> None:
    values = {"arn": arn("role/app"), "name": "app", "assume_role_policy": FULL}
    replaced = entry("aws_iam_role.r", values, values | {"description": "x"})
    replaced["change"]["actions"] = ["delete", "create"]
    found = planned_changes(plan(replaced), ACCOUNT)
    assert found.changes == (c.Delete(what=arn("role/app")), c.Create(arn=arn("role/app"), trust=FULL))


def test_instances_refer_to_those_of_their_own_index() -> None:
    found = planned_changes(
        plan(
            entry('module.m["x"].aws_iam_policy.p["a"]', None, {"name": "one", "policy": READ}, {"arn": True}),
            entry('module.m["x"].aws_iam_policy.p["b"]', None, {"name": "two", "policy": READ}, {"arn": True}),
            entry(
                'module.m["x"].aws_iam_user_policy_attachment.a["b"]', None, {"user": "eve"}, {"policy_arn": True}
            ),
        )
        | {
            "configuration": {"root_module": {"module_calls": {"m": {"module": {"resources": [{
                "address": "aws_iam_user_policy_attachment.a",
                "expressions": {"policy_arn": refers("aws_iam_policy.p", "each.key", "aws_iam_policy.p[each.key].arn")},
            }]}}}}}
        },
        ACCOUNT,
    )  # fmt: skip
    assert found.changes[-1] == c.AttachPolicy(principal=arn("user/eve"), policy=arn("policy/two"))


def test_what_is_known_after_the_application_alone_is_named() -> None:
    found = planned_changes(
        plan(entry("aws_iam_user_policy.p", None, {"user": "eve", "name": "p"}, {"policy": True})), ACCOUNT
    )
    assert found.changes == ()
    assert found.not_understood == (
        NotUnderstood("aws_iam_user_policy.p", "policy is known after the application alone"),
    )


def test_the_account_is_that_of_the_plan() -> None:
    created = entry("aws_iam_user.u", None, {"name": "new", "path": "/"}, {"arn": True})
    unknown = planned_changes(plan(created))
    assert unknown.changes == () and "name the account" in unknown.not_understood[0].why
    read = plan(created) | {"prior_state": {"values": {"root_module": {"resources": [
        {"address": "data.aws_caller_identity.me", "values": {"account_id": ACCOUNT}},
    ]}}}}  # fmt: skip
    assert planned_changes(read).changes == (c.Create(arn=arn("user/new")),)


@pytest.mark.parametrize("given", [[], "x", {}, {"format_version": "1.2", "resource_changes": {}}])
def test_what_is_no_plan(given: Any) -> None:
    with pytest.raises(NoPlan, match="not a Terraform plan"):
        planned_changes(given)


def test_a_plan_without_changes() -> None:
    untouched = entry("aws_iam_user.u", {"name": "eve"}, {"name": "eve"})
    untouched["change"]["actions"] = ["no-op"]
    assert planned_changes(plan(untouched, {"mode": "data", "change": {}}, {"x": 1}), ACCOUNT).changes == ()
