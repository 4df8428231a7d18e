"""Every operation of AWS's models that carries a policy document, a grant or a list of those it is shared with is
decided on: translated, reported, or known to change no access. The models are those of the botocore installed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from erstwhile.domain.observed.cloudtrail.access import BY_NAME, BY_PARAMETERS, WITHOUT, changes_access
from erstwhile.domain.observed.cloudtrail.quick_scan import FiledRecord, file_records
from erstwhile.domain.observed.cloudtrail.record import Record
from erstwhile.domain.observed.cloudtrail.translate import Outcome, operation, translate
from tests.support.documents import ALLOW
from tests.support.records import ACCOUNT, record

READ = re.compile(
    r"(Get|List|Describe|Search|Lookup|Query|Scan|Head|Select|BatchGet|BatchDescribe|Validate|Test|Check|Simulate|"
    r"Preview|Estimate|Detect|Download|Is[A-Z]|BatchIs|BatchDetect|Generate|Predict)"
)
DOCUMENT = re.compile(
    r"(?i)(policy|policydocument|policytext|policyinjson|resourcepolicy|accesspolic(y|ies)|accesspointpolicy|"
    r"repositorypolicy|s3accesspolicy|permissionpolicy|assumerolepolicydocument|inlinepolicy|"
    r"deliverydestinationpolicy)$"
)
SHARED = re.compile(
    r"(?i)(grants?|grant(read|write|readacp|writeacp|fullcontrol)|grantee\w*|acl|objectacl|accesscontrol(policy|list)|"
    r"\w*permissions|launchpermission|createvolumepermission|loadpermission|principals?|\w+principals|"
    r"principal(arn|id|identifier)|shar(edwith|etarget|erecipients)|sharedaccountid|accountids(toadd|toremove)|"
    r"valuestoadd|valuestoremove|awsaccountids|publicaccess\w*|sharing\w*|allowexternalprincipals)$"
)
NAMED = re.compile(
    r"Permission|Grant|Shar(e|ing)|PublicAccess|BucketAcl|ObjectAcl|CrossAccount|(Snapshot|Image)Attribute|"
    r"(Snapshot|Endpoint)Access|AccessEntry|AccessPolic|Assignment$|MemberToGroup|GroupMembership|DelegatedAdmin"
)


def members(shape: Any, depth: int = 0, above: tuple[str, ...] = ()) -> Iterator[tuple[str, Any, int]]:
    if shape is None or depth > 2 or shape.name in above:
        return
    if shape.type_name == "structure":
        for name, member in shape.members.items():
            yield name, member, depth
            yield from members(member, depth + 1, (*above, shape.name))
    elif shape.type_name == "list":
        yield from members(shape.member, depth, (*above, shape.name))


def carries_access(operation_model: Any) -> bool:
    return any(
        (shape.type_name == "string" and DOCUMENT.match(name)) or (depth <= 1 and SHARED.match(name))
        for name, shape, depth in members(operation_model.input_shape)
    )


def candidates() -> Iterator[tuple[str, str]]:
    """(service as CloudTrail names it, operation)."""
    import botocore.session

    session = botocore.session.get_session()
    for service in session.get_available_services():
        model = session.get_service_model(service)
        source = model.metadata.get("signingName") or model.metadata["endpointPrefix"]
        for name in model.operation_names:
            if not READ.match(name) and (NAMED.search(name) or carries_access(model.operation_model(name))):
                yield source, name


@pytest.mark.slow
def test_every_operation_that_carries_access_is_decided_on() -> None:
    pytest.importorskip("botocore")
    undecided = [
        key
        for key in candidates()
        if operation(*key)[1] is None
        and key not in BY_PARAMETERS
        and key not in WITHOUT
        and not changes_access(*key)
        and key[0] != "signin"
    ]
    assert undecided == []


def test_nothing_is_decided_on_twice() -> None:
    assert not BY_NAME & WITHOUT and not BY_NAME & BY_PARAMETERS.keys() and not WITHOUT & BY_PARAMETERS.keys()


REPORTED = [
    ("ec2", "ModifyImageAttribute"), ("ec2", "ModifySnapshotAttribute"), ("ec2", "ModifyVpcEndpointServicePermissions"),
    ("rds", "ModifyDBClusterSnapshotAttribute"), ("s3", "PutBucketPublicAccessBlock"), ("s3", "PutBucketAcl"),
    ("s3", "DeleteBucketPublicAccessBlock"), ("s3", "PutAccountPublicAccessBlock"),
    ("lambda", "AddLayerVersionPermission"),
    ("sso-directory", "AddMemberToGroup"), ("sso", "PutInlinePolicyToPermissionSet"), ("ram", "CreateResourceShare"),
    ("lakeformation", "GrantPermissions"), ("redshift", "AuthorizeDataShare"), ("eks", "CreateAccessEntry"),
    ("ssm", "ModifyDocumentPermission"), ("ses", "PutIdentityPolicy"), ("s3", "CreateAccessGrant"),
    ("glue", "PutResourcePolicy"),
    ("iot", "AttachPolicy"), ("iot", "SetDefaultPolicyVersion"), ("lightsail", "SetResourceAccessForBucket"),
    ("s3", "PutBucketOwnershipControls"), ("cognito-idp", "AdminAddUserToGroup"),
    ("cognito-identity", "SetIdentityPoolRoles"),
]  # fmt: skip


@pytest.mark.parametrize(("service", "name"), REPORTED)
def test_what_is_not_translated_is_reported(service: str, name: str) -> None:
    found = translate(Record(record(name, {"some": "thing"}, service=service)))
    assert found.outcome is Outcome.NOT_TRANSLATED and found.reason


def test_what_changes_access_by_a_parameter_is_reported_with_it_and_activity_without() -> None:
    for service, name, given in (
        ("apigateway", "CreateRestApi", {"policy": ALLOW}),
        ("quicksight", "CreateDashboard", {"permissions": [{"principal": "x", "actions": []}]}),
        ("ec2", "CreateVerifiedAccessGroup", {"CreateVerifiedAccessGroupRequest": {"PolicyDocument": "permit"}}),
        (
            "apigateway",
            "UpdateRestApi",
            {"updateRestApiInput": {"patchOperations": [{"op": "replace", "path": "/policy"}]}},
        ),
        ("lambda", "CreateFunctionUrlConfig", {"functionName": "f", "authType": "NONE"}),
        ("lambda", "UpdateFunctionUrlConfig20211031", {"functionName": "f", "authType": "NONE"}),
        ("lightsail", "UpdateBucket", {"accessRules": {"getObject": "public"}}),
        ("s3", "PutObject", {"bucketName": "b", "x-amz-acl": ["public-read"]}),
        ("s3", "CopyObject", {"bucketName": "b", "x-amz-grant-read": ["id=abc"]}),
    ):
        [with_it] = file_records(orjson.dumps(record(name, given, service=service)))
        [without] = file_records(orjson.dumps(record(name, {"bucketName": "b"}, service=service)))
        assert isinstance(with_it, FiledRecord) and with_it.translation.outcome is Outcome.NOT_TRANSLATED, name
        assert isinstance(without, FiledRecord) and without.translation.outcome is Outcome.ACTIVITY, name
    own = record("PutObject", {"bucketName": "b", "x-amz-acl": ["bucket-owner-full-control"]}, service="s3")
    [found] = file_records(orjson.dumps(own))
    assert isinstance(found, FiledRecord) and found.translation.outcome is Outcome.ACTIVITY


def here(service: str, resource: str) -> str:
    return f"arn:aws:{service}:us-east-1:{ACCOUNT}:{resource}"


CREATED: list[tuple[str, str, Any, Any, str]] = [
    ("kms", "CreateKey", {"policy": ALLOW}, {"keyMetadata": {"keyId": "k", "arn": here("kms", "key/k")}},
     here("kms", "key/k")),
    ("sqs", "CreateQueue", {"queueName": "q", "attributes": {"Policy": ALLOW}},
     {"queueUrl": f"https://sqs.us-east-1.amazonaws.com/{ACCOUNT}/q"}, here("sqs", "q")),
    ("sns", "CreateTopic", {"name": "t", "attributes": {"Policy": ALLOW}}, {"topicArn": here("sns", "t")},
     here("sns", "t")),
    ("ec2", "CreateVpcEndpoint", {"CreateVpcEndpointRequest": {"VpcId": "v", "PolicyDocument": ALLOW}},
     {"CreateVpcEndpointResponse": {"vpcEndpoint": {"vpcEndpointId": "vpce-1"}}}, here("ec2", "vpc-endpoint/vpce-1")),
    ("es", "CreateDomain", {"domainName": "d", "accessPolicies": ALLOW}, None, here("es", "domain/d")),
    ("es", "UpdateElasticsearchDomainConfig", {"domainName": "d", "accessPolicies": ALLOW}, None,
     here("es", "domain/d")),
    ("dynamodb", "CreateTable", {"tableName": "t", "resourcePolicy": ALLOW},
     {"tableDescription": {"tableArn": here("dynamodb", "table/t")}}, here("dynamodb", "table/t")),
    ("backup", "PutBackupVaultAccessPolicy", {"backupVaultName": "v", "policy": ALLOW}, None,
     here("backup", "backup-vault:v")),
    ("bedrock", "PutResourcePolicy", {"resourceArn": here("bedrock", "custom-model/m"), "resourcePolicy": ALLOW}, None,
     here("bedrock", "custom-model/m")),
]  # fmt: skip


@pytest.mark.parametrize(("service", "name", "given", "answer", "arn"), CREATED)
def test_a_policy_that_comes_with_a_creation_is_a_change(
    service: str, name: str, given: Any, answer: Any, arn: str
) -> None:
    found = translate(Record(record(name, given, answer, service=service)))
    assert found.outcome is Outcome.CHANGE, found
    [body] = found.bodies
    assert (body.resource, body.document) == (arn, ALLOW)  # type: ignore[attr-defined]


def test_a_creation_without_a_policy_changes_no_access() -> None:
    for service, name, given, answer, _ in CREATED[:7]:
        bare = {key: value for key, value in given.items() if key in ("queueName", "name", "domainName", "tableName")}
        found = translate(Record(record(name, bare, answer, service=service)))
        assert found.outcome is Outcome.ACTIVITY, name


def test_a_resource_that_is_gone_is_gone_with_its_policy() -> None:
    for service, name, given, arn in (
        ("s3", "DeleteBucket", {"bucketName": "b"}, "arn:aws:s3:::b"),
        ("sqs", "DeleteQueue", {"queueUrl": f"https://sqs.us-east-1.amazonaws.com/{ACCOUNT}/q"}, here("sqs", "q")),
        ("dynamodb", "DeleteTable", {"tableName": "t"}, here("dynamodb", "table/t")),
        ("lambda", "DeleteFunction20150331", {"functionName": "f"}, here("lambda", "function:f")),
    ):
        body, *more = translate(Record(record(name, given, service=service))).bodies
        # A function's role is known no longer, either.
        assert [type(each).__name__ for each in more] == (["SettingRemoved"] if service == "lambda" else [])
        assert type(body).__name__ == "ResourceDeregistered" and body.resource == arn  # type: ignore[attr-defined]
