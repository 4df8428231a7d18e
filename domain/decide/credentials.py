"""Deciding on credentials."""

from __future__ import annotations

from typing import Any

from erstwhile.domain.commands import credentials as c
from erstwhile.domain.decide import limits
from erstwhile.domain.decide.lookups import find_setting, holder_of_mfa, need, ref
from erstwhile.domain.decide.principals import Decided
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.events import credentials as e
from erstwhile.domain.vocabulary.refusals import EntityAlreadyExists, InvalidInput, LimitExceeded, NoSuchEntity


def create_access_key(directory: Directory, command: c.CreateAccessKey) -> Decided:
    user = need(directory, command.account, "user", command.user)
    if command.new_id in directory.by_access_key:
        raise EntityAlreadyExists(f"there is an access key {command.new_id} already")
    limits.check_count(user, "access_key", limits.ACCESS_KEYS, "AccessKeysPerUser")
    return [e.AccessKeyCreated(subject=ref(user), access_key_id=command.new_id)]


def _key(user: Entity, access_key_id: str) -> None:
    if not user.has("access_key", access_key_id):
        raise NoSuchEntity(f"The Access Key with id {access_key_id} cannot be found.")


def update_access_key(directory: Directory, command: c.UpdateAccessKey) -> Decided:
    user = need(directory, command.account, "user", command.user)
    _key(user, command.access_key_id)
    if command.status not in ("Active", "Inactive"):
        raise InvalidInput(f"Status must be Active or Inactive, not {command.status!r}")
    return [e.AccessKeyStatusChanged(subject=ref(user), access_key_id=command.access_key_id, status=command.status)]


def delete_access_key(directory: Directory, command: c.DeleteAccessKey) -> Decided:
    user = need(directory, command.account, "user", command.user)
    _key(user, command.access_key_id)
    return [e.AccessKeyDeleted(subject=ref(user), access_key_id=command.access_key_id)]


def create_login_profile(directory: Directory, command: c.CreateLoginProfile) -> Decided:
    user = need(directory, command.account, "user", command.user)
    if user.has("login_profile"):
        raise EntityAlreadyExists(f"Login Profile for user {command.user} already exists.")
    return [e.LoginProfileCreated(subject=ref(user), password_reset_required=command.password_reset_required)]


def _need_profile(user: Entity) -> None:
    if not user.has("login_profile"):
        raise NoSuchEntity(f"Login Profile for User {user.name} cannot be found.")


def update_login_profile(directory: Directory, command: c.UpdateLoginProfile) -> Decided:
    user = need(directory, command.account, "user", command.user)
    _need_profile(user)
    return [e.LoginProfileUpdated(subject=ref(user), password_reset_required=command.password_reset_required)]


def delete_login_profile(directory: Directory, command: c.DeleteLoginProfile) -> Decided:
    user = need(directory, command.account, "user", command.user)
    _need_profile(user)
    return [e.LoginProfileDeleted(subject=ref(user))]


_TITLES = {
    "signing-certificate": "The Certificate",
    "ssh-public-key": "The Public Key",
    "service-credential": "The Service Specific Credential",
}
_MOST = {
    "signing-certificate": (limits.SIGNING_CERTIFICATES, "CertificatesPerUser"),
    "ssh-public-key": (limits.SSH_PUBLIC_KEYS, "SSHPublicKeysPerUser"),
    "service-credential": (limits.SERVICE_CREDENTIALS, "ServiceSpecificCredentialsPerUser"),
}


def put_credential(directory: Directory, command: c.PutCredential) -> Decided:
    user = need(directory, command.account, "user", command.user)
    item = f"{command.kind}/{command.credential_id}"
    if command.is_new:
        most, quota = _MOST[command.kind]
        held = [
            fact
            for each, fact in user.items("credential").items()
            if each.startswith(f"{command.kind}/") and _service(fact.value) == command.attributes.get("service")
        ]
        if len(held) >= most:
            raise LimitExceeded(f"Cannot exceed quota for {quota}: {most}")
    elif not user.has("credential", item):
        raise _no_credential(command.kind, command.credential_id)
    if user.value("credential", item) == _credential(command):
        return []
    return [
        e.CredentialPut(
            subject=ref(user),
            kind=command.kind,
            credential_id=command.credential_id,
            status=command.status,
            attributes=command.attributes,
        )
    ]


def _service(value: dict[str, Any]) -> str | None:
    """Of a service's credential, which service it is for: each has a quota of its own."""
    found: str | None = value.get("attributes", {}).get("service")
    return found


def _credential(command: c.PutCredential) -> dict[str, object]:
    return {"status": command.status, **({"attributes": command.attributes} if command.attributes else {})}


def remove_credential(directory: Directory, command: c.RemoveCredential) -> Decided:
    user = need(directory, command.account, "user", command.user)
    if not user.has("credential", f"{command.kind}/{command.credential_id}"):
        raise _no_credential(command.kind, command.credential_id)
    return [e.CredentialRemoved(subject=ref(user), kind=command.kind, credential_id=command.credential_id)]


def _no_credential(kind: str, credential_id: str) -> NoSuchEntity:
    return NoSuchEntity(f"{_TITLES[kind]} with id {credential_id} cannot be found.")


def enable_mfa_device(directory: Directory, command: c.EnableMfaDevice) -> Decided:
    user = need(directory, command.account, "user", command.user)
    if find_setting(directory, command.account, "virtual-mfa-device", command.serial_number) is None:
        raise NoSuchEntity(f"VirtualMFADevice with serial number {command.serial_number} does not exist.")
    if holder_of_mfa(directory, command.account, command.serial_number) is not None:
        raise EntityAlreadyExists("MFA device is already in use.")
    limits.check_count(user, "mfa", limits.MFA_DEVICES, "MFADevicesPerUser")
    return [e.MfaDeviceEnabled(subject=ref(user), serial_number=command.serial_number)]


def deactivate_mfa_device(directory: Directory, command: c.DeactivateMfaDevice) -> Decided:
    user = need(directory, command.account, "user", command.user)
    if not user.has("mfa", command.serial_number):
        raise NoSuchEntity(f"MFA device {command.serial_number} cannot be found for user {command.user}.")
    return [e.MfaDeviceDeactivated(subject=ref(user), serial_number=command.serial_number)]
