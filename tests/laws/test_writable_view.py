"""The law of writable views: a Directory that goes on from a source of facts equals one that has everything."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from erstwhile.api.commanding.speculation import Speculative
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.directory.facts import EntityKey
from erstwhile.domain.directory.writable_view import WritableView
from erstwhile.domain.events import Body
from erstwhile.domain.events import credentials as c
from erstwhile.domain.events import policies as p
from erstwhile.domain.events import principals as q
from erstwhile.domain.events.account import AccountRegistered
from erstwhile.domain.events.resources import ResourceDeregistered, ResourceRegistered
from erstwhile.domain.policy.inputs.caller import parse_caller
from erstwhile.domain.questions.told_actions import actions_named
from erstwhile.domain.vocabulary.identifiers import Ref
from tests.support.examples import examples
from tests.support.fact_sources import ScannedFacts
from tests.support.histories import story
from tests.support.memory_log import MemoryLog
from tests.support.records import ACCOUNT

NOW = datetime(2026, 3, 3, tzinfo=UTC)
POLICIES = [f"arn:aws:iam::{ACCOUNT}:policy/{name}" for name in "AB"]
NAMES = ("ada", "Bob", "eve", "carl")
KINDS = ("user", "group", "role")
RESOURCES = [f"arn:aws:{service}:eu-west-1:{ACCOUNT}:{name}" for service, name in (("records", "r"), ("sqs", "q"))]
DOCUMENT = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "records:Read%d", "Resource": "*"}]}'
CALLER = parse_caller(f"arn:aws:iam::{ACCOUNT}:user/ada")


def body_of(chance: random.Random, directory: Directory, number: int) -> Body | None:
    """An event at random about an entity that there is, or that there is not yet."""
    if chance.random() < 0.2:
        resource = chance.choice(RESOURCES)
        return (
            ResourceRegistered(resource=resource, resource_type="queue")
            if chance.random() < 0.7
            else (ResourceDeregistered(resource=resource))
        )
    kind, name = chance.choice(KINDS), chance.choice(NAMES)
    entity = directory.named(ACCOUNT, kind, name)
    if entity is None:
        ref = Ref(kind, name, f"ID{kind}{name}{number}")
        made: dict[str, Any] = {"user": q.UserCreated, "group": q.GroupCreated, "role": q.RoleCreated}
        return made[kind](subject=ref, arn=f"arn:aws:iam::{ACCOUNT}:{kind}/{name}")  # type: ignore[no-any-return]
    ref, policy = Ref(kind, entity.name, entity.id), chance.choice(POLICIES)
    deleted: dict[str, Any] = {"user": q.UserDeleted, "group": q.GroupDeleted, "role": q.RoleDeleted}
    bodies: list[Body] = [
        deleted[kind](subject=ref),
        p.PolicyAttached(subject=ref, policy_arn=policy),
        p.PolicyDetached(subject=ref, policy_arn=policy),
        p.InlinePolicyPut(subject=ref, policy_name="own", document=DOCUMENT % number),
    ]
    if kind == "user":
        group = directory.named(ACCOUNT, "group", chance.choice(NAMES))
        bodies += [
            p.PermissionsBoundarySet(subject=ref, policy_arn=policy),
            c.AccessKeyCreated(subject=ref, access_key_id=f"AKIA{number % 5}"),
            q.UserRenamed(subject=ref, new_name=f"{entity.name}2", new_path="/"),
        ]
        if group is not None:
            bodies += [q.GroupMemberAdded(subject=ref, group=Ref("group", group.name, group.id))]
    return chance.choice(bodies)


def same(view: WritableView, complete: Directory, chance: random.Random) -> None:
    """Compares by every way to an entity, in random order: each may load something."""

    def names() -> None:
        for kind in chance.sample(KINDS, len(KINDS)):
            if chance.random() < 0.5:
                assert view.count(ACCOUNT, kind) == complete.count(ACCOUNT, kind)
            if chance.random() < 0.5:
                assert view.names_in_order(ACCOUNT, kind) == complete.names_in_order(ACCOUNT, kind)

    def ways() -> None:
        for kind in KINDS:
            for name in chance.sample(NAMES, 2):
                assert described(view.named(ACCOUNT, kind, name)) == described(complete.named(ACCOUNT, kind, name))
                arn = f"arn:aws:iam::{ACCOUNT}:{kind}/{name}"
                assert described(view.with_arn(arn)) == described(complete.with_arn(arn))
        key = f"AKIA{chance.randrange(5)}"
        assert described(view.with_access_key(key)) == described(complete.with_access_key(key))

    def links() -> None:
        policy = chance.choice(POLICIES)
        assert [each.key for each in view.uses_of(ACCOUNT, policy)] == [
            each.key for each in complete.uses_of(ACCOUNT, policy)
        ]
        assert view.links.count(ACCOUNT, "attached", policy) == complete.links.count(ACCOUNT, "attached", policy)
        for attribute in ("attached", "member_of"):
            expected = complete.links.targets(ACCOUNT, attribute)
            assert sorted(view.links.targets(ACCOUNT, attribute)) == sorted(expected)

    def kinds() -> None:
        assert keys(view.principals_of({ACCOUNT})) == keys(complete.principals_of({ACCOUNT}))
        assert keys(view.principals_of({"999999999999"})) == set()
        assert keys(view.principals_called(["ADA"])) >= {
            key for key in keys(complete.of_kind("user")) if "ada" in key[2]
        }
        assert {each.kind for each in view.principals_called(["ada"])} <= {"user", "role"}
        assert {each.kind for each in view.roles_trusting(CALLER)} <= {"role"}
        for service in ("sqs", "records"):
            assert keys(view.resources_of(service)) == keys(complete.resources_of(service))
            assert set(actions_named(view, service)) >= set(actions_named(complete, service))
        after = chance.choice(["", RESOURCES[0], RESOURCES[1]])
        found, expected = view.resources_after(after), complete.resources_after(after)
        assert [each.id for each in found if each.exists] == [each.id for each in expected if each.exists]

    checks = [names, ways, links, kinds]
    for check in chance.sample(checks, chance.randrange(len(checks) + 1)):
        check()


def keys(entities: Iterable[Entity]) -> set[EntityKey]:
    return {each.key for each in entities if each.exists}


def described(entity: Any) -> Any:
    return entity and (entity.key, entity.facts)


def everything(directory: Directory) -> dict[Any, Any]:
    return {entity.key: entity.facts for entity in directory.all() if entity.facts}


@settings(max_examples=300)
@given(st.integers(0, 2**48))
def test_commands_that_are_kept_or_taken_back(seed: int) -> None:
    chance = random.Random(seed)
    complete = Directory()
    whole = Speculative(complete)
    whole.apply(ACCOUNT, [AccountRegistered(mode="governed")], NOW)
    for number in range(chance.randrange(12)):
        body = body_of(chance, complete, number)
        if body is not None:
            whole.apply(ACCOUNT, [body], NOW)
    whole.keep(1)
    view = WritableView(ScannedFacts(Directory.from_facts(complete.facts())), complete.position)
    ahead = Speculative(view)
    for number in range(100, 112):
        body = body_of(chance, complete, number)
        if body is not None:
            whole.apply(ACCOUNT, [body], NOW)
            ahead.apply(ACCOUNT, [body], NOW)
        match chance.randrange(4):
            case 0:
                whole.undo()
                ahead.undo()
            case 1:
                whole.keep(number)
                ahead.keep(number)
        same(view, complete, chance)
    assert everything(view) == everything(complete)


@settings(max_examples=examples(100, each_run=30), deadline=None)
@given(st.integers(0, 2**32), st.integers(0, 60))
def test_replay_goes_on_from_a_source(seed: int, there: int) -> None:
    """Late events, deletions and renames among them."""
    records, chance = story(seed), random.Random(seed)
    whole, begun = MemoryLog(), MemoryLog()
    for raw in records[:there]:
        whole.record(raw)
        begun.record(raw)
    before = begun.engine.directory
    view = WritableView(ScannedFacts(Directory.from_facts(before.facts(), before.position)), before.position)
    begun.go_on_with(view)
    for raw in records[there:]:
        whole.record(raw)
        begun.record(raw)
        same(view, whole.engine.directory, chance)
    assert everything(view) == everything(whole.engine.directory)
