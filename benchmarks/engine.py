"""`make bench-engine`: the engine against peers on the same translated work, interleaved in one run.

1,000 users, 200 policies of five statements, three of them each through a group, a fifth of the statements
conditional. Peers get one principal's policies only, prepared beforehand. Targets: a decision that was never asked
before, with all determining statements, at 15 times cedarpy's rate in pure Python, 40 times compiled; a kept one at 60
and 150 times; a cold principal at 30 kept decisions or less; who-can over 100,000 principals, up to the set, at 800
times the loop's rate.
"""

from __future__ import annotations

import gc
import random
import time
from typing import Any

import msgspec

from benchmarks.engine_peers import USERS, CedarWasm, Peer, Question, cedar, cedar_wasm, moto, vakt
from benchmarks.world import ACCOUNT, ACTIONS, World
from erstwhile.api.cli.console import out
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.facts import Fact
from erstwhile.domain.policy.authorize import authorize
from erstwhile.domain.policy.engine import decision_engine as engine_module
from erstwhile.domain.policy.engine.attached import attach_engine
from erstwhile.domain.policy.inputs.request import Request
from erstwhile.domain.questions.index import Index
from erstwhile.domain.vocabulary.instants import BEFORE

ROUNDS = 15
PASSES = 12
"""Over the requests in one turn of kept decisions: so it takes as long as cedarpy's, and not just to fill the
processor's caches again after that."""
ASKED_OF_PEERS = {"cedarpy": 400, "vakt": 200, "moto": 200}
IS_COMPILED = not engine_module.__file__.endswith(".py")


def main() -> None:
    # Policies speak of beginnings of resources, so that resources of any name are new and allowed all the same.
    world = World(1_000, 200, open_ended=True)
    _know_buckets(world)
    out.print(f"engine: {'compiled' if IS_COMPILED else 'pure Python'}")
    asked = [(user, request) for user, request in world.requests(60_000) if user < USERS]
    # Each once: what is asked again is not new.
    questions = list({(user, each.action, each.resource): (user, each) for user, each in asked}.values())
    peers = {"cedarpy": cedar(world), "vakt": vakt(world), "moto": moto(world)}
    wasm = cedar_wasm(world, questions[: ASKED_OF_PEERS["cedarpy"]])
    _agree(world, questions, peers["cedarpy"], wasm)
    _freeze()
    fresh, kept, theirs = _interleaved(world, questions, peers, wasm)
    for name, seconds in theirs.items():
        targets = (40, 150) if IS_COMPILED else (15, 60)
        of_fresh, of_kept = (f" (target {each})" if name == "cedarpy" else "" for each in targets)
        out.print(
            f"{name}: {seconds * 1e6:,.1f} µs a decision; ours never asked before {fresh * 1e6:.2f}, ratio "
            f"{seconds / fresh:.0f}{of_fresh}; ours kept {kept * 1e6:.2f}, ratio {seconds / kept:.0f}{of_kept}"
        )
    if isinstance(wasm, str):
        out.print(f"cedar-wasm: not measured: {wasm}")
    else:
        wasm.close()
    alone = min(_ask_fresh(world.directory, questions, ROUNDS + number, True) for number in range(ROUNDS))
    out.print(
        f"never asked before, and nobody about its resource: {alone * 1e6:.2f} µs; cedarpy's ratio to that "
        f"{theirs['cedarpy'] / alone:.0f}"
    )
    _cold(kept, fresh)
    _with_every_layer(world, questions, kept, theirs["cedarpy"])
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


def _interleaved(
    world: World, questions: list[Question], peers: dict[str, Peer], wasm: CedarWasm | str
) -> tuple[float, float, dict[str, float]]:
    """Seconds a decision (never asked before, kept, of the peers): the least of some rounds, in turns."""
    fresh: list[float] = []
    kept: list[float] = []
    theirs: dict[str, list[float]] = {name: [] for name in peers}
    for number in range(ROUNDS):
        fresh.append(_ask_fresh(world.directory, questions, number))
        kept.append(_ask_kept(world.directory, questions))
        for name, peer in peers.items():
            asked = questions[: ASKED_OF_PEERS[name]]
            started = time.perf_counter()
            for user, request in asked:
                peer(user, request)
            theirs[name].append((time.perf_counter() - started) / len(asked))
        if isinstance(wasm, CedarWasm):
            theirs.setdefault("cedar-wasm", []).append(wasm.seconds())
    return min(fresh), min(kept), {name: min(found) for name, found in theirs.items()}


def _ask_fresh(directory: Directory, questions: list[Question], number: int, each_its_own: bool = False) -> float:
    """Seconds a decision about a question that is new to the engine: before this round (or, where each has its own,
    this question) nobody asked about its resource. Principals and actions are known to it, as peers have their
    policies prepared."""
    asked = [
        msgspec.structs.replace(each, resource=f"{each.resource}-{number}" + (f"-{index}" if each_its_own else ""))
        for index, (_, each) in enumerate(questions)
    ]
    started = time.perf_counter()
    for request in asked:
        authorize(directory, request)
    return (time.perf_counter() - started) / len(asked)


def _ask_kept(directory: Directory, questions: list[Question]) -> float:
    """Seconds a decision about a question that was asked before."""
    for _, request in questions:
        authorize(directory, request)
    started = time.perf_counter()
    for _ in range(PASSES):
        for _, request in questions:
            authorize(directory, request)
    return (time.perf_counter() - started) / (PASSES * len(questions))


def _agree(world: World, questions: list[Question], by_cedar: Peer, wasm: CedarWasm | str) -> None:
    """The translated work is the same work; with all statements that decide, as each answer has them."""
    decisions = [authorize(world.directory, request) for _, request in questions]
    for (user, request), decision in list(zip(questions, decisions, strict=True))[:1_000]:
        assert decision.allowed == by_cedar(user, request), request
    if isinstance(wasm, CedarWasm):
        assert wasm.allowed == [decision.allowed for decision in decisions[: len(wasm.allowed)]]
    allowed = sum(decision.allowed for decision in decisions) / len(decisions)
    named = sum(len(decision.determining) for decision in decisions) / len(decisions)
    out.print(f"{len(questions):,} questions: {allowed:.0%} are allowed; {named:.2f} determining statements on average")


def _with_every_layer(world: World, questions: list[Question], kept: float, by_cedar: float) -> None:
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
    attach_engine(directory)
    for _, request in questions:
        authorize(directory, request)
    fresh = min(_ask_fresh(directory, questions, number) for number in range(ROUNDS))
    again = min(_ask_kept(directory, questions) for _ in range(2))
    out.print(
        f"with three levels of SCP and a boundary in force: never asked before {fresh * 1e6:.2f} µs, cedarpy's ratio "
        f"without them {by_cedar / fresh:.0f}; kept {again * 1e6:.2f}, {again / kept:.1f} times identity policies alone"
    )


def _cold(kept: float, fresh: float) -> None:
    """A principal that was never asked about; its policies' documents have been compiled for others."""
    world = World(1_000, 200)
    _know_buckets(world)
    asked: dict[int, Request] = {}
    for user, request in world.requests(20_000):
        asked.setdefault(user, request)
    _freeze()
    took = []
    for _ in range(ROUNDS):
        attach_engine(world.directory)
        started = time.perf_counter()
        for request in asked.values():
            authorize(world.directory, request)
        took.append((time.perf_counter() - started) / len(asked))
    cold = min(took)
    out.print(f"a cold principal: {cold * 1e6:.1f} µs, {cold / kept:.0f} kept decisions (target: at most 30), "
              f"{cold / fresh:.0f} never asked before")  # fmt: skip


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


if __name__ == "__main__":
    main()
