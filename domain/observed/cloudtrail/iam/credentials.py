"""Translates operations on access keys, console passwords, MFA devices and other credentials."""

from __future__ import annotations

from erstwhile.domain.events import Body
from erstwhile.domain.events import credentials as c
from erstwhile.domain.observed.cloudtrail.iam.settings import told_name
from erstwhile.domain.observed.cloudtrail.iam.subjects import user_or_caller
from erstwhile.domain.observed.cloudtrail.record import Record, Translator, Untranslatable


def create_access_key(record: Record) -> list[Body]:
    key = record.r("accessKey", "accessKeyId")
    if not key:
        raise Untranslatable("CreateAccessKey without responseElements.accessKey.accessKeyId")
    status = str(record.r("accessKey", "status") or "Active")
    return [c.AccessKeyCreated(subject=user_or_caller(record), access_key_id=str(key), status=status)]


def update_access_key(record: Record) -> list[Body]:
    return [
        c.AccessKeyStatusChanged(
            subject=user_or_caller(record),
            access_key_id=record.need("accessKeyId"),
            status=record.need("status"),
        )
    ]


def delete_access_key(record: Record) -> list[Body]:
    return [c.AccessKeyDeleted(subject=user_or_caller(record), access_key_id=record.need("accessKeyId"))]


def create_login_profile(record: Record) -> list[Body]:
    reset = bool(record.p("passwordResetRequired"))
    return [c.LoginProfileCreated(subject=user_or_caller(record), password_reset_required=reset)]


def update_login_profile(record: Record) -> list[Body]:
    reset = bool(record.p("passwordResetRequired"))
    return [c.LoginProfileUpdated(subject=user_or_caller(record), password_reset_required=reset)]


def delete_login_profile(record: Record) -> list[Body]:
    return [c.LoginProfileDeleted(subject=user_or_caller(record))]


def enable_mfa_device(record: Record) -> list[Body]:
    return [c.MfaDeviceEnabled(subject=user_or_caller(record), serial_number=record.need("serialNumber"))]


def deactivate_mfa_device(record: Record) -> list[Body]:
    return [c.MfaDeviceDeactivated(subject=user_or_caller(record), serial_number=record.need("serialNumber"))]


def put_credential(kind: str, id_field: str) -> Translator:
    """Translates the creation or change of a certificate, SSH key or service-specific credential: it has this
    status."""

    def translate(record: Record) -> list[Body]:
        status = str(record.p("status") or "Active")
        credential_id = told_name(record, (id_field,))
        return [c.CredentialPut(subject=user_or_caller(record), kind=kind, credential_id=credential_id, status=status)]

    return translate


def remove_credential(kind: str, id_field: str) -> Translator:
    return lambda record: [
        c.CredentialRemoved(subject=user_or_caller(record), kind=kind, credential_id=told_name(record, (id_field,)))
    ]
