"""Paths that are a combination of rights, each by hand with its near misses."""

from __future__ import annotations

from typing import Any

import pytest

from erstwhile.domain.reach.paths import paths_to_administrator
from tests.support.people_and_roles import BOSS, LAMBDA, World, id_of
from tests.support.reach_worlds import ACCOUNT, ALL, allow, arn, document, trusting


@pytest.fixture
def world() -> World:
    return World()


def deny(actions: str | list[str], resource: str = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Deny", "Action": actions, "Resource": resource, **more}


def steps(world: World, most: int = 2) -> list[str]:
    """The paths to administrators, each as its steps in one text."""
    found = paths_to_administrator(world.ways(), most, 100).paths
    return sorted(
        ", ".join(f"{each.source.text} -{each.family}-> {each.target.text}" for each in path.edges).replace(
            f"arn:aws:iam::{ACCOUNT}:", ""
        )
        for path in found
    )


def group(world: World, name: str, *statements: dict[str, Any]) -> None:
    key = (ACCOUNT, "group", f"AGPA{name}")
    world.builder.put(*key, "entity", name=name, path="/", arn=arn("group", name))
    if statements:
        world.builder.documents(*key, "inline", {"p": document(*statements)})


def test_a_guardrail_tells_principals_apart_that_have_any_policy(world: World) -> None:
    for name in ("intern-a", "zoe"):
        world.user(name, allow("iam:PutUserPolicy", "arn:aws:iam::*:user/${aws:username}"))
    world.builder.organization({"r-1": ("root", ""), ACCOUNT: ("account", "r-1")})
    world.builder.guardrail("p-all", "SERVICE", ALL, ["r-1", ACCOUNT])
    interns = {"ArnLike": {"aws:PrincipalArn": arn("user", "intern-*")}}
    world.builder.guardrail("p-deny", "SERVICE", document(deny("s3:*", Condition=interns)), ["r-1"])
    assert steps(world, 1) == ["user/zoe -put-user-policy-> user/zoe with any policy"]


@pytest.mark.parametrize(("raising", "family"), [
    ("iam:PutGroupPolicy", "join-group-put-policy"), ("iam:AttachGroupPolicy", "join-group-attach-policy"),
])  # fmt: skip
def test_a_group_that_one_may_join_and_write_a_policy_of(world: World, raising: str, family: str) -> None:
    group(world, "empty")
    group(world, "other")
    empty = arn("group", "empty")
    world.user("ada", allow(["iam:AddUserToGroup", raising], empty))
    world.user("bob", allow("iam:AddUserToGroup", arn("group", "other")), allow(raising, empty))
    world.user("eve", allow(["iam:AddUserToGroup", raising], empty), deny(raising))
    assert steps(world) == [f"user/ada -{family}-> user/ada with any policy"]


@pytest.mark.parametrize(("raising", "family"), [
    ("iam:PutGroupPolicy", "new-group-put-policy"), ("iam:AttachGroupPolicy", "new-group-attach-policy"),
])  # fmt: skip
def test_a_group_that_one_may_make_with_any_policy_and_join(world: World, raising: str, family: str) -> None:
    able = ["iam:CreateGroup", "iam:AddUserToGroup", raising]
    world.user("ada", allow(able, arn("group", "app-*")))
    world.user("bob", allow(able[:2], arn("group", "app-*")), allow(raising, arn("group", "web-*")))
    world.user("eve", allow(able[1:], arn("group", "app-*")))
    world.role("ops", trusting(LAMBDA), allow(able, arn("group", "app-*")))
    assert steps(world) == [f"user/ada -{family}-> user/ada with any policy"]
    group(world, "taken")
    world.user("zoe", allow(able, arn("group", "taken")))
    assert f"user/zoe -{family}-> user/zoe with any policy" not in steps(world)


def test_who_may_make_a_group_makes_others_administrators_that_it_can_become(world: World) -> None:
    world.role("ops", trusting(LAMBDA), allow(["iam:CreateGroup", "iam:AddUserToGroup", "iam:PutGroupPolicy"]),
               allow("iam:CreateAccessKey"))  # fmt: skip
    world.user("zoe")
    assert "role/ops -new-group-put-policy+create-access-key-> user/zoe with any policy" in steps(world)


def test_a_policy_with_five_versions_that_is_a_boundary_is_written_over(world: World) -> None:
    """`create-boundary-version` needs room for a version."""
    able = ["iam:CreatePolicyVersion", "iam:PutUserPolicy", "iam:DeletePolicyVersion"]
    limit = world.builder.policy(ACCOUNT, "ANPALIMIT", "limit", document(allow(able)))
    for number in range(2, 6):
        world.builder.put(ACCOUNT, "policy", "ANPALIMIT", "version", f"v{number}", document=document())
    world.user("ada", allow(able))
    world.user("bob", allow(able), deny("iam:DeletePolicyVersion"))
    for name in ("ada", "bob"):
        world.builder.put(ACCOUNT, "user", id_of(ACCOUNT, name), "boundary", policy=limit)
    found = steps(world)
    assert any(each.startswith("user/ada -replace-boundary-version-> ") for each in found)
    assert not any("user/bob -" in each for each in found)


def test_another_version_of_a_boundary_is_put_in_force(world: World) -> None:
    able = ["iam:SetDefaultPolicyVersion", "iam:PutUserPolicy"]
    limit = world.builder.policy(ACCOUNT, "ANPALIMIT", "limit", document(allow(able)))
    world.builder.put(ACCOUNT, "policy", "ANPALIMIT", "version", "v2", document=ALL)
    world.builder.put(ACCOUNT, "policy", "ANPALIMIT", "version", "v3", document=document(allow("s3:*")))
    world.user("ada", allow(able))
    world.user("bob", allow(able), deny(able[0]))
    for name in ("ada", "bob"):
        world.builder.put(ACCOUNT, "user", id_of(ACCOUNT, name), "boundary", policy=limit)
    found = steps(world)
    wider = "user/ada within policy/limit@v2"
    assert f"user/ada -set-default-boundary-version-> {wider}, {wider} -put-user-policy-> user/ada" in "; ".join(found)
    assert not any("limit@v3" in each for each in found)
    assert not any("user/bob -" in each for each in found)


@pytest.mark.parametrize(("family", "needs"), [
    ("ec2-request-spot-instances-new-profile", ["ec2:RequestSpotInstances"]),
    ("ec2-associate-instance-profile-new-profile", ["ec2:AssociateIamInstanceProfile"]),
    ("autoscaling-launch-configuration-new-profile",
     ["autoscaling:CreateLaunchConfiguration", "autoscaling:CreateAutoScalingGroup"]),
])  # fmt: skip
def test_a_role_in_no_profile_is_put_into_a_new_one(world: World, family: str, needs: list[str]) -> None:
    making = ["iam:CreateInstanceProfile", "iam:AddRoleToInstanceProfile"]
    world.role("boss", trusting({"Service": "ec2.amazonaws.com"}), allow("*"))
    world.user("ada", allow("iam:PassRole", BOSS), allow([*needs, *making]))
    world.user("bob", allow("iam:PassRole", BOSS), allow([*needs, making[0]]))
    world.user("eve", allow([*needs, *making]))
    assert steps(world) == [f"user/ada -{family}-> role/boss"]


def test_a_role_in_no_profile_is_put_into_one_that_is_there(world: World) -> None:
    """A profile holds one role: it must be empty, or the other one be removed. Which is so, is a condition."""
    world.role("boss", trusting({"Service": "ec2.amazonaws.com"}), allow("*"))
    able = ["ec2:RunInstances", "iam:AddRoleToInstanceProfile"]
    free, held = arn("instance-profile", "free"), arn("instance-profile", "held")
    for name, profile, more in (
        ("ada", free, []), ("bob", held, []), ("eve", held, ["iam:RemoveRoleFromInstanceProfile"]),
    ):  # fmt: skip
        world.user(name, allow("iam:PassRole", BOSS), allow(able[0]), allow([able[1], *more], profile))
    found = steps(world)
    assert {each for each in found if "empty-profile" in each} == {
        f"user/{name} -ec2-run-instances-empty-profile-> role/boss" for name in ("ada", "bob", "eve")
    }
    assert [each for each in found if "swapped-profile" in each] == [
        "user/eve -ec2-run-instances-swapped-profile-> role/boss"
    ]


def test_a_key_that_the_request_of_an_action_never_has_is_no_condition(world: World) -> None:
    """Of credentials a request has neither a boundary nor a policy."""
    bounded = {"StringNotEquals": {"iam:PermissionsBoundary": arn("policy", "limit")}}
    attached = {"StringEquals": {"iam:PolicyARN": arn("policy", "limit")}}
    world.user("ada", allow("iam:CreateAccessKey"), deny("iam:*", Condition=bounded))
    world.user("bob", allow("iam:CreateAccessKey", Condition=attached))
    world.user("eve", allow("iam:CreateAccessKey"), deny("iam:*", Condition=attached))
    world.user("boss", allow("*"))
    assert steps(world, 1) == ["user/eve -create-access-key-> user/boss"]
    assert {each.how for each in paths_to_administrator(world.ways(), 1, 10).paths} == {"allow"}
