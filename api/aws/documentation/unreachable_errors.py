"""Errors that AWS documents but that never occur here, each with the reason. AWS.md lists them."""

from __future__ import annotations

_DECIDED = "commands about the same entity are decided one after another; what lost a race is decided again"
_DONE = "a deletion is done when it is answered: nothing is in between"
_LESS = "no quota is reached by taking away or by changing what is there"
_CHECKED = "the parameter's own pattern or enumeration is checked first: ValidationError"
_ORGANIZATION = "what an organisation has enabled is not recorded here"

NEVER: dict[str, tuple[str, tuple[str, ...]]] = {
    "ConcurrentModification": (_DECIDED, ()),
    "EntityTemporarilyUnmodifiable": (_DONE, ()),
    "RegionDisabledException": ("no region is disabled here", ()),
    "ServiceAccessNotEnabledException": (_ORGANIZATION, ()),
    "OrganizationNotInAllFeaturesModeException": (_ORGANIZATION, ()),
    "CallerIsNotManagementAccountException": (
        "AccountNotManagementOrDelegatedAdministratorException says the same", (),
    ),
    "ReportGenerationLimitExceeded": ("a report is made when it is asked for", ()),
    "ReportInProgress": ("a report is made when it is asked for", ()),
    "PolicyEvaluation": ("every policy that the grammar lets through can be evaluated", ()),
    "OpenIdIdpCommunicationError": ("the provider is asked when a token comes, not when it is registered", ()),
    "JWTPayloadSizeExceededException": ("the parameters' own limits keep the token small", ()),
    "NoSuchEntity": (
        "the operation names nothing that would have to be there",
        ("CreateGroup", "CreateServiceLinkedRole", "UpdateAccountPasswordPolicy"),
    ),
    "EntityAlreadyExists": (
        "an instance profile has one role, and a certificate that is there twice is a DuplicateCertificate",
        ("AddRoleToInstanceProfile", "UploadSigningCertificate"),
    ),
    "DeleteConflict": ("no service is here that would use a server certificate", ("DeleteServerCertificate",)),
    "UnrecognizedPublicKeyEncoding": (_CHECKED, ("GetSSHPublicKey",)),
    "MalformedPolicyDocument": ("it takes no policy document", ("UpdateAccountPasswordPolicy",)),
    "ExpiredTokenException": (
        "an expired session gets ExpiredToken when its signature is checked", ("AssumeRole", "AssumeRoot"),
    ),
    "IDPRejectedClaim": ("a token that is refused says why: InvalidIdentityToken", ("AssumeRoleWithWebIdentity",)),
    "InvalidInput": (
        _CHECKED,
        (
            "GetAccountProperties", "GetServiceLastAccessedDetails", "GetServiceLastAccessedDetailsWithEntities",
            "ListAttachedGroupPolicies", "ListAttachedRolePolicies", "ListAttachedUserPolicies", "ListMFADeviceTags",
            "PutAccountProperties",
            "UntagInstanceProfile", "UntagMFADevice", "UntagServerCertificate", "UpdateAccessKey", "UpdateSSHPublicKey",
            "UpdateSigningCertificate",
        ),
    ),
    "LimitExceeded": (
        _LESS,
        (
            "ChangePassword", "CreateAccountAlias", "CreateLoginProfile", "DeactivateMFADevice", "DeleteAccessKey",
            "DeleteAccountAlias", "DeleteAccountPasswordPolicy", "DeleteGroup", "DeleteGroupPolicy",
            "DeleteInstanceProfile", "DeleteLoginProfile", "DeletePolicy", "DeletePolicyVersion", "DeleteRole",
            "DeleteRolePolicy", "DeleteSAMLProvider", "DeleteServerCertificate", "DeleteServiceLinkedRole",
            "DeleteSigningCertificate", "DeleteUser", "DeleteUserPolicy", "DeleteVirtualMFADevice", "DetachGroupPolicy",
            "DetachRolePolicy", "DetachUserPolicy", "GenerateCredentialReport", "RemoveRoleFromInstanceProfile",
            "RemoveUserFromGroup", "ResyncMFADevice", "SetDefaultPolicyVersion", "UpdateAccessKey",
            "UpdateAccountPasswordPolicy", "UpdateGroup", "UpdateLoginProfile", "UpdateSAMLProvider",
            "UpdateServerCertificate", "UpdateSigningCertificate", "UpdateUser",
        ),
    ),
}  # fmt: skip
"""Code → (reason, operations that never return the error; none listed: no operation returns it)."""


def is_never(operation: str, code: str) -> bool:
    operations = NEVER[code][1] if code in NEVER else ("",)
    return not operations or operation in operations
