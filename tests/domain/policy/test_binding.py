"""Policies that name principals: who is meant, before they are there, after they are gone, and under other names."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from erstwhile.api.commanding.speculation import Speculative
from erstwhile.domain.commands import Command, handle
from erstwhile.domain.commands.resources import PutResourcePolicy, RegisterResource
from erstwhile.domain.commands.roles import CreateRole, UpdateAssumeRolePolicy
from erstwhile.domain.commands.users_groups import CreateUser, DeleteUser, UpdateUser
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.events.account import AccountRegistered
from erstwhile.domain.policy.authorize import authorize
from erstwhile.domain.policy.inputs.request import Request
from erstwhile.domain.policy.language.principal_binding import as_shown
from erstwhile.domain.questions.who_can import who_can
from erstwhile.domain.vocabulary.refusals import MalformedPolicyDocument

ACCOUNT = "111122223333"
ADA = f"arn:aws:iam::{ACCOUNT}:user/ada"
RUNNER = f"arn:aws:iam::{ACCOUNT}:role/jobs/runner"
RECORD, BUCKET = f"arn:aws:record::{ACCOUNT}:17", "arn:aws:s3:::ledger"
EC2 = orjson.dumps(
    {"Statement": {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}}
).decode()


def policy(*names: str, action: str = "record:read", resource: str = "*") -> str:
    statement = {"Effect": "Allow", "Principal": {"AWS": list(names)}, "Action": action, "Resource": resource}
    return orjson.dumps({"Version": "2012-10-17", "Statement": [statement]}).decode()


def trust(*names: str) -> str:
    statement = {"Effect": "Allow", "Principal": {"AWS": list(names)}, "Action": "sts:AssumeRole"}
    return orjson.dumps({"Version": "2012-10-17", "Statement": [statement]}).decode()


class World:
    """Commands, one a minute."""

    def __init__(self) -> None:
        self._at = datetime(2026, 3, 1, tzinfo=UTC)
        self._made = 0
        self._log = Speculative(Directory())
        self._log.apply(ACCOUNT, [AccountRegistered(mode="governed")], self._at)

    @property
    def directory(self) -> Directory:
        return self._log.directory

    def do(self, command: Command) -> int:
        self._at += timedelta(minutes=1)
        bodies = handle(self.directory, command)
        self._log.apply(ACCOUNT, bodies, self._at)
        return len(bodies)

    def user(self, name: str = "ada") -> str:
        self._made += 1
        unique_id = f"AIDA{name.upper()}{self._made}"
        self.do(CreateUser(account=ACCOUNT, name=name, new_id=unique_id))
        return unique_id

    def role(self, name: str, document: str, path: str = "/") -> None:
        self._made += 1
        command = CreateRole(
            account=ACCOUNT, name=name, new_id=f"AROA{name.upper()}{self._made}", path=path, trust_policy=document
        )
        self.do(command)

    def put(self, resource: str, document: str) -> int:
        return self.do(RegisterResource(account=ACCOUNT, resource=resource, document=document))

    def can(self, principal: str, action: str, resource: str) -> bool:
        asked = Request(principal=principal, action=action, resource=resource, resource_account=ACCOUNT)
        allowed = authorize(self.directory, asked).allowed
        found = who_can(self.directory, action, resource, resource_account=ACCOUNT, context={}, mode="strict")
        assert allowed == (principal in [each.principal for each in found.allowed])
        return allowed

    def trusted(self, name: str) -> Any:
        role = self.directory.named(ACCOUNT, "role", name)
        assert role is not None
        value = role.trust_fact.value if role.trust_fact else {}
        shown = as_shown(self.directory, value["document"], value.get("principals") or {})
        return orjson.loads(shown)["Statement"][0]["Principal"]["AWS"]


def test_the_same_words_on_an_own_resource_mean_the_same_before_and_after() -> None:
    early, late = World(), World()
    early.put(RECORD, policy(ADA))
    early.user()
    late.user()
    late.put(RECORD, policy(ADA))
    for world in (early, late):
        assert world.can(ADA, "record:read", RECORD)
        assert not world.can(ADA, "record:write", RECORD)
        world.put(RECORD, policy(ADA))
        assert world.can(ADA, "record:read", RECORD)


def test_putting_the_same_words_again_makes_it_right() -> None:
    world = World()
    world.user()
    assert world.put(RECORD, policy(ADA)) == 2
    assert world.put(RECORD, policy(ADA)) == 0
    world.do(DeleteUser(account=ACCOUNT, name="ada"))
    world.user()
    assert not world.can(ADA, "record:read", RECORD)  # another, who bears the name
    assert world.put(RECORD, policy(ADA)) == 1
    assert world.can(ADA, "record:read", RECORD)


def test_who_is_renamed_stays_the_same() -> None:
    world = World()
    world.user()
    world.put(RECORD, policy(ADA))
    world.do(UpdateUser(account=ACCOUNT, name="ada", new_name="countess"))
    assert world.can(ADA.replace("ada", "countess"), "record:read", RECORD)


def test_a_resource_of_aws_names_who_is_there() -> None:
    world = World()
    document = policy(ADA, action="s3:GetObject", resource="arn:aws:s3:::ledger/*")
    for command in (
        RegisterResource(account=ACCOUNT, resource=BUCKET, document=document),
        PutResourcePolicy(account=ACCOUNT, resource=BUCKET, document=document),
    ):
        with pytest.raises(MalformedPolicyDocument) as refused:
            handle(world.directory, command)
        assert refused.value.message == f'Invalid principal in policy: "AWS":"{ADA}"'
        assert ADA in refused.value.detail
    unique_id = world.user()
    world.put(BUCKET, document)
    assert world.can(ADA, "s3:GetObject", "arn:aws:s3:::ledger/x")
    world.do(DeleteUser(account=ACCOUNT, name="ada"))
    with pytest.raises(MalformedPolicyDocument):
        world.put(BUCKET, policy(unique_id, action="s3:GetObject"))
    world.user()
    assert not world.can(ADA, "s3:GetObject", "arn:aws:s3:::ledger/x")
    world.put(BUCKET, document)
    assert world.can(ADA, "s3:GetObject", "arn:aws:s3:::ledger/x")


def test_who_was_deleted_is_told_by_its_unique_id_and_is_not_taken_back() -> None:
    world = World()
    unique_id = world.user()
    world.role("runner", EC2, "/jobs/")
    world.role("kept", trust(ADA, ACCOUNT, RUNNER))
    root = f"arn:aws:iam::{ACCOUNT}:root"
    assert world.trusted("kept") == [ADA, root, RUNNER]
    world.do(UpdateUser(account=ACCOUNT, name="ada", new_name="eve"))
    assert world.trusted("kept") == [ADA.replace("ada", "eve"), root, RUNNER]
    world.do(DeleteUser(account=ACCOUNT, name="eve"))
    assert world.trusted("kept") == [unique_id, root, RUNNER]
    world.user()
    assert world.trusted("kept") == [unique_id, root, RUNNER]
    for command in (
        UpdateAssumeRolePolicy(account=ACCOUNT, name="kept", document=trust(unique_id)),
        CreateRole(account=ACCOUNT, name="other", new_id="AROAOTHER", trust_policy=trust(unique_id)),
    ):
        with pytest.raises(MalformedPolicyDocument, match=unique_id):
            handle(world.directory, command)
    world.do(UpdateAssumeRolePolicy(account=ACCOUNT, name="kept", document=trust(ADA)))
    assert world.trusted("kept") == [ADA]


def test_names_are_matched_to_the_letter() -> None:
    world = World()
    world.user()
    world.role("runner", EC2, "/jobs/")
    for name in (ADA.replace("ada", "Ada"), ADA.replace("user/", "user/x/"), RUNNER.replace("jobs/", "")):
        with pytest.raises(MalformedPolicyDocument):
            handle(world.directory, CreateRole(account=ACCOUNT, name="x", new_id="AROAX", trust_policy=trust(name)))
