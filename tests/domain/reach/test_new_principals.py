"""Principals that are not there yet: who may make one, give it any policy and get in is an administrator."""

from __future__ import annotations

from typing import Any

import pytest

from erstwhile.domain.reach.cuts import cuts
from erstwhile.domain.reach.edges import proofs
from erstwhile.domain.reach.forward import reachable
from erstwhile.domain.reach.paths import Path, paths_between, paths_into, paths_to_administrator
from tests.support.people_and_roles import ADA, BOSS, LAMBDA, ROOT, World
from tests.support.reach_worlds import ACCOUNT, ALL, allow, arn, document, trusting

APPS = f"arn:aws:iam::{ACCOUNT}:role/app-*"
BOTS = f"arn:aws:iam::{ACCOUNT}:user/bot-*"
LIMIT = arn("policy", "limit")
NEW_ROLE, NEW_USER = "role/* made anew with any policy", "user/* made anew with any policy"
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
BOUNDED = {"StringEquals": {"iam:PermissionsBoundary": LIMIT}}


@pytest.fixture
def world() -> World:
    return World()


def deny(actions: str | list[str], resource: str = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Deny", "Action": actions, "Resource": resource, **more}


def told(path: Path) -> str:
    """The steps in one text; a question mark where one is conditional."""
    steps = (
        f"{each.source.text} -{each.family}{'?' if each.how != 'allow' else ''}-> {each.target.text}"
        for each in path.edges
    )
    return (
        ", ".join(steps).replace(f"arn:aws:iam::{ACCOUNT}:", "").replace("user/ada", "ada").replace("user/bob", "bob")
    )


def to_administrator(world: World, steps: int = 3) -> list[str]:
    return [told(each) for each in paths_to_administrator(world.ways(), steps, 100).paths]


def limit(world: World, *statements: dict[str, Any]) -> None:
    """A policy that is there to be a boundary."""
    world.builder.policy(ACCOUNT, "ANPALIMIT", "limit", document(*statements))


@pytest.mark.parametrize(("raising", "family"), [
    ("iam:AttachRolePolicy", "new-role-attach-policy"), ("iam:PutRolePolicy", "new-role-put-policy"),
])  # fmt: skip
def test_who_may_make_a_role_with_any_policy_gets_in_by_the_trust_that_it_writes(
    world: World, raising: str, family: str
) -> None:
    world.user("ada", allow(["iam:CreateRole", raising], APPS))
    world.user("bob", allow("iam:CreateRole", APPS))
    world.user("eve", allow(raising, APPS))
    assert to_administrator(world) == [f"ada -{family}-> {NEW_ROLE}"]


@pytest.mark.parametrize(("raising", "by"), [
    ("iam:AttachUserPolicy", "attach-policy"), ("iam:PutUserPolicy", "put-policy"),
])  # fmt: skip
@pytest.mark.parametrize(("access", "with_"), [
    ("iam:CreateAccessKey", "access-key"), ("iam:CreateLoginProfile", "password"),
])  # fmt: skip
def test_who_may_make_a_user_with_any_policy_gets_in_by_a_credential(
    world: World, raising: str, by: str, access: str, with_: str
) -> None:
    world.user("ada", allow(["iam:CreateUser", raising, access], BOTS))
    world.user("bob", allow(["iam:CreateUser", raising], BOTS))
    world.user("eve", allow(["iam:CreateUser", access], BOTS))
    assert to_administrator(world) == [f"ada -new-user-{by}-{with_}-> {NEW_USER}"]


def test_all_is_asked_of_one_and_the_same_new_name(world: World) -> None:
    world.user("ada", allow("iam:CreateRole", APPS), allow("iam:PutRolePolicy", arn("role", "web-*")))
    world.user("bob", allow("iam:CreateRole", arn("role", "*-app")), allow("iam:PutRolePolicy", arn("role", "web-*")))
    ways = world.ways()
    [path] = paths_to_administrator(ways, 1, 10).paths
    assert told(path) == f"bob -new-role-put-policy-> {NEW_ROLE}"
    assert {proof.resource for proof in proofs(ways.questions, path.edges[0])} == {arn("role", "web-app")}


def test_a_name_that_is_taken_is_not_made_anew(world: World) -> None:
    world.user("ada", allow(["iam:CreateRole", "iam:PutRolePolicy"], arn("role", "app")))
    assert to_administrator(world) == [f"ada -new-role-put-policy-> {NEW_ROLE}"]
    world.role("app", trusting(LAMBDA))
    assert to_administrator(world) == []


def test_a_path_may_take_a_name_out_of_a_deny(world: World) -> None:
    able = allow(["iam:CreateRole", "iam:PutRolePolicy"], f"arn:aws:iam::{ACCOUNT}:*/app-*")
    world.user("ada", able, deny("sts:AssumeRole", APPS))
    ways = world.ways()
    [path] = paths_to_administrator(ways, 1, 10).paths
    [found] = path.edges[0].found
    assert found.startswith(arn("role", "")) and found.endswith("/app-") and "//" not in found


def test_of_a_pattern_a_name_that_is_free_is_found(world: World) -> None:
    world.user("ada", allow(["iam:CreateRole", "iam:PutRolePolicy"], arn("role", "app*")))
    for name in ("app", "appx"):
        world.role(name, trusting(LAMBDA))
    assert to_administrator(world) == [f"ada -new-role-put-policy-> {NEW_ROLE}"]


def test_roles_of_services_are_not_made_by_customers(world: World) -> None:
    world.user("ada", allow(["iam:CreateRole", "iam:PutRolePolicy"], arn("role", "aws-service-role/*")))
    assert to_administrator(world) == []


def test_a_condition_on_the_policy_that_is_attached_is_settled(world: World) -> None:
    only = {"ArnEquals": {"iam:PolicyARN": "arn:aws:iam::aws:policy/ReadOnlyAccess"}}
    world.user("ada", allow("iam:CreateRole", APPS), allow("iam:AttachRolePolicy", APPS, Condition=only))
    not_all = {"ArnEquals": {"iam:PolicyARN": ADMINISTRATOR}}
    world.user("bob", allow(["iam:CreateRole", "iam:AttachRolePolicy"], APPS),
               deny("iam:AttachRolePolicy", Condition=not_all))  # fmt: skip
    assert to_administrator(world) == []


def test_who_makes_a_role_has_no_policy_in_the_request(world: World) -> None:
    certain = {"ArnEquals": {"iam:PolicyARN": ADMINISTRATOR}}
    world.user("ada", allow(["iam:CreateRole", "iam:AttachRolePolicy"], APPS, Condition=certain))
    assert to_administrator(world) == []


def test_denies_guardrails_and_the_makers_boundary_block_it(world: World) -> None:
    able = ["iam:CreateRole", "iam:PutRolePolicy"]
    world.user("ada", allow(able, APPS), deny("iam:PutRolePolicy"))
    world.user("bob", allow(able, APPS), boundary=document(allow("iam:PutRolePolicy"), allow("sts:*")))
    assert to_administrator(world) == []
    world.user("eve", allow(able, APPS))
    assert to_administrator(world) == [f"user/eve -new-role-put-policy-> {NEW_ROLE}"]
    world.builder.organization({"r-1": ("root", ""), ACCOUNT: ("account", "r-1")})
    world.builder.guardrail("p-all", "SERVICE", ALL, ["r-1", ACCOUNT])
    world.builder.guardrail("p-deny", "SERVICE", document(deny("iam:CreateRole")), ["r-1"])
    assert to_administrator(world) == []


def test_a_deny_of_assuming_the_role_blocks_it_for_these_names_alone(world: World) -> None:
    able = allow(["iam:CreateRole", "iam:PutRolePolicy"], [APPS, arn("role", "web-*")])
    world.user("ada", able, deny("sts:AssumeRole", APPS))
    world.user("bob", able, deny("sts:AssumeRole"))
    ways = world.ways()
    [path] = paths_to_administrator(ways, 1, 10).paths
    assert told(path) == f"ada -new-role-put-policy-> {NEW_ROLE}"
    assert path.edges[0].found == (arn("role", "web-"),)


def test_mfa_is_a_condition_of_it(world: World) -> None:
    mfa = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    world.user("ada", allow(["iam:CreateRole", "iam:PutRolePolicy"], APPS, Condition=mfa))
    assert to_administrator(world) == [f"ada -new-role-put-policy?-> {NEW_ROLE}"]


@pytest.mark.parametrize("required", [
    [allow(["iam:CreateRole", "iam:AttachRolePolicy", "iam:PutRolePolicy"], Condition=BOUNDED)],
    [allow(["iam:CreateRole", "iam:AttachRolePolicy", "iam:PutRolePolicy"]),
     deny(["iam:CreateRole"], Condition={"StringNotEquals": {"iam:PermissionsBoundary": LIMIT}})],
    [allow(["iam:CreateRole", "iam:AttachRolePolicy", "iam:PutRolePolicy"]),
     deny(["iam:CreateRole"], Condition={"ArnNotLike": {"iam:PermissionsBoundary": "arn:aws:iam::*:policy/li*"}})],
])  # fmt: skip
def test_a_boundary_that_must_be_set_limits_what_is_made(world: World, required: list[dict[str, Any]]) -> None:
    """AWS's pattern of delegation by a boundary."""
    limit(world, allow("s3:*"), allow("sts:AssumeRole"))
    world.user("ada", *required)
    world.role("data", trusting({"AWS": ROOT}))
    assert to_administrator(world) == []
    bounded = f"{NEW_ROLE} bounded by policy/limit"
    found = [told(each) for each in paths_between(world.ways(), ADA, arn("role", "data"), 2, 10).paths]
    assert f"ada -new-role-put-policy-> {bounded}, {bounded} -assume-role-> role/data" in found
    assert all(bounded in each for each in found)


def test_a_boundary_without_which_no_policy_is_attached_limits_what_is_made(world: World) -> None:
    limit(world, allow("*"))
    world.user("ada", allow("iam:CreateRole", APPS), allow("iam:PutRolePolicy", APPS, Condition=BOUNDED))
    assert to_administrator(world) == [f"ada -new-role-put-policy-> {NEW_ROLE} bounded by policy/limit"]


def test_a_boundary_that_must_be_there_at_all_limits_nothing(world: World) -> None:
    world.builder.account("aws")
    world.builder.policy("aws", "ANPAADMIN", "AdministratorAccess", ALL)
    some = {"Null": {"iam:PermissionsBoundary": "false"}}
    world.user("ada", allow(["iam:CreateRole", "iam:PutRolePolicy"], APPS, Condition=some))
    assert to_administrator(world) == [f"ada -new-role-put-policy-> {NEW_ROLE}"]


def test_a_boundary_that_allows_all_limits_nothing(world: World) -> None:
    limit(world, allow("*"))
    world.user("ada", allow(["iam:CreateRole", "iam:PutRolePolicy"], APPS, Condition=BOUNDED))
    assert to_administrator(world) == [f"ada -new-role-put-policy-> {NEW_ROLE} bounded by policy/limit"]


@pytest.mark.parametrize(("removing", "family"), [
    ("iam:DeleteRolePermissionsBoundary", "new-role-put-policy-delete-boundary"),
    ("iam:PutRolePermissionsBoundary", "new-role-put-policy-replace-boundary"),
])  # fmt: skip
def test_a_boundary_that_can_be_taken_off_again_limits_nothing(world: World, removing: str, family: str) -> None:
    limit(world, allow("s3:*"))
    able = allow(["iam:CreateRole", "iam:PutRolePolicy"], APPS, Condition=BOUNDED)
    world.user("ada", able, allow(removing, APPS))
    world.user("bob", able, allow(removing, APPS), deny(removing))
    assert to_administrator(world) == [f"ada -{family}-> {NEW_ROLE}"]


def test_a_new_user_joins_a_group_of_administrators(world: World) -> None:
    """Who may add it to a group may add itself, too, if it is a user: this is of use to roles."""
    for name, held in (("admins", allow("*")), ("staff", allow("s3:*"))):
        group = (ACCOUNT, "group", f"AGPA{name}")
        world.builder.put(*group, "entity", name=name, path="/", arn=arn("group", name))
        world.builder.documents(*group, "inline", {"p": document(held)})
    able = allow(["iam:CreateUser", "iam:CreateAccessKey"], BOTS)
    world.role("ada", trusting(LAMBDA), able, allow("iam:AddUserToGroup", arn("group", "admins")))
    world.role("bob", trusting(LAMBDA), able, allow("iam:AddUserToGroup", arn("group", "staff")))
    assert to_administrator(world) == ["role/ada -new-user-join-group-access-key-> user/* made anew in group admins"]
    found = [told(each) for each in reachable(world.ways(), arn("role", "bob"), 1, 10).paths]
    assert found == ["role/bob -new-user-join-group-access-key-> user/* made anew in group staff"]


def test_a_path_goes_on_from_what_is_made(world: World) -> None:
    world.user("ada", allow(["iam:CreateRole", "iam:PutRolePolicy"], APPS))
    world.role("boss", trusting({"AWS": ROOT}))
    world.role("far", trusting({"AWS": arn("role", "boss")}))
    found = [told(each) for each in paths_between(world.ways(), ADA, BOSS, 2, 10).paths]
    assert f"ada -new-role-put-policy-> {NEW_ROLE}, {NEW_ROLE} -assume-role-> role/boss" in found
    assert all(each.startswith(f"ada -new-role-put-policy-> {NEW_ROLE}, ") for each in found)


def test_another_may_lead_to_the_one_that_makes_it(world: World) -> None:
    world.user("ada", allow("sts:AssumeRole", arn("role", "deploy")))
    world.role("deploy", trusting({"AWS": ROOT}), allow(["iam:CreateRole", "iam:AttachRolePolicy"], APPS))
    assert to_administrator(world) == [
        f"role/deploy -new-role-attach-policy-> {NEW_ROLE}",
        f"ada -assume-role-> role/deploy, role/deploy -new-role-attach-policy-> {NEW_ROLE}",
    ]


def test_who_takes_off_its_boundary_may_make_one_then(world: World) -> None:
    world.user("ada", allow(["iam:CreateRole", "iam:PutRolePolicy"], APPS), allow("iam:DeleteUserPermissionsBoundary"),
               boundary=document(allow("iam:Delete*")))  # fmt: skip
    bare = "ada without its boundary"
    assert to_administrator(world) == [
        f"ada -delete-user-permissions-boundary-> {bare}, {bare} -new-role-put-policy-> {NEW_ROLE}"
    ]


def test_nobody_makes_principals_in_another_account(world: World) -> None:
    world.builder.account("444455556666")
    world.user("ada", allow(["iam:CreateRole", "iam:PutRolePolicy"], "arn:aws:iam::444455556666:role/*"))
    assert to_administrator(world) == []
    assert paths_into(world.ways(), ADA, 1, 10).paths == ()


def test_a_guardrail_that_leaves_a_new_role_little_makes_it_no_administrator(world: World) -> None:
    world.user("ada", allow(["iam:CreateRole", "iam:PutRolePolicy"], APPS))
    world.user("boss", allow("*"))
    world.builder.organization({"r-1": ("root", ""), ACCOUNT: ("account", "r-1")})
    world.builder.guardrail("p-all", "SERVICE", ALL, ["r-1", ACCOUNT])
    only = {"ArnLike": {"aws:PrincipalArn": arn("role", "*")}}
    world.builder.guardrail("p-deny", "SERVICE", document(deny(["s3:*", "rds:*"], Condition=only)), ["r-1"])
    ways = world.ways()
    assert [each.principal for each in paths_to_administrator(ways, 1, 10).administrators] == [arn("user", "boss")]
    [path] = paths_to_administrator(ways, 1, 10).paths
    assert told(path) == f"ada -new-role-put-policy-> {NEW_ROLE}"


def test_a_removal_closes_it(world: World) -> None:
    world.user("ada", allow("iam:CreateRole", APPS), allow("iam:PutRolePolicy", APPS))
    ways = world.ways()
    words = {cut.removal.words for cut in cuts(ways.questions, paths_to_administrator(ways, 1, 10).paths)}
    assert words == {
        "inline:own from user/ada", "statement 0 from inline:own of user/ada", "statement 1 from inline:own of user/ada"
    }  # fmt: skip


def test_who_can_make_itself_an_administrator_needs_no_other(world: World) -> None:
    world.user("ada", allow("iam:*"))
    assert not any("made anew" in each for each in to_administrator(world))
