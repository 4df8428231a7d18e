"""The life of users, groups, roles and policies through boto3, and what the audit trail says of it."""

from __future__ import annotations

from typing import Any

import pytest

from erstwhile.projections.trail import Filters, audit_page
from tests.support.aws.clients import boto_without_checks, fails
from tests.support.aws.server import ACCOUNT, AwsServer, arn
from tests.support.documents import READ, allow, text


def test_the_life_of_a_user_and_its_keys(aws: AwsServer) -> None:
    iam = aws.client("iam")
    made = iam.create_user(UserName="ada", Path="/people/", Tags=[{"Key": "team", "Value": "blue"}])["User"]
    assert made["Arn"] == arn("user/people/ada") and made["UserId"].startswith("AIDA") and len(made["UserId"]) == 21
    assert made["Tags"] == [{"Key": "team", "Value": "blue"}]
    fails("EntityAlreadyExists", "already exists", iam.create_user, UserName="ADA")
    assert iam.get_user(UserName="ada")["User"]["CreateDate"] == made["CreateDate"]
    key = iam.create_access_key(UserName="ada")["AccessKey"]
    assert key["Status"] == "Active" and len(key["SecretAccessKey"]) == 40
    mine = aws.client("sts", key["AccessKeyId"], key["SecretAccessKey"])
    who = mine.get_caller_identity()
    assert (who["Arn"], who["UserId"], who["Account"]) == (made["Arn"], made["UserId"], ACCOUNT)
    own = aws.client("iam", key["AccessKeyId"], key["SecretAccessKey"])
    fails("AccessDenied", f"is not authorized to perform: iam:GetUser on resource: {made['Arn']} because no "
          "identity-based policy allows the iam:GetUser action", own.get_user)  # fmt: skip
    iam.put_user_policy(
        UserName="ada", PolicyName="self", PolicyDocument=allow("iam:GetUser", arn("user/people/${aws:username}"))
    )
    assert own.get_user()["User"]["UserName"] == "ada"
    fails("AccessDenied", "iam:CreateUser", own.create_user, UserName="eve")
    assert (
        iam.get_user_policy(UserName="ada", PolicyName="self")["PolicyDocument"]["Statement"][0]["Action"]
        == "iam:GetUser"
    )
    assert iam.list_user_policies(UserName="ada")["PolicyNames"] == ["self"]
    iam.update_access_key(UserName="ada", AccessKeyId=key["AccessKeyId"], Status="Inactive")
    fails("InvalidClientTokenId", "invalid", mine.get_caller_identity)
    assert iam.list_access_keys(UserName="ada")["AccessKeyMetadata"][0]["Status"] == "Inactive"
    iam.update_access_key(UserName="ada", AccessKeyId=key["AccessKeyId"], Status="Active")
    mine.get_caller_identity()
    fails("DeleteConflict", "must delete", iam.delete_user, UserName="ada")
    iam.delete_access_key(UserName="ada", AccessKeyId=key["AccessKeyId"])
    fails("InvalidClientTokenId", "invalid", mine.get_caller_identity)
    iam.delete_user_policy(UserName="ada", PolicyName="self")
    iam.update_user(UserName="ada", NewUserName="countess", NewPath="/")
    assert [each["Arn"] for each in iam.list_users()["Users"]] == [arn("user/countess")]
    iam.delete_user(UserName="countess")
    fails("NoSuchEntity", "cannot be found", iam.get_user, UserName="countess")
    with aws.database.connect() as connection:
        entries = audit_page(connection, Filters(action="iam:*"), 100, "").entries
    told = {(entry["action"], entry["outcome"]) for entry in entries}
    assert ("iam:CreateUser", "success") in told and ("iam:CreateUser", "refused") in told
    [denied] = [
        entry for entry in entries if entry["action"] == "iam:CreateUser" and entry["error_code"] == "AccessDenied"
    ]
    assert denied["actor"]["arn"] == arn("user/people/ada") and denied["source_ip"] == "127.0.0.1"
    assert "Boto3" in denied["user_agent"]


def test_groups_policies_versions_and_boundaries(aws: AwsServer) -> None:
    iam = aws.client("iam")
    iam.create_user(UserName="ada")
    iam.create_group(GroupName="ops")
    iam.add_user_to_group(GroupName="ops", UserName="ada")
    assert [each["UserName"] for each in iam.get_group(GroupName="ops")["Users"]] == ["ada"]
    assert [each["GroupName"] for each in iam.list_groups_for_user(UserName="ada")["Groups"]] == ["ops"]
    policy = iam.create_policy(PolicyName="read", PolicyDocument=text(READ), Description="reads")["Policy"]
    assert policy["Arn"] == arn("policy/read") and policy["DefaultVersionId"] == "v1"
    iam.attach_group_policy(GroupName="ops", PolicyArn=policy["Arn"])
    attached = iam.list_attached_group_policies(GroupName="ops")["AttachedPolicies"]
    assert attached == [{"PolicyName": "read", "PolicyArn": policy["Arn"]}]
    assert iam.get_policy(PolicyArn=policy["Arn"])["Policy"]["AttachmentCount"] == 1
    fails("DeleteConflict", "attached", iam.delete_policy, PolicyArn=policy["Arn"])
    for number in range(2, 6):
        made = iam.create_policy_version(
            PolicyArn=policy["Arn"], PolicyDocument=allow(f"s3:Get{number}*"), SetAsDefault=number == 3
        )
        assert made["PolicyVersion"]["VersionId"] == f"v{number}"
    fails(
        "LimitExceeded",
        "up to 5 versions",
        iam.create_policy_version,
        PolicyArn=policy["Arn"],
        PolicyDocument=text(READ),
    )
    versions = iam.list_policy_versions(PolicyArn=policy["Arn"])["Versions"]
    assert [each["VersionId"] for each in versions if each["IsDefaultVersion"]] == ["v3"]
    assert iam.get_policy_version(PolicyArn=policy["Arn"], VersionId="v1")["PolicyVersion"]["Document"] == READ
    iam.set_default_policy_version(PolicyArn=policy["Arn"], VersionId="v1")
    for number in range(2, 6):
        iam.delete_policy_version(PolicyArn=policy["Arn"], VersionId=f"v{number}")
    iam.put_user_permissions_boundary(UserName="ada", PermissionsBoundary=policy["Arn"])
    assert iam.get_user(UserName="ada")["User"]["PermissionsBoundary"]["PermissionsBoundaryArn"] == policy["Arn"]
    entities = iam.list_entities_for_policy(PolicyArn=policy["Arn"])
    assert ([e["GroupName"] for e in entities["PolicyGroups"]], [e["UserName"] for e in entities["PolicyUsers"]]) == (
        ["ops"],
        ["ada"],
    )
    iam.delete_user_permissions_boundary(UserName="ada")
    iam.detach_group_policy(GroupName="ops", PolicyArn=policy["Arn"])
    fails("NoSuchEntity", "was not found", iam.detach_group_policy, GroupName="ops", PolicyArn=policy["Arn"])
    iam.delete_policy(PolicyArn=policy["Arn"])
    iam.tag_user(UserName="ada", Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": ""}])
    iam.untag_user(UserName="ada", TagKeys=["a"])
    assert iam.list_user_tags(UserName="ada")["Tags"] == [{"Key": "b", "Value": ""}]
    details = iam.get_account_authorization_details()
    assert details["UserDetailList"][0]["GroupList"] == ["ops"]
    assert iam.get_account_summary()["SummaryMap"]["Users"] == 1


def test_a_role_is_assumed_with_an_external_id_and_its_session_is_limited(aws: AwsServer) -> None:
    iam, sts = aws.client("iam"), aws.client("sts")
    iam.create_user(UserName="ada")
    key = iam.create_access_key(UserName="ada")["AccessKey"]
    trust = {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": arn("user/ada")}, "Action": "sts:AssumeRole",
         "Condition": {"StringEquals": {"sts:ExternalId": "seven"}}}]}  # fmt: skip
    role = iam.create_role(RoleName="reader", AssumeRolePolicyDocument=text(trust), MaxSessionDuration=7200)["Role"]
    assert role["AssumeRolePolicyDocument"] == trust
    iam.put_role_policy(RoleName="reader", PolicyName="read", PolicyDocument=allow(["iam:GetRole", "iam:ListRoles"]))
    mine = aws.client("sts", key["AccessKeyId"], key["SecretAccessKey"])
    asked = {"RoleArn": role["Arn"], "RoleSessionName": "night"}
    fails("AccessDenied", "sts:AssumeRole", mine.assume_role, **asked)
    fails("AccessDenied", "sts:AssumeRole", mine.assume_role, **asked, ExternalId="eight")
    fails("AccessDenied", "sts:AssumeRole", mine.assume_role, RoleArn=arn("role/none"), RoleSessionName="xx")
    fails("ValidationError", "MaxSessionDuration", mine.assume_role, **asked, ExternalId="seven", DurationSeconds=7201)
    found = mine.assume_role(**asked, ExternalId="seven", DurationSeconds=900)
    assert found["AssumedRoleUser"]["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/reader/night"
    given = found["Credentials"]
    session = (given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
    inside = aws.client("iam", *session)
    assert inside.get_role(RoleName="reader")["Role"]["RoleId"] == role["RoleId"]
    fails("AccessDenied", "iam:ListUsers", inside.list_users)
    assert aws.client("sts", *session).get_caller_identity()["UserId"] == f"{role['RoleId']}:night"
    narrow = mine.assume_role(**asked, ExternalId="seven", Policy=allow("iam:ListRoles"))["Credentials"]
    limited = aws.client("iam", narrow["AccessKeyId"], narrow["SecretAccessKey"], narrow["SessionToken"])
    limited.list_roles()
    fails("AccessDenied", "because no session policy allows", limited.get_role, RoleName="reader")
    fails(
        "InvalidClientTokenId",
        "invalid",
        aws.client("sts", session[0], session[1], "AQ==" + session[2]).get_caller_identity,
    )
    fails("SignatureDoesNotMatch", "does not match", aws.client("sts", session[0], "x", session[2]).get_caller_identity)
    iam.delete_role_policy(RoleName="reader", PolicyName="read")
    iam.delete_role(RoleName="reader")
    fails("InvalidClientTokenId", "invalid", inside.list_roles)
    assert sts.get_session_token()["Credentials"]["AccessKeyId"].startswith("ASIA")


def test_listings_come_in_pages_and_foreign_markers_are_refused(aws: AwsServer) -> None:
    iam = aws.client("iam")
    for number in range(7):
        iam.create_user(UserName=f"u{number}", Path="/a/" if number % 2 else "/b/")
    pages = list(iam.get_paginator("list_users").paginate(PaginationConfig={"PageSize": 3}))
    assert [len(page["Users"]) for page in pages] == [3, 3, 1]
    assert [each["UserName"] for each in iam.list_users(PathPrefix="/a/")["Users"]] == ["u1", "u3", "u5"]
    fails("ValidationError", "Invalid Marker", iam.list_users, Marker="abc")


def test_instance_profiles_and_passing_roles(aws: AwsServer) -> None:
    iam = aws.client("iam")
    trust = {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]}  # fmt: skip
    iam.create_role(RoleName="web", AssumeRolePolicyDocument=text(trust))
    iam.create_instance_profile(InstanceProfileName="web")
    iam.create_user(UserName="ada")
    key = iam.create_access_key(UserName="ada")["AccessKey"]
    iam.put_user_policy(UserName="ada", PolicyName="p", PolicyDocument=allow("iam:AddRoleToInstanceProfile"))
    own = aws.client("iam", key["AccessKeyId"], key["SecretAccessKey"])
    fails("AccessDenied", "iam:PassRole", own.add_role_to_instance_profile, InstanceProfileName="web", RoleName="web")
    iam.put_user_policy(
        UserName="ada", PolicyName="p", PolicyDocument=allow(["iam:AddRoleToInstanceProfile", "iam:PassRole"])
    )
    own.add_role_to_instance_profile(InstanceProfileName="web", RoleName="web")
    found = iam.get_instance_profile(InstanceProfileName="web")["InstanceProfile"]
    assert [each["RoleName"] for each in found["Roles"]] == ["web"]
    fails("DeleteConflict", "must remove roles", iam.delete_role, RoleName="web")
    iam.remove_role_from_instance_profile(InstanceProfileName="web", RoleName="web")
    iam.delete_instance_profile(InstanceProfileName="web")


@pytest.mark.parametrize(
    ("call", "given", "code", "containing"),
    [
        ("create_user", {"UserName": "a b"}, "ValidationError", "failed to satisfy constraint"),
        ("create_user", {"UserName": "x" * 65}, "ValidationError", "length less than or equal to 64"),
        ("create_user", {"UserName": "x", "Path": "nope"}, "ValidationError", "'path'"),
        ("create_policy", {"PolicyName": "x", "PolicyDocument": "{"}, "MalformedPolicyDocument", "Syntax errors"),
        ("create_role", {"RoleName": "x", "AssumeRolePolicyDocument": "{}"}, "MalformedPolicyDocument", "Statement"),
        ("attach_user_policy", {"UserName": "x", "PolicyArn": "arn:aws:iam::123456789012:policy/none"}, "NoSuchEntity",
         "cannot be found"),
        ("list_users", {"MaxItems": 1001}, "ValidationError", "1000"),
        ("list_policies", {"Scope": "Global"}, "ValidationError", "enum value set"),
    ],
)  # fmt: skip
def test_validation_is_iams(aws: AwsServer, call: str, given: dict[str, Any], code: str, containing: str) -> None:
    iam = boto_without_checks(aws)
    fails(code, containing, getattr(iam, call), **given)


def test_simulation_is_by_the_real_engine(aws: AwsServer) -> None:
    iam = aws.client("iam")
    iam.create_user(UserName="ada")
    mfa = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    iam.put_user_policy(
        UserName="ada", PolicyName="s3", PolicyDocument=allow("s3:Get*", "arn:aws:s3:::b/*", Condition=mfa)
    )
    asked = {
        "PolicySourceArn": arn("user/ada"),
        "ActionNames": ["s3:GetObject", "s3:PutObject"],
        "ResourceArns": ["arn:aws:s3:::b/x"],
    }
    found = iam.simulate_principal_policy(**asked)["EvaluationResults"]
    assert [each["EvalDecision"] for each in found] == ["implicitDeny", "implicitDeny"]
    assert found[0]["MissingContextValues"] == ["aws:MultiFactorAuthPresent"] or found[0]["MissingContextValues"] == [
        "aws:multifactorauthpresent"
    ]
    entry = {"ContextKeyName": "aws:MultiFactorAuthPresent", "ContextKeyType": "boolean", "ContextKeyValues": ["true"]}
    found = iam.simulate_principal_policy(**asked, ContextEntries=[entry])["EvaluationResults"]
    assert [each["EvalDecision"] for each in found] == ["allowed", "implicitDeny"]
    assert found[0]["MatchedStatements"][0]["SourcePolicyId"] == "user_ada_s3"
    deny = text({"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}})
    [found] = iam.simulate_custom_policy(PolicyInputList=[allow("s3:*"), deny], ActionNames=["s3:GetObject"])[
        "EvaluationResults"
    ]
    assert found["EvalDecision"] == "explicitDeny"
    keys = iam.get_context_keys_for_principal_policy(PolicySourceArn=arn("user/ada"))["ContextKeyNames"]
    assert keys == ["aws:MultiFactorAuthPresent"]
    assert iam.get_context_keys_for_custom_policy(PolicyInputList=[allow("s3:*")])["ContextKeyNames"] == []
    fails(
        "InvalidInput",
        "PolicyInputList.1",
        iam.simulate_custom_policy,
        PolicyInputList=["{}"],
        ActionNames=["s3:GetObject"],
    )
    fails(
        "NoSuchEntity",
        "cannot be found",
        iam.simulate_principal_policy,
        PolicySourceArn=arn("user/none"),
        ActionNames=["s3:x"],
    )


def test_the_managed_policies_that_people_attach_first_are_there(aws: AwsServer) -> None:
    iam = aws.client("iam")
    iam.create_user(UserName="ada")
    admin = "arn:aws:iam::aws:policy/AdministratorAccess"
    iam.attach_user_policy(UserName="ada", PolicyArn=admin)
    key = iam.create_access_key(UserName="ada")["AccessKey"]
    aws.client("iam", key["AccessKeyId"], key["SecretAccessKey"]).create_group(GroupName="ops")
    pages = iam.get_paginator("list_policies").paginate(Scope="AWS")  # the installed catalogue has many
    names = {each["PolicyName"] for page in pages for each in page["Policies"]}
    assert {"AdministratorAccess", "IAMFullAccess", "AmazonS3ReadOnlyAccess"} <= names
    fails("UnmodifiableEntity", "managed by AWS", iam.delete_policy, PolicyArn=admin)
    assert (
        iam.get_policy_version(PolicyArn=admin, VersionId="v1")["PolicyVersion"]["Document"]["Statement"][0]["Action"]
        == "*"
    )
