"""What a call is for, in the words of MITRE's tactics: a table of actions, and the access level for all others.

It is a guess from the name of the call alone: the same call serves an administrator and an attacker.
Sources: https://attack.mitre.org/matrices/enterprise/cloud/iaas/ (the tactics and their techniques),
https://stratus-red-team.cloud/attack-techniques/AWS/ (which calls each technique makes)
"""

from __future__ import annotations

from functools import lru_cache

from erstwhile.domain.incident.watch import tampering_words
from erstwhile.domain.observed.cloudtrail.called_action import action_of_call, plain_action
from erstwhile.domain.policy.knowledge.service_reference import access_level

INTENTS = (
    "initial access", "credential access", "privilege escalation", "persistence", "defence evasion",
    "lateral movement", "execution", "exfiltration", "data access", "impact", "change", "discovery",
)  # fmt: skip
"""In the order in which they are told."""

_TABLE = """
initial access: signin:ConsoleLogin signin:SwitchRole signin:GetSigninToken sso:Authenticate
credential access: secretsmanager:GetSecretValue secretsmanager:BatchGetSecretValue ssm:GetParameter ssm:GetParameters
    ssm:GetParametersByPath ec2:GetPasswordData ec2:GetConsoleOutput iam:GenerateCredentialReport
    iam:GetCredentialReport sts:GetSessionToken sts:GetFederationToken rds:GenerateDBAuthToken ecr:GetAuthorizationToken
    redshift:GetClusterCredentials cognito-identity:GetCredentialsForIdentity lightsail:GetInstanceAccessDetails
    lightsail:DownloadDefaultKeyPair
privilege escalation: iam:AttachUserPolicy iam:AttachGroupPolicy iam:AttachRolePolicy iam:PutUserPolicy
    iam:PutGroupPolicy iam:PutRolePolicy iam:CreatePolicyVersion iam:SetDefaultPolicyVersion iam:AddUserToGroup
    iam:DeleteUserPermissionsBoundary iam:DeleteRolePermissionsBoundary iam:PutUserPermissionsBoundary
    iam:PutRolePermissionsBoundary iam:DetachUserPolicy iam:DetachRolePolicy iam:DetachGroupPolicy
    iam:DeleteUserPolicy iam:DeleteRolePolicy iam:DeleteGroupPolicy iam:UpdateAssumeRolePolicy
    iam:AddRoleToInstanceProfile iam:PassRole organizations:DetachPolicy organizations:DeletePolicy
    organizations:UpdatePolicy
persistence: iam:CreateUser iam:CreateAccessKey iam:UpdateAccessKey iam:CreateLoginProfile iam:UpdateLoginProfile
    iam:CreateRole iam:CreatePolicy iam:CreateVirtualMFADevice iam:EnableMFADevice iam:DeactivateMFADevice
    iam:ResyncMFADevice iam:UploadSSHPublicKey iam:UploadSigningCertificate iam:CreateServiceSpecificCredential
    iam:CreateSAMLProvider iam:UpdateSAMLProvider iam:CreateOpenIDConnectProvider
    iam:AddClientIDToOpenIDConnectProvider iam:CreateInstanceProfile iam:CreateServiceLinkedRole
    lambda:AddPermission lambda:CreateFunction lambda:UpdateFunctionCode lambda:UpdateFunctionConfiguration
    lambda:CreateFunctionUrlConfig lambda:PublishLayerVersion lambda:CreateEventSourceMapping
    rolesanywhere:CreateTrustAnchor rolesanywhere:CreateProfile kms:CreateGrant kms:PutKeyPolicy
    events:PutRule events:PutTargets scheduler:CreateSchedule ec2:ImportKeyPair ec2:CreateKeyPair
    sso:CreateAccountAssignment sso:CreatePermissionSet identitystore:CreateUser
lateral movement: sts:AssumeRole sts:AssumeRoleWithSAML sts:AssumeRoleWithWebIdentity sts:AssumeRoot ssm:StartSession
    ec2-instance-connect:SendSSHPublicKey ec2-instance-connect:SendSerialConsoleSSHPublicKey ecs:ExecuteCommand
    sagemaker:CreatePresignedNotebookInstanceUrl
execution: ssm:SendCommand ssm:CreateAssociation ssm:StartAutomationExecution lambda:InvokeFunction ec2:RunInstances
    ec2:ModifyInstanceAttribute ec2:RequestSpotInstances codebuild:StartBuild glue:StartJobRun ecs:RunTask
    batch:SubmitJob states:StartExecution cloudformation:CreateStack cloudformation:UpdateStack
exfiltration: ec2:ModifySnapshotAttribute ec2:ModifyImageAttribute ec2:CreateSnapshot ec2:CreateImage
    ec2:CreateInstanceExportTask rds:ModifyDBSnapshotAttribute rds:ModifyDBClusterSnapshotAttribute
    rds:CreateDBSnapshot rds:StartExportTask s3:PutBucketPolicy s3:PutBucketAcl s3:PutObjectAcl
    s3:PutReplicationConfiguration s3:DeletePublicAccessBlock s3:PutBucketPublicAccessBlock ram:CreateResourceShare
    ram:AssociateResourceShare ecr:SetRepositoryPolicy secretsmanager:PutResourcePolicy sns:Subscribe
    dynamodb:ExportTableToPointInTime lambda:GetFunction
data access: s3:GetObject s3:GetObjectVersion s3:SelectObjectContent dynamodb:GetItem dynamodb:BatchGetItem
    dynamodb:Query dynamodb:Scan kinesis:GetRecords sqs:ReceiveMessage athena:GetQueryResults
    athena:StartQueryExecution rds-data:ExecuteStatement redshift-data:ExecuteStatement codecommit:GetFile
    codecommit:GitPull ecr:BatchGetImage ecr:GetDownloadUrlForLayer ebs:GetSnapshotBlock logs:GetLogEvents
    logs:FilterLogEvents kms:Decrypt bedrock:InvokeModel
impact: s3:DeleteBucket s3:DeleteObject s3:DeleteObjectVersion ec2:TerminateInstances ec2:StopInstances
    rds:DeleteDBInstance rds:DeleteDBCluster rds:DeleteDBSnapshot dynamodb:DeleteTable kms:ScheduleKeyDeletion
    kms:DisableKey secretsmanager:DeleteSecret ssm:DeleteParameter ec2:DeleteSnapshot ec2:DeleteVolume
    lambda:DeleteFunction cloudformation:DeleteStack backup:DeleteRecoveryPoint backup:DeleteBackupVault
    organizations:LeaveOrganization ses:SendEmail ses:SendRawEmail iam:DeleteUser iam:DeleteRole
    iam:DeleteAccessKey iam:DeleteLoginProfile
"""


def _read(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    intent = ""
    for line in text.strip().splitlines():
        head, colon, rest = line.partition(": ")
        if colon and not line.startswith(" "):
            intent, line = head, rest
        found |= dict.fromkeys((each.lower() for each in line.split()), intent)
    return found


_INTENTS = _read(_TABLE)
_BY_LEVEL = {
    "List": "discovery", "Read": "discovery", "Permissions management": "privilege escalation", "Write": "change",
    "Tagging": "change",
}  # fmt: skip
_READING = ("Get", "List", "Describe", "Lookup", "Head", "Search", "Batch", "Check", "Validate", "Preview")
"""How the names of calls begin that read, where AWS's reference does not know the call."""


@lru_cache(maxsize=8192)
def intent_of(call: str) -> str:
    """One of `INTENTS` for a recorded call (`s3:GetObject`)."""
    if tampering_words(call):
        return "defence evasion"
    for name in (action_of_call(call), plain_action(call)):
        found = _INTENTS.get(name.lower())
        if found is not None:
            return found
    level = access_level(action_of_call(call))
    if level:
        return _BY_LEVEL[level]
    return "discovery" if call.partition(":")[2].startswith(_READING) else "change"
