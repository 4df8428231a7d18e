"""The fold in valid order: what CloudTrail does to those who trust the order of arrival."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from erstwhile.domain.vocabulary.instants import BEFORE, parse_instant
from tests.support.documents import ALLOW, TRUST
from tests.support.histories import at, attach, delete, detach
from tests.support.memory_log import MemoryLog, log_of
from tests.support.records import ACCOUNT, create_user, record

NOON = "2026-03-03T12:00:00Z"


def role(name: str, when: str = NOON) -> dict[str, Any]:
    created = {"roleName": name, "roleId": f"AROA{name}", "arn": f"arn:aws:iam::{ACCOUNT}:role/{name}", "path": "/"}
    return record("CreateRole", {"roleName": name, "assumeRolePolicyDocument": TRUST}, {"role": created}, at=when)


def user(log: MemoryLog, name: str) -> Any:
    return log.engine.directory.named(ACCOUNT, "user", name)


def test_put_before_create_within_a_second() -> None:
    put = record("PutRolePolicy", {"roleName": "web", "policyName": "x", "policyDocument": ALLOW})
    web = log_of(put, role("web")).engine.directory.named(ACCOUNT, "role", "web")
    assert web is not None
    assert web.id == "AROAweb" and "x" in web.inline_policies and web.is_covered
    assert web.begun == parse_instant(NOON)


def test_delete_listed_before_detach_within_a_second() -> None:
    log = log_of(
        create_user("eve", "AIDAEVE", at(0)), attach("eve", "A", at(1)), delete("eve", at(5)), detach("eve", "A", at(5))
    )
    assert user(log, "eve") is None


def test_delete_then_recreate_within_a_second() -> None:
    log = log_of(
        create_user("eve", "AIDA1", at(0)),
        attach("eve", "Old", at(1)),
        create_user("eve", "AIDA2", at(9)),
        attach("eve", "New", at(9)),
        detach("eve", "Old", at(9)),
        delete("eve", at(9)),
    )
    eve = user(log, "eve")
    assert eve.id == "AIDA2"
    assert list(eve.attached_policies) == ["arn:aws:iam::aws:policy/New"]


def test_a_late_event_touches_its_own_fact_only() -> None:
    log = log_of(create_user("eve", "AIDA1", at(0)), attach("eve", "A", at(10)), detach("eve", "B", at(20)))
    before = len(log.history())
    log.record(attach("eve", "B", at(5)))
    assert len(log.history()) == before + 1
    rows = [row for row in log.history() if row[4].endswith("/B")]
    assert [(row[6], row[7]) for row in rows] == [(parse_instant(at(5)), parse_instant(at(20)))]


def test_an_attachment_to_a_user_never_seen_makes_it_known_since_before() -> None:
    log = log_of(attach("bob", "A", at(30)))
    bob = user(log, "bob")
    assert bob.begun == BEFORE
    assert not bob.is_covered
    assert bob.attached_policies["arn:aws:iam::aws:policy/A"].since == parse_instant(at(30))


def test_a_provisional_identity_is_merged_when_its_id_is_told() -> None:
    log = log_of(attach("bob", "A", at(30)))
    assert user(log, "bob").id == "~bob"
    log.record(create_user("carl", "AIDAC", at(31)))
    from erstwhile.domain.events.principals import PrincipalSeen
    from erstwhile.domain.vocabulary.identifiers import Ref

    log.append(ACCOUNT, PrincipalSeen(principal=Ref("user", "bob", "AIDABOB")), parse_instant(at(40)))
    assert user(log, "bob").id == "AIDABOB"
    assert all(row[2] != "~bob" for row in log.history())


def test_a_deleted_and_recreated_name_is_another_principal() -> None:
    log = log_of(create_user("eve", "AIDA1", at(0)), delete("eve", at(5)), create_user("eve", "AIDA2", at(9)))
    assert {row[2] for row in log.history() if row[3] == "entity"} == {"AIDA1", "AIDA2"}


def test_a_renamed_principal_is_the_same() -> None:
    rename = record("UpdateUser", {"userName": "eve", "newUserName": "eva"}, at=at(5))
    log = log_of(attach("eva", "A", at(9)), create_user("eve", "AIDA1", at(0)), rename)
    eva = user(log, "eva")
    assert eva.id == "AIDA1" and "arn:aws:iam::aws:policy/A" in eva.attached_policies
    assert user(log, "eve") is None


def test_a_membership_follows_a_group_whose_rename_is_learnt_late() -> None:
    group = {"groupName": "ops", "groupId": "AGPA1", "arn": "x", "path": "/"}
    created = record("CreateGroup", {"groupName": "ops"}, {"group": group}, at=at(0))
    joined = record("AddUserToGroup", {"groupName": "team", "userName": "eve"}, at=at(20))
    renamed = record("UpdateGroup", {"groupName": "ops", "newGroupName": "team"}, at=at(10))
    log = log_of(create_user("eve", "AIDA1", at(1)), created, joined, renamed)
    assert list(user(log, "eve").group_ids) == ["AGPA1"]


def group_call(name: str, group: str, second: int, **more: Any) -> dict[str, Any]:
    made = {"groupName": group, "groupId": more.pop("group_id", ""), "arn": "x", "path": "/"}
    response = {"group": made} if name == "CreateGroup" else None
    return record(name, {"groupName": group, **more}, response, at=at(second))


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_a_group_is_emptied_and_deleted_within_a_second(order: tuple[int, ...]) -> None:
    """And made anew, with another member: whoever left the former is in none."""
    before = [create_user("eve", "AIDA1", at(0)), create_user("ada", "AIDA2", at(0)),
              group_call("CreateGroup", "ops", 0, group_id="AGPA1"),
              group_call("AddUserToGroup", "ops", 1, userName="eve")]  # fmt: skip
    within = [group_call("RemoveUserFromGroup", "ops", 5, userName="eve"), group_call("DeleteGroup", "ops", 5),
              group_call("AddUserToGroup", "ops", 9, userName="ada")]  # fmt: skip
    anew = group_call("CreateGroup", "ops", 5, group_id="AGPA2")
    log = log_of(*before, *(within[each] for each in order))
    assert not user(log, "eve").group_ids
    log = log_of(*before, *(within[each] for each in order), anew)
    assert not user(log, "eve").group_ids and list(user(log, "ada").group_ids) == ["AGPA2"]
    members = [(row[2], row[4], row[6], row[7]) for row in log.history() if row[3] == "member_of"]
    assert ("AIDA1", "AGPA1", parse_instant(at(1)), parse_instant(at(5))) in members


def test_who_left_a_group_and_came_into_its_namesake_within_a_second() -> None:
    log = log_of(
        create_user("eve", "AIDA1", at(0)), group_call("CreateGroup", "ops", 0, group_id="AGPA1"),
        group_call("AddUserToGroup", "ops", 1, userName="eve"), group_call("AddUserToGroup", "ops", 5, userName="eve"),
        group_call("DeleteGroup", "ops", 5), group_call("CreateGroup", "ops", 5, group_id="AGPA2"),
        group_call("RemoveUserFromGroup", "ops", 5, userName="eve"),
    )  # fmt: skip
    assert list(user(log, "eve").group_ids) == ["AGPA2"]


def test_a_membership_in_a_group_that_is_renamed_within_the_second() -> None:
    log = log_of(
        create_user("eve", "AIDA1", at(0)), create_user("ada", "AIDA2", at(0)),
        group_call("CreateGroup", "ops", 0, group_id="AGPA1"), group_call("AddUserToGroup", "ops", 1, userName="eve"),
        group_call("UpdateGroup", "ops", 5, newGroupName="team"),
        group_call("AddUserToGroup", "ops", 5, userName="ada"),
        group_call("RemoveUserFromGroup", "ops", 5, userName="eve"),
    )  # fmt: skip
    assert not user(log, "eve").group_ids and list(user(log, "ada").group_ids) == ["AGPA1"]


def test_an_instance_profile_loses_a_role_that_is_deleted_within_the_second() -> None:
    profile = {"instanceProfileName": "web", "instanceProfileId": "AIPA1", "arn": "x", "path": "/", "roles": []}
    names = {"instanceProfileName": "web", "roleName": "web"}
    log = log_of(
        role("web", at(0)),
        record("CreateInstanceProfile", {"instanceProfileName": "web"}, {"instanceProfile": profile}, at=at(1)),
        record("AddRoleToInstanceProfile", names, at=at(2)), record("DeleteRole", {"roleName": "web"}, at=at(5)),
        record("RemoveRoleFromInstanceProfile", names, at=at(5)),
    )  # fmt: skip
    found = log.engine.directory.named(ACCOUNT, "instance-profile", "web")
    assert found is not None and not found.facts.get("role")
