"""The policy simulator: what AWS documents of its parameters and results."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from tests.support.aws.clients import fails
from tests.support.aws.server import AwsServer, arn
from tests.support.documents import allow, text

OTHER = "444455556666"
DENY = text(
    {"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::b/z"}}
)
EVERYTHING = allow("*")
OBJECTS = ["arn:aws:s3:::b/x", "arn:aws:s3:::b/z", "arn:aws:s3:::c/x"]


def ada(aws: AwsServer, **policies: str) -> Any:
    iam = aws.client("iam")
    iam.create_user(UserName="ada")
    for name, document in policies.items():
        iam.put_user_policy(UserName="ada", PolicyName=name, PolicyDocument=document)
    return iam


def simulated(iam: Any, *actions: str, **given: Any) -> list[dict[str, Any]]:
    asked = {"PolicySourceArn": arn("user/ada"), "ActionNames": list(actions), **given}
    return list(iam.simulate_principal_policy(**asked)["EvaluationResults"])


def ids(result: dict[str, Any]) -> list[str]:
    return [each["SourcePolicyId"] for each in result["MatchedStatements"]]


def test_there_is_one_result_for_an_action_and_one_within_for_each_resource(aws: AwsServer) -> None:
    mfa = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    iam = ada(
        aws, reads=allow("s3:Get*", "arn:aws:s3:::b/*"), if_mfa=allow("s3:Get*", "arn:aws:s3:::c/*", Condition=mfa)
    )
    both = simulated(iam, "s3:GetObject", "s3:PutObject", ResourceArns=OBJECTS, PolicyInputList=[DENY])
    assert [(each["EvalActionName"], each["EvalDecision"]) for each in both] == [
        ("s3:GetObject", "explicitDeny"), ("s3:PutObject", "explicitDeny"),
    ]  # fmt: skip
    found = both[0]
    assert found["EvalResourceName"] == "arn:${Partition}:s3:::${BucketName}/${ObjectName}"
    assert ids(found) == ["PolicyInputList.1"]
    assert [key.lower() for key in found["MissingContextValues"]] == ["aws:multifactorauthpresent"]
    assert found["EvalDecisionDetails"] == {}
    within = [
        (each["EvalResourceName"], each["EvalResourceDecision"], ids(each), len(each["MissingContextValues"]))
        for each in found["ResourceSpecificResults"]
    ]
    assert within == [
        (OBJECTS[0], "allowed", ["user_ada_reads"], 0), (OBJECTS[1], "explicitDeny", ["PolicyInputList.1"], 0),
        (OBJECTS[2], "implicitDeny", [], 1),
    ]  # fmt: skip


def test_without_resources_there_is_the_result_alone(aws: AwsServer) -> None:
    iam = ada(aws, reads=allow("s3:Get*"))
    for given in ({}, {"ResourceArns": ["*"]}):
        [found] = simulated(iam, "s3:GetObject", **given)
        assert (found["EvalResourceName"], found["EvalDecision"]) == ("*", "allowed")
        assert not {"ResourceSpecificResults", "EvalDecisionDetails", "OrganizationsDecisionDetail"} & found.keys()


def test_of_two_accounts_each_kind_of_policy_is_told(aws: AwsServer) -> None:
    """AWS's own example."""
    iam = ada(aws, iam=allow("iam:*"))
    policy = allow(["s3:List*", "s3:Put*"], "arn:aws:s3:::mary/*", Principal={"AWS": arn("user/ada")})
    asked = {
        "ResourceArns": ["arn:aws:s3:::mary/Test"], "ResourceOwner": f"arn:aws:iam::{OTHER}:root",
        "ResourcePolicy": policy, "PermissionsBoundaryPolicyInputList": [allow("iam:*")],
    }  # fmt: skip
    [found] = simulated(iam, "s3:PutObject", **asked)
    details = {
        "IAM Policy": "implicitDeny", "Resource Policy": "allowed", "Permissions Boundary Policy": "implicitDeny",
    }  # fmt: skip
    assert (found["EvalDecision"], found["EvalDecisionDetails"]) == ("implicitDeny", details)
    assert found["ResourceSpecificResults"][0]["EvalDecisionDetails"] == details
    assert found["PermissionsBoundaryDecisionDetail"] == {"AllowedByPermissionsBoundary": False}
    [found] = simulated(iam, "s3:PutObject", **asked | {"ResourceOwner": OTHER, "PolicyInputList": [allow("s3:*")]})
    assert found["EvalDecisionDetails"]["IAM Policy"] == "allowed"


def test_a_resource_policy_of_the_same_account_allows_past_the_boundary(aws: AwsServer) -> None:
    """AWS's own example."""
    policy = allow(["s3:List*", "s3:Put*"], "arn:aws:s3:::production/*", Principal={"AWS": arn("user/mateo")})
    asked = {
        "PolicyInputList": [allow("iam:*")], "PermissionsBoundaryPolicyInputList": [allow("iam:*")],
        "ActionNames": ["s3:PutObject"], "ResourceArns": ["arn:aws:s3:::production/Test"], "ResourcePolicy": policy,
        "ResourceOwner": arn("root"),
    }  # fmt: skip
    iam = aws.client("iam")
    [found] = iam.simulate_custom_policy(**asked, CallerArn=arn("user/mateo"))["EvaluationResults"]
    assert (found["EvalDecision"], found["EvalDecisionDetails"]) == ("allowed", {})
    assert found["PermissionsBoundaryDecisionDetail"] == {"AllowedByPermissionsBoundary": False}
    [matched] = found["MatchedStatements"]
    assert (matched["SourcePolicyId"], matched["SourcePolicyType"]) == ("ResourcePolicy", "Resource Policy")
    fails("InvalidInput", "CallerArn is required", iam.simulate_custom_policy, **asked)


def test_policies_are_left_out(aws: AwsServer) -> None:
    iam = ada(aws, reads=allow("s3:Get*"))
    iam.attach_user_policy(UserName="ada", PolicyArn="arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess")
    own = iam.create_policy(PolicyName="own", PolicyDocument=allow("s3:Put*"))["Policy"]["Arn"]
    iam.attach_user_policy(UserName="ada", PolicyArn=own)
    iam.put_user_permissions_boundary(UserName="ada", PermissionsBoundary=own)

    def decided(*excluded: dict[str, Any]) -> list[str]:
        found = simulated(iam, "s3:GetObject", "s3:PutObject", PolicyExclusionList=list(excluded))
        return [each["EvalDecision"] for each in found]

    inline = {"PolicyName": "reads", "AttachmentType": "user", "AttachmentName": "ada"}
    of_aws, unbounded = {"PolicyType": "aws-managed"}, {"PolicyType": "permission-boundary"}
    assert decided() == ["implicitDeny", "allowed"]
    assert decided(unbounded) == ["allowed", "allowed"]
    assert decided(unbounded, of_aws) == ["allowed", "allowed"]
    assert decided(unbounded, of_aws, {"PolicyType": "inline"}) == ["implicitDeny", "allowed"]
    assert decided(unbounded, of_aws, {"InlinePolicyIdentifier": inline}) == ["implicitDeny", "allowed"]
    assert (
        decided(unbounded, of_aws, {"InlinePolicyIdentifier": inline | {"AttachmentType": "role"}}) == ["allowed"] * 2
    )
    assert decided({"PolicyType": "user-managed"}) == decided({"PolicyArn": own}) == ["implicitDeny", "implicitDeny"]
    assert decided({"PolicyArn": own[:-1] + "?"}, {"PolicyArn": arn("policy/no*")}) == ["implicitDeny", "implicitDeny"]
    for wrong in ("arn:aws:s3:::bucket/xxxxxxxxx", arn("policy/*x*"), "arn:aws:iam::*:policy/own-policy"):
        fails("InvalidInput", "PolicyExclusionList.1", partial(decided, {"PolicyArn": wrong}))


def test_service_control_policies_that_are_given(aws: AwsServer) -> None:
    iam = aws.client("iam")

    def asked(*levels: list[str]) -> dict[str, Any]:
        [found] = iam.simulate_custom_policy(
            PolicyInputList=[EVERYTHING], ActionNames=["s3:GetObject"], ResourceArns=OBJECTS[:2],
            OrderedOrganizationPolicyInputList=[{"ServiceControlPolicyInputList": each} for each in levels],
        )["EvaluationResults"]  # fmt: skip
        return dict(found)

    assert asked([EVERYTHING], [EVERYTHING])["OrganizationsDecisionDetail"] == {"AllowedByOrganizations": True}
    denied = asked([EVERYTHING], [EVERYTHING, DENY])
    assert [each["EvalResourceDecision"] for each in denied["ResourceSpecificResults"]] == ["allowed", "explicitDeny"]
    assert denied["OrganizationsDecisionDetail"] == {"AllowedByOrganizations": False}
    assert denied["MatchedStatements"] == []
    assert asked([EVERYTHING], [allow("ec2:*")])["EvalDecision"] == "implicitDeny"


@pytest.mark.parametrize(
    ("given", "containing"),
    [
        ({"ActionNames": ["s3:*"]}, "Invalid Action Name"),
        ({"CallerArn": "arn:aws:sts::123456789012:assumed-role/x/y"}, "CallerArn"),
        ({"CallerArn": arn("root")}, "CallerArn"),
        ({"PermissionsBoundaryPolicyInputList": [EVERYTHING, EVERYTHING]}, "one permissions boundary"),
        ({"ResourceOwner": "arn:aws:iam::12:root"}, "ResourceOwner"),
    ],
)
def test_what_cannot_be_simulated(aws: AwsServer, given: dict[str, Any], containing: str) -> None:
    asked: dict[str, Any] = {"PolicyInputList": [EVERYTHING], "ActionNames": ["s3:GetObject"], **given}
    fails("InvalidInput", containing, aws.client("iam").simulate_custom_policy, **asked)
