"""Which call makes an event of a setting (providers, certificates, aliases, the password policy), or of a credential
that is neither a key nor a password. `domain/observed/cloudtrail/operations.py` is the inverse."""

from __future__ import annotations

from typing import Any, NamedTuple

from erstwhile.domain.events.account import SettingPut, SettingRemoved
from erstwhile.domain.events.credentials import CredentialPut, CredentialRemoved


class Call(NamedTuple):
    """An operation of an AWS service with its request and response. `error_code`, `message`: of one that failed."""

    service: str
    name: str
    request: dict[str, Any]
    response: dict[str, Any] | None
    error_code: str = ""
    message: str = ""


class _Operations(NamedTuple):
    """The operations that put a setting, the first of which creates it, and the one that removes it. `field`: the
    parameter that names the setting; '' for what an account has once. `answered`: whether the name of a new one is in
    the response."""

    put: tuple[str, ...]
    remove: str
    field: str
    answered: bool = False
    service: str = "iam"


_SETTINGS = {
    "virtual-mfa-device": _Operations(("CreateVirtualMFADevice",), "DeleteVirtualMFADevice", "serialNumber", True),
    "virtual-mfa-device-tags": _Operations(("TagMFADevice", "UntagMFADevice"), "", "serialNumber"),
    "saml-provider": _Operations(
        ("CreateSAMLProvider", "UpdateSAMLProvider"), "DeleteSAMLProvider", "sAMLProviderArn", True
    ),
    "saml-provider-tags": _Operations(("TagSAMLProvider", "UntagSAMLProvider"), "", "sAMLProviderArn"),
    "oidc-provider": _Operations(
        ("CreateOpenIDConnectProvider", "UpdateOpenIDConnectProviderThumbprint"), "DeleteOpenIDConnectProvider",
        "openIDConnectProviderArn", True,
    ),
    "oidc-client": _Operations(
        ("AddClientIDToOpenIDConnectProvider",), "RemoveClientIDFromOpenIDConnectProvider", "openIDConnectProviderArn"
    ),
    "oidc-provider-tags": _Operations(
        ("TagOpenIDConnectProvider", "UntagOpenIDConnectProvider"), "", "openIDConnectProviderArn"
    ),
    "server-certificate": _Operations(
        ("UploadServerCertificate", "UpdateServerCertificate"), "DeleteServerCertificate", "serverCertificateName"
    ),
    "server-certificate-tags": _Operations(
        ("TagServerCertificate", "UntagServerCertificate"), "", "serverCertificateName"
    ),
    "account-alias": _Operations(("CreateAccountAlias",), "DeleteAccountAlias", "accountAlias"),
    "password-policy": _Operations(("UpdateAccountPasswordPolicy",), "DeleteAccountPasswordPolicy", ""),
    "sts-preferences": _Operations(("SetSecurityTokenServicePreferences",), "", ""),
    "outbound-federation": _Operations(
        ("EnableOutboundWebIdentityFederation",), "DisableOutboundWebIdentityFederation", ""
    ),
    "root-credentials-management": _Operations(
        ("EnableOrganizationsRootCredentialsManagement",), "DisableOrganizationsRootCredentialsManagement", ""
    ),
    "root-sessions": _Operations(("EnableOrganizationsRootSessions",), "DisableOrganizationsRootSessions", ""),
}  # fmt: skip
_CREDENTIALS = {
    "signing-certificate": _Operations(
        ("UploadSigningCertificate", "UpdateSigningCertificate"), "DeleteSigningCertificate", "certificateId", True
    ),
    "ssh-public-key": _Operations(
        ("UploadSSHPublicKey", "UpdateSSHPublicKey"), "DeleteSSHPublicKey", "sSHPublicKeyId", True
    ),
    "service-credential": _Operations(
        ("CreateServiceSpecificCredential", "UpdateServiceSpecificCredential", "ResetServiceSpecificCredential"),
        "DeleteServiceSpecificCredential", "serviceSpecificCredentialId", True,
    ),
}  # fmt: skip
_ANSWERS = {
    "CreateVirtualMFADevice": "virtualMFADevice", "UploadSigningCertificate": "certificate",
    "UploadSSHPublicKey": "sSHPublicKey", "CreateServiceSpecificCredential": "serviceSpecificCredential",
}  # fmt: skip
"""The member of the response that has the name; that of others is the name itself."""


def setting_call(body: SettingPut | SettingRemoved, _account: str, action: str) -> Call | None:
    """None where no call is known to make such a setting."""
    operations = _SETTINGS.get(body.category)
    if operations is None:
        return None
    attributes = dict(body.attributes) if isinstance(body, SettingPut) else {}
    return _call(operations, isinstance(body, SettingPut), action, body.name, attributes)


def credential_call(body: CredentialPut | CredentialRemoved, _account: str, action: str) -> Call | None:
    """None where no call is known to make such a credential."""
    operations = _CREDENTIALS.get(body.kind)
    if operations is None:
        return None
    given: dict[str, Any] = {"userName": body.subject.name} if body.subject.kind == "user" else {}
    is_put = isinstance(body, CredentialPut)
    if isinstance(body, CredentialPut) and (action.partition(":")[2] or operations.put[0]) != operations.put[0]:
        given["status"] = body.status
    return _call(operations, is_put, action, body.credential_id, given)


def _call(operations: _Operations, is_put: bool, action: str, named: str, given: dict[str, Any]) -> Call | None:
    asked = action.partition(":")[2]
    name = (asked if asked in operations.put else operations.put[0]) if is_put else operations.remove
    if not name:
        return None
    if not operations.field:
        return Call(operations.service, name, given, None)
    told = {operations.field: named}
    if operations.answered and name == operations.put[0]:
        member = _ANSWERS.get(name)
        return Call(operations.service, name, given, {member: told} if member else told)
    return Call(operations.service, name, told | given, None)
