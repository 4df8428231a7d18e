"""`make bench-engine`: the engine against peers on the same translated work, interleaved in one run.

1,000 users, 200 policies of five statements, three of them each through a group, a fifth of the statements
conditional. Peers get one principal's policies only, prepared beforehand. Targets: a warm decision with all
determining statements at 60 times cedarpy's rate in pure Python, 150 times compiled; a cold principal at 30
warm decisions or less; who-can over 100,000 principals, up to the set, at 800 times the loop's rate.
"""

from __future__ import annotations

import gc
import random
import re
import time
from collections.abc import Callable
from typing import Any

import cedarpy
import msgspec
import orjson
from moto.iam.access_control import IAMPolicy, PermissionResult
from vakt import Guard, Inquiry, MemoryStorage, Policy, RulesChecker
from vakt.effects import ALLOW_ACCESS, DENY_ACCESS
from vakt.rules import Any as AnyRule
from vakt.rules import Eq, RegexMatch

from benchmarks.world import ACCOUNT, ACTIONS, World
from erstwhile.api.cli.console import out
from erstwhile.domain.directory.facts import Fact
from erstwhile.domain.policy.authorize import authorize
from erstwhile.domain.policy.engine import decision_engine as engine_module
from erstwhile.domain.policy.engine.attached import engine_of
from erstwhile.domain.policy.inputs.request import Request
from erstwhile.domain.questions.index import Index
from erstwhile.domain.vocabulary.instants import BEFORE

ROUNDS = 5
USERS_FOR_PEERS = 60
PASSES = 12
"""Over the requests in one turn of ours: so it takes as long as cedarpy's, and not just to fill the processor's caches
again after that."""


def main() -> None:
    world = World(1_000, 200)
    _know_buckets(world)
    _freeze()
    compiled = not engine_module.__file__.endswith(".py")
    out.print(f"engine: {'compiled' if compiled else 'pure Python'}")
    requests = [(user, request) for user, request in world.requests(60_000) if user < USERS_FOR_PEERS]
    peers = {
        "cedarpy": (_cedar(world), 400),
        "vakt": (_vakt(world), 200),
        "moto": (_moto(world), 200),
    }
    _agree(world, requests, peers["cedarpy"][0])
    ours, theirs = _interleaved(world, requests, peers)
    for name, seconds in theirs.items():
        ratio = seconds / ours
        target = f" (target {150 if compiled else 60})" if name == "cedarpy" else ""
        out.print(f"{name}: {seconds * 1e6:,.1f} µs a decision; ours {ours * 1e6:.2f}; ratio {ratio:.0f}{target}")
    fresh = _new_resources(world, requests)
    over = theirs["cedarpy"] / fresh
    out.print(f"a resource that was never asked about: {fresh * 1e6:.2f} µs; cedarpy's ratio to that {over:.0f}")
    _cold(ours, fresh)
    _with_every_layer(world, requests, ours)
    _who_can()


def _freeze() -> None:
    """What is known by now stays: the collector need not walk it again and again. The service does the same."""
    gc.collect()
    gc.freeze()


def _know_buckets(world: World) -> None:
    for number in range(40):
        arn = f"arn:aws:s3:::bucket-{number}"
        entity = world.directory.ensure((ACCOUNT, "resource", arn))
        entity.facts["entity"] = {"": Fact({"name": arn, "arn": arn}, BEFORE, 1)}
        world.directory.index(entity)


_Asked = list[tuple[int, Request]]
_Peer = Callable[[int, Request], bool]


def _interleaved(world: World, requests: _Asked, peers: dict[str, tuple[_Peer, int]]) -> tuple[float, dict[str, float]]:
    """Seconds a decision: the least of some rounds, in which ours and the peers take turns."""
    directory = world.directory
    ours: list[float] = []
    theirs: dict[str, list[float]] = {name: [] for name in peers}
    for _, request in requests:
        authorize(directory, request)
    for _ in range(ROUNDS):
        started = time.perf_counter()
        for _ in range(PASSES):
            for _, request in requests:
                authorize(directory, request)
        ours.append((time.perf_counter() - started) / (PASSES * len(requests)))
        for name, (peer, count) in peers.items():
            started = time.perf_counter()
            for user, request in requests[:count]:
                peer(user, request)
            theirs[name].append((time.perf_counter() - started) / count)
    return min(ours), {name: min(found) for name, found in theirs.items()}


def _agree(world: World, requests: _Asked, cedar: _Peer) -> None:
    """The translated work is the same work."""
    for user, request in requests[:1_000]:
        assert authorize(world.directory, request).allowed == cedar(user, request), request


def _with_every_layer(world: World, requests: _Asked, plain: float) -> None:
    """Service control policies at three levels and a boundary on every user."""
    directory = world.directory
    full = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
    organization = directory.ensure(("999988887777", "organization", "999988887777"))
    nodes = {"r-1": ("root", ""), "ou-1": ("unit", "r-1"), ACCOUNT: ("account", "ou-1")}

    def fact(value: dict[str, Any]) -> Fact:
        return Fact(value, BEFORE, 1)

    organization.facts = {
        "organization": {"": fact({"id": "o-1", "management": "999988887777"})},
        "node": {node: fact({"kind": kind, "parent": parent, "name": ""}) for node, (kind, parent) in nodes.items()},
        "guardrail": {"p-1": fact({"type": "SERVICE_CONTROL_POLICY", "name": "full", "document": full})},
        "target": {f"p-1@{node}": fact({}) for node in nodes},
    }
    boundary = f"arn:aws:iam::{ACCOUNT}:policy/p-boundary"
    policy = directory.ensure((ACCOUNT, "policy", "ANPABOUNDARY"))
    policy.facts = {
        "entity": {"": fact({"name": "p-boundary", "arn": boundary, "path": "/"})},
        "version": {"v1": fact({"document": full})},
        "default": {"": fact({"version": "v1"})},
    }
    directory.index(policy)
    for user in directory.of_kind("user"):
        user.facts["boundary"] = {"": fact({"policy": boundary})}
    directory.engine = None
    took = []
    for _ in range(ROUNDS + 1):
        started = time.perf_counter()
        for _ in range(PASSES):
            for _, request in requests:
                authorize(directory, request)
        took.append((time.perf_counter() - started) / (PASSES * len(requests)))
    out.print(f"with three levels of SCP and a boundary in force: {min(took) * 1e6:.2f} µs, "
              f"{min(took) / plain:.1f} times identity policies alone")  # fmt: skip


def _new_resources(world: World, requests: _Asked) -> float:
    """Seconds a decision about a resource that is new to the engine, whose principal and action are not."""
    took = []
    for number in range(ROUNDS):
        asked = [msgspec.structs.replace(each, resource=f"{each.resource}-{number}") for _, each in requests]
        started = time.perf_counter()
        for request in asked:
            authorize(world.directory, request)
        took.append((time.perf_counter() - started) / len(asked))
    return min(took)


def _cold(warm: float, fresh: float) -> None:
    """A principal that was never asked about; its policies' documents have been compiled for others."""
    world = World(1_000, 200)
    _know_buckets(world)
    asked: dict[int, Request] = {}
    for user, request in world.requests(20_000):
        asked.setdefault(user, request)
    _freeze()
    for _ in range(ROUNDS):
        world.directory.engine = None
        engine_of(world.directory)
        started = time.perf_counter()
        for request in asked.values():
            authorize(world.directory, request)
        cold = (time.perf_counter() - started) / len(asked)
    out.print(f"a cold principal: {cold * 1e6:.1f} µs, {cold / warm:.0f} warm decisions (target: at most 30), "
              f"{cold / fresh:.0f} about a new resource")  # fmt: skip


def _who_can() -> None:
    world = World(100_000, 5_000, seed=3)
    _know_buckets(world)
    directory = world.directory
    index = Index(directory)
    _freeze()
    chance = random.Random(5)
    asked = []
    for _ in range(40):
        service = chance.choice(list(ACTIONS))
        if service == "s3":
            asked.append((f"s3:{chance.choice(ACTIONS['s3'])}", f"arn:aws:s3:::bucket-{chance.randrange(40)}/key"))
        else:
            _, request = chance.choice(world.requests(200, seed=chance.randrange(1000)))
            asked.append((request.action, request.resource))
    context = {"aws:requestedregion": ("eu-west-1",)}
    users = [world.arn(number) for number in range(100_000)]
    for action, resource in asked:
        index.who(action, resource, context)
    started = time.perf_counter()
    for action, resource in asked:
        index.who(action, resource, context)
    indexed = (time.perf_counter() - started) / len(asked)
    loops = []
    action = asked[0][0]
    for resource in [f"{asked[0][1]}-{number}" for number in range(4)]:
        # A resource that is new to the engine; the first round made principals and action known to it.
        started = time.perf_counter()
        allowed = sum(
            authorize(directory, Request(principal=user, action=action, resource=resource, context=context)).allowed
            for user in users
        )
        loops.append(time.perf_counter() - started)
        assert allowed == len(index.who(action, resource, context).allowed)
    loop = min(loops)
    out.print(f"who-can over 100,000 principals: {indexed * 1e3:.2f} ms, the loop {loop * 1e3:,.0f} ms; "
              f"ratio {loop / indexed:,.0f} (target 800)")  # fmt: skip


def _actions_of(statement: dict[str, Any]) -> list[str]:
    patterns = [re.compile(action.replace("*", ".*")) for action in statement["Action"]]
    return [
        f"{service}:{name}"
        for service, names in ACTIONS.items()
        for name in names
        if any(pattern.fullmatch(f"{service}:{name}") for pattern in patterns)
    ]


def _cedar(world: World) -> _Peer:
    """Each user's fifteen statements as a prepared policy set, and prepared entities."""
    sets, entities = [], []
    for user in range(USERS_FOR_PEERS):
        lines = []
        for policy in world.policies_of(user):
            for statement in world.policies[policy]:
                effect = "permit" if statement["Effect"] == "Allow" else "forbid"
                actions = ", ".join(f"Action::{orjson.dumps(a).decode()}" for a in _actions_of(statement))
                tests = [" || ".join(f"context.arn like {orjson.dumps(r).decode()}" for r in statement["Resource"])]
                for key, value in (statement.get("Condition") or {}).get("StringEquals", {}).items():
                    left = "context.region" if key == "aws:RequestedRegion" else "principal.team"
                    tests.append(f"{left} == {orjson.dumps(value).decode()}")
                when = " && ".join(f"({test})" for test in tests)
                lines.append(f"{effect}(principal, action in [{actions}], resource) when {{ {when} }};")
        sets.append(cedarpy.PolicySet.from_str("\n".join(lines)))
        entity = {"uid": {"type": "User", "id": f"u{user}"}, "attrs": {"team": world.team_of[user]}, "parents": []}
        entities.append(cedarpy.Entities.from_json_str(orjson.dumps([entity]).decode()))

    def ask(user: int, request: Request) -> bool:
        cedar_request = {
            "principal": {"type": "User", "id": f"u{user}"},
            "action": {"type": "Action", "id": request.action},
            "resource": {"type": "R", "id": request.resource},
            # The ARN goes into the context: adding a resource to the prepared entities would cost cedarpy more.
            "context": {"region": request.context["aws:requestedregion"][0], "arn": request.resource},
        }
        return bool(cedarpy.is_authorized(cedar_request, sets[user], entities[user]).allowed)

    return ask


def _vakt(world: World) -> _Peer:
    guards = []
    for user in range(USERS_FOR_PEERS):
        storage = MemoryStorage()
        for policy in world.policies_of(user):
            for number, statement in enumerate(world.policies[policy]):
                context = {}
                for key, value in (statement.get("Condition") or {}).get("StringEquals", {}).items():
                    context["region" if key == "aws:RequestedRegion" else "team"] = Eq(value)
                storage.add(
                    Policy(
                        f"{policy}/{number}", subjects=[AnyRule()],
                        actions=[RegexMatch(action.replace("*", ".*") + "$") for action in statement["Action"]],
                        resources=[RegexMatch(text.replace("*", ".*") + "$") for text in statement["Resource"]],
                        context=context,
                        effect=ALLOW_ACCESS if statement["Effect"] == "Allow" else DENY_ACCESS,
                    )
                )  # fmt: skip
        guards.append(Guard(storage, RulesChecker()))

    def ask(user: int, request: Request) -> bool:
        context = {"region": request.context["aws:requestedregion"][0], "team": world.team_of[user]}
        inquiry = Inquiry(action=request.action, resource=request.resource, subject=f"u{user}", context=context)
        return bool(guards[user].is_allowed(inquiry))

    return ask


def _moto(world: World) -> _Peer:
    """Its evaluator knows no conditions on these keys: they are left out, which makes its work less."""
    prepared = []
    for user in range(USERS_FOR_PEERS):
        found = []
        for policy in world.policies_of(user):
            bare = [{k: v for k, v in each.items() if k != "Condition"} for each in world.policies[policy]]
            found.append(IAMPolicy({"policy_document": orjson.dumps({"Statement": bare}).decode()}))
        prepared.append(found)

    def ask(user: int, request: Request) -> bool:
        results = [each.is_action_permitted(request.action, request.resource) for each in prepared[user]]
        return PermissionResult.DENIED not in results and PermissionResult.PERMITTED in results

    return ask


if __name__ == "__main__":
    main()
