"""What a call was done to, and the roles that it passed: by its record's resources and parameters."""

from __future__ import annotations

import json
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from erstwhile.domain.observed.cloudtrail.called_resources import resources_of_call
from erstwhile.domain.observed.cloudtrail.passed_roles import passed_roles
from erstwhile.domain.observed.cloudtrail.quick_scan import file_record, read_whole
from erstwhile.domain.observed.cloudtrail.unread_resources import Unread
from tests.support.records import record

HERE = ("aws", "eu-west-1", "111122223333")
AT = "eu-west-1:111122223333"
KEY = f"arn:aws:kms:{AT}:key/0e5d0ab6"
ROLE = "arn:aws:iam::111122223333:role/service/runner"


@pytest.mark.parametrize(
    ("call", "parameters", "named", "expected"),
    [
        ("dynamodb:PutItem", {"tableName": "orders"}, [], [f"arn:aws:dynamodb:{AT}:table/orders"]),
        ("dynamodb:PutItem", {"tableName": f"arn:aws:dynamodb:{AT}:table/orders"}, [],
         [f"arn:aws:dynamodb:{AT}:table/orders"]),
        ("s3:GetObject", {"bucketName": "pay", "key": "2026/a.csv"}, [], ["arn:aws:s3:::pay/2026/a.csv"]),
        ("s3:HeadObject", {"bucketName": "pay", "key": "a"}, ["arn:aws:s3:::pay/a", "arn:aws:s3:::pay"],
         ["arn:aws:s3:::pay/a"]),
        ("s3:ListObjects", {"bucketName": "pay", "prefix": "x"}, ["arn:aws:s3:::pay/*"], ["arn:aws:s3:::pay"]),
        ("s3:ListBuckets", {}, [], ["*"]),
        ("sqs:SendMessage", {"queueUrl": "https://sqs.eu-west-1.amazonaws.com/999988887777/jobs"}, [],
         ["arn:aws:sqs:eu-west-1:999988887777:jobs"]),
        ("lambda:Invoke", {"functionName": "pay"}, [], [f"arn:aws:lambda:{AT}:function:pay"]),
        ("lambda:Invoke", {"functionName": "pay", "qualifier": "live"}, [], [f"arn:aws:lambda:{AT}:function:pay:live"]),
        ("kms:Decrypt", {"encryptionContext": {"a": "b"}}, [KEY], [KEY]),
        ("kms:Decrypt", {"keyId": "alias/pay"}, [], []),
        ("kms:DescribeKey", {"keyId": "0e5d0ab6"}, [], [KEY]),
        ("secretsmanager:GetSecretValue", {"secretId": "pay"}, [], []),
        ("secretsmanager:GetSecretValue", {"secretId": f"arn:aws:secretsmanager:{AT}:secret:pay-AbCdEf"}, [],
         [f"arn:aws:secretsmanager:{AT}:secret:pay-AbCdEf"]),
        ("ssm:GetParameters", {"names": ["/a/b", "c"]}, [],
         [f"arn:aws:ssm:{AT}:parameter/a/b", f"arn:aws:ssm:{AT}:parameter/c"]),
        ("logs:CreateLogGroup", {"logGroupName": "/aws/x"}, [], [f"arn:aws:logs:{AT}:log-group:/aws/x"]),
        ("ec2:TerminateInstances", {"instancesSet": {"items": [{"instanceId": "i-1"}, {"instanceId": "i-2"}]}}, [],
         [f"arn:aws:ec2:{AT}:instance/i-1", f"arn:aws:ec2:{AT}:instance/i-2"]),
        ("ec2:DescribeInstances", {"instancesSet": {"items": [{"instanceId": "i-1"}]}}, [], ["*"]),
        ("iam:AttachUserPolicy", {"userName": "ada", "policyArn": "arn:aws:iam::aws:policy/X"}, [],
         ["arn:aws:iam::111122223333:user/ada"]),
        ("sts:AssumeRole", {"roleArn": ROLE, "roleSessionName": "x"}, [], [ROLE]),
        ("cloudtrail:StopLogging", {"name": "main"}, [], [f"arn:aws:cloudtrail:{AT}:trail/main"]),
        ("rds:DeleteDBInstance", {"dBInstanceIdentifier": "pay"}, [], [f"arn:aws:rds:{AT}:db:pay"]),
        # Two types have the same placeholder: which of them is meant, is not known.
        ("ssm:ListTagsForResource", {"resourceId": "/a"}, [], []),
        ("unheard:MakeThings", {"name": "x"}, [], []),
        ("dynamodb:PutItem", {"tableName": 7}, [], []),
        ("dynamodb:PutItem", {}, [], []),
        ("securityhub:DescribeHub", {}, [], [f"arn:aws:securityhub:{AT}:hub/default"]),
    ],
)  # fmt: skip
def test_what_a_call_was_done_to(call: str, parameters: dict[str, Any], named: list[str], expected: list[str]) -> None:
    assert list(resources_of_call(call, parameters, named, *HERE)) == expected
    assert list(Unread(call).resources(orjson.dumps(parameters), named, *HERE[1:])) == expected


@pytest.mark.parametrize(
    ("call", "parameters", "expected"),
    [
        ("lambda:CreateFunction20150331", {"functionName": "f", "role": ROLE}, [(ROLE, "lambda.amazonaws.com")]),
        ("ecs:RegisterTaskDefinition", {"taskRoleArn": ROLE, "family": "f"}, [(ROLE, "ecs-tasks.amazonaws.com")]),
        ("ec2:RunInstances", {"iamInstanceProfile": {"name": "web"}},
         [("arn:aws:iam::111122223333:instance-profile/web", "ec2.amazonaws.com")]),
        ("iam:AddRoleToInstanceProfile", {"roleName": "web", "instanceProfileName": "web"},
         [("arn:aws:iam::111122223333:role/web", "ec2.amazonaws.com")]),
        ("glue:CreateJob", {"name": "j", "role": ROLE, "command": {"scriptLocation": "s3://x"}},
         [(ROLE, "glue.amazonaws.com")]),
        ("sts:AssumeRole", {"roleArn": ROLE}, []),
        ("lambda:AddPermission", {"principal": ROLE}, []),
        ("lambda:ListFunctions", {"role": ROLE}, []),
    ],
)  # fmt: skip
def test_passed_roles(call: str, parameters: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    assert [tuple(each) for each in passed_roles(call, parameters, "aws", "111122223333")] == expected


@pytest.mark.parametrize(
    ("service", "name", "parameters"),
    [
        ("dynamodb", "GetItem", {"tableName": "t"}),
        ("s3", "GetObject", {"bucketName": "pay", "key": "a"}),
        ("ecs", "RegisterTaskDefinition", {"taskRoleArn": ROLE, "family": "f"}),
        ("ec2", "DescribeInstances", None),
    ],
)
def test_the_quick_scan_finds_what_the_whole_record_says(service: str, name: str, parameters: Any) -> None:
    raw = orjson.dumps(record(name, parameters, service=service, userIdentity={
        "type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/ada", "accountId": "111122223333",
        "invokedBy": "athena.amazonaws.com",
    }))  # fmt: skip
    quick, whole = file_record(raw), read_whole(raw)
    assert (quick.resources, quick.passed, quick.invoked_by) == (whole.resources, whole.passed, "athena.amazonaws.com")


_CALLS = st.sampled_from((
    "s3:GetObject", "s3:HeadObject", "s3:ListObjects", "s3:CreateBucket", "s3:CreateAccessPoint", "sqs:SendMessage",
    "lambda:Invoke20150331", "kms:Decrypt", "kms:ReEncrypt", "kms:CreateGrant", "secretsmanager:GetSecretValue",
    "sts:AssumeRole", "dynamodb:GetItem", "dynamodb:BatchGetItem", "logs:PutLogEvents", "logs:CreateLogStream",
    "logs:CreateLogGroup", "ssm:GetParameter", "iam:CreateUser", "ecs:UpdateService", "ec2:TerminateInstances",
    "cloudtrail:StopLogging",
))  # fmt: skip
_NAMES = st.sampled_from((
    "bucketName", "key", "queueUrl", "queueName", "functionName", "qualifier", "keyId", "destinationKeyId", "secretId",
    "roleArn", "tableName", "logGroupName", "logStreamName", "logStreamNames", "name", "userName", "service", "cluster",
))  # fmt: skip
_TEXTS = st.sampled_from((
    "", "pay", "a/b", "/a", "a:b", "*", "arn:aws:s3:::pay", f"arn:aws:s3:{AT}:accesspoint/x", KEY, ROLE,
    f"arn:aws:secretsmanager:{AT}:secret:pay-AbCdEf", f"arn:aws:dynamodb:{AT}:table/orders", "a\nb",
    "https://sqs.eu-west-1.amazonaws.com/999988887777/jobs", f"arn:aws:kms:{AT}:alias/pay", "0e5d0ab6",
))  # fmt: skip
_VALUES = st.one_of(_TEXTS, _TEXTS, st.none(), st.just(7), st.lists(_TEXTS, max_size=2), st.just({"id": "x"}))


@settings(max_examples=60)
@given(_CALLS, st.dictionaries(_NAMES, _VALUES, max_size=4), st.lists(_TEXTS, max_size=1))
def test_parameters_that_are_not_read_whole_say_what_they_say_whole(
    call: str, parameters: dict[str, Any], named: list[str]
) -> None:
    raw = json.dumps(parameters).encode()
    assert Unread(call).resources(raw, named, *HERE[1:]) == resources_of_call(call, parameters, named, *HERE)
