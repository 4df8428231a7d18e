"""Which action a recorded call needs: ten services operation by operation, all of botocore's counted by kind."""

from __future__ import annotations

from collections import Counter

import pytest

from erstwhile.domain.observed.cloudtrail.called_action import actions_of_call
from erstwhile.domain.observed.cloudtrail.data_events import DATA_ACTIONS, NEVER_RECORDED, is_data_event
from erstwhile.domain.policy.knowledge.service_reference import action_details
from tests.support.operations import all_services, operations_of

TEN = ("s3", "ec2", "iam", "sts", "kms", "lambda", "dynamodb", "logs", "cloudwatch", "sqs")
"""The services of most records, as botocore calls them."""
OTHER_NAMES = {
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
    "s3": {
        "CompleteMultipartUpload": "s3:PutObject", "CopyObject": "s3:PutObject s3:GetObject",
        "CreateBucketMetadataConfiguration": "s3:CreateBucketMetadataTableConfiguration",
        "CreateMultipartUpload": "s3:PutObject", "CreateSession": "s3express:CreateSession",
        "DeleteBucketAnalyticsConfiguration": "s3:PutAnalyticsConfiguration", "DeleteBucketCors": "s3:PutBucketCORS",
        "DeleteBucketEncryption": "s3:PutEncryptionConfiguration",
        "DeleteBucketIntelligentTieringConfiguration": "s3:PutIntelligentTieringConfiguration",
        "DeleteBucketInventoryConfiguration": "s3:PutInventoryConfiguration",
        "DeleteBucketLifecycle": "s3:PutLifecycleConfiguration",
        "DeleteBucketMetadataConfiguration": "s3:DeleteBucketMetadataTableConfiguration",
        "DeleteBucketMetricsConfiguration": "s3:PutMetricsConfiguration",
        "DeleteBucketOwnershipControls": "s3:PutBucketOwnershipControls",
        "DeleteBucketReplication": "s3:PutReplicationConfiguration", "DeleteBucketTagging": "s3:PutBucketTagging",
        "DeleteObjects": "s3:DeleteObject", "DeletePublicAccessBlock": "s3:PutBucketPublicAccessBlock",
        "GetBucketAccelerateConfiguration": "s3:GetAccelerateConfiguration",
        "GetBucketAnalyticsConfiguration": "s3:GetAnalyticsConfiguration",
        "GetBucketEncryption": "s3:GetEncryptionConfiguration",
        "GetBucketIntelligentTieringConfiguration": "s3:GetIntelligentTieringConfiguration",
        "GetBucketInventoryConfiguration": "s3:GetInventoryConfiguration",
        "GetBucketLifecycle": "s3:GetLifecycleConfiguration",
        "GetBucketLifecycleConfiguration": "s3:GetLifecycleConfiguration",
        "GetBucketMetadataConfiguration": "s3:GetBucketMetadataTableConfiguration",
        "GetBucketMetricsConfiguration": "s3:GetMetricsConfiguration",
        "GetBucketNotificationConfiguration": "s3:GetBucketNotification",
        "GetBucketReplication": "s3:GetReplicationConfiguration",
        "GetObjectLockConfiguration": "s3:GetBucketObjectLockConfiguration",
        "GetPublicAccessBlock": "s3:GetBucketPublicAccessBlock", "HeadBucket": "s3:ListBucket",
        "HeadObject": "s3:GetObject", "ListBucketAnalyticsConfigurations": "s3:GetAnalyticsConfiguration",
        "ListBucketIntelligentTieringConfigurations": "s3:GetIntelligentTieringConfiguration",
        "ListBucketInventoryConfigurations": "s3:GetInventoryConfiguration",
        "ListBucketMetricsConfigurations": "s3:GetMetricsConfiguration", "ListBuckets": "s3:ListAllMyBuckets",
        "ListDirectoryBuckets": "s3express:ListAllMyDirectoryBuckets",
        "ListMultipartUploads": "s3:ListBucketMultipartUploads", "ListObjectVersions": "s3:ListBucketVersions",
        "ListObjects": "s3:ListBucket", "ListObjectsV2": "s3:ListBucket", "ListParts": "s3:ListMultipartUploadParts",
        "PutBucketAccelerateConfiguration": "s3:PutAccelerateConfiguration",
        "PutBucketAnalyticsConfiguration": "s3:PutAnalyticsConfiguration",
        "PutBucketEncryption": "s3:PutEncryptionConfiguration",
        "PutBucketIntelligentTieringConfiguration": "s3:PutIntelligentTieringConfiguration",
        "PutBucketInventoryConfiguration": "s3:PutInventoryConfiguration",
        "PutBucketLifecycle": "s3:PutLifecycleConfiguration",
        "PutBucketLifecycleConfiguration": "s3:PutLifecycleConfiguration",
        "PutBucketMetricsConfiguration": "s3:PutMetricsConfiguration",
        "PutBucketNotificationConfiguration": "s3:PutBucketNotification",
        "PutBucketReplication": "s3:PutReplicationConfiguration",
        "PutObjectLockConfiguration": "s3:PutBucketObjectLockConfiguration",
        "PutPublicAccessBlock": "s3:PutBucketPublicAccessBlock", "RenameObject": "s3express:CreateSession",
        "SelectObjectContent": "s3:GetObject", "UploadPart": "s3:PutObject",
        "UploadPartCopy": "s3:PutObject s3:GetObject",
        "WriteGetObjectResponse": "s3-object-lambda:WriteGetObjectResponse",
    },
    # https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html
    "lambda": {
        "GetLayerVersionByArn": "lambda:GetLayerVersion", "Invoke": "lambda:InvokeFunction",
        "InvokeAsync": "lambda:InvokeFunction", "InvokeWithResponseStream": "lambda:InvokeFunction",
    },
    # https://docs.aws.amazon.com/kms/latest/developerguide/kms-api-permissions-reference.html
    "kms": {"ReEncrypt": "kms:ReEncryptFrom kms:ReEncryptTo"},
    # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html, ql-iam.html
    "dynamodb": {
        "TransactGetItems": "dynamodb:GetItem",
        "TransactWriteItems": "dynamodb:PutItem dynamodb:UpdateItem dynamodb:DeleteItem",
    } | dict.fromkeys(
        ("ExecuteStatement", "BatchExecuteStatement", "ExecuteTransaction"),
        "dynamodb:PartiQLSelect dynamodb:PartiQLInsert dynamodb:PartiQLUpdate dynamodb:PartiQLDelete",
    ),
    # https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-api-permissions-reference.html
    "sqs": {
        "ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility", "DeleteMessageBatch": "sqs:DeleteMessage",
        "SendMessageBatch": "sqs:SendMessage",
    },
}  # fmt: skip


@pytest.mark.parametrize("service", TEN)
def test_every_operation_of_the_ten_services(service: str) -> None:
    label, operations = operations_of(service)
    label = {"cloudwatch": "monitoring"}.get(service, label)
    expected = OTHER_NAMES.get(service, {})
    for name in operations:
        found = actions_of_call(f"{label}:{name}")
        if name in expected:
            assert (found.how, " ".join(found.actions)) == ("exception", expected[name]), name
            continue
        details = action_details(service, name)
        # The reference does not know every operation yet: such a one keeps its own name, and the answer says so.
        assert found.how == ("name" if details else "none"), name
        assert found.actions == (f"{service}:{details['name'] if details else name}",)
    gone = {"InvokeAsync"}  # botocore no longer has it; old records do
    assert set(expected) - set(operations) <= gone


def test_all_operations_are_counted_by_kind() -> None:
    kinds: Counter[str] = Counter()
    for service in all_services():
        label, operations = operations_of(service)
        for name in operations:
            found = actions_of_call(f"{label}:{name}")
            kinds[found.how] += 1
            if found.how != "none":
                for action in found.actions:
                    prefix, _, own = action.partition(":")
                    assert (action_details(prefix, own) or {}).get("name") == own, action
    total = sum(kinds.values())
    assert total > 19_000
    assert kinds["name"] / total > 0.93 and kinds["exception"] > 250
    assert kinds["none"] / total < 0.05


def test_lambda_and_cloudfront_have_versions_in_their_names() -> None:
    assert actions_of_call("lambda:CreateFunction20150331").actions == ("lambda:CreateFunction",)
    assert actions_of_call("cloudfront:CreateDistribution2020_05_31").actions == ("cloudfront:CreateDistribution",)
    assert actions_of_call("apigateway:UpdateStage").actions == ("apigateway:PATCH",)
    assert actions_of_call("email:SendEmail").actions == ("ses:SendEmail",)


def test_data_events_are_of_actions_that_there_are() -> None:
    unknown = [each for each in sorted(DATA_ACTIONS | NEVER_RECORDED) if action_details(*each.split(":")) is None]
    assert unknown == []
    assert is_data_event("s3:HeadObject") and is_data_event("lambda:Invoke") and not is_data_event("s3:ListBuckets")
