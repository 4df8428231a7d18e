# mypyc: compiled
"""What events about credentials mean."""

from __future__ import annotations

from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.directory.facts import Value
from erstwhile.domain.events import credentials as e
from erstwhile.domain.evolve.recorder import Recorder
from erstwhile.domain.vocabulary.instants import BEFORE, format_instant


def _index(recorder: Recorder, entity: Entity) -> None:
    recorder.directory.index(entity)


def access_key_created(recorder: Recorder, body: e.AccessKeyCreated) -> None:
    entity = recorder.known(body.subject)
    if entity is not None:
        recorder.put(entity, "access_key", body.access_key_id, {"status": body.status})
        _index(recorder, entity)


def access_key_status_changed(recorder: Recorder, body: e.AccessKeyStatusChanged) -> None:
    entity = recorder.known(body.subject)
    if entity is not None:
        value = {"status": body.status, **_made(entity, "access_key", body.access_key_id)}
        recorder.put(entity, "access_key", body.access_key_id, value)
        _index(recorder, entity)


def _made(entity: Entity, attribute: str, item: str = "") -> Value:
    """When a credential that changes was made, where it began under our eyes."""
    before = entity.items(attribute).get(item)
    if before is None or before.since == BEFORE:
        return {}
    return {"made": before.value.get("made") or format_instant(before.since)}


def access_key_deleted(recorder: Recorder, body: e.AccessKeyDeleted) -> None:
    entity = recorder.known(body.subject)
    if entity is not None:
        recorder.directory.key_owners.leave(body.access_key_id, entity)
        recorder.drop(entity, "access_key", body.access_key_id)


def login_profile_put(recorder: Recorder, body: e.LoginProfileCreated | e.LoginProfileUpdated) -> None:
    entity = recorder.known(body.subject)
    if entity is not None:
        made = _made(entity, "login_profile") if isinstance(body, e.LoginProfileUpdated) else {}
        recorder.put(entity, "login_profile", "", {"password_reset_required": body.password_reset_required, **made})


def login_profile_deleted(recorder: Recorder, body: e.LoginProfileDeleted) -> None:
    entity = recorder.known(body.subject)
    if entity is not None:
        recorder.drop(entity, "login_profile")


def mfa_enabled(recorder: Recorder, body: e.MfaDeviceEnabled) -> None:
    entity = recorder.known(body.subject)
    if entity is not None:
        recorder.put(entity, "mfa", body.serial_number, {})


def mfa_deactivated(recorder: Recorder, body: e.MfaDeviceDeactivated) -> None:
    entity = recorder.known(body.subject)
    if entity is not None:
        recorder.drop(entity, "mfa", body.serial_number)


def credential_put(recorder: Recorder, body: e.CredentialPut) -> None:
    entity = recorder.known(body.subject)
    if entity is not None:
        value = {"status": body.status, **({"attributes": body.attributes} if body.attributes else {})}
        recorder.put(entity, "credential", f"{body.kind}/{body.credential_id}", value)


def credential_removed(recorder: Recorder, body: e.CredentialRemoved) -> None:
    entity = recorder.known(body.subject)
    if entity is not None:
        recorder.drop(entity, "credential", f"{body.kind}/{body.credential_id}")


def listed(recorder: Recorder, body: e.CredentialsListed) -> None:
    """A credential report says whether there is a password and MFA; it does not name keys or devices."""
    entity = recorder.known(body.subject)
    if entity is None:
        return
    recorder.put(entity, "credential_report", "", {"active_keys": body.active_keys, "columns": body.columns})
    if body.password_enabled:
        if not entity.has("login_profile"):
            recorder.put(entity, "login_profile", "", {})
    else:
        recorder.drop(entity, "login_profile")
    if not body.mfa_active:
        recorder.keep_only(entity, "mfa", {})
    elif not entity.items("mfa"):
        recorder.put(entity, "mfa", "unknown", {})
