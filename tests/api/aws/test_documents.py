"""Policy documents that IAM refuses, each by its kind; through boto3, on every way in."""

from __future__ import annotations

from typing import Any

from tests.support.aws.clients import boto_without_checks, fails
from tests.support.aws.server import AwsServer, arn
from tests.support.documents import allow, text

GOOD = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}


def one(**members: Any) -> str:
    """A document with one statement, which has these members for others; None takes one away."""
    statement = {name: value for name, value in {**GOOD, **members}.items() if value is not None}
    return text({"Version": "2012-10-17", "Statement": [statement]})


def conditioned(condition: Any) -> str:
    return one(Condition=condition)


MALFORMED: list[str] = [
    # not JSON, or another shape
    "{", "[]", '"text"', "7", "null", "{}", "not json", '{"Statement": [', "{'Statement': []}", '{"Statement": [],}',
    '{"Version":"2012-10-17","Version":"2012-10-17","Statement":[]}',
    '{"Statement":[{"Effect":"Allow","Effect":"Deny","Action":"*","Resource":"*"}]}',
    # the document's members
    text({"Statement": []}), text({"Statement": "x"}), text({"Statement": [7]}), text({"Statement": [[]]}),
    text({"Version": "2012-10-18", "Statement": [GOOD]}), text({"Version": 2012, "Statement": [GOOD]}),
    text({"version": "2012-10-17", "Statement": [GOOD]}), text({"Version": "2012-10-17", "statement": [GOOD]}),
    text({"Statement": [GOOD], "Comment": "x"}), text({"Id": 7, "Statement": [GOOD]}),
    # Sid and Effect
    one(Sid="with space"), one(Sid=7), one(Sid="a-b"), text({"Statement": [{**GOOD, "Sid": "a"},
        {**GOOD, "Sid": "a"}]}),
    one(Effect=None), one(Effect="allow"), one(Effect="ALLOW"), one(Effect="Grant"), one(Effect=["Allow"]),
    one(Effect=True),
    # Action and NotAction
    one(Action=None), one(Action=[]), one(Action=""), one(Action="GetObject"), one(Action="s3:"),
    one(Action=":GetObject"),
    one(Action="s3 GetObject"), one(Action="s3:Get Object"), one(Action=7), one(Action=[7]), one(Action={"a": "b"}),
    one(NotAction="s3:*"), one(Action="s*:GetObject"), one(Action=["s3:GetObject", "nothing"]),
    # Resource and NotResource
    one(Resource=None), one(Resource=[]), one(Resource="bucket"), one(Resource=7),
    one(Resource=[None]), one(NotResource="*"), one(Resource="arn:nowhere:s3:::b"),
    one(Resource="arn:aws:s3:eu-west-1::b"),
    one(Resource="arn:aws:iam:us-east-1:123456789012:user/x"), one(Resource="arn:aws:iam::123456789012:x"),
    one(Resource="arn:aws::::b"), one(Resource=["*", "b"]),
    # principals do not belong here
    one(Principal="*"), one(Principal={"AWS": "*"}), one(NotPrincipal={"AWS": arn("user/x")}),
    # Condition
    conditioned([]), conditioned("x"), conditioned({"StringEqual": {"aws:a": "b"}}), conditioned({"StringEquals": "x"}),
    conditioned({"StringEquals": {"nocolon": "x"}}), conditioned({"StringEquals": {"aws:a": {"b": "c"}}}),
    conditioned({"StringEquals": {"aws:a": [None]}}), conditioned({"NullIfExists": {"aws:a": "true"}}),
    conditioned({"Null": {"aws:a": "maybe"}}), conditioned({"ForSomeValues:StringEquals": {"aws:a": "b"}}),
    conditioned({"stringequals:": {"aws:a": "b"}}), one(Conditions={}), one(Extra="x"), one(effect="Allow"),
]  # fmt: skip


def trust(**members: Any) -> str:
    good = {"Effect": "Allow", "Principal": {"AWS": "123456789012"}, "Action": "sts:AssumeRole"}
    statement = {name: value for name, value in {**good, **members}.items() if value is not None}
    return text({"Version": "2012-10-17", "Statement": [statement]})


MALFORMED_TRUST: list[str] = [
    "{", trust(Principal=None), trust(Principal={}), trust(Principal="x"), trust(Principal=[]),
    trust(Principal={"AWS": []}),
    trust(Principal={"AWS": "arn:aws:iam::123456789012:user/*"}), trust(Principal={"AWS": "ada"}),
    trust(Principal={"AWS": 7}),
    trust(Principal={"Aws": "*"}), trust(Principal={"Service": "ec2"}), trust(Resource="*"), trust(NotResource="*"),
    trust(Action="s3:GetObject"), trust(Action=["sts:AssumeRole", "iam:PassRole"]), trust(NotPrincipal={"AWS": "*"}),
    trust(Principal={"AWS": arn("user/nobody")}), trust(Principal={"AWS": [arn("role/nobody"), "*"]}),
]  # fmt: skip


def test_malformed_documents(aws: AwsServer) -> None:
    assert len(set(MALFORMED)) >= 60
    iam = boto_without_checks(aws)
    iam.create_user(UserName="ada")
    iam.create_group(GroupName="ops")
    policy = iam.create_policy(PolicyName="good", PolicyDocument=allow("s3:*"))["Policy"]["Arn"]
    ways: list[tuple[Any, dict[str, str]]] = [
        (iam.create_policy, {"PolicyName": "x"}),
        (iam.put_user_policy, {"UserName": "ada", "PolicyName": "x"}),
        (iam.put_group_policy, {"GroupName": "ops", "PolicyName": "x"}),
        (iam.create_policy_version, {"PolicyArn": policy}),
    ]
    for number, document in enumerate(MALFORMED):
        call, given = ways[number % len(ways)]
        fails("MalformedPolicyDocument", "", call, **given, PolicyDocument=document)
    assert iam.list_policies(Scope="Local")["Policies"][0]["PolicyName"] == "good"
    assert iam.list_user_policies(UserName="ada")["PolicyNames"] == []
    assert iam.list_group_policies(GroupName="ops")["PolicyNames"] == []


def test_trust_policies_are_checked_on_create_and_update(aws: AwsServer) -> None:
    iam = boto_without_checks(aws)
    iam.create_role(RoleName="good", AssumeRolePolicyDocument=trust())
    for document in MALFORMED_TRUST:
        fails("MalformedPolicyDocument", "", iam.create_role, RoleName="x", AssumeRolePolicyDocument=document)
        fails("MalformedPolicyDocument", "", iam.update_assume_role_policy, RoleName="good", PolicyDocument=document)
    fails("LimitExceeded", "2048", iam.create_role, RoleName="x", AssumeRolePolicyDocument=trust(Sid="x" * 2_100))
    assert [each["RoleName"] for each in iam.list_roles()["Roles"]] == ["good"]
    iam.create_role(
        RoleName="far", AssumeRolePolicyDocument=trust(Principal={"AWS": "arn:aws:iam::999999999999:user/who"})
    )
