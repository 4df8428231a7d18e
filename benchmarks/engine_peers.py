"""Other engines for `make bench-engine`, with the world's policies translated. Each has its policies prepared."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cedarpy
import orjson
from moto.iam.access_control import IAMPolicy, PermissionResult
from vakt import Guard, Inquiry, MemoryStorage, Policy, RulesChecker
from vakt.effects import ALLOW_ACCESS, DENY_ACCESS
from vakt.rules import Any as AnyRule
from vakt.rules import Eq, RegexMatch

from benchmarks.world import ACTIONS, World
from erstwhile.domain.policy.inputs.request import Request

USERS = 60
"""Users whose policies are prepared."""

Question = tuple[int, Request]
"""(user's number, what is asked)"""
Peer = Callable[[int, Request], bool]


def _actions_of(statement: dict[str, Any]) -> list[str]:
    patterns = [re.compile(action.replace("*", ".*")) for action in statement["Action"]]
    return [
        f"{service}:{name}"
        for service, names in ACTIONS.items()
        for name in names
        if any(pattern.fullmatch(f"{service}:{name}") for pattern in patterns)
    ]


def _in_cedar(world: World, user: int) -> tuple[str, list[dict[str, Any]]]:
    """A user's fifteen statements in Cedar's language, and the entities that they look at."""
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
    entity = {"uid": {"type": "User", "id": f"u{user}"}, "attrs": {"team": world.team_of[user]}, "parents": []}
    return "\n".join(lines), [entity]


def cedar(world: World) -> Peer:
    """cedarpy: Cedar's engine in Rust, with prepared policy sets and entities."""
    sets, entities = [], []
    for user in range(USERS):
        text, entity = _in_cedar(world, user)
        sets.append(cedarpy.PolicySet.from_str(text))
        entities.append(cedarpy.Entities.from_json_str(orjson.dumps(entity).decode()))

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


class CedarWasm:
    """@cedar-policy/cedar-wasm: Cedar's engine for JavaScript, in a process of node's that measures itself."""

    def __init__(self, folder: Path, world: World, questions: list[Question]) -> None:
        self._folder = folder
        script = folder / "cedar_wasm.js"
        shutil.copy(Path(__file__).with_name("cedar_wasm.js"), script)
        self._node = subprocess.Popen(["node", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        prepared = [_in_cedar(world, user) for user in range(USERS)]
        work = {
            "sets": [text for text, _ in prepared],
            "entities": [entities for _, entities in prepared],
            "requests": [
                [user, each.action, each.resource, each.context["aws:requestedregion"][0]] for user, each in questions
            ],
        }
        self.allowed = [each == "1" for each in self._said(orjson.dumps(work).decode())]

    def seconds(self) -> float:
        """Of a decision, in one round over the questions."""
        return float(self._said("again"))

    def _said(self, line: str) -> str:
        assert self._node.stdin is not None
        assert self._node.stdout is not None
        print(line, file=self._node.stdin, flush=True)
        return self._node.stdout.readline().strip()

    def close(self) -> None:
        self._node.communicate(timeout=30)
        shutil.rmtree(self._folder)


def cedar_wasm(world: World, questions: list[Question]) -> CedarWasm | str:
    """The reason, where it cannot be asked: node or npm is not there, or npm does not get the package."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        return "node and npm are not installed"
    folder = Path(tempfile.mkdtemp(prefix="erstwhile-cedar-wasm-"))
    options = ("--loglevel", "error", "--no-fund", "--no-audit", "--fetch-retries", "0", "--prefix", str(folder))
    done = subprocess.run([npm, "install", *options, "@cedar-policy/cedar-wasm@4"], capture_output=True, text=True)
    if done.returncode != 0:
        shutil.rmtree(folder)
        return f"npm could not install it: {done.stderr.strip()[-200:]}"
    return CedarWasm(folder, world, questions)


def vakt(world: World) -> Peer:
    guards = []
    for user in range(USERS):
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


def moto(world: World) -> Peer:
    """Its evaluator knows no conditions on these keys: they are left out, which makes its work less."""
    prepared = []
    for user in range(USERS):
        found = []
        for policy in world.policies_of(user):
            bare = [{k: v for k, v in each.items() if k != "Condition"} for each in world.policies[policy]]
            found.append(IAMPolicy({"policy_document": orjson.dumps({"Statement": bare}).decode()}))
        prepared.append(found)

    def ask(user: int, request: Request) -> bool:
        results = [each.is_action_permitted(request.action, request.resource) for each in prepared[user]]
        return PermissionResult.DENIED not in results and PermissionResult.PERMITTED in results

    return ask
