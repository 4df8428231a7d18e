"""A CloudFormation change set as changes: what is added, modified, removed and replaced; what the template tells; and
what cannot be read."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from erstwhile.domain.what_if import changes as c
from erstwhile.domain.what_if.cloudformation.change_set import changes_of_set
from erstwhile.domain.what_if.cloudformation.properties import UNKNOWN
from erstwhile.domain.what_if.pieces import NoPlan, NotUnderstood
from tests.support.documents import FULL, allow, trust
from tests.support.records import ACCOUNT
from tests.support.stories import arn

READ: dict[str, Any] = orjson.loads(allow("s3:GetObject"))
WRITE: dict[str, Any] = orjson.loads(allow("s3:PutObject"))
TRUST: dict[str, Any] = orjson.loads(trust({"Service": "lambda.amazonaws.com"}, "sts:AssumeRole"))
STACK = f"arn:aws:cloudformation:eu-west-1:{ACCOUNT}:stack/shop/1a2b"
Values = dict[str, Any]


def text(document: Values) -> str:
    return orjson.dumps(document).decode()


def resource(
    action: str, logical: str, kind: str, before: Values | None = None, after: Values | None = None, **more: Any
) -> Values:
    contexts = {
        name: orjson.dumps({"Properties": values}).decode()
        for name, values in (("BeforeContext", before), ("AfterContext", after))
        if values is not None
    }
    change = {"Action": action, "LogicalResourceId": logical, "ResourceType": f"AWS::{kind}", **contexts, **more}
    return {"Type": "Resource", "ResourceChange": change}


def change_set(*changes: Values, **more: Any) -> Values:
    return {"ChangeSetName": "next", "StackName": "shop", "StackId": STACK, "Changes": list(changes), **more}


def test_a_role_that_is_added_with_its_policies() -> None:
    found = changes_of_set(change_set(resource("Add", "Worker", "IAM::Role", after={
        "RoleName": "worker", "Path": "/app/", "AssumeRolePolicyDocument": TRUST,
        "Policies": [{"PolicyName": "read", "PolicyDocument": READ}],
        "ManagedPolicyArns": ["arn:aws:iam::aws:policy/ReadOnlyAccess"], "Tags": [{"Key": "team", "Value": "blue"}],
        "PermissionsBoundary": arn("policy/limit"),
    })))  # fmt: skip
    role = arn("role/app/worker")
    assert found.not_understood == () and set(found.addresses) == {"Worker"}
    assert found.changes == (
        c.Create(arn=role, trust=text(TRUST)), c.SetBoundary(principal=role, policy=arn("policy/limit")),
        c.Tag(what=role, tags={"team": "blue"}), c.PutInlinePolicy(principal=role, name="read", document=text(READ)),
        c.AttachPolicy(principal=role, policy="arn:aws:iam::aws:policy/ReadOnlyAccess"),
    )  # fmt: skip


def test_what_a_modification_gives_and_takes() -> None:
    before = {"AssumeRolePolicyDocument": TRUST, "ManagedPolicyArns": [arn("policy/a"), arn("policy/b")],
              "Policies": [{"PolicyName": "read", "PolicyDocument": READ}]}  # fmt: skip
    after = {"AssumeRolePolicyDocument": orjson.loads(FULL), "ManagedPolicyArns": [arn("policy/b")],
             "Policies": [{"PolicyName": "read", "PolicyDocument": WRITE}]}  # fmt: skip
    found = changes_of_set(
        change_set(resource("Modify", "Worker", "IAM::Role", before, after, PhysicalResourceId="shop-Worker-X1"))
    )
    role = arn("role/shop-Worker-X1")
    assert found.changes == (
        c.SetTrust(role=role, document=text(orjson.loads(FULL))),
        c.PutInlinePolicy(principal=role, name="read", document=text(WRITE)),
        c.DetachPolicy(principal=role, policy=arn("policy/a")),
    )


def test_what_is_removed_and_what_is_replaced() -> None:
    named = {"UserName": "ci", "Groups": ["staff"]}
    found = changes_of_set(change_set(
        resource("Remove", "Old", "IAM::ManagedPolicy", PhysicalResourceId=arn("policy/old")),
        resource("Modify", "Ci", "IAM::User", named, named | {"Path": "/"}, PhysicalResourceId="ci",
                 Replacement="True"),
    ))  # fmt: skip
    assert found.changes == (
        c.Delete(what=arn("user/ci")), c.Create(arn=arn("user/ci")),
        c.AddToGroup(user=arn("user/ci"), group=arn("group/staff")), c.Delete(what=arn("policy/old")),
    )  # fmt: skip


TEMPLATE: Values = {
    "Parameters": {"Team": {"Type": "String", "Default": "green"}},
    "Resources": {
        "Data": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": {"Fn::Sub": "${AWS::StackName}-data"}}},
        "Worker": {"Type": "AWS::IAM::Role", "Properties": {
            "AssumeRolePolicyDocument": TRUST, "Tags": [{"Key": "team", "Value": {"Ref": "Team"}}],
            "PermissionsBoundary": {"Ref": "AWS::NoValue"},
        }},
        "Access": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {
            "ManagedPolicyName": "access", "Roles": [{"Ref": "Worker"}],
            "PolicyDocument": {"Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": [
                {"Fn::GetAtt": ["Data", "Arn"]}, {"Fn::Join": ["/", [{"Fn::GetAtt": "Data.Arn"}, "*"]]},
                {"Fn::Sub": "arn:${AWS::Partition}:s3:::logs-${AWS::AccountId}-${Team}/${!literal}"},
            ]}]},
        }},
        "Queue": {"Type": "AWS::SQS::Queue"},
        "Later": {"Type": "AWS::IAM::RolePolicy", "Properties": {
            "RoleName": {"Ref": "Worker"}, "PolicyName": "later",
            "PolicyDocument": {"Statement": [{"Effect": "Allow", "Action": "sqs:*",
                                              "Resource": {"Fn::GetAtt": ["Queue", "Arn"]}}]},
        }},
    },
}  # fmt: skip


def test_the_template_tells_what_the_set_does_not() -> None:
    found = changes_of_set(
        change_set(
            resource("Add", "Worker", "IAM::Role"),
            resource("Add", "Access", "IAM::ManagedPolicy", after={
                "ManagedPolicyName": "access", "Roles": [UNKNOWN], "PolicyDocument": UNKNOWN,
            }),
            resource("Add", "Later", "IAM::RolePolicy"),
            Parameters=[{"ParameterKey": "Team", "ParameterValue": "blue"}],
        ),
        TEMPLATE,
    )  # fmt: skip
    role = arn("role/shop-Worker-NEW")
    document = {"Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": [
        "arn:aws:s3:::shop-data", "arn:aws:s3:::shop-data/*", f"arn:aws:s3:::logs-{ACCOUNT}-blue/${{literal}}",
    ]}]}  # fmt: skip
    assert found.changes == (
        c.Create(arn=role, trust=text(TRUST)), c.SetPolicy(policy=arn("policy/access"), document=text(document)),
        c.Tag(what=role, tags={"team": "blue"}), c.AttachPolicy(principal=role, policy=arn("policy/access")),
    )  # fmt: skip
    assert found.not_understood == (
        NotUnderstood("Later", "PolicyDocument is known after the application alone"),
    )  # fmt: skip


def test_policies_of_resources_and_guardrails() -> None:
    policy = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]}
    found = changes_of_set(change_set(
        resource("Add", "A", "S3::BucketPolicy", after={"Bucket": "data", "PolicyDocument": policy}),
        resource("Add", "B", "SQS::QueuePolicy", after={
            "Queues": [f"https://sqs.eu-west-1.amazonaws.com/{ACCOUNT}/jobs"], "PolicyDocument": policy}),
        resource("Add", "C", "Organizations::Policy", after={
            "Name": "deny", "Type": "SERVICE_CONTROL_POLICY", "Content": READ, "TargetIds": [ACCOUNT]}),
        resource("Add", "D", "IAM::Policy", after={
            "PolicyName": "own", "PolicyDocument": READ, "Users": ["ada"], "Groups": ["staff"]}),
    ))  # fmt: skip
    assert found.changes == (
        c.SetResourcePolicy(resource="arn:aws:s3:::data", document=text(policy), account=ACCOUNT),
        c.SetResourcePolicy(resource=f"arn:aws:sqs:eu-west-1:{ACCOUNT}:jobs", document=text(policy), account=""),
        c.AttachGuardrail(target=ACCOUNT, document=text(READ), kind="SERVICE_CONTROL_POLICY"),
        c.PutInlinePolicy(principal=arn("user/ada"), name="own", document=text(READ)),
        c.PutInlinePolicy(principal=arn("group/staff"), name="own", document=text(READ)),
    )


def test_what_is_not_told_is_said() -> None:
    found = changes_of_set(change_set(
        resource("Add", "Worker", "IAM::Role"),
        resource("Add", "Call", "Lambda::Permission"),
        resource("Modify", "Access", "IAM::ManagedPolicy", after={"PolicyDocument": READ},
                 PhysicalResourceId=arn("policy/access")),
        resource("Add", "Site", "S3::Bucket", after={"BucketName": "site"}),
    ))  # fmt: skip
    assert found.changes == (c.SetPolicy(policy=arn("policy/access"), document=text(READ)),)
    assert [(each.address, each.why.partition(":")[0]) for each in found.not_understood] == [
        ("Worker", "the change set has no property values of it"), ("Call", "it bears on access, and is not read"),
        ("Access", "the change set does not tell what it said before"),
    ]  # fmt: skip


def test_names_that_refer_to_one_another_end() -> None:
    template = {"Resources": {
        "A": {"Type": "AWS::IAM::Role", "Properties": {"RoleName": {"Fn::Sub": "${B}"}}},
        "B": {"Type": "AWS::IAM::Role", "Properties": {"RoleName": {"Ref": "A"}, "AssumeRolePolicyDocument": TRUST}},
    }}  # fmt: skip
    found = changes_of_set(change_set(resource("Add", "B", "IAM::Role")), template)
    assert [type(each) for each in found.changes] == [c.Create]


def nested(depth: int) -> Any:
    return {"Fn::Sub": ["${x}${x}", {"x": nested(depth - 1)}]} if depth else "ab"


@pytest.mark.parametrize("name", [nested(60), {"Fn::Join": [",", [nested(60)]]}, {"Ref": "A0"}], ids=str)
def test_a_template_that_multiplies_is_refused(name: Any) -> None:
    chain = {
        f"A{number}": {
            "Type": "AWS::IAM::Role",
            "Properties": {"RoleName": {"Fn::Sub": f"${{A{number + 1}}}${{A{number + 1}}}"}},
        }
        for number in range(60)
    }
    template = {"Resources": chain | {"B": {"Type": "AWS::IAM::Role", "Properties": {"RoleName": name}}}}
    with pytest.raises(NoPlan, match="make more text of one another"):
        changes_of_set(change_set(resource("Add", "B", "IAM::Role")), template)


def test_openings_of_variables_that_never_end() -> None:
    template = {"Resources": {"B": {"Type": "AWS::IAM::Role", "Properties": {
        "RoleName": {"Fn::Sub": "${" * 400_000}, "AssumeRolePolicyDocument": TRUST}}}}  # fmt: skip
    found = changes_of_set(change_set(resource("Add", "B", "IAM::Role")), template)
    assert len(found.changes) == 1


@pytest.mark.parametrize(("given", "template", "words"), [
    ([], None, "not a CloudFormation change set"), ({"format_version": "1.2"}, None, "describe-change-set"),
    ({"Changes": []}, None, "not a CloudFormation change set"), (change_set() | {"Changes": 3}, None, "not a Cloud"),
    (change_set(NextToken="x"), None, "has more pages"), (change_set(), {"a": 1}, "not a CloudFormation template"),
    (change_set(), [], "not a CloudFormation template"),
])  # fmt: skip
def test_what_is_no_change_set_is_refused(given: Any, template: Any, words: str) -> None:
    with pytest.raises(NoPlan, match=words):
        changes_of_set(given, template)
