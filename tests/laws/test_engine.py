"""The law of the engine: whatever it keeps, and whichever short cut it takes, its answers are those of the plain
evaluation, with determining statements, missing keys and all else that they say."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from typing import Any

import msgspec
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.facts import Fact
from erstwhile.domain.policy.authorize import authorize, why_not
from erstwhile.domain.policy.engine.many_statements import MANY
from erstwhile.domain.policy.evaluation.applicable import evaluate_in
from erstwhile.domain.policy.evaluation.explain import Near
from erstwhile.domain.policy.evaluation.one_question import decide_once
from erstwhile.domain.policy.inputs.principals import UnknownPrincipal
from erstwhile.domain.policy.inputs.request import Decision, Request
from erstwhile.domain.vocabulary.instants import BEFORE
from tests.support.policy import generator
from tests.support.policy.random_directory import random_directory
from tests.support.policy.request_world import built

seeds = st.integers(0, 2**48)
ROLE_SESSION = "arn:aws:sts::{}:assumed-role/reader/sess"


def answer(function: Any, directory: Directory, request: Request) -> object:
    try:
        return function(directory, request)
    except UnknownPrincipal as error:
        return str(error)


def holds(directory: Directory, request: Request) -> None:
    """Asked twice: the second answer may be a kept one."""
    plain = answer(evaluate_in, directory, request)
    assert answer(authorize, directory, request) == plain
    assert answer(authorize, directory, request) == plain
    assert answer(decide_once, directory, request) == answer(with_nearest, directory, request)


def with_nearest(directory: Directory, request: Request) -> tuple[Decision, Near | None]:
    """The plain decision, and what comes nearest to allowing it, found in whole policies."""
    decision = evaluate_in(directory, request)
    return decision, None if decision.allowed else why_not(directory, request)


def varied(chance: random.Random, request: Request) -> Request:
    """The same question in another context, or one that differs in a part of it."""
    context = {key.lower(): (chance.choice(values),) for key, values in generator.KEYS.items() if chance.random() < 0.3}
    changes: dict[str, Any] = {"context": context, "mode": chance.choice(("strict", "discover"))}
    if chance.random() < 0.3:
        changes["action"] = chance.choice(generator.ACTIONS)
    if chance.random() < 0.3:
        changes["resource"] = chance.choice(generator.RESOURCES)
    if chance.random() < 0.2:
        changes["resource_account"] = chance.choice(generator.ACCOUNTS)
    if chance.random() < 0.2:
        changes["session_policies"] = None
    return msgspec.structs.replace(request, **changes)


@settings(max_examples=500)
@given(seeds)
def test_over_the_directory_of_a_generated_request(seed: int) -> None:
    """All layers: guardrails, endpoints, resources, boundaries, sessions."""
    chance = random.Random(seed + 7)
    world = built(generator.well_formed(generator.request(random.Random(seed))))
    if world is None:
        return
    directory, request = world
    holds(directory, request)
    for _ in range(8):
        holds(directory, varied(chance, request))


@settings(max_examples=200)
@given(seeds)
def test_over_a_directory_at_random(seed: int) -> None:
    """Many callers, whose decisions are kept beside one another."""
    chance = random.Random(seed + 8)
    directory = random_directory(seed)
    if chance.random() < 0.5:
        directory.as_of = datetime(2026, 3, 1, tzinfo=UTC)
    principals = [entity.arn for entity in directory.of_kind("user", "role")]
    principals += [ROLE_SESSION.format(account) for account in generator.ACCOUNTS]
    principals += [f"arn:aws:iam::{account}:root" for account in generator.ACCOUNTS]
    principals += ["*", "lambda.amazonaws.com", "arn:aws:iam::999988887777:user/stranger"]
    for _ in range(40):
        request = Request(
            principal=chance.choice(principals),
            action=chance.choice(generator.ACTIONS),
            resource=chance.choice(generator.RESOURCES),
        )
        holds(directory, varied(chance, request))


@pytest.mark.parametrize("seed", range(20))
def test_with_very_many_statements_about_one_action(seed: int) -> None:
    """Of these the engine looks at those alone that may be about the resource."""
    chance = random.Random(seed)
    directory = random_directory(seed)
    statements = []
    for _ in range(3 * MANY):
        statement = generator.statement(chance, False, "Deny" if chance.random() < 0.03 else "Allow")
        statements.append(statement | {"Action": ["s3:GetObject", "sqs:*"]})
        statements[-1].pop("NotAction", None)
    document = orjson.dumps({"Version": "2012-10-17", "Statement": statements}).decode()
    user = next(entity for entity in directory.of_kind("user"))
    user.facts["inline"] = {"many": Fact({"document": document}, BEFORE, 1)}
    for _ in range(40):
        action, resource = chance.choice(("s3:GetObject", "sqs:SendMessage")), chance.choice(generator.RESOURCES)
        holds(directory, varied(chance, Request(principal=user.arn, action=action, resource=resource)))


@pytest.mark.parametrize("seed", range(20))
def test_each_member_of_a_group_has_the_path_of_its_own(seed: int) -> None:
    """Users that have all through the same group share one layer, and not the paths in their answers."""
    directory = random_directory(seed)
    for entity in directory.of_kind("user"):
        for attribute in ("attached", "inline", "coverage"):
            entity.facts.pop(attribute, None)
        entity.facts["member_of"] = {f"AGPA{entity.account}": next(iter(entity.facts["entity"].values()))}
    for entity in list(directory.of_kind("user")):
        for action in generator.ACTIONS:
            holds(directory, Request(principal=entity.arn, action=action, resource="arn:aws:s3:::bucket/key"))
