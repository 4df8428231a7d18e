"""Laws that no engine may break, over random requests of all features; and the engine against the reference."""

from __future__ import annotations

import copy
import random
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from erstwhile.domain.policy.inputs.request import Decision
from erstwhile.domain.policy.simulate import simulate
from tests.support.examples import examples
from tests.support.policy import generator
from tests.support.policy.comparison import compare

seeds = st.integers(0, 2**48)
BAN = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}


def decided(request: dict[str, Any]) -> Decision:
    return simulate(generator.well_formed(request))


def asked(seed: int) -> tuple[dict[str, Any], str]:
    request = generator.request(random.Random(seed))
    return request, decided(request).effect


@settings(max_examples=examples(3_000, each_run=1_000))
@given(seeds)
def test_the_engine_says_what_the_reference_says(seed: int) -> None:
    _, difference = compare(seed)
    assert difference is None, difference


@given(seeds)
def test_an_explicit_deny_always_wins(seed: int) -> None:
    request, _ = asked(seed)
    if request["action"] == "sts:GetCallerIdentity":
        return
    if ":root" in request["principal"] and request["action"].endswith("BucketPolicy"):
        return  # the owner's root always may
    request["policies"].setdefault("resource", [])
    resource = request["policies"]["resource"]
    ban = copy.deepcopy(BAN)
    ban["Statement"][0]["Principal"] = "*"  # type: ignore[index]
    request["policies"]["resource"] = [*(resource if isinstance(resource, list) else [resource]), ban]
    assert decided(request).effect == "explicit_deny"


@given(seeds)
def test_nothing_allows_by_default(seed: int) -> None:
    request, _ = asked(seed)
    request["policies"] = {}
    if ":root" not in request["principal"] and not request["action"].startswith("sts:Get"):
        assert decided(request).effect == "implicit_deny"


@given(seeds)
def test_one_more_allow_never_takes_and_one_more_deny_never_gives(seed: int) -> None:
    chance = random.Random(seed + 1)
    request, before = asked(seed)
    for layer, documents in request["policies"].items():
        flat = documents if isinstance(documents, list) else [documents]
        flat = [each for level in flat for each in (level if isinstance(level, list) else [level])]
        if not flat:
            continue
        chosen = chance.choice(flat)
        held = chosen["Statement"] if isinstance(chosen["Statement"], list) else [chosen["Statement"]]
        with_principal = layer in ("resource", "vpc_endpoint")
        chosen["Statement"] = [*held, generator.statement(chance, with_principal, "Allow")]
        after = decided(request).effect
        assert before != "allow" or after == "allow"
        chosen["Statement"] = [*held, generator.statement(chance, with_principal, "Deny")]
        after = decided(request).effect
        assert before == "allow" or after != "allow"
        chosen["Statement"] = held


@given(seeds)
def test_guardrails_and_limits_never_grant(seed: int) -> None:
    chance = random.Random(seed + 2)
    request, before = asked(seed)
    for layer in ("scp", "rcp", "permissions_boundary", "session", "vpc_endpoint"):
        if layer in request["policies"]:
            continue
        if layer == "session" and ":federated-user/" in request["principal"]:
            continue  # without session policies it has nothing of its user's
        documents: Any = generator.documents(chance, layer == "vpc_endpoint")
        limited = request | {
            "policies": request["policies"] | {layer: [documents] if layer in ("scp", "rcp") else documents}
        }
        assert before == "allow" or decided(limited).effect != "allow"


@given(seeds)
def test_order_changes_nothing(seed: int) -> None:
    chance = random.Random(seed + 3)
    request, before = asked(seed)

    def shuffle(value: Any) -> None:
        if isinstance(value, list):
            chance.shuffle(value)
            for each in value:
                shuffle(each)
        elif isinstance(value, dict) and isinstance(value.get("Statement"), list):
            chance.shuffle(value["Statement"])

    for layer, documents in request["policies"].items():
        for each in documents if layer in ("scp", "rcp") else [documents]:
            shuffle(each)
    assert decided(request).effect == before


@given(seeds)
@example(16_777_215)  # a variable's default that a key of the request replaces
def test_what_discovery_is_sure_of_no_further_context_changes(seed: int) -> None:
    chance = random.Random(seed + 4)
    request, _ = asked(seed)
    found = decided(request | {"mode": "discover"})
    # aws:ResourceAccount follows from whose it is, its aliases from which key it is, and a unique id names the caller:
    # they are no further context.
    settled_keys = ("aws:ResourceAccount", "aws:userid", "kms:ResourceAliases")
    free = {k: v for k, v in generator.KEYS.items() if k not in settled_keys}
    given_keys = {key.lower() for key in request["context"]}
    more = {key: chance.choice(values) for key, values in free.items() if key.lower() not in given_keys}
    derived = {"aws:username", "aws:principalarn"}  # of whoever has them they are known already
    more = {key: value for key, value in more.items() if key.lower() not in derived}
    settled = decided(request | {"context": request["context"] | more}).effect
    if found.effect != "conditional":
        # What is not allowed in any case may still come to be denied explicitly.
        assert settled == found.effect or (found.effect, settled) == ("implicit_deny", "explicit_deny")
    else:
        assert found.missing_context or found.unknown


@pytest.mark.parametrize("seed", [24541, 28006])
def test_seeds_that_differed_once(seed: int) -> None:
    assert compare(seed)[1] is None
