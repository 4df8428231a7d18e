# mypyc: compiled
"""What events about credentials mean."""

from __future__ import annotations

from erstwhile.domain.directory.directory import Entity
from erstwhile.domain.directory.facts import Value
from erstwhile.domain.events import credentials as e
from erstwhile.domain.evolve.recorder import Pen
from erstwhile.domain.vocabulary.instants import BEFORE, format_instant


def _index(pen: Pen, entity: Entity) -> None:
    pen.directory.index(entity)


def access_key_created(pen: Pen, body: e.AccessKeyCreated) -> None:
    entity = pen.known(body.subject)
    if entity is not None:
        pen.put(entity, "access_key", body.access_key_id, {"status": body.status})
        _index(pen, entity)


def access_key_status_changed(pen: Pen, body: e.AccessKeyStatusChanged) -> None:
    entity = pen.known(body.subject)
    if entity is not None:
        value = {"status": body.status, **_made(entity, "access_key", body.access_key_id)}
        pen.put(entity, "access_key", body.access_key_id, value)
        _index(pen, entity)


def _made(entity: Entity, attribute: str, item: str = "") -> Value:
    """When a credential that changes was made, where it began under our eyes."""
    before = entity.items(attribute).get(item)
    if before is None or before.since == BEFORE:
        return {}
    return {"made": before.value.get("made") or format_instant(before.since)}


def access_key_deleted(pen: Pen, body: e.AccessKeyDeleted) -> None:
    entity = pen.known(body.subject)
    if entity is not None:
        pen.directory.key_owners.leave(body.access_key_id, entity)
        pen.drop(entity, "access_key", body.access_key_id)


def login_profile_put(pen: Pen, body: e.LoginProfileCreated | e.LoginProfileUpdated) -> None:
    entity = pen.known(body.subject)
    if entity is not None:
        made = _made(entity, "login_profile") if isinstance(body, e.LoginProfileUpdated) else {}
        pen.put(entity, "login_profile", "", {"password_reset_required": body.password_reset_required, **made})


def login_profile_deleted(pen: Pen, body: e.LoginProfileDeleted) -> None:
    entity = pen.known(body.subject)
    if entity is not None:
        pen.drop(entity, "login_profile")


def mfa_enabled(pen: Pen, body: e.MfaDeviceEnabled) -> None:
    entity = pen.known(body.subject)
    if entity is not None:
        pen.put(entity, "mfa", body.serial_number, {})


def mfa_deactivated(pen: Pen, body: e.MfaDeviceDeactivated) -> None:
    entity = pen.known(body.subject)
    if entity is not None:
        pen.drop(entity, "mfa", body.serial_number)


def credential_put(pen: Pen, body: e.CredentialPut) -> None:
    entity = pen.known(body.subject)
    if entity is not None:
        value = {"status": body.status, **({"attributes": body.attributes} if body.attributes else {})}
        pen.put(entity, "credential", f"{body.kind}/{body.credential_id}", value)


def credential_removed(pen: Pen, body: e.CredentialRemoved) -> None:
    entity = pen.known(body.subject)
    if entity is not None:
        pen.drop(entity, "credential", f"{body.kind}/{body.credential_id}")


def listed(pen: Pen, body: e.CredentialsListed) -> None:
    """A credential report says whether there is a password and MFA; it does not name keys or devices."""
    entity = pen.known(body.subject)
    if entity is None:
        return
    pen.put(entity, "credential_report", "", {"active_keys": body.active_keys, "columns": body.columns})
    if body.password_enabled:
        if not entity.has("login_profile"):
            pen.put(entity, "login_profile", "", {})
    else:
        pen.drop(entity, "login_profile")
    if not body.mfa_active:
        pen.keep_only(entity, "mfa", {})
    elif not entity.items("mfa"):
        pen.put(entity, "mfa", "unknown", {})
