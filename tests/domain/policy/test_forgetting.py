"""What the engine keeps of a Directory is forgotten where that changes: late records, renames, merges and all."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from erstwhile.api.commanding.speculation import Speculative
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.events import Body
from erstwhile.domain.events.account import AccountRegistered
from erstwhile.domain.events.policies import (
    InlinePolicyDeleted,
    InlinePolicyPut,
    PermissionsBoundaryRemoved,
    PermissionsBoundarySet,
    PolicyAttached,
    PolicyCreated,
    PolicyDetached,
    PolicyVersionCreated,
)
from erstwhile.domain.events.principals import GroupCreated, GroupMemberAdded, GroupMemberRemoved, UserCreated
from erstwhile.domain.policy.authorize import authorize
from erstwhile.domain.policy.engine.attached import engine_of
from erstwhile.domain.policy.evaluation.applicable import evaluate_in
from erstwhile.domain.policy.inputs.principals import UnknownPrincipal
from erstwhile.domain.policy.inputs.request import Request
from tests.support.given import ACCOUNT as ACCOUNT_OF_GIVEN
from tests.support.given import arn, group, policy, user
from tests.support.histories import story
from tests.support.memory_log import MemoryLog
from tests.support.records import ACCOUNT

RESOURCES = ("arn:aws:s3:::bucket/x", f"arn:aws:iam::{ACCOUNT}:role/eve", "*")


def answer(directory: Directory, request: Request) -> object:
    try:
        return authorize(directory, request)
    except UnknownPrincipal as error:
        return str(error)


def plain_answer(directory: Directory, request: Request) -> object:
    try:
        return evaluate_in(directory, request)
    except UnknownPrincipal as error:
        return str(error)


@pytest.mark.parametrize("seed", range(30))
def test_a_kept_answer_is_that_of_a_fresh_directory(seed: int) -> None:
    log = MemoryLog()
    chance = random.Random(seed)
    for record in story(seed, 40):
        log.record(record)
        directory = log.engine.directory
        fresh = Directory.from_facts(directory.facts(), directory.position)
        owner: str | None = chance.choice((None, ACCOUNT))
        for name in ("eve", "bob", "A", "B"):
            request = Request(
                principal=f"arn:aws:iam::{ACCOUNT}:user/{name}", action="s3:GetObject",
                resource=chance.choice(RESOURCES), resource_account=owner,
            )  # fmt: skip
            assert answer(directory, request) == answer(fresh, request) == plain_answer(fresh, request)


def group_life(chance: random.Random) -> Body:
    """What happens to users, groups and the policies that they have through these."""
    member, team = user(chance.choice(["u0", "u1", "u2"])), group(chance.choice(["g0", "g1"]))
    held = chance.choice(["p0", "p1"])
    arn_of = arn(f"policy/{held}")
    document = allowing(chance.choice(["s3:GetObject", "s3:PutObject", "sqs:*"]))
    bodies: list[Body] = [
        GroupMemberAdded(subject=member, group=team), GroupMemberRemoved(subject=member, group=team),
        PolicyAttached(subject=team, policy_arn=arn_of), PolicyDetached(subject=team, policy_arn=arn_of),
        PolicyAttached(subject=member, policy_arn=arn_of), PolicyDetached(subject=member, policy_arn=arn_of),
        InlinePolicyPut(subject=team, policy_name="i", document=document),
        InlinePolicyDeleted(subject=team, policy_name="i"),
        InlinePolicyPut(subject=member, policy_name="i", document=document),
        InlinePolicyDeleted(subject=member, policy_name="i"),
        PolicyVersionCreated(subject=policy(held), arn=arn_of, version_id="v2", document=document, is_default=True),
        PermissionsBoundarySet(subject=member, policy_arn=arn_of), PermissionsBoundaryRemoved(subject=member),
    ]  # fmt: skip
    return chance.choice(bodies)


def allowing(action: str) -> str:
    return f'{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"{action}","Resource":"*"}}]}}'


@pytest.mark.parametrize("seed", range(20))
def test_what_members_of_groups_share_is_forgotten_with_any_of_it(seed: int) -> None:
    chance = random.Random(seed)
    speculative = Speculative(Directory())
    at = datetime(2026, 3, 1, tzinfo=UTC)
    begun: list[Body] = [AccountRegistered(mode="governed")]
    begun += [UserCreated(subject=user(f"u{n}"), arn=arn(f"user/u{n}")) for n in range(3)]
    begun += [GroupCreated(subject=group(f"g{n}"), arn=arn(f"group/g{n}")) for n in range(2)]
    begun += [
        PolicyCreated(subject=policy(f"p{n}"), arn=arn(f"policy/p{n}"), document=allowing("s3:Get*")) for n in range(2)
    ]
    speculative.apply(ACCOUNT_OF_GIVEN, begun, at)
    directory, shared = speculative.directory, 0
    for number in range(120):
        speculative.apply(ACCOUNT_OF_GIVEN, [group_life(chance)], at + timedelta(seconds=number + 1))
        fresh = Directory.from_facts(directory.facts(), directory.position)
        for name in ("u0", "u1", "u2"):
            for action in ("s3:GetObject", "s3:PutObject", "sqs:SendMessage"):
                request = Request(
                    principal=arn(f"user/{name}"),
                    action=action,
                    resource="arn:aws:s3:::b/k",
                    resource_account=ACCOUNT_OF_GIVEN,
                )
                assert answer(directory, request) == answer(fresh, request), (number, name, action)
                assert answer(fresh, request) == plain_answer(fresh, request)
        shared += bool(engine_of(directory).policies.group_layers)
    assert shared > 5


def test_each_member_is_told_the_path_that_is_its_own() -> None:
    speculative = Speculative(Directory())
    bodies: list[Body] = [
        AccountRegistered(mode="governed"), GroupCreated(subject=group("g"), arn=arn("group/g")),
        PolicyCreated(subject=policy("p"), arn=arn("policy/p"), document=allowing("s3:Get*")),
        PolicyAttached(subject=group("g"), policy_arn=arn("policy/p")),
    ]  # fmt: skip
    for name in ("ada", "bob"):
        bodies += [
            UserCreated(subject=user(name), arn=arn(f"user/{name}")),
            GroupMemberAdded(subject=user(name), group=group("g")),
        ]
    speculative.apply(ACCOUNT_OF_GIVEN, bodies, datetime(2026, 3, 1, tzinfo=UTC))
    for name in ("ada", "bob"):
        request = Request(
            principal=arn(f"user/{name}"),
            action="s3:GetObject",
            resource="arn:aws:s3:::b/k",
            resource_account=ACCOUNT_OF_GIVEN,
        )
        [determining] = authorize(speculative.directory, request).determining
        assert determining.path == (f"user/{name}", "group/g", arn("policy/p"))
