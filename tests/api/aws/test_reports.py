"""Credential reports, last use, and what a service's access comes from: through boto3."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta

from tests.support.aws.clients import fails, own, session
from tests.support.aws.server import ACCOUNT, AwsServer, arn
from tests.support.documents import allow, trusting

COLUMNS = (
    "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,"
    "mfa_active,"
    "access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,"
    "access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,"
    "access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,cert_1_last_rotated,cert_2_active,"
    "cert_2_last_rotated"
)


def test_the_credential_report_is_awss(aws: AwsServer) -> None:
    iam = aws.client("iam")
    fails("ReportNotPresent", "generate it", iam.get_credential_report)
    iam.create_user(UserName="ada")
    iam.create_user(UserName="bob")
    iam.create_login_profile(UserName="ada", Password="correct-Horse-7")
    iam.update_account_password_policy(MaxPasswordAge=90)
    own(aws, "ada", "sts").get_caller_identity()
    second = iam.create_access_key(UserName="ada")["AccessKey"]["AccessKeyId"]
    iam.update_access_key(UserName="ada", AccessKeyId=second, Status="Inactive")
    assert iam.generate_credential_report()["State"] == "COMPLETE"
    report = iam.get_credential_report()
    content = report["Content"].decode()
    assert content.splitlines()[0] == COLUMNS and report["ReportFormat"] == "text/csv"
    rows = {row["user"]: row for row in csv.DictReader(io.StringIO(content))}
    assert list(rows) == ["<root_account>", "ada", "bob"]
    ada, bob, root = rows["ada"], rows["bob"], rows["<root_account>"]
    assert (root["password_enabled"], root["access_key_1_active"], root["access_key_1_last_used_service"]) == (
        "not_supported",
        "true",
        "iam",
    )
    assert (ada["password_enabled"], ada["access_key_1_active"], ada["access_key_2_active"]) == (
        "true",
        "true",
        "false",
    )
    assert (ada["access_key_1_last_used_service"], ada["access_key_1_last_used_region"]) == ("sts", "us-east-1")
    assert ada["access_key_2_last_used_date"] == "N/A" and ada["access_key_2_last_rotated"] != "N/A"
    changed, rotation = (datetime.fromisoformat(ada[f"password_{each}"]) for each in ("last_changed", "next_rotation"))
    assert rotation - changed == timedelta(days=90)
    assert (bob["password_enabled"], bob["password_last_changed"], bob["access_key_1_active"],
            bob["access_key_1_last_rotated"]) == ("false", "N/A", "false", "N/A")  # fmt: skip
    with aws.database.connect() as connection:
        connection.execute("UPDATE report SET created_at = created_at - interval '5 hours'")
    fails("ReportExpired", "four hours", iam.get_credential_report)


def test_last_use_of_keys_and_roles(aws: AwsServer) -> None:
    iam = aws.client("iam")
    iam.create_user(UserName="ada")
    key = iam.create_access_key(UserName="ada")["AccessKey"]
    unused = iam.get_access_key_last_used(AccessKeyId=key["AccessKeyId"])["AccessKeyLastUsed"]
    assert unused == {"ServiceName": "N/A", "Region": "N/A"}
    iam.put_user_policy(UserName="ada", PolicyName="p", PolicyDocument=allow("sts:AssumeRole"))
    role = iam.create_role(RoleName="ops", AssumeRolePolicyDocument=trusting(ACCOUNT))["Role"]
    assert iam.get_role(RoleName="ops")["Role"]["RoleLastUsed"] == {}
    sts = aws.client("sts", key["AccessKeyId"], key["SecretAccessKey"])
    given = sts.assume_role(RoleArn=role["Arn"], RoleSessionName="night")["Credentials"]
    session(aws, "sts", given).get_caller_identity()
    used = iam.get_access_key_last_used(AccessKeyId=key["AccessKeyId"])["AccessKeyLastUsed"]
    assert (used["ServiceName"], used["Region"]) == ("sts", "us-east-1")
    assert datetime.now(UTC) - used["LastUsedDate"] < timedelta(minutes=1)
    assert iam.get_role(RoleName="ops")["Role"]["RoleLastUsed"]["Region"] == "us-east-1"
    made = iam.list_access_keys(UserName="ada")["AccessKeyMetadata"][0]["CreateDate"]
    iam.update_access_key(UserName="ada", AccessKeyId=key["AccessKeyId"], Status="Inactive")
    assert iam.list_access_keys(UserName="ada")["AccessKeyMetadata"][0]["CreateDate"] == made
    fails("NoSuchEntity", "cannot be found", iam.get_access_key_last_used, AccessKeyId="AKIAIOSFODNN7EXAMPLE")


def test_service_access(aws: AwsServer) -> None:
    iam = aws.client("iam")
    iam.create_user(UserName="ada")
    iam.create_group(GroupName="staff")
    iam.add_user_to_group(GroupName="staff", UserName="ada")
    policy = iam.create_policy(PolicyName="read", PolicyDocument=allow(["iam:Get*", "s3:*"]))["Policy"]["Arn"]
    iam.attach_group_policy(GroupName="staff", PolicyArn=policy)
    iam.put_user_policy(UserName="ada", PolicyName="own", PolicyDocument=allow(["sqs:SendMessage", "iam:ListUsers"]))
    own(aws, "ada").get_user()
    for subject in (arn("user/ada"), arn("group/staff"), policy):
        job = iam.generate_service_last_accessed_details(Arn=subject, Granularity="ACTION_LEVEL")["JobId"]
        found = iam.get_service_last_accessed_details(JobId=job)
        assert (found["JobStatus"], found["JobType"]) == ("COMPLETED", "ACTION_LEVEL")
        services = {each["ServiceNamespace"]: each for each in found["ServicesLastAccessed"]}
        assert set(services) == ({"iam", "s3", "sqs"} if "user" in subject else {"iam", "s3"})
        assert (
            services["iam"]["LastAuthenticatedEntity"] == arn("user/ada")
            and services["iam"]["TotalAuthenticatedEntities"] == 1
        )
        assert services["iam"]["TrackedActionsLastAccessed"][0]["ActionName"] == "GetUser"
        assert "LastAuthenticated" not in services["s3"] and services["s3"]["ServiceName"] == "Amazon S3"
        entities = iam.get_service_last_accessed_details_with_entities(JobId=job, ServiceNamespace="iam")[
            "EntityDetailsList"
        ]
        assert [each["EntityInfo"]["Name"] for each in entities] == ["ada"]
    fails("NoSuchEntity", "cannot be found", iam.generate_service_last_accessed_details, Arn=arn("user/nobody"))
    fails("NoSuchEntity", "cannot be found", iam.get_service_last_accessed_details, JobId="0" * 36)
    fails(
        "ValidationError",
        "namespace",
        iam.get_service_last_accessed_details_with_entities,
        JobId=job,
        ServiceNamespace="zz",
    )
    granting = iam.list_policies_granting_service_access(Arn=arn("user/ada"), ServiceNamespaces=["iam", "sqs", "ec2"])
    told = {
        each["ServiceNamespace"]: [p["PolicyName"] for p in each["Policies"]]
        for each in granting["PoliciesGrantingServiceAccess"]
    }
    assert told == {"iam": ["own", "read"], "sqs": ["own"], "ec2": []}
    fails(
        "NoSuchEntity",
        "cannot be found",
        iam.list_policies_granting_service_access,
        Arn=arn("role/nobody"),
        ServiceNamespaces=["iam"],
    )
    fails(
        "ValidationError",
        "namespace",
        iam.list_policies_granting_service_access,
        Arn=arn("user/ada"),
        ServiceNamespaces=["zz"],
    )
