"""Operations whose action has another name, or that need several actions.

Every other operation is taken to need the action of its own name. Sources:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html (S3's operations),
https://docs.aws.amazon.com/service-authorization/latest/reference/ (each action's operations),
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-control-access-using-iam-policies-to-invoke-api.html
"""

from __future__ import annotations

SERVICES = {
    "monitoring": "cloudwatch", "email": "ses", "tagging": "tag", "models": "lex", "runtime": "lex",
    "cloudcontrolapi": "cloudformation", "iotdata": "iot", "iot-jobs-data": "iotjobsdata",
    "iotsecuredtunneling": "iot", "mturk-requester": "mechanicalturk", "awsssoportal": "sso",
    "partnercentral-account": "partnercentral", "partnercentral-benefits": "partnercentral",
    "partnercentral-channel": "partnercentral", "partnercentral-selling": "partnercentral",
    "entitlement": "aws-marketplace", "metering": "aws-marketplace", "streams": "dynamodb", "ingest": "timestream",
    "query": "timestream", "appstream2": "appstream", "search": "cloudsearch",
}  # fmt: skip
"""The first label of an event's source → the prefix of the service's actions, where they differ."""

_S3_PUTS = {
    "AnalyticsConfiguration": "AnalyticsConfiguration", "IntelligentTieringConfiguration":
    "IntelligentTieringConfiguration", "InventoryConfiguration": "InventoryConfiguration",
    "MetricsConfiguration": "MetricsConfiguration", "Lifecycle": "LifecycleConfiguration",
    "LifecycleConfiguration": "LifecycleConfiguration", "Encryption": "EncryptionConfiguration",
    "Replication": "ReplicationConfiguration", "AccelerateConfiguration": "AccelerateConfiguration",
}  # fmt: skip
"""What follows `Bucket` in an operation's name → what follows `Put` or `Get` in the action's. Delete needs the Put."""

_S3: dict[str, tuple[str, ...]] = {
    "ListBuckets": ("ListAllMyBuckets",),
    "ListObjects": ("ListBucket",),
    "ListObjectsV2": ("ListBucket",),
    "HeadBucket": ("ListBucket",),
    "ListObjectVersions": ("ListBucketVersions",),
    "ListMultipartUploads": ("ListBucketMultipartUploads",),
    "ListParts": ("ListMultipartUploadParts",),
    "HeadObject": ("GetObject",),
    "SelectObjectContent": ("GetObject",),
    "CopyObject": ("PutObject", "GetObject"),
    "UploadPartCopy": ("PutObject", "GetObject"),
    "CreateMultipartUpload": ("PutObject",),
    "UploadPart": ("PutObject",),
    "CompleteMultipartUpload": ("PutObject",),
    "DeleteObjects": ("DeleteObject",),
    "DeleteBucketCors": ("PutBucketCORS",),
    "DeleteBucketOwnershipControls": ("PutBucketOwnershipControls",),
    "DeleteBucketTagging": ("PutBucketTagging",),
    "GetBucketNotificationConfiguration": ("GetBucketNotification",),
    "PutBucketNotificationConfiguration": ("PutBucketNotification",),
    "GetObjectLockConfiguration": ("GetBucketObjectLockConfiguration",),
    "PutObjectLockConfiguration": ("PutBucketObjectLockConfiguration",),
    "GetPublicAccessBlock": ("GetBucketPublicAccessBlock",),
    "PutPublicAccessBlock": ("PutBucketPublicAccessBlock",),
    "DeletePublicAccessBlock": ("PutBucketPublicAccessBlock",),
    "DeleteBucketPublicAccessBlock": ("PutBucketPublicAccessBlock",),
    "DeleteAccountPublicAccessBlock": ("PutAccountPublicAccessBlock",),
    "CreateBucketMetadataConfiguration": ("CreateBucketMetadataTableConfiguration",),
    "GetBucketMetadataConfiguration": ("GetBucketMetadataTableConfiguration",),
    "DeleteBucketMetadataConfiguration": ("DeleteBucketMetadataTableConfiguration",),
    "ListBucketAnalyticsConfigurations": ("GetAnalyticsConfiguration",),
    "ListBucketIntelligentTieringConfigurations": ("GetIntelligentTieringConfiguration",),
    "ListBucketInventoryConfigurations": ("GetInventoryConfiguration",),
    "ListBucketMetricsConfigurations": ("GetMetricsConfiguration",),
    **{f"{verb}Bucket{ours}": (f"{'Get' if verb == 'Get' else 'Put'}{theirs}",)
       for ours, theirs in _S3_PUTS.items() for verb in ("Get", "Put", "Delete")},
}  # fmt: skip
_OF_OTHERS: dict[str, tuple[str, ...]] = {
    "s3:CreateSession": ("s3express:CreateSession",),
    "s3:RenameObject": ("s3express:CreateSession",),
    "s3:ListDirectoryBuckets": ("s3express:ListAllMyDirectoryBuckets",),
    "s3:WriteGetObjectResponse": ("s3-object-lambda:WriteGetObjectResponse",),
    "s3:GetAccessPointScope": ("s3express:GetAccessPointScope",),
    "s3:PutAccessPointScope": ("s3express:PutAccessPointScope",),
    "s3:DeleteAccessPointScope": ("s3express:DeleteAccessPointScope",),
    "s3:ListAccessPointsForDirectoryBuckets": ("s3express:ListAccessPointsForDirectoryBuckets",),
    "lambda:Invoke": ("lambda:InvokeFunction",),
    "lambda:InvokeAsync": ("lambda:InvokeFunction",),
    "lambda:InvokeWithResponseStream": ("lambda:InvokeFunction",),
    "lambda:GetLayerVersionByArn": ("lambda:GetLayerVersion",),
    "sqs:SendMessageBatch": ("sqs:SendMessage",),
    "sqs:DeleteMessageBatch": ("sqs:DeleteMessage",),
    "sqs:ChangeMessageVisibilityBatch": ("sqs:ChangeMessageVisibility",),
    "sns:PublishBatch": ("sns:Publish",),
    "kms:ReEncrypt": ("kms:ReEncryptFrom", "kms:ReEncryptTo"),
    "dynamodb:TransactGetItems": ("dynamodb:GetItem",),
    "dynamodb:TransactWriteItems": ("dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"),
    "dynamodb:ExecuteStatement": ("dynamodb:PartiQLSelect", "dynamodb:PartiQLInsert", "dynamodb:PartiQLUpdate",
                                  "dynamodb:PartiQLDelete"),
    "dynamodb:BatchExecuteStatement": ("dynamodb:PartiQLSelect", "dynamodb:PartiQLInsert", "dynamodb:PartiQLUpdate",
                                       "dynamodb:PartiQLDelete"),
    "dynamodb:ExecuteTransaction": ("dynamodb:PartiQLSelect", "dynamodb:PartiQLInsert", "dynamodb:PartiQLUpdate",
                                    "dynamodb:PartiQLDelete"),
    "bedrock:Converse": ("bedrock:InvokeModel",),
    "bedrock:ConverseStream": ("bedrock:InvokeModelWithResponseStream",),
    "bedrock:InvokeModelWithBidirectionalStream": ("bedrock:InvokeModelWithResponseStream",),
    "bedrock:StartAsyncInvoke": ("bedrock:InvokeModel",),
    "bedrock:RetrieveAndGenerateStream": ("bedrock:RetrieveAndGenerate",),
    "timestream:Query": ("timestream:Select",),
    "access-analyzer:GetFindingV2": ("access-analyzer:GetFinding",),
    "access-analyzer:ListFindingsV2": ("access-analyzer:ListFindings",),
    "verifiedpermissions:BatchIsAuthorized": ("verifiedpermissions:IsAuthorized",),
    "verifiedpermissions:BatchIsAuthorizedWithToken": ("verifiedpermissions:IsAuthorizedWithToken",),
    "verifiedpermissions:BatchGetPolicy": ("verifiedpermissions:GetPolicy",),
    "cloudfront:CreateDistributionWithTags": ("cloudfront:CreateDistribution", "cloudfront:TagResource"),
    "budgets:CreateBudget": ("budgets:ModifyBudget",),
    "budgets:DeleteBudget": ("budgets:ModifyBudget",),
    "budgets:UpdateBudget": ("budgets:ModifyBudget",),
    "budgets:CreateNotification": ("budgets:ModifyBudget",),
    "budgets:DeleteNotification": ("budgets:ModifyBudget",),
    "budgets:UpdateNotification": ("budgets:ModifyBudget",),
    "budgets:CreateSubscriber": ("budgets:ModifyBudget",),
    "budgets:DeleteSubscriber": ("budgets:ModifyBudget",),
    "budgets:UpdateSubscriber": ("budgets:ModifyBudget",),
    "budgets:DescribeBudget": ("budgets:ViewBudget",),
    "budgets:DescribeBudgets": ("budgets:ViewBudget",),
    "budgets:DescribeBudgetPerformanceHistory": ("budgets:ViewBudget",),
    "budgets:DescribeBudgetNotificationsForAccount": ("budgets:ViewBudget",),
    "budgets:DescribeNotificationsForBudget": ("budgets:ViewBudget",),
    "budgets:DescribeSubscribersForNotification": ("budgets:ViewBudget",),
    "apigateway:ImportRestApi": ("apigateway:POST",),
    "apigateway:ImportApiKeys": ("apigateway:POST",),
    "cassandra:CreateKeyspace": ("cassandra:Create",),
    "cassandra:CreateTable": ("cassandra:Create",),
    "cassandra:DeleteKeyspace": ("cassandra:Drop",),
    "cassandra:DeleteTable": ("cassandra:Drop",),
    "cassandra:UpdateTable": ("cassandra:Alter",),
    "cassandra:UpdateKeyspace": ("cassandra:Alter",),
    "cassandra:GetTable": ("cassandra:Select",),
    "cassandra:GetKeyspace": ("cassandra:Select",),
    "cassandra:ListKeyspaces": ("cassandra:Select",),
    "cassandra:ListTables": ("cassandra:Select",),
    "cassandra:RestoreTable": ("cassandra:Restore",),
}  # fmt: skip
API_GATEWAY = {
    "Create": "POST", "Generate": "POST", "Test": "POST", "Reject": "POST", "Publish": "POST", "Preview": "POST",
    "Get": "GET", "List": "GET", "Export": "GET", "Update": "PATCH", "Put": "PUT", "Import": "PUT", "Reimport": "PUT",
    "Delete": "DELETE", "Flush": "DELETE", "Reset": "DELETE", "Disable": "DELETE", "Untag": "DELETE", "Tag": "PUT",
}  # fmt: skip
"""The first word of an operation of API Gateway → its HTTP method, which is the action's name."""

EXCEPTIONS = {f"s3:{name}": tuple(f"s3:{each}" for each in actions) for name, actions in _S3.items()} | _OF_OTHERS
"""Operation → the actions that it needs. To look at one of several alternatives (PartiQL), any of them may do."""
