"""A principal's policies as one document allow what all of its layers allow together."""

from __future__ import annotations

import random
from typing import Any

import orjson
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.policy.engine.attached import engine_of
from erstwhile.domain.policy.evaluation.evaluate import evaluate
from erstwhile.domain.policy.evaluation.exemptions import SESSION_TOKEN
from erstwhile.domain.policy.evaluation.layers import Layer
from erstwhile.domain.policy.evaluation.request_sides import CallerSide, ResourceSide
from erstwhile.domain.policy.inputs.request import Request
from erstwhile.domain.policy.inputs.sources import Source
from erstwhile.domain.policy.language.patterns.pattern_parts import TooMuch
from erstwhile.domain.policy.language.validate import first_problem
from erstwhile.domain.questions.as_policy import AsPolicy, as_policy
from tests.support import worlds
from tests.support.documents import allow, text
from tests.support.policy import generator
from tests.support.policy.random_directory import random_directory
from tests.support.worlds import WorldBuilder

ACCOUNT = "111122223333"
ADA = f"arn:aws:iam::{ACCOUNT}:user/ada"
NOT_SMALLER = (Phase.explicit, Phase.reuse, Phase.generate)
"""A smaller seed makes no smaller Directory."""


def contexts(chance: random.Random) -> list[dict[str, tuple[str, ...]]]:
    found: list[dict[str, tuple[str, ...]]] = [{}]
    for _ in range(2):
        chosen = [(key, values) for key, values in generator.KEYS.items() if chance.random() < 0.6]
        found.append({key.lower(): (chance.choice(values),) for key, values in chosen})
    return found


@settings(max_examples=40, phases=NOT_SMALLER)
@given(st.integers(0, 2**48))
def test_it_allows_what_all_layers_allow_together(seed: int) -> None:
    chance, directory = random.Random(seed), random_directory(seed)
    for account in generator.ACCOUNTS:
        for arn in (f"arn:aws:iam::{account}:root", *(each.arn for each in directory.of_kind("user", "role"))):
            try:
                found = as_policy(directory, arn)
            except TooMuch:
                continue
            if not found.unknown:
                is_like_its_layers(directory, arn, found, chance)


def is_like_its_layers(directory: Directory, arn: str, found: AsPolicy, chance: random.Random) -> None:
    side = engine_of(directory).side(arn)
    alone = CallerSide(side.caller, Layer("identity", [Source("consolidated", "", found.document)]))
    if side.caller.kind == "root":
        # A root may everything by itself: its document is asked as a user's.
        return
    for action in chance.sample(generator.ALL_ACTIONS, 12):
        if action.lower() == SESSION_TOKEN:
            continue  # it is allowed without a statement, and cannot be limited by one that allows it conditionally
        for resource in chance.sample(generator.RESOURCES, 6):
            for context in contexts(chance):
                request = Request(
                    principal=arn, action=action, resource=resource, context=context, resource_account=ACCOUNT,
                    mode="strict",
                )  # fmt: skip
                target = ResourceSide(ACCOUNT)
                wanted = evaluate(request, side, target).allowed
                assert evaluate(request, alone, target).allowed == wanted, (arn, action, resource, found.document)


def statements(found: AsPolicy) -> Any:
    assert not first_problem(found.document, "identity")
    return orjson.loads(found.document)["Statement"]


def world(*own: str, boundary: str | None = None, guardrail: str | None = None) -> Directory:
    made = WorldBuilder()
    made.account(ACCOUNT)
    made.principal(ACCOUNT, "user", "AIDAADA", "ada")
    made.documents(ACCOUNT, "user", "AIDAADA", "inline", {str(number): each for number, each in enumerate(own)})
    if boundary is not None:
        made.put(ACCOUNT, "user", "AIDAADA", "boundary", policy=made.policy(ACCOUNT, "ANPAB", "b", boundary))
    if guardrail is not None:
        made.organization({"r-1": ("root", ""), ACCOUNT: ("account", "r-1")})
        made.guardrail("p-FullAWSAccess", "SERVICE", allow("*"), ["r-1", ACCOUNT])
        made.guardrail("p-1", "SERVICE", guardrail, [ACCOUNT])
    return made.directory()


def test_policies_without_limits_stand_as_they_are() -> None:
    found = as_policy(world(allow("s3:Get*", "arn:aws:s3:::a/*"), allow("sqs:*")), ADA)
    assert statements(found) == [
        {"Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::a/*"},
        {"Effect": "Allow", "Action": "sqs:*", "Resource": "*"},
    ]
    assert (found.unique_id, found.unknown) == ("AIDAADA", ())


def test_what_another_statement_has_as_a_whole_is_left_out() -> None:
    found = as_policy(world(allow("s3:Get*", "arn:aws:s3:::a/*"), allow("s3:*")), ADA)
    assert statements(found) == [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]


def test_of_statements_that_say_the_same_one_is_left() -> None:
    found = statements(as_policy(world(allow(["*", "s3:*"]), allow("*", ["*", "arn:aws:s3:::a"])), ADA))
    assert [each["Effect"] for each in found] == ["Allow"]


def test_a_boundary_cuts_actions_resources_and_conditions() -> None:
    mfa = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    own = allow(["s3:*", "sqs:SendMessage"], Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}})
    limit = text({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::a/*", "Condition": mfa},
        {"Effect": "Allow", "Action": "sts:GetSessionToken", "Resource": "*"},
    ]})  # fmt: skip
    assert statements(as_policy(world(own, boundary=limit), ADA)) == [
        {
            "Effect": "Allow",
            "Action": "s3:Get*",
            "Resource": "arn:aws:s3:::a/*",
            "Condition": {
                "IpAddress": {"aws:SourceIp": ["10.0.0.0/8"]},
                "Bool": {"aws:MultiFactorAuthPresent": ["true"]},
            },
        }
    ]


def test_a_boundary_denies_what_needs_no_permission() -> None:
    found = statements(as_policy(world(allow("s3:*"), boundary=allow("s3:*")), ADA))
    assert {"Effect": "Deny", "Action": "sts:getsessiontoken", "Resource": "*"} in found


def test_denies_of_all_layers_are_kept() -> None:
    deny = worlds.text({"Version": "2012-10-17", "Statement": [
        {"Effect": "Deny", "Action": "s3:Delete*", "Resource": "*"}]})  # fmt: skip
    found = statements(as_policy(world(allow("s3:*"), guardrail=deny), ADA))
    assert found == [
        {"Effect": "Allow", "Action": "s3:*", "Resource": "*"},
        {"Effect": "Deny", "Action": "s3:Delete*", "Resource": "*"},
    ]


def test_a_condition_on_the_same_key_twice_is_kept_twice() -> None:
    one, other = ({"StringLike": {"aws:PrincipalArn": each}} for each in ("*red*", "*team*"))
    found = statements(as_policy(world(allow("s3:*", Condition=one), boundary=allow("*", Condition=other)), ADA))
    assert sorted(values for values in found[0]["Condition"]["StringLike"].values()) == [["*red*"], ["*team*"]]


def test_text_that_looks_like_a_variable_stands_for_itself() -> None:
    old = text({"Version": "2008-10-17", "Statement": [
        {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::${aws:username}"}]})  # fmt: skip
    assert statements(as_policy(world(old), ADA))[0]["Resource"] == "arn:aws:s3:::${$}{aws:username}"


def test_the_root_has_what_guardrails_leave() -> None:
    found = as_policy(world(guardrail=allow("s3:*")), f"arn:aws:iam::{ACCOUNT}:root")
    assert statements(found)[0] == {"Effect": "Allow", "Action": "*", "Resource": "*"}
