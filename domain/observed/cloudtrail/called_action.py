"""Which IAM action a recorded call is. CloudTrail names the operation of the API; policies name the action, which has
another name for some of them.

Sources: https://docs.aws.amazon.com/AmazonS3/latest/userguide/cloudtrail-logging-s3-info.html,
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html (the operations of each action),
https://docs.aws.amazon.com/lambda/latest/dg/logging-using-cloudtrail.html
"""

from __future__ import annotations

from functools import lru_cache

from erstwhile.domain.observed.cloudtrail.translate import operation

_SERVICES = {"monitoring": "cloudwatch", "email": "ses", "tagging": "tag", "models": "lex", "runtime": "lex"}
"""The first label of an event's source → the prefix of the service's actions, where they differ."""
_ACTIONS = {
    "s3:ListBuckets": "s3:ListAllMyBuckets",
    "s3:ListObjects": "s3:ListBucket",
    "s3:ListObjectsV2": "s3:ListBucket",
    "s3:HeadBucket": "s3:ListBucket",
    "s3:ListObjectVersions": "s3:ListBucketVersions",
    "s3:HeadObject": "s3:GetObject",
    "s3:CopyObject": "s3:PutObject",
    "s3:CreateMultipartUpload": "s3:PutObject",
    "s3:UploadPart": "s3:PutObject",
    "s3:CompleteMultipartUpload": "s3:PutObject",
    "s3:DeleteObjects": "s3:DeleteObject",
    "s3:PutBucketLifecycle": "s3:PutLifecycleConfiguration",
    "s3:PutBucketLifecycleConfiguration": "s3:PutLifecycleConfiguration",
    "s3:DeleteBucketLifecycle": "s3:PutLifecycleConfiguration",
    "s3:GetBucketLifecycle": "s3:GetLifecycleConfiguration",
    "s3:GetBucketEncryption": "s3:GetEncryptionConfiguration",
    "s3:PutBucketEncryption": "s3:PutEncryptionConfiguration",
    "s3:DeleteBucketEncryption": "s3:PutEncryptionConfiguration",
    "s3:GetBucketReplication": "s3:GetReplicationConfiguration",
    "s3:PutBucketReplication": "s3:PutReplicationConfiguration",
    "s3:DeleteBucketReplication": "s3:PutReplicationConfiguration",
    "s3:GetBucketCors": "s3:GetBucketCORS",
    "s3:GetPublicAccessBlock": "s3:GetBucketPublicAccessBlock",
    "s3:PutPublicAccessBlock": "s3:PutBucketPublicAccessBlock",
    "s3:DeletePublicAccessBlock": "s3:PutBucketPublicAccessBlock",
    "lambda:Invoke": "lambda:InvokeFunction",
    "lambda:InvokeAsync": "lambda:InvokeFunction",
}


@lru_cache(maxsize=8192)
def plain_action(call: str) -> str:
    """A call without the version of its API: `lambda:AddPermission` of `lambda:AddPermission20150331v2`."""
    service, _, name = call.partition(":")
    return f"{service}:{operation(service, name)[0]}"


@lru_cache(maxsize=8192)
def action_of_call(call: str) -> str:
    """The action of a call, as policies name it; the call's own name where no other is known."""
    service, _, name = plain_action(call).partition(":")
    service = _SERVICES.get(service, service)
    return _ACTIONS.get(f"{service}:{name}", f"{service}:{name}")
