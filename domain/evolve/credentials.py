# mypyc: compiled
"""What events about credentials mean."""

from __future__ import annotations

from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.attributes import CredentialItem
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.directory.facts import Fact, Value, credential_value
from erstwhile.domain.events.credentials import (
    AccessKeyCreated,
    AccessKeyDeleted,
    AccessKeyStatusChanged,
    CredentialPut,
    CredentialRemoved,
    CredentialsListed,
    LoginProfileCreated,
    LoginProfileDeleted,
    LoginProfileUpdated,
    MfaDeviceDeactivated,
    MfaDeviceEnabled,
)
from erstwhile.domain.evolve.handlers import evolves_subject
from erstwhile.domain.evolve.recorder import Recorder
from erstwhile.domain.vocabulary.instants import BEFORE, format_instant

_UNNAMED = "unknown"
"""In place of a device's serial number, where a credential report says that there is one."""


@evolves_subject(AccessKeyCreated)
def access_key_created(recorder: Recorder, entity: Entity, body: AccessKeyCreated) -> None:
    recorder.put(entity, attributes.ACCESS_KEY, body.access_key_id, {"status": body.status})
    recorder.directory.index(entity)


@evolves_subject(AccessKeyStatusChanged)
def access_key_status_changed(recorder: Recorder, entity: Entity, body: AccessKeyStatusChanged) -> None:
    value = {"status": body.status, **_made(entity.access_keys.get(body.access_key_id))}
    recorder.put(entity, attributes.ACCESS_KEY, body.access_key_id, value)
    recorder.directory.index(entity)


def _made(before: Fact | None) -> Value:
    """When a credential that changes was created, where its creation was recorded."""
    if before is None or before.since == BEFORE:
        return {}
    return {"made": before.value.get("made") or format_instant(before.since)}


@evolves_subject(AccessKeyDeleted)
def access_key_deleted(recorder: Recorder, entity: Entity, body: AccessKeyDeleted) -> None:
    recorder.directory.key_owners.leave(body.access_key_id, entity, recorder.directory.precedence)
    recorder.drop(entity, attributes.ACCESS_KEY, body.access_key_id)


@evolves_subject(LoginProfileCreated)
def login_profile_created(recorder: Recorder, entity: Entity, body: LoginProfileCreated) -> None:
    recorder.put(entity, attributes.LOGIN_PROFILE, "", {"password_reset_required": body.password_reset_required})


@evolves_subject(LoginProfileUpdated)
def login_profile_updated(recorder: Recorder, entity: Entity, body: LoginProfileUpdated) -> None:
    made = _made(entity.login_profile)
    recorder.put(
        entity, attributes.LOGIN_PROFILE, "", {"password_reset_required": body.password_reset_required, **made}
    )


@evolves_subject(LoginProfileDeleted)
def login_profile_deleted(recorder: Recorder, entity: Entity, body: LoginProfileDeleted) -> None:
    recorder.drop(entity, attributes.LOGIN_PROFILE)


@evolves_subject(MfaDeviceEnabled)
def mfa_enabled(recorder: Recorder, entity: Entity, body: MfaDeviceEnabled) -> None:
    recorder.put(entity, attributes.MFA, body.serial_number, {})


@evolves_subject(MfaDeviceDeactivated)
def mfa_deactivated(recorder: Recorder, entity: Entity, body: MfaDeviceDeactivated) -> None:
    is_known = body.serial_number in entity.mfa_devices
    # The device that a credential report did not name is the one that no record enabled.
    recorder.drop(entity, attributes.MFA, body.serial_number if is_known else _UNNAMED)


@evolves_subject(CredentialPut)
def credential_put(recorder: Recorder, entity: Entity, body: CredentialPut) -> None:
    value = credential_value(body.status, body.attributes)
    recorder.put(entity, attributes.CREDENTIAL, CredentialItem(body.kind, body.credential_id).text, value)


@evolves_subject(CredentialRemoved)
def credential_removed(recorder: Recorder, entity: Entity, body: CredentialRemoved) -> None:
    recorder.drop(entity, attributes.CREDENTIAL, CredentialItem(body.kind, body.credential_id).text)


@evolves_subject(CredentialsListed)
def listed(recorder: Recorder, entity: Entity, body: CredentialsListed) -> None:
    """A credential report says whether there is a password and MFA; it does not name keys or devices."""
    recorder.put(entity, attributes.CREDENTIAL_REPORT, "", {"active_keys": body.active_keys, "columns": body.columns})
    if body.password_enabled:
        if not entity.has_password:
            recorder.put(entity, attributes.LOGIN_PROFILE, "", {})
    else:
        recorder.drop(entity, attributes.LOGIN_PROFILE)
    if not body.mfa_active:
        recorder.keep_only(entity, attributes.MFA, {})
    elif not entity.mfa_devices:
        recorder.put(entity, attributes.MFA, _UNNAMED, {})
