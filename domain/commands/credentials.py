"""Commands about credentials. They never carry a secret."""

from __future__ import annotations

from typing import Any

from erstwhile.domain.commands import limits
from erstwhile.domain.commands.base import Command, Decided
from erstwhile.domain.commands.dependencies import Items, about, anything_about, mfa_device_enabled, setting_changed
from erstwhile.domain.commands.handling import handles
from erstwhile.domain.commands.lookups import find_setting, holder_of_mfa, need, ref
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.directory.facts import credential_value
from erstwhile.domain.events.credentials import (
    AccessKeyCreated,
    AccessKeyDeleted,
    AccessKeyStatusChanged,
    CredentialPut,
    CredentialRemoved,
    LoginProfileCreated,
    LoginProfileDeleted,
    LoginProfileUpdated,
    MfaDeviceDeactivated,
    MfaDeviceEnabled,
)
from erstwhile.domain.vocabulary.refusals import EntityAlreadyExists, InvalidInput, LimitExceeded, NoSuchEntity


class CreateAccessKey(Command, frozen=True, kw_only=True):
    user: str
    new_id: str


@handles(CreateAccessKey, depends_on=about("user", "user"))
def create_access_key(directory: Directory, command: CreateAccessKey) -> Decided:
    user = need(directory, command.account, "user", command.user)
    if directory.with_access_key(command.new_id) is not None:
        raise EntityAlreadyExists(f"there is an access key {command.new_id} already")
    limits.check_count(user.access_keys, limits.ACCESS_KEYS, "AccessKeysPerUser")
    return [AccessKeyCreated(subject=ref(user), access_key_id=command.new_id)]


class UpdateAccessKey(Command, frozen=True, kw_only=True):
    user: str
    access_key_id: str
    status: str


@handles(UpdateAccessKey, depends_on=about("user", "user"))
def update_access_key(directory: Directory, command: UpdateAccessKey) -> Decided:
    user = need(directory, command.account, "user", command.user)
    _key(user, command.access_key_id)
    if command.status not in ("Active", "Inactive"):
        raise InvalidInput(f"Status must be Active or Inactive, not {command.status!r}")
    return [AccessKeyStatusChanged(subject=ref(user), access_key_id=command.access_key_id, status=command.status)]


class DeleteAccessKey(Command, frozen=True, kw_only=True):
    user: str
    access_key_id: str


@handles(DeleteAccessKey, depends_on=about("user", "user"))
def delete_access_key(directory: Directory, command: DeleteAccessKey) -> Decided:
    user = need(directory, command.account, "user", command.user)
    _key(user, command.access_key_id)
    return [AccessKeyDeleted(subject=ref(user), access_key_id=command.access_key_id)]


def _key(user: Entity, access_key_id: str) -> None:
    if access_key_id not in user.access_keys:
        raise NoSuchEntity(f"The Access Key with id {access_key_id} cannot be found.")


class CreateLoginProfile(Command, frozen=True, kw_only=True):
    user: str
    password_reset_required: bool = False


@handles(CreateLoginProfile, depends_on=about("user", "user"))
def create_login_profile(directory: Directory, command: CreateLoginProfile) -> Decided:
    user = need(directory, command.account, "user", command.user)
    if user.has_password:
        raise EntityAlreadyExists(f"Login Profile for user {command.user} already exists.")
    return [LoginProfileCreated(subject=ref(user), password_reset_required=command.password_reset_required)]


class UpdateLoginProfile(Command, frozen=True, kw_only=True):
    user: str
    password_reset_required: bool = False


@handles(UpdateLoginProfile, depends_on=about("user", "user"))
def update_login_profile(directory: Directory, command: UpdateLoginProfile) -> Decided:
    user = need(directory, command.account, "user", command.user)
    _need_profile(user)
    return [LoginProfileUpdated(subject=ref(user), password_reset_required=command.password_reset_required)]


class DeleteLoginProfile(Command, frozen=True, kw_only=True):
    user: str


@handles(DeleteLoginProfile, depends_on=about("user", "user"))
def delete_login_profile(directory: Directory, command: DeleteLoginProfile) -> Decided:
    user = need(directory, command.account, "user", command.user)
    _need_profile(user)
    return [LoginProfileDeleted(subject=ref(user))]


def _need_profile(user: Entity) -> None:
    if not user.has_password:
        raise NoSuchEntity(f"Login Profile for User {user.name} cannot be found.")


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


class PutCredential(Command, frozen=True, kw_only=True):
    """Adds (`is_new`) or changes a certificate, SSH key or service-specific credential of a user."""

    user: str
    kind: str
    credential_id: str
    is_new: bool
    status: str = "Active"
    attributes: dict[str, str] = {}


@handles(PutCredential, depends_on=about("user", "user"))
def put_credential(directory: Directory, command: PutCredential) -> Decided:
    user = need(directory, command.account, "user", command.user)
    credential = user.credential(command.kind, command.credential_id)
    if command.is_new:
        most, quota = _MOST[command.kind]
        service = command.attributes.get("service")
        of_service = [fact for fact in user.credentials(command.kind).values() if _service(fact.value) == service]
        if len(of_service) >= most:
            raise LimitExceeded(f"Cannot exceed quota for {quota}: {most}")
    elif credential is None:
        raise _no_credential(command.kind, command.credential_id)
    if credential == credential_value(command.status, command.attributes):
        return []
    return [
        CredentialPut(
            subject=ref(user),
            kind=command.kind,
            credential_id=command.credential_id,
            status=command.status,
            attributes=command.attributes,
        )
    ]


def _service(value: dict[str, Any]) -> str | None:
    """The service that a service-specific credential is for: each service has its own quota."""
    found: str | None = value.get("attributes", {}).get("service")
    return found


class RemoveCredential(Command, frozen=True, kw_only=True):
    user: str
    kind: str
    credential_id: str


@handles(RemoveCredential, depends_on=about("user", "user"))
def remove_credential(directory: Directory, command: RemoveCredential) -> Decided:
    user = need(directory, command.account, "user", command.user)
    if user.credential(command.kind, command.credential_id) is None:
        raise _no_credential(command.kind, command.credential_id)
    return [CredentialRemoved(subject=ref(user), kind=command.kind, credential_id=command.credential_id)]


def _no_credential(kind: str, credential_id: str) -> NoSuchEntity:
    return NoSuchEntity(f"{_TITLES[kind]} with id {credential_id} cannot be found.")


class EnableMfaDevice(Command, frozen=True, kw_only=True):
    user: str
    serial_number: str


def _mfa_device(directory: Directory, command: EnableMfaDevice) -> Items:
    return (
        anything_about(directory, command, "user", command.user),
        setting_changed(command, "virtual-mfa-device", command.serial_number),
        mfa_device_enabled(command.serial_number),
    )


@handles(EnableMfaDevice, depends_on=_mfa_device)
def enable_mfa_device(directory: Directory, command: EnableMfaDevice) -> Decided:
    user = need(directory, command.account, "user", command.user)
    if find_setting(directory, command.account, "virtual-mfa-device", command.serial_number) is None:
        raise NoSuchEntity(f"VirtualMFADevice with serial number {command.serial_number} does not exist.")
    if holder_of_mfa(directory, command.account, command.serial_number) is not None:
        raise EntityAlreadyExists("MFA device is already in use.")
    limits.check_count(user.mfa_devices, limits.MFA_DEVICES, "MFADevicesPerUser")
    return [MfaDeviceEnabled(subject=ref(user), serial_number=command.serial_number)]


class DeactivateMfaDevice(Command, frozen=True, kw_only=True):
    user: str
    serial_number: str


@handles(DeactivateMfaDevice, depends_on=about("user", "user"))
def deactivate_mfa_device(directory: Directory, command: DeactivateMfaDevice) -> Decided:
    user = need(directory, command.account, "user", command.user)
    if command.serial_number not in user.mfa_devices:
        raise NoSuchEntity(f"MFA device {command.serial_number} cannot be found for user {command.user}.")
    return [MfaDeviceDeactivated(subject=ref(user), serial_number=command.serial_number)]
