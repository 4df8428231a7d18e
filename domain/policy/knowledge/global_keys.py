"""Global condition keys, and their types.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html;
https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html (aws:SourceOwner, in the
default policies of topics; aws:SourceAccount replaces it);
https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSSSOServiceRolePolicy.html
(aws:PrincipalOrgMasterAccountId)
"""

from __future__ import annotations

_GLOBAL_KEYS = {
    "ARN": (
        "PrincipalArn", "SourceArn", "ChatbotSourceArn", "SourceVpcArn", "Ec2InstanceSourceVpc", "SignInSessionArn",
    ),
    "Bool": (
        "MultiFactorAuthPresent", "SecureTransport", "ViaAWSService", "PrincipalIsAWSService", "AssumedRoot",
        "IsMcpServiceAction", "ViaAWSMCPService",
    ),
    "Date": ("CurrentTime", "TokenIssueTime", "EpochTime"),
    "IPAddress": ("SourceIp", "VpcSourceIp", "Ec2InstanceSourcePrivateIPv4"),
    "Numeric": ("MultiFactorAuthAge",),
    "ArrayOfString": (
        "CalledVia", "PrincipalOrgPaths", "ResourceOrgPaths", "SourceOrgPaths", "TagKeys", "PrincipalServiceNamesList",
        "VpceOrgPaths",
    ),
    "String": (
        "CalledViaFirst", "CalledViaLast", "CalledViaAWSMCP", "FederatedProvider", "SourceIdentity", "PrincipalAccount",
        "PrincipalOrgID", "PrincipalOrgMasterAccountId", "PrincipalServiceName", "PrincipalType", "userid", "username",
        "SourceVpc", "SourceVpce", "VpceAccount", "VpceOrgID", "ResourceAccount", "ResourceOrgID", "RequestedRegion",
        "SourceAccount", "SourceOrgID", "SourceOwner", "UserAgent", "Referer", "PrincipalTag", "ResourceTag",
        "RequestTag",
    ),
}  # fmt: skip
_GLOBAL_TYPES = {f"aws:{name.lower()}": kind for kind, names in _GLOBAL_KEYS.items() for name in names}


def global_key_type(key: str) -> str | None:
    """The type of a global condition key (`aws:PrincipalTag/team` too); None when there is none of that name."""
    return _GLOBAL_TYPES.get(key.lower().partition("/")[0])
