"""Credentials: that they exist and whether they work; never a secret."""

from __future__ import annotations

from erstwhile.domain.events.base import Body, Rank
from erstwhile.domain.events.concerns import no_references, of_subject
from erstwhile.domain.vocabulary.identifiers import Ref


class AccessKeyCreated(Body, frozen=True, kw_only=True):
    rank = Rank.MODIFY
    slot = of_subject
    references = no_references
    targets = ("subject", "access_key_id")

    subject: Ref
    access_key_id: str
    status: str = "Active"


class AccessKeyStatusChanged(Body, frozen=True, kw_only=True):
    rank = Rank.MODIFY
    slot = of_subject
    references = no_references
    targets = ("subject", "access_key_id")

    subject: Ref
    access_key_id: str
    status: str


class AccessKeyDeleted(Body, frozen=True, kw_only=True):
    rank = Rank.DETACH
    slot = of_subject
    references = no_references
    targets = ("subject", "access_key_id")

    subject: Ref
    access_key_id: str


class LoginProfileCreated(Body, frozen=True, kw_only=True):
    rank = Rank.MODIFY
    slot = of_subject
    references = no_references
    targets = ("subject",)

    subject: Ref
    password_reset_required: bool = False


class LoginProfileUpdated(Body, frozen=True, kw_only=True):
    rank = Rank.MODIFY
    slot = of_subject
    references = no_references
    targets = ("subject",)

    subject: Ref
    password_reset_required: bool = False


class LoginProfileDeleted(Body, frozen=True, kw_only=True):
    rank = Rank.DETACH
    slot = of_subject
    references = no_references
    targets = ("subject",)

    subject: Ref


class MfaDeviceEnabled(Body, frozen=True, kw_only=True):
    rank = Rank.MODIFY
    slot = of_subject
    references = no_references
    targets = ("subject", "serial_number")

    subject: Ref
    serial_number: str


class MfaDeviceDeactivated(Body, frozen=True, kw_only=True):
    rank = Rank.DETACH
    slot = of_subject
    references = no_references
    targets = ("subject", "serial_number")

    subject: Ref
    serial_number: str


class CredentialPut(Body, frozen=True, kw_only=True):
    """A credential that is no key, password or MFA device: how it stands from now on."""

    rank = Rank.MODIFY
    slot = of_subject
    references = no_references
    targets = ("subject",)

    subject: Ref
    kind: str  # signing-certificate, ssh-public-key, service-credential
    credential_id: str
    status: str = "Active"
    attributes: dict[str, str] = {}  # what is public of it


class CredentialRemoved(Body, frozen=True, kw_only=True):
    rank = Rank.DETACH
    slot = of_subject
    references = no_references
    targets = ("subject",)

    subject: Ref
    kind: str
    credential_id: str


class CredentialsListed(Body, frozen=True, kw_only=True):
    """A credential report's row: which credentials a user had; key ids are not in it."""

    rank = Rank.LISTING
    slot = of_subject
    references = no_references
    targets = ("subject",)

    subject: Ref
    password_enabled: bool
    mfa_active: bool
    active_keys: int
    columns: dict[str, str] = {}
