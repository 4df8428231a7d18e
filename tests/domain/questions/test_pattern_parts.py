"""Patterns of resources: what is told of a pattern holds for each resource in it."""

from __future__ import annotations

import itertools
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.events import policies as ep
from erstwhile.domain.events import principals as eq
from erstwhile.domain.events import resources as er
from erstwhile.domain.policy.authorize import authorize
from erstwhile.domain.policy.inputs.request import Request
from erstwhile.domain.policy.language.match import matches_resource
from erstwhile.domain.policy.language.patterns.pattern_parts import WELL_FORMED, TooManyParts, intersect, parts
from erstwhile.domain.questions.asked import Asked
from erstwhile.domain.questions.principal_reach import Reach
from erstwhile.domain.questions.resource_reach import extent
from erstwhile.domain.questions.what_can_by_action import expanded
from erstwhile.domain.questions.which_resources import which_resources
from erstwhile.domain.questions.who_can import who_can
from tests.support.given import ACCOUNT, arn, directory_of, role, user

TEXTS = ["".join(each) for length in range(5) for each in itertools.product("ab:", repeat=length)]
PATTERN = st.text(alphabet="ab:*?", min_size=1, max_size=5)


@settings(max_examples=300, deadline=None)
@given(PATTERN, st.lists(PATTERN, max_size=3))
def test_each_part_that_exists_is_found_and_each_that_is_found_exists(within: str, patterns: list[str]) -> None:
    def told(text: str) -> tuple[bool, ...]:
        return tuple(matches_resource(pattern, text) for pattern in patterns)

    found = parts((within,), tuple(patterns))
    assert all(matches_resource(within, text) for text in found)
    signatures = [told(text) for text in found]
    assert len(set(signatures)) == len(signatures)
    assert {told(text) for text in TEXTS if matches_resource(within, text)} <= set(signatures)
    for pattern in patterns:
        both = any(matches_resource(within, text) and matches_resource(pattern, text) for text in TEXTS)
        assert intersect(within, pattern) or not both


def test_patterns_that_cut_into_too_many_parts_are_refused_in_bounded_time() -> None:
    with pytest.raises(TooManyParts):
        parts(("*", WELL_FORMED), tuple(f"arn:*:*:*:*:*{letter}*" for letter in "abcdefghijkl"))


NAMES = ["a", "b", "ab", "ba", "aa/b", "b/a", "a/a", "c", "a/c"]
RESOURCE = st.sampled_from(
    ["*", "arn:aws:q::111122223333:*", "arn:aws:q::111122223333:a*", "arn:aws:q::111122223333:*/a",
     "arn:aws:q::111122223333:a/?", "arn:aws:q::*:b*", "arn:aws:q::111122223333:${aws:username}*",
     "arn:aws:q::111122223333:aa/b"]
)  # fmt: skip
STATEMENT = st.builds(
    lambda effect, action, element, resources, tagged: {
        "Effect": effect, "Action": action, element: resources,
        **({"Condition": {"StringEquals": {"aws:ResourceTag/t": "1"}}} if tagged else {}),
    },
    st.sampled_from(["Allow", "Allow", "Deny"]), st.sampled_from(["q:Get", "q:*", "q:Put"]),
    st.sampled_from(["Resource", "Resource", "Resource", "NotResource"]),
    st.lists(RESOURCE, min_size=1, max_size=2), st.booleans(),
)  # fmt: skip
DOCUMENT = st.lists(STATEMENT, min_size=1, max_size=3).map(
    lambda statements: orjson.dumps({"Version": "2012-10-17", "Statement": statements}).decode()
)
TRUST = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"x.amazonaws.com"},'
    '"Action":"sts:AssumeRole"}]}'
)
OPEN = orjson.dumps(
    {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": arn("user/b")}, "Action": "q:Get", "Resource": "*"},
        {"Effect": "Deny", "Principal": "*", "Action": "q:Put", "Resource": "*"}]}
).decode()  # fmt: skip


def world(documents: list[str], tagged: str, has_policy: bool) -> Directory:
    bodies: list[Any] = [
        eq.UserCreated(subject=user("a"), arn=arn("user/a")),
        eq.UserCreated(subject=user("b"), arn=arn("user/b")),
        eq.RoleCreated(subject=role("r"), arn=arn("role/r"), trust_policy=TRUST),
    ]
    for ref, document in zip((user("a"), user("b"), role("r")), documents, strict=True):
        bodies.append(ep.InlinePolicyPut(subject=ref, policy_name="p", document=document))
    bodies.append(er.ResourceRegistered(resource=f"arn:aws:q::{ACCOUNT}:{tagged}", tags={"t": "1"}))
    if has_policy:
        bodies.append(er.ResourcePolicyPut(resource=f"arn:aws:q::{ACCOUNT}:b", document=OPEN))
    return directory_of(*bodies)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(DOCUMENT, min_size=3, max_size=3), st.sampled_from(NAMES), st.booleans(),
    st.sampled_from(["a*", "*", "b?*", "a/?", "?", "*/a"]), st.sampled_from(["q:Get", "q:Put"]),
)  # fmt: skip
def test_who_can_of_a_pattern_is_what_each_resource_in_it_says(
    documents: list[str], tagged: str, has_policy: bool, name: str, action: str
) -> None:
    directory = world(documents, tagged, has_policy)
    pattern = f"arn:aws:q::{ACCOUNT}:{name}"
    inside = [each for each in (f"arn:aws:q::{ACCOUNT}:{n}" for n in NAMES) if matches_resource(pattern, each)]
    found = who_can(directory, action, pattern, mode="strict")
    told = {holder.principal: holder for holder in found.allowed}
    for principal in (arn("user/a"), arn("user/b"), arn("role/r"), arn("root")):
        allowed = [
            authorize(directory, Request(principal=principal, action=action, resource=each)).allowed for each in inside
        ]
        how = told[principal].extent if principal in told else "none"
        assert how == extent(directory, principal, pattern, Asked(action=action, mode="strict")).how
        if how == "all":
            assert all(allowed)
        elif how == "none":
            assert not any(allowed)
        else:
            holder = told[principal]
            for example, expected in ((holder.example, True), (holder.denied_example, False)):
                assert matches_resource(pattern, example)
                request = Request(principal=principal, action=action, resource=example)
                assert authorize(directory, request).allowed is expected
        reached = which_resources(directory, principal, action, mode="strict").resources
        for each, may in zip(inside, allowed, strict=True):
            covering = [reach for reach in reached if matches_resource(reach.resource, each)]
            assert not may or covering
            assert may or all(reach.how != "all" for reach in covering)


def test_what_can_expanded_names_actions_and_what_is_left_of_their_resources() -> None:
    allow = {"Effect": "Allow", "Action": "s3:*Object", "Resource": ["arn:aws:s3:::pay/*", "arn:aws:s3:::old/x"]}
    deny = {"Effect": "Deny", "Action": "s3:DeleteObject", "Resource": "arn:aws:s3:::pay/kept/*"}
    never = {"Effect": "Deny", "Action": ["s3:RestoreObject"], "Resource": "*"}
    own = {"Effect": "Allow", "Action": "record:read", "Resource": "*"}
    document = orjson.dumps({"Version": "2012-10-17", "Statement": [allow, deny, never, own]}).decode()
    bucket = er.ResourcePolicyPut(resource="arn:aws:s3:::pay", document='{"Statement":[]}')
    directory = directory_of(
        eq.UserCreated(subject=user("a"), arn=arn("user/a")),
        ep.InlinePolicyPut(subject=user("a"), policy_name="p", document=document),
        bucket,
    )
    by_action = {action: each.resources for each in expanded(directory, arn("user/a")) for action in each.actions}
    assert "s3:RestoreObject" not in by_action and "s3:ListBucket" not in by_action
    old = Reach(resource="arn:aws:s3:::old/x", how="conditional")  # whose the bucket is, nobody knows
    assert by_action["s3:GetObject"] == (Reach(resource="arn:aws:s3:::pay/*", how="all"), old)
    [some, _] = by_action["s3:DeleteObject"]
    assert (some.how, some.example, some.denied_example) == ("some", "arn:aws:s3:::pay/", "arn:aws:s3:::pay/kept/")
    assert by_action["record:read"] == (Reach(resource="*", how="all"),)


def test_an_arn_of_few_parts_reaches_what_its_stars_stand_for() -> None:
    ada = arn("user/ada")
    document = orjson.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": "sqs:*", "Resource": "arn:aws:sqs:eu-west-1"}],
        }
    ).decode()
    directory = directory_of(
        eq.UserCreated(subject=user("ada"), arn=ada, tags={}),
        ep.InlinePolicyPut(subject=user("ada"), policy_name="p", document=document),
    )
    found = which_resources(directory, ada, "sqs:SendMessage", resource_account=ACCOUNT)
    assert [(reach.resource, reach.how) for reach in found.resources] == [("arn:aws:sqs:eu-west-1:*:*", "all")]
    jobs = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:*"
    assert [(each.principal, each.extent) for each in who_can(directory, "sqs:SendMessage", jobs).allowed] == [
        (f"arn:aws:iam::{ACCOUNT}:root", "all"),
        (ada, "all"),
    ]
    assert not any(
        each.principal == ada for each in who_can(directory, "sqs:SendMessage", jobs.replace("west", "east")).allowed
    )
