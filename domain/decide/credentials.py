"""Deciding on credentials."""

from __future__ import annotations

from domain.commands import credentials as c
from domain.decide import limits
from domain.decide.lookups import need, ref
from domain.decide.principals import Decided
from domain.directory import Directory, Entity
from domain.events import credentials as e
from domain.refusals import EntityAlreadyExists, InvalidInput, NoSuchEntity


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


def enable_mfa_device(directory: Directory, command: c.EnableMfaDevice) -> Decided:
    user = need(directory, command.account, "user", command.user)
    if user.has("mfa", command.serial_number):
        raise EntityAlreadyExists("MFA device is already in use.")
    limits.check_count(user, "mfa", limits.MFA_DEVICES, "MFADevicesPerUser")
    return [e.MfaDeviceEnabled(subject=ref(user), serial_number=command.serial_number)]


def deactivate_mfa_device(directory: Directory, command: c.DeactivateMfaDevice) -> Decided:
    user = need(directory, command.account, "user", command.user)
    if not user.has("mfa", command.serial_number):
        raise NoSuchEntity(f"MFA device {command.serial_number} cannot be found for user {command.user}.")
    return [e.MfaDeviceDeactivated(subject=ref(user), serial_number=command.serial_number)]
