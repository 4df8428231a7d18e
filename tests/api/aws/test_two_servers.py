"""Two servers on one database, alternating calls: each sees at once what the other took."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from erstwhile.api.database.database import Database
from erstwhile.domain.commands.account import RegisterAccount
from tests.support.aws.server import AwsServer
from tests.support.documents import allow

OPERATIONS = [
    "create_user", "create_user", "delete_user", "create_group", "delete_group", "add_user_to_group",
    "add_user_to_group",
    "remove_user_from_group", "put_user_policy", "delete_user_policy", "put_group_policy", "delete_group_policy",
]  # fmt: skip
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


class Machine(RuleBasedStateMachine):
    """One account through two servers, in turn: what one takes, the other tells at once, as the model has it."""

    servers: ClassVar[tuple[AwsServer, AwsServer]]
    accounts: ClassVar[Iterator[int]]
    calls: ClassVar[int] = 0

    def __init__(self) -> None:
        super().__init__()
        self.model, self.turn = Model(), 0
        self.account = f"{next(self.accounts):012d}"
        first = self.servers[0]
        first.service.commands.execute(RegisterAccount(account=self.account))
        with first.database.connect() as connection:
            key, secret, (statement, parameters) = first.keys.new_key(self.account, "root")
            connection.execute(statement, parameters)
        self.clients = [server.client("iam", key, secret) for server in self.servers]

    @rule(operation=st.sampled_from(OPERATIONS), user=st.sampled_from(NAMES), group=st.sampled_from(GROUPS))
    def call(self, operation: str, user: str, group: str) -> None:
        self.turn += 1
        Machine.calls += 1
        writer, reader = self.clients[self.turn % 2], self.clients[(self.turn + 1) % 2]
        expected = self.model.apply(operation, user, group)
        try:
            getattr(writer, operation)(**given(operation, user, group))
            code = ""
        except ClientError as error:
            code = error.response["Error"]["Code"]
        assert code == expected
        assert {each["UserName"] for each in reader.list_users()["Users"]} == set(self.model.users)
        if user in self.model.users:
            groups = {each["GroupName"] for each in reader.list_groups_for_user(UserName=user)["Groups"]}
            assert groups == self.model.users[user]
            [found] = reader.simulate_principal_policy(PolicySourceArn=self.arn(user), ActionNames=["s3:GetObject"])[
                "EvaluationResults"
            ]
            assert (found["EvalDecision"] == "allowed") == self.model.may(user)
        # History, as of this instant, by the server that did not take the call.
        service = self.servers[(self.turn + 1) % 2].service
        answer = service.questions.who_can("s3:GetObject", "*", account=self.account)
        able = {self.arn(each) for each in self.model.users if self.model.may(each)}
        assert {each["principal"] for each in answer["allowed"]} - {f"arn:aws:iam::{self.account}:root"} == able

    def arn(self, user: str) -> str:
        return f"arn:aws:iam::{self.account}:user/{user}"


def test_a_thousand_random_operations_agree_with_a_model(both: tuple[AwsServer, AwsServer]) -> None:
    Machine.servers, Machine.accounts = both, itertools.count(500_000_000_000)
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=21, stateful_step_count=50, deadline=None, derandomize=True, database=None,
            phases=[Phase.generate], suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
    assert Machine.calls >= 1_000
