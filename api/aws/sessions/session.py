"""Session credentials: sealed, self-contained, versioned. Checking them needs no table of sessions."""

from __future__ import annotations

import base64
import binascii
import hmac
from datetime import UTC, datetime, timedelta

import msgspec

from erstwhile.api.aws.secrets.seal_errors import MasterKeyMissing, SealBroken
from erstwhile.api.aws.secrets.vault import Vault
from erstwhile.api.aws.wire.errors import AwsError
from erstwhile.domain.vocabulary.typed import decode

_PURPOSE = "session token v1"


class Session(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The session's principal and its limits. Instants are seconds since 1970."""

    access_key_id: str
    secret: str
    principal: str  # the ARN that policies see
    unique_id: str  # of the user or role
    session_name: str = ""
    issued: int
    expires: int
    policies: tuple[str, ...] = ()
    has_policies: bool = False
    mfa: bool = False
    tags: dict[str, str] = {}
    transitive: tuple[str, ...] = ()
    source_identity: str = ""
    provider: str = ""  # of a federated session: the identity provider


class Credentials(msgspec.Struct, frozen=True):
    """The credentials that the response contains."""

    session: Session
    token: str


def issue(vault: Vault, session: Session) -> Credentials:
    """Makes the credentials of a session: key id, secret and sealed token."""
    key, sealed = vault.seal(msgspec.json.encode(session), _PURPOSE)
    token = base64.b64encode(b"\x01" + bytes.fromhex(key) + sealed).decode()
    return Credentials(session, token)


def begin(now: datetime, lasts: int) -> tuple[int, int]:
    """(issued, expires)"""
    return int(now.timestamp()), int((now + timedelta(seconds=lasts)).timestamp())


def read(vault: Vault, token: str, access_key_id: str, now: datetime) -> Session:
    """Opens a session token. Raises AwsError InvalidClientTokenId for a token that was not issued here, and
    ExpiredToken."""
    try:
        raw = base64.b64decode(token, validate=True)
        if raw[:1] != b"\x01":
            raise SealBroken
        plain = vault.open(raw[9:], _PURPOSE, raw[1:9].hex())
        session = decode(plain, Session)
    except (binascii.Error, ValueError, MasterKeyMissing, SealBroken):
        raise invalid_token() from None
    if not hmac.compare_digest(session.access_key_id.encode(), access_key_id.encode()):
        raise invalid_token()
    if now.timestamp() >= session.expires:
        raise AwsError("ExpiredToken", "The security token included in the request is expired", 403)
    return session


def invalid_token() -> AwsError:
    return AwsError("InvalidClientTokenId", "The security token included in the request is invalid.", 403)


def instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
