"""Two servers on one database, alternating calls: each sees at once what the other took."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from api.database import Database
from tests.aws.conftest import AwsServer
from tests.aws.test_life import allow, arn

OPERATIONS = 1_000
NAMES = ["u0", "u1", "u2", "u3", "u4"]
GROUPS = ["g0", "g1"]


@pytest.fixture
def both(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[AwsServer, AwsServer]]:
    first = AwsServer(database, tmp_path, monkeypatch)
    second = AwsServer(database, tmp_path, monkeypatch)
    yield first, second
    second.close()
    first.close()


class Model:
    """What ought to be: users with their groups, keys and whether they have the policy; groups with the policy."""

    def __init__(self) -> None:
        self.users: dict[str, set[str]] = {}
        self.allowed_users: set[str] = set()
        self.groups: set[str] = set()
        self.allowed_groups: set[str] = set()

    def apply(self, operation: str, user: str, group: str) -> str:
        """The error code that is expected; none for success."""
        match operation:
            case "create_user":
                if user in self.users:
                    return "EntityAlreadyExists"
                self.users[user] = set()
            case "delete_user":
                if user not in self.users:
                    return "NoSuchEntity"
                if self.users[user] or user in self.allowed_users:
                    return "DeleteConflict"
                del self.users[user]
            case "create_group":
                if group in self.groups:
                    return "EntityAlreadyExists"
                self.groups.add(group)
            case "delete_group":
                if group not in self.groups:
                    return "NoSuchEntity"
                if group in self.allowed_groups or any(group in groups for groups in self.users.values()):
                    return "DeleteConflict"
                self.groups.discard(group)
            case "add_user_to_group":
                if user not in self.users or group not in self.groups:
                    return "NoSuchEntity"
                self.users[user].add(group)
            case "remove_user_from_group":
                if user not in self.users or group not in self.groups or group not in self.users[user]:
                    return "NoSuchEntity"
                self.users[user].discard(group)
            case "put_user_policy":
                if user not in self.users:
                    return "NoSuchEntity"
                self.allowed_users.add(user)
            case "delete_user_policy":
                if user not in self.users or user not in self.allowed_users:
                    return "NoSuchEntity"
                self.allowed_users.discard(user)
            case "put_group_policy":
                if group not in self.groups:
                    return "NoSuchEntity"
                self.allowed_groups.add(group)
            case "delete_group_policy":
                if group not in self.groups or group not in self.allowed_groups:
                    return "NoSuchEntity"
                self.allowed_groups.discard(group)
        return ""

    def may(self, user: str) -> bool:
        return user in self.allowed_users or bool(self.users.get(user, set()) & self.allowed_groups)


ALL = ["create_user", "create_user", "delete_user", "create_group", "delete_group", "add_user_to_group", "add_user_to_group",
       "remove_user_from_group", "put_user_policy", "delete_user_policy", "put_group_policy", "delete_group_policy"]  # fmt: skip


def given(operation: str, user: str, group: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if "user" in operation:
        found["UserName"] = user
    if "group" in operation:
        found["GroupName"] = group
    if operation.endswith("_policy"):
        found["PolicyName"] = "p"
    if operation.startswith("put_"):
        found["PolicyDocument"] = allow("s3:GetObject")
    return found


def test_a_thousand_random_operations_agree_with_a_model(both: tuple[AwsServer, AwsServer]) -> None:
    clients = [server.client("iam") for server in both]
    chance, model = random.Random(7), Model()
    for number in range(OPERATIONS):
        writer, reader = clients[number % 2], clients[(number + 1) % 2]
        operation, user, group = chance.choice(ALL), chance.choice(NAMES), chance.choice(GROUPS)
        expected = model.apply(operation, user, group)
        try:
            getattr(writer, operation)(**given(operation, user, group))
            code = ""
        except ClientError as error:
            code = error.response["Error"]["Code"]
        assert code == expected, (number, operation, user, group)
        listed = {each["UserName"] for each in reader.list_users()["Users"]}
        assert listed == set(model.users), (number, operation)
        if user in model.users:
            groups = {each["GroupName"] for each in reader.list_groups_for_user(UserName=user)["Groups"]}
            assert groups == model.users[user], (number, operation)
            [found] = reader.simulate_principal_policy(
                PolicySourceArn=arn(f"user/{user}"), ActionNames=["s3:GetObject"]
            )["EvaluationResults"]
            assert (found["EvalDecision"] == "allowed") == model.may(user), (number, operation)
    service = both[0].service
    service.projector.catch_up()
    answer = service.who_can("s3:GetObject", "*", account="123456789012")
    assert {each["principal"] for each in answer["allowed"]} - {arn("root")} == {
        arn(f"user/{u}") for u in model.users if model.may(u)
    }
