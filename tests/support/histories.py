"""Random lives of users and groups, as CloudTrail records."""

from __future__ import annotations

import random
from typing import Any

from hypothesis import strategies as st

from tests.support.records import create_user, record


def at(second: int) -> str:
    return f"2026-03-03T12:{second // 60:02}:{second % 60:02}Z"


def attach(name: str, policy: str, when: str) -> dict[str, Any]:
    return record("AttachUserPolicy", {"userName": name, "policyArn": f"arn:aws:iam::aws:policy/{policy}"}, at=when)


def detach(name: str, policy: str, when: str) -> dict[str, Any]:
    return record("DetachUserPolicy", {"userName": name, "policyArn": f"arn:aws:iam::aws:policy/{policy}"}, at=when)


def delete(name: str, when: str) -> dict[str, Any]:
    return record("DeleteUser", {"userName": name}, at=when)


names = st.sampled_from(["eve", "bob"])

policies = st.sampled_from(["A", "B"])

moments = st.integers(0, 12).map(at)


def life(kind: str, name: str, policy: str, when: str, number: int) -> dict[str, Any]:
    match kind:
        case "create":
            return create_user(name, f"AIDA{name}{number}", when, event_id=f"e{number}")
        case "delete":
            made = delete(name, when)
        case "attach":
            made = attach(name, policy, when)
        case "detach":
            made = detach(name, policy, when)
        case "join":
            made = record("AddUserToGroup", {"groupName": policy, "userName": name}, at=when)
        case "leave":
            made = record("RemoveUserFromGroup", {"groupName": policy, "userName": name}, at=when)
        case "rename group":
            made = record("UpdateGroup", {"groupName": policy, "newGroupName": "C"}, at=when)
        case _:
            made = record("UpdateUser", {"userName": name, "newUserName": "carl"}, at=when)
    return made | {"eventID": f"e{number}"}


kinds = st.sampled_from(["create", "delete", "attach", "detach", "join", "leave", "rename", "rename group"])


def story(seed: int, length: int = 60) -> list[dict[str, Any]]:
    chance = random.Random(seed)
    every = ["create", "delete", "attach", "detach", "join", "leave", "rename", "rename group"]
    return [
        life(
            chance.choice(every),
            chance.choice(["eve", "bob"]),
            chance.choice("AB"),
            f"2026-03-03T12:00:{chance.randrange(40):02}Z",
            number,
        )
        for number in range(length)
    ]
