"""Principals with thousands of policies, and policies that name thousands of principals: answered or refused, never
computed without an end."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from erstwhile.domain.events.policies import InlinePolicyPut
from erstwhile.domain.events.principals import UserCreated
from erstwhile.domain.policy.inputs import caller as callers
from erstwhile.domain.policy.inputs.caller import parse_caller, strength
from erstwhile.domain.questions import which_resources as questions
from erstwhile.domain.questions.pattern_parts import Effort, TooManyParts, parts, reduced
from erstwhile.domain.questions.what_can_by_action import expanded
from erstwhile.domain.questions.which_resources import which_resources
from erstwhile.domain.questions.who_can import who_can
from erstwhile.domain.vocabulary.identifiers import Ref
from tests.support.given import ACCOUNT, arn, directory_of

OTHER = "222233334444"
NAMES = st.sampled_from([
    ("AWS", "*"), ("AWS", ACCOUNT), ("AWS", OTHER), ("AWS", arn("root")), ("AWS", arn("user/ada")),
    ("AWS", arn("role/r")),
    ("AWS", arn("role/path/r")), ("AWS", arn("role/service-role/x")), ("AWS", "AIDAX"),
    ("Service", "lambda.amazonaws.com"),
    ("AWS", f"arn:aws:sts::{ACCOUNT}:assumed-role/r/s"), ("AWS", f"arn:aws:iam::{OTHER}:role/r"), ("Federated", "*"),
    ("Federated", arn("saml-provider/p")), ("CanonicalUser", "c" * 64),
    ("AWS", f"arn:aws:sts::{ACCOUNT}:federated-user/f"),
])  # fmt: skip
CALLERS = (
    ACCOUNT, arn("root"), arn("user/ada"), arn("user/path/ada"), arn("role/r"), arn("role/path/r"),
    "lambda.amazonaws.com",
    f"arn:aws:sts::{ACCOUNT}:assumed-role/r/s", f"arn:aws:sts::{ACCOUNT}:federated-user/f", "*", arn("saml-provider/p"),
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(NAMES, max_size=4), st.sampled_from(CALLERS))
def test_among_many_names_a_caller_is_found_as_among_few(names: list[tuple[str, str]], asking: str) -> None:
    caller = parse_caller(asking)
    crowd = [("AWS", f"arn:aws:iam::{OTHER}:user/u{number}") for number in range(callers.FEW + 1)]
    assert strength(caller, (*crowd, *names), None) == strength(caller, tuple(names), None)


def with_policies(count: int) -> tuple[InlinePolicyPut | UserCreated, ...]:
    ada = Ref("user", "ada", "AIDAADA")
    policies = [
        InlinePolicyPut(
            subject=ada, policy_name=f"p{number}", document='{"Version":"2012-10-17","Statement":{"Effect":"Allow",'
            f'"Action":"s3:Get*","Resource":"arn:aws:s3:::b{number}/*"}}}}',
        )
        for number in range(count)
    ]  # fmt: skip
    return (UserCreated(subject=ada, arn=arn("user/ada")), *policies)


def test_thousands_of_policies_are_answered_as_far_as_it_goes() -> None:
    directory = directory_of(*with_policies(1_500), mode="observed")
    found = who_can(directory, "s3:GetObject", "arn:aws:s3:::b7/x")
    assert [each.principal for each in (*found.allowed, *found.conditional)].count(arn("user/ada")) == 1
    hows = {
        reach.resource: reach.how for reach in which_resources(directory, arn("user/ada"), "s3:GetObject").resources
    }
    assert "unclear" in hows.values() and hows["arn:aws:s3:::b0/*"] != "unclear"
    with pytest.raises(TooManyParts):
        expanded(directory, arn("user/ada"))


def test_a_few_policies_are_told_whole() -> None:
    directory = directory_of(*with_policies(20), mode="observed")
    reached = which_resources(directory, arn("user/ada"), "s3:GetObject", resource_account=ACCOUNT).resources
    assert len(reached) == 20 and "unclear" not in {each.how for each in reached}
    assert expanded(directory, arn("user/ada"))


def test_the_effort_of_an_answer_does_not_depend_on_what_was_asked_before() -> None:
    def left() -> int:
        effort = Effort(questions.EFFORT)
        parts(("arn:aws:s3:::a*",), ("arn:aws:s3:::ab*", "arn:aws:s3:::*c"), effort)
        return effort._left

    assert left() == left() < questions.EFFORT
    with pytest.raises(TooManyParts):
        parts(("a*",), ("*b",), Effort(1))


def test_patterns_with_other_beginnings_cut_nothing() -> None:
    assert reduced(("arn:aws:s3:::a*",), ["arn:aws:s3:::b*", "arn:aws:s3:::a*b", "*", "arn:aws:s3:::"]) == [
        "arn:aws:s3:::a*b", "*",
    ]  # fmt: skip
