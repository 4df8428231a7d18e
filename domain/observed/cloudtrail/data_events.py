"""Which actions trails record only where they are set up for that (data events), and which they never record.

Sources: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-data-events-with-cloudtrail.html,
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-unsupported-aws-services.html,
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/logging_cw_api_calls_cwl.html
"""

from __future__ import annotations

from functools import lru_cache

from erstwhile.domain.observed.cloudtrail.called_action import actions_of_call

_DATA: dict[str, tuple[str, ...]] = {
    "s3": (
        "GetObject", "GetObjectAcl", "GetObjectAttributes", "GetObjectLegalHold", "GetObjectRetention",
        "GetObjectTagging", "GetObjectTorrent", "GetObjectVersion", "GetObjectVersionAcl", "GetObjectVersionTagging",
        "PutObject", "PutObjectAcl", "PutObjectLegalHold", "PutObjectRetention", "PutObjectTagging",
        "PutObjectVersionAcl", "PutObjectVersionTagging", "DeleteObject", "DeleteObjectTagging", "DeleteObjectVersion",
        "DeleteObjectVersionTagging", "AbortMultipartUpload", "ListMultipartUploadParts", "ListBucket",
        "ListBucketVersions", "ListBucketMultipartUploads", "RestoreObject",
    ),
    "lambda": ("InvokeFunction",),
    "dynamodb": (
        "BatchGetItem", "BatchWriteItem", "ConditionCheckItem", "DeleteItem", "GetItem", "GetRecords",
        "GetShardIterator", "PartiQLDelete", "PartiQLInsert", "PartiQLSelect", "PartiQLUpdate", "PutItem",
        "Query", "Scan", "UpdateItem",
    ),
    "sqs": ("SendMessage", "ReceiveMessage", "DeleteMessage", "ChangeMessageVisibility"),
    "sns": ("Publish",),
    "kinesis": (
        "GetRecords", "GetShardIterator", "PutRecord", "PutRecords", "SubscribeToShard",
    ),
    "kinesisvideo": ("GetMedia", "PutMedia", "GetImages"),
    "cognito-identity": ("GetCredentialsForIdentity", "GetId", "GetOpenIdToken", "GetOpenIdTokenForDeveloperIdentity"),
    "bedrock": ("InvokeAgent", "InvokeFlow", "Retrieve", "RetrieveAndGenerate", "ApplyGuardrail"),
    "ebs": ("GetSnapshotBlock", "ListChangedBlocks", "ListSnapshotBlocks", "PutSnapshotBlock"),
    "execute-api": ("Invoke", "ManageConnections"),
    "sagemaker": ("InvokeEndpoint", "InvokeEndpointAsync", "PutRecord", "GetRecord", "DeleteRecord"),
    "states": ("SendTaskSuccess", "SendTaskFailure", "SendTaskHeartbeat", "GetActivityTask"),
    "cloudwatch": ("PutMetricData", "GetMetricData"),
    "xray": ("PutTraceSegments", "GetSamplingRules", "GetSamplingTargets"),
    "qldb": ("SendCommand",),
    "timestream": ("Select", "WriteRecords", "DescribeEndpoints"),
    "rds-data": ("ExecuteStatement", "BatchExecuteStatement", "BeginTransaction", "CommitTransaction",
                 "RollbackTransaction"),
    "iot": ("Publish", "GetThingShadow", "UpdateThingShadow", "DeleteThingShadow"),
    "geo": ("GetMapTile", "BatchUpdateDevicePosition", "GetDevicePosition", "SearchPlaceIndexForText"),
    "swf": ("PollForActivityTask", "PollForDecisionTask", "RespondActivityTaskCompleted"),
    "appconfig": ("GetLatestConfiguration", "StartConfigurationSession"),
    "codewhisperer": ("GenerateRecommendations",),
    "events": ("PutEvents",),
}  # fmt: skip
_NEVER: dict[str, tuple[str, ...]] = {
    "logs": ("PutLogEvents", "Unmask"),
    "firehose": ("PutRecord", "PutRecordBatch"),
    "rds-db": ("connect",),
    "elasticfilesystem": ("ClientMount", "ClientWrite", "ClientRootAccess"),
    "kafka-cluster": ("Connect", "ReadData", "WriteData"),
    "ec2messages": ("AcknowledgeMessage", "DeleteMessage", "FailMessage", "GetEndpoint", "GetMessages", "SendReply"),
    "ssmmessages": ("CreateControlChannel", "CreateDataChannel", "OpenControlChannel", "OpenDataChannel"),
}


def _lowered(table: dict[str, tuple[str, ...]]) -> frozenset[str]:
    return frozenset(f"{service}:{name}".lower() for service, names in table.items() for name in names)


DATA_ACTIONS = _lowered(_DATA)
"""In lower case."""
NEVER_RECORDED = _lowered(_NEVER)
"""In lower case."""


@lru_cache(maxsize=8192)
def is_data_event(call: str) -> bool:
    """Whether a call (`s3:HeadObject`) needs an action that trails record only where they are set up for it."""
    return any(action.lower() in DATA_ACTIONS for action in actions_of_call(call).actions)
