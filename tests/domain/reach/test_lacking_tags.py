"""Conditions on tags that a principal, or the user or role that is asked about, surely has not."""

from __future__ import annotations

from typing import Any

import pytest

from erstwhile.domain.reach.cuts import cuts
from erstwhile.domain.reach.paths import paths_to_administrator
from tests.support.people_and_roles import ADA, BOSS, ROOT, World, id_of
from tests.support.reach_worlds import ACCOUNT, allow, document, trusting

RED: dict[str, Any] = {"StringEquals": {"aws:PrincipalTag/team": "red"}}


@pytest.fixture
def world() -> World:
    return World()


def hows(world: World) -> list[tuple[str, str, str]]:
    found = paths_to_administrator(world.ways(), 1, 100).paths
    return sorted((each.source.principal.rpartition(":")[2], each.edges[0].family, each.how) for each in found)


def tagged(world: World, name: str, kind: str = "user", **tags: str) -> None:
    for key, value in tags.items():
        world.builder.put(ACCOUNT, kind, id_of(ACCOUNT, name), "tag", key, value=value)


def test_a_user_that_has_not_the_tag_is_let_in_by_no_condition_on_it(world: World) -> None:
    world.user("ada", allow("sts:AssumeRole", BOSS, Condition=RED))
    world.user("bob", allow("sts:AssumeRole", BOSS, Condition=RED))
    tagged(world, "bob", Team="red")
    world.role("boss", trusting({"AWS": ROOT}), allow("*"))
    assert hows(world) == [("user/bob", "assume-role", "allow")]


def test_a_trust_that_asks_for_a_tag_lets_nobody_in_who_has_it_not(world: World) -> None:
    world.user("ada", allow("sts:AssumeRole", BOSS))
    world.user("bob", allow("sts:AssumeRole", BOSS))
    tagged(world, "bob", team="red")
    world.role("boss", trusting({"AWS": ROOT}, **RED), allow("*"))
    assert hows(world) == [("user/bob", "assume-role", "allow")]


def test_that_a_tag_is_not_there_may_be_the_condition(world: World) -> None:
    none = {"Null": {"aws:PrincipalTag/team": "true"}}
    world.user("ada", allow("sts:AssumeRole", BOSS, Condition=none))
    world.user("bob", allow("sts:AssumeRole", BOSS, Condition=none))
    tagged(world, "bob", team="red")
    world.role("boss", trusting({"AWS": ROOT}), allow("*"))
    assert hows(world) == [("user/ada", "assume-role", "allow")]


def test_a_user_whose_tags_nobody_saw_may_have_it(world: World) -> None:
    world.user("ada", allow("sts:AssumeRole", BOSS, Condition=RED))
    world.builder.put(ACCOUNT, "user", id_of(ACCOUNT, "ada"), "coverage")
    world.role("boss", trusting({"AWS": ROOT}), allow("*"))
    assert hows(world) == [("user/ada", "assume-role", "conditional")]


@pytest.mark.parametrize(("actions", "how"), [
    ("sts:AssumeRole", None), (["sts:AssumeRole", "sts:TagSession"], "conditional"), ("sts:*", "conditional"),
])  # fmt: skip
def test_a_roles_sessions_may_have_tags_where_its_trust_lets_them_be_passed(
    world: World, actions: Any, how: str | None
) -> None:
    world.role("deploy", trusting({"AWS": ROOT}, actions), allow("sts:AssumeRole", BOSS, Condition=RED))
    world.role("boss", trusting({"AWS": ROOT}), allow("*"))
    assert [found for name, _, found in hows(world) if name == "role/deploy"] == ([how] if how is not None else [])


def test_a_role_whose_trust_nobody_saw_may_have_tags(world: World) -> None:
    world.role("deploy", None, allow("sts:AssumeRole", BOSS, Condition=RED))
    world.role("boss", trusting({"AWS": ROOT}), allow("*"))
    assert ("role/deploy", "assume-role", "conditional") in hows(world)


@pytest.mark.parametrize("has_tag", [False, True])
@pytest.mark.parametrize("key", ["aws:ResourceTag/team", "iam:ResourceTag/team"])
def test_a_user_or_role_that_is_asked_about_has_not_the_tag(world: World, key: str, has_tag: bool) -> None:
    of_team = {"StringEquals": {key: "red"}}
    world.user("ada", allow(["sts:AssumeRole", "iam:CreateAccessKey"], Condition=of_team))
    world.role("boss", trusting({"AWS": ROOT}), allow("*"))
    world.user("root", allow("*"))
    if has_tag:
        tagged(world, "boss", "role", team="red")
    found = [each for each in hows(world) if each[0] == "user/ada"]
    assert found == ([("user/ada", "assume-role", "allow")] if has_tag else [])


def test_a_variable_of_a_tag_that_is_not_there_names_nothing(world: World) -> None:
    mine = f"arn:aws:iam::{ACCOUNT}:role/${{aws:PrincipalTag/team}}"
    world.user("ada", allow("sts:AssumeRole", mine))
    world.user("bob", allow("sts:AssumeRole", mine))
    tagged(world, "bob", team="boss")
    world.role("boss", trusting({"AWS": ROOT}), allow("*"))
    assert hows(world) == [("user/bob", "assume-role", "allow")]


def test_a_removal_is_tried_with_the_tags_that_are_there(world: World) -> None:
    world.user("ada", allow("sts:AssumeRole", BOSS), allow("sts:*", Condition=RED))
    world.role("boss", trusting({"AWS": ROOT}), allow("*"))
    ways = world.ways()
    words = {each.removal.words for each in cuts(ways.questions, paths_to_administrator(ways, 1, 10).paths)}
    assert "statement 0 from inline:own of user/ada" in words


def test_what_is_made_anew_may_have_any_tags(world: World) -> None:
    world.user("ada", allow(["iam:CreateRole", "iam:PutRolePolicy"]))
    world.builder.organization({"r-1": ("root", ""), ACCOUNT: ("account", "r-1")})
    world.builder.guardrail("p-all", "SERVICE", document(allow("*")), ["r-1", ACCOUNT])
    deny = {"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Condition": {"StringNotEquals": RED["StringEquals"]}}
    world.builder.guardrail("p-red", "SERVICE", document(deny), ["r-1"])
    assert [each[:2] for each in hows(world) if each[0].endswith(ADA.rpartition(":")[2])] == [
        ("user/ada", "new-role-put-policy")
    ]
