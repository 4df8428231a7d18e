"""Actions that a report lists first, because one call of them gives away data, credentials or the account.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_understand-policy-summary-access-level-summaries.html
(permissions management), https://attack.mitre.org/matrices/enterprise/cloud/iaas/,
https://stratus-red-team.cloud/attack-techniques/AWS/, https://pathfinding.cloud/paths (escalation)
"""

from __future__ import annotations

_ESCALATES = "gives itself or others permissions"
_CREDENTIALS = "makes or reads credentials"
_BECOMES = "becomes another principal, or runs code as one"
_DATA = "reads or shares data"
_BLINDS = "turns off records"
_DESTROYS = "destroys data"

SENSITIVE: dict[str, str] = {
    **dict.fromkeys((
        "iam:AttachUserPolicy", "iam:AttachRolePolicy", "iam:AttachGroupPolicy", "iam:PutUserPolicy",
        "iam:PutRolePolicy", "iam:PutGroupPolicy", "iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion",
        "iam:AddUserToGroup", "iam:UpdateAssumeRolePolicy", "iam:DeleteUserPermissionsBoundary",
        "iam:DeleteRolePermissionsBoundary", "iam:CreateUser", "iam:CreateRole", "organizations:DetachPolicy",
        "organizations:UpdatePolicy",
    ), _ESCALATES),
    **dict.fromkeys((
        "iam:CreateAccessKey", "iam:CreateLoginProfile", "iam:UpdateLoginProfile", "iam:UploadSSHPublicKey",
        "iam:CreateServiceSpecificCredential", "iam:DeactivateMFADevice", "iam:CreateSAMLProvider",
        "iam:UpdateSAMLProvider", "iam:CreateOpenIDConnectProvider", "secretsmanager:GetSecretValue",
        "ssm:GetParameter", "ssm:GetParameters", "ec2:GetPasswordData", "rolesanywhere:CreateTrustAnchor",
        "redshift:GetClusterCredentials", "sts:GetFederationToken",
    ), _CREDENTIALS),
    **dict.fromkeys((
        "sts:AssumeRole", "sts:AssumeRoot", "iam:PassRole", "lambda:UpdateFunctionCode", "lambda:CreateFunction",
        "lambda:AddPermission", "ec2:RunInstances", "ec2:ModifyInstanceAttribute", "ssm:SendCommand",
        "ssm:StartSession", "ec2-instance-connect:SendSSHPublicKey", "ecs:ExecuteCommand",
        "cloudformation:CreateStack", "cloudformation:UpdateStack", "codebuild:StartBuild", "glue:UpdateDevEndpoint",
        "sso:CreateAccountAssignment",
    ), _BECOMES),
    **dict.fromkeys((
        "s3:GetObject", "s3:PutBucketPolicy", "s3:PutBucketAcl", "dynamodb:Scan", "dynamodb:GetItem", "kms:Decrypt",
        "kms:CreateGrant", "kms:PutKeyPolicy", "ec2:ModifySnapshotAttribute", "ec2:ModifyImageAttribute",
        "rds:ModifyDBSnapshotAttribute", "ram:CreateResourceShare", "ebs:GetSnapshotBlock", "sqs:ReceiveMessage",
    ), _DATA),
    **dict.fromkeys((
        "cloudtrail:StopLogging", "cloudtrail:DeleteTrail", "cloudtrail:UpdateTrail", "cloudtrail:PutEventSelectors",
        "ec2:DeleteFlowLogs", "guardduty:DeleteDetector", "guardduty:UpdateDetector",
        "config:StopConfigurationRecorder", "config:DeleteConfigurationRecorder", "securityhub:DisableSecurityHub",
        "organizations:LeaveOrganization",
    ), _BLINDS),
    **dict.fromkeys((
        "s3:DeleteObject", "s3:DeleteBucket", "kms:ScheduleKeyDeletion", "rds:DeleteDBInstance", "dynamodb:DeleteTable",
        "backup:DeleteRecoveryPoint", "ec2:TerminateInstances",
    ), _DESTROYS),
}  # fmt: skip
"""Action → why."""
RANK = {action.lower(): place for place, action in enumerate(SENSITIVE)}
"""In lower case → its place in the list."""
