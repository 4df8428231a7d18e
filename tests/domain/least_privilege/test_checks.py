"""Checks of policies: nothing new, not granted, not public. Answers equal those of asking request by request."""

from __future__ import annotations

from itertools import product
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from erstwhile.domain.least_privilege.grants import UnreadablePolicy
from erstwhile.domain.least_privilege.new_access import NewAccess, new_access
from erstwhile.domain.least_privilege.not_granted import MalformedCheck, granted
from erstwhile.domain.least_privilege.public_access import public_access
from erstwhile.domain.policy.language.patterns.pattern_parts import TooMuch
from erstwhile.domain.policy.simulate import simulate


def policy(*statements: dict[str, Any]) -> str:
    return orjson.dumps({"Version": "2012-10-17", "Statement": list(statements)}).decode()


def allow(action: Any, resource: Any = "*", effect: str = "Allow", **more: Any) -> dict[str, Any]:
    return {"Effect": effect, "Action": action, "Resource": resource, **more}


def allowed(documents: list[str], action: str, resource: str, context: Any) -> bool:
    """By the engine, as the only policies of a user of the resource's account."""
    return simulate({
        "principal": "arn:aws:iam::111122223333:user/u", "action": action, "resource": resource,
        "resource_account": "111122223333", "context": {key: list(values) for key, values in context.items()},
        "policies": {"identity": documents},
    }).effect == "allow"  # fmt: skip


OWN = "arn:aws:s3:::${aws:username}/*"
ACTIONS = ("s3:GetObject", "s3:GetBucketAcl", "s3:PutObject", "iam:GetUser")
RESOURCES = ("arn:aws:s3:::a", "arn:aws:s3:::a/x", "arn:aws:s3:::a/x/1", "arn:aws:s3:::b/x", "*")
CONTEXTS: list[dict[str, list[str]]] = [
    {**tag, **number}
    for tag in ({}, {"aws:requesttag/team": ["red"]}, {"aws:requesttag/team": ["blue"]})
    for number in ({}, {"s3:max-keys": ["1"]}, {"s3:max-keys": ["10"]})
]
_conditions = st.sampled_from([
    None, {"StringEquals": {"aws:RequestTag/team": "red"}}, {"StringLike": {"aws:RequestTag/team": ["r*", "b*"]}},
    {"StringNotEquals": {"aws:RequestTag/team": "red"}}, {"NumericLessThan": {"s3:max-keys": "5"}},
    {"Null": {"aws:RequestTag/team": "true"}},
    {"StringEqualsIfExists": {"aws:RequestTag/team": "blue"}, "NumericGreaterThanEquals": {"s3:max-keys": "10"}},
])  # fmt: skip


@st.composite
def statements(draw: st.DrawFn) -> dict[str, Any]:
    made: dict[str, Any] = {"Effect": draw(st.sampled_from(("Allow", "Allow", "Allow", "Deny")))}
    actions = draw(st.sampled_from(("s3:*", "s3:Get*", "*", "s3:GetObject", ["s3:PutObject", "iam:Get*"], "s3:*ct")))
    made[draw(st.sampled_from(("Action", "Action", "NotAction")))] = actions
    resources = draw(st.sampled_from(
        ("*", "arn:aws:s3:::a/*", "arn:aws:s3:::a*", "arn:aws:s3:::*/x", ["arn:aws:s3:::a", "arn:aws:s3:::b/*"])
    ))  # fmt: skip
    made[draw(st.sampled_from(("Resource", "Resource", "NotResource")))] = resources
    condition = draw(_conditions)
    return made if condition is None else made | {"Condition": condition}


policies = st.lists(statements(), min_size=1, max_size=3).map(lambda found: policy(*found))


@settings(max_examples=60)
@given(policies, policies)
def test_new_access_equals_asking_for_every_request(old: str, new: str) -> None:
    found = new_access([old], [new], most=1)
    for each in found:
        assert allowed([new], each.action, each.resource, each.context)
        assert not allowed([old], each.action, each.resource, each.context)
    if not found:
        for action, resource, context in product(ACTIONS, RESOURCES, CONTEXTS):
            if allowed([new], action, resource, context):
                assert allowed([old], action, resource, context), (action, resource, context)


@settings(max_examples=30)
@given(policies, st.sampled_from(ACTIONS))
def test_granted_equals_asking_for_every_request(document: str, action: str) -> None:
    found = granted([document], [action])
    assert all(allowed([document], each.action, each.resource, each.context) for each in found)
    if not found:
        assert not any(allowed([document], action, one, context) for one, context in product(RESOURCES, CONTEXTS))


@pytest.mark.parametrize(
    ("old", "new", "first"),
    [
        (allow("s3:*"), allow("s3:Get*", "arn:aws:s3:::pay/*"), None),
        (allow("s3:GetObject", "arn:aws:s3:::pay/*"), allow("s3:GetObject", "arn:aws:s3:::pay*"), "s3:getobject"),
        (allow("s3:GetObject", OWN), allow("s3:GetObject", "arn:aws:s3:::${aws:username}/a"),
         None),
        (allow("s3:GetObject", OWN), allow("s3:GetObject", "arn:aws:s3:::grace/*"),
         "s3:getobject"),
        (allow("s3:GetObject", Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}),
         allow("s3:GetObject", Condition={"IpAddress": {"aws:SourceIp": "10.1.0.0/16"}}), None),
        (allow("s3:GetObject", Condition={"IpAddress": {"aws:SourceIp": "10.1.0.0/16"}}),
         allow("s3:GetObject", Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}), "s3:getobject"),
        (allow("s3:GetObject", Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}}), allow("s3:GetObject"),
         "s3:getobject"),
        (allow("s3:GetObject", Condition={"ForAllValues:StringEquals": {"aws:TagKeys": ["a", "b"]}}),
         allow("s3:GetObject", Condition={"ForAllValues:StringEquals": {"aws:TagKeys": ["a"]}}), None),
        (allow("s3:GetObject", Condition={"ForAllValues:StringEquals": {"aws:TagKeys": ["a"]}}),
         allow("s3:GetObject", Condition={"ForAnyValue:StringEquals": {"aws:TagKeys": ["a"]}}), "s3:getobject"),
    ],
)  # fmt: skip
def test_new_access_of_one_statement(old: dict[str, Any], new: dict[str, Any], first: str | None) -> None:
    found = new_access([policy(old)], [policy(new)])
    assert next((each.action for each in found), None) == first


def test_what_is_granted() -> None:
    document = policy(allow("iam:*"), allow("iam:Create*", effect="Deny"))
    assert granted([document], ["iam:CreateUser", "s3:*"]) == []
    assert [each.action for each in granted([document], ["iam:PassRole"])] == ["iam:passrole"]
    assert granted([policy(allow("s3:GetObject", "arn:aws:s3:::a/*"))], ["s3:GetObject"], ["arn:aws:s3:::b/*"]) == []
    with pytest.raises(MalformedCheck, match="expected an action such as s3:GetObject, not 'iam'"):
        granted([document], ["iam"])


def test_what_cannot_be_compared_is_said() -> None:
    bucket = policy({"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"})
    with pytest.raises(UnreadablePolicy, match="must not have Principal"):
        new_access([bucket], [bucket])
    with pytest.raises(UnreadablePolicy, match="not JSON"):
        new_access(["{"], [bucket])
    many = {"StringEquals": {f"aws:RequestTag/{number}": list("abcdefgh") for number in range(9)}}
    with pytest.raises(TooMuch, match="more combinations than are looked at"):
        new_access([policy(allow("s3:*", Condition=many))], [policy(allow("s3:*", Condition=many))])


@pytest.mark.parametrize(
    ("condition", "is_public"),
    [
        (None, True),
        ({"StringEquals": {"aws:PrincipalOrgID": "o-1"}}, False),
        ({"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-1"}}, True),
        ({"StringLike": {"aws:PrincipalOrgID": "o-*"}}, True),
        ({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-1/r-1/ou-1/*"}}, False),
        ({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-*/r-1/ou-1/*"}}, True),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:s3:::pay"}}, False),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:*:*"}}, True),
        ({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, False),
        ({"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}, True),
        ({"StringEquals": {"aws:SourceVpce": "vpce-1"}}, False),
        ({"Bool": {"aws:SecureTransport": "true"}}, True),
    ],
)
def test_who_is_let_in_by_a_resources_policy(condition: Any, is_public: bool) -> None:
    entry = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::pay/*"}
    found = public_access(policy(entry if condition is None else entry | {"Condition": condition}))
    assert [each.statement for each in found] == ([0] if is_public else [])


def test_a_deny_to_everybody_closes_what_is_public() -> None:
    entry = {"Effect": "Allow", "Principal": "*", "Action": "s3:Get*", "Resource": "arn:aws:s3:::pay/*"}
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::pay/*"}
    assert public_access(policy(entry, deny)) == []
    assert public_access(policy(entry, deny | {"Resource": "arn:aws:s3:::pay/a/*"})) != []
    with pytest.raises(UnreadablePolicy, match="names no principal"):
        public_access(policy(allow("s3:GetObject")))


def test_an_answer_names_the_statement() -> None:
    [found] = new_access(
        [policy(allow("s3:GetObject"))], [policy(allow("s3:GetObject"), allow("sqs:SendMessage", Sid="Q"))]
    )
    assert found == NewAccess(statement=1, sid="Q", action="sqs:sendmessage", resource=found.resource, context={})
