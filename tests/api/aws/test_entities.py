"""Entities through boto3: what the life of a user leaves out, IAM's refusals in each of their forms, and accounts."""

from __future__ import annotations

from typing import Any

import pytest

from erstwhile.domain.commands.account import RegisterAccount
from tests.support.aws.clients import fails
from tests.support.aws.server import ACCOUNT, ROOT, AwsServer, arn
from tests.support.documents import READ, allow, text, trusting

ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"


def test_groups_and_roles(aws: AwsServer) -> None:
    iam = aws.client("iam")
    iam.create_group(GroupName="ops", Path="/a/")
    iam.put_group_policy(GroupName="ops", PolicyName="p", PolicyDocument=text(READ))
    assert iam.get_group_policy(GroupName="ops", PolicyName="p")["PolicyDocument"] == READ
    iam.update_group(GroupName="ops", NewGroupName="sre", NewPath="/b/")
    assert [each["Arn"] for each in iam.list_groups(PathPrefix="/b/")["Groups"]] == [arn("group/b/sre")]
    role = iam.create_role(RoleName="web", AssumeRolePolicyDocument=trusting(ACCOUNT), Description="a")["Role"]
    iam.put_role_policy(RoleName="web", PolicyName="p", PolicyDocument=text(READ))
    assert iam.get_role_policy(RoleName="web", PolicyName="p")["PolicyDocument"] == READ
    assert iam.list_role_policies(RoleName="web")["PolicyNames"] == ["p"]
    assert iam.update_role_description(RoleName="web", Description="b")["Role"]["Description"] == "b"
    iam.attach_role_policy(RoleName="web", PolicyArn=ADMIN)
    attached = [{"PolicyName": "AdministratorAccess", "PolicyArn": ADMIN}]
    assert iam.list_attached_role_policies(RoleName="web")["AttachedPolicies"] == attached
    iam.detach_role_policy(RoleName="web", PolicyArn=ADMIN)
    fails("NoSuchEntity", "was not found", iam.detach_role_policy, RoleName="web", PolicyArn=ADMIN)
    iam.put_role_permissions_boundary(RoleName="web", PermissionsBoundary=ADMIN)
    assert iam.get_role(RoleName="web")["Role"]["PermissionsBoundary"]["PermissionsBoundaryArn"] == ADMIN
    iam.delete_role_permissions_boundary(RoleName="web")
    fails("NoSuchEntity", "", iam.delete_role_permissions_boundary, RoleName="web")
    iam.create_instance_profile(InstanceProfileName="front")
    iam.add_role_to_instance_profile(InstanceProfileName="front", RoleName="web")
    for listed in (iam.list_instance_profiles(), iam.list_instance_profiles_for_role(RoleName="web")):
        assert [each["Roles"][0]["RoleId"] for each in listed["InstanceProfiles"]] == [role["RoleId"]]
    iam.create_user(UserName="ada")
    iam.attach_user_policy(UserName="ada", PolicyArn=ADMIN)
    assert iam.list_attached_user_policies(UserName="ada")["AttachedPolicies"] == attached
    iam.detach_user_policy(UserName="ada", PolicyArn=ADMIN)
    key = iam.create_access_key(UserName="ada")["AccessKey"]["AccessKeyId"]
    assert aws.client("sts").get_access_key_info(AccessKeyId=key)["Account"] == ACCOUNT
    fails(
        "ValidationError", "not known here", aws.client("sts").get_access_key_info, AccessKeyId="AKIAIOSFODNN7EXAMPLE"
    )


def test_tags_on_everything_that_has_them(aws: AwsServer) -> None:
    iam = aws.client("iam")
    policy = iam.create_policy(PolicyName="p", PolicyDocument=text(READ))["Policy"]["Arn"]
    iam.create_role(RoleName="web", AssumeRolePolicyDocument=trusting(ACCOUNT))
    iam.create_instance_profile(InstanceProfileName="front")
    for tag, untag, listing, name in (
        (iam.tag_role, iam.untag_role, iam.list_role_tags, {"RoleName": "web"}),
        (iam.tag_policy, iam.untag_policy, iam.list_policy_tags, {"PolicyArn": policy}),
        (
            iam.tag_instance_profile,
            iam.untag_instance_profile,
            iam.list_instance_profile_tags,
            {"InstanceProfileName": "front"},
        ),
    ):
        tag(**name, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
        untag(**name, TagKeys=["a"])
        assert listing(**name)["Tags"] == [{"Key": "b", "Value": "2"}]
        fails(
            "InvalidInput",
            "Duplicate tag keys",
            tag,
            **name,
            Tags=[{"Key": "x", "Value": "1"}, {"Key": "X", "Value": "2"}],
        )
        fails("ValidationError", "is not valid", tag, **name, Tags=[{"Key": "aws:x", "Value": "1"}])
        fails("LimitExceeded", "TagsPerEntity", tag, **name, Tags=[{"Key": f"k{n}", "Value": ""} for n in range(50)])
        missing = {key: value[:-1] + "z" for key, value in name.items()}
        for call, more in ((tag, {"Tags": [{"Key": "a", "Value": "b"}]}), (untag, {"TagKeys": ["a"]}), (listing, {})):
            fails("NoSuchEntity", "", call, **missing, **more)


def test_names_are_unique_without_regard_to_case(aws: AwsServer) -> None:
    iam = aws.client("iam")
    made: list[tuple[Any, str, dict[str, Any]]] = [
        (iam.create_user, "UserName", {}), (iam.create_group, "GroupName", {}),
        (iam.create_role, "RoleName", {"AssumeRolePolicyDocument": trusting(ACCOUNT)}),
        (iam.create_policy, "PolicyName", {"PolicyDocument": text(READ)}),
        (iam.create_instance_profile, "InstanceProfileName", {}),
    ]  # fmt: skip
    for create, parameter, more in made:
        create(**{parameter: "Thing"}, **more)
        for name in ("Thing", "thing", "THING"):
            fails("EntityAlreadyExists", "already exists", create, **{parameter: name}, **more)
    iam.create_user(UserName="other")
    fails("EntityAlreadyExists", "already exists", iam.update_user, UserName="other", NewUserName="tHING")
    fails("EntityAlreadyExists", "already exists", iam.update_user, UserName="thing", NewUserName="THING")


def test_deletion_conflicts_in_each_form(aws: AwsServer) -> None:
    """Certificates, keys, MFA devices and passwords: test_credentials."""
    iam = aws.client("iam")
    policy = iam.create_policy(PolicyName="p", PolicyDocument=text(READ))["Policy"]["Arn"]
    iam.create_user(UserName="ada")
    iam.create_group(GroupName="ops")
    iam.create_role(RoleName="web", AssumeRolePolicyDocument=trusting(ACCOUNT))
    iam.create_instance_profile(InstanceProfileName="front")
    forms: list[tuple[Any, dict[str, str], Any, Any, dict[str, str]]] = [
        (
            iam.delete_user,
            {"UserName": "ada"},
            iam.attach_user_policy,
            iam.detach_user_policy,
            {"UserName": "ada", "PolicyArn": policy},
        ),
        (
            iam.delete_policy,
            {"PolicyArn": policy},
            iam.attach_user_policy,
            iam.detach_user_policy,
            {"UserName": "ada", "PolicyArn": policy},
        ),
        (
            iam.delete_user,
            {"UserName": "ada"},
            iam.add_user_to_group,
            iam.remove_user_from_group,
            {"UserName": "ada", "GroupName": "ops"},
        ),
        (
            iam.delete_group,
            {"GroupName": "ops"},
            iam.add_user_to_group,
            iam.remove_user_from_group,
            {"UserName": "ada", "GroupName": "ops"},
        ),
        (
            iam.delete_group,
            {"GroupName": "ops"},
            iam.attach_group_policy,
            iam.detach_group_policy,
            {"GroupName": "ops", "PolicyArn": policy},
        ),
        (
            iam.delete_role,
            {"RoleName": "web"},
            iam.attach_role_policy,
            iam.detach_role_policy,
            {"RoleName": "web", "PolicyArn": policy},
        ),
        (
            iam.delete_policy,
            {"PolicyArn": policy},
            iam.attach_role_policy,
            iam.detach_role_policy,
            {"RoleName": "web", "PolicyArn": policy},
        ),
        (
            iam.delete_role,
            {"RoleName": "web"},
            iam.add_role_to_instance_profile,
            iam.remove_role_from_instance_profile,
            {"InstanceProfileName": "front", "RoleName": "web"},
        ),
        (
            iam.delete_instance_profile,
            {"InstanceProfileName": "front"},
            iam.add_role_to_instance_profile,
            iam.remove_role_from_instance_profile,
            {"InstanceProfileName": "front", "RoleName": "web"},
        ),
    ]
    for delete, subject, put, take, both in forms:
        put(**both)
        fails("DeleteConflict", "", delete, **subject)
        take(**both)
    inline = {"PolicyName": "x", "PolicyDocument": text(READ)}
    for kind, name in (("user", {"UserName": "ada"}), ("group", {"GroupName": "ops"}), ("role", {"RoleName": "web"})):
        getattr(iam, f"put_{kind}_policy")(**name, **inline)
        fails("DeleteConflict", "must delete policies first", getattr(iam, f"delete_{kind}"), **name)
        getattr(iam, f"delete_{kind}_policy")(**name, PolicyName="x")
    iam.create_policy_version(PolicyArn=policy, PolicyDocument=allow("s3:*"))
    fails("DeleteConflict", "", iam.delete_policy, PolicyArn=policy)
    fails("DeleteConflict", "", iam.delete_policy_version, PolicyArn=policy, VersionId="v1")
    iam.delete_policy_version(PolicyArn=policy, VersionId="v2")
    iam.put_user_permissions_boundary(UserName="ada", PermissionsBoundary=policy)
    fails("DeleteConflict", "", iam.delete_policy, PolicyArn=policy)
    iam.delete_user_permissions_boundary(UserName="ada")
    for delete, subject in (
        (iam.delete_user, {"UserName": "ada"}), (iam.delete_group, {"GroupName": "ops"}),
        (iam.delete_role, {"RoleName": "web"}),
        (iam.delete_instance_profile, {"InstanceProfileName": "front"}), (iam.delete_policy, {"PolicyArn": policy}),
    ):  # fmt: skip
        delete(**subject)
        fails("NoSuchEntity", "", delete, **subject)


def test_quotas(aws: AwsServer) -> None:
    iam = aws.client("iam")
    iam.create_user(UserName="ada")
    for number in range(11):
        iam.create_group(GroupName=f"g{number}")
        made = iam.create_policy(PolicyName=f"p{number}", PolicyDocument=text(READ))["Policy"]["Arn"]
        joining = {"UserName": "ada", "GroupName": f"g{number}"}
        if number < 10:
            iam.add_user_to_group(**joining)
            iam.attach_user_policy(UserName="ada", PolicyArn=made)
        else:
            fails("LimitExceeded", "GroupsPerUser", iam.add_user_to_group, **joining)
            fails("LimitExceeded", "PoliciesPerUser", iam.attach_user_policy, UserName="ada", PolicyArn=made)
    for _ in range(2):
        iam.create_access_key(UserName="ada")
    fails("LimitExceeded", "AccessKeysPerUser", iam.create_access_key, UserName="ada")
    fails(
        "LimitExceeded",
        "6144",
        iam.create_policy,
        PolicyName="x",
        PolicyDocument=allow("s3:*", "arn:aws:s3:::" + "x" * 6_100),
    )
    fails(
        "LimitExceeded",
        "2048",
        iam.put_user_policy,
        UserName="ada",
        PolicyName="x",
        PolicyDocument=allow("s3:*", "arn:aws:s3:::" + "x" * 2_000),
    )


def test_accounts_live_side_by_side(aws: AwsServer) -> None:
    """A key belongs to one account, and sees that alone."""
    iam = aws.client("iam")
    iam.create_user(UserName="ada")
    aws.service.commands.execute(RegisterAccount(account="222222222222"))
    with aws.database.connect() as connection:
        key, secret, (statement, parameters) = aws.keys.new_key("222222222222", "root")
        connection.execute(statement, parameters)
    other = aws.client("iam", key, secret)
    assert other.list_users()["Users"] == []
    assert other.create_user(UserName="ada")["User"]["Arn"] == "arn:aws:iam::222222222222:user/ada"
    fails("NoSuchEntity", "", other.attach_user_policy, UserName="ada", PolicyArn=arn("policy/p"))
    assert [each["Arn"] for each in iam.list_users()["Users"]] == [arn("user/ada")]
    role = iam.create_role(RoleName="guest", AssumeRolePolicyDocument=trusting("222222222222"))["Role"]["Arn"]
    theirs = other.create_access_key(UserName="ada")["AccessKey"]
    sts = aws.client("sts", theirs["AccessKeyId"], theirs["SecretAccessKey"])
    fails(
        "AccessDenied", "not authorized to perform: sts:AssumeRole", sts.assume_role, RoleArn=role, RoleSessionName="xx"
    )
    other.put_user_policy(UserName="ada", PolicyName="p", PolicyDocument=allow("sts:AssumeRole", role))
    assert sts.assume_role(RoleArn=role, RoleSessionName="xx")["AssumedRoleUser"]["Arn"].startswith(
        f"arn:aws:sts::{ACCOUNT}:"
    )


def test_a_key_of_one_partition_is_not_known_in_another(aws: AwsServer) -> None:
    for region, works in (("us-east-1", True), ("local", True), ("cn-north-1", False), ("us-gov-west-1", False)):
        client = aws.client_of("sts", region, aws_access_key_id=ROOT[0], aws_secret_access_key=ROOT[1])
        if works:
            assert client.get_caller_identity()["Account"] == ACCOUNT
        else:
            fails("InvalidClientTokenId", "invalid", client.get_caller_identity)


@pytest.mark.parametrize("partition", ["aws-cn"])
def test_an_account_of_another_partition(aws: AwsServer, partition: str) -> None:
    aws.service.commands.execute(RegisterAccount(account="333333333333", partition=partition))
    with aws.database.connect() as connection:
        key, secret, (statement, parameters) = aws.keys.new_key("333333333333", "root")
        connection.execute(statement, parameters)
    client = aws.client_of("iam", "cn-north-1", aws_access_key_id=key, aws_secret_access_key=secret)
    assert client.create_user(UserName="ada")["User"]["Arn"] == "arn:aws-cn:iam::333333333333:user/ada"
