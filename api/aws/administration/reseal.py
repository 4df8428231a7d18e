"""Rotation of master keys: encrypts all secrets again, under the first key."""

from __future__ import annotations

from typing import LiteralString

from erstwhile.api.aws.secrets import access_keys
from erstwhile.api.aws.secrets.vault import Vault
from erstwhile.api.aws.sessions import mfa
from erstwhile.projections import webhook_rows
from erstwhile.projections.sql import Connection

_TABLES: tuple[tuple[LiteralString, LiteralString, object], ...] = (
    (
        "SELECT access_key_id, master_key, sealed FROM credential_secret WHERE master_key <> %s FOR UPDATE",
        "UPDATE credential_secret SET master_key = %s, sealed = %s WHERE access_key_id = %s",
        access_keys.purpose,
    ),
    (
        "SELECT serial_number, master_key, sealed FROM mfa_seed WHERE master_key <> %s FOR UPDATE",
        "UPDATE mfa_seed SET master_key = %s, sealed = %s WHERE serial_number = %s",
        mfa.purpose,
    ),
    (
        "SELECT name, master_key, sealed FROM webhook WHERE master_key <> %s FOR UPDATE",
        "UPDATE webhook SET master_key = %s, sealed = %s WHERE name = %s",
        webhook_rows.purpose,
    ),
)


def reseal(connection: Connection, vault: Vault) -> int:
    """Reseals all secrets or none; returns their number. Raises MasterKeyMissing, SealBroken."""
    count = 0
    with connection.transaction():
        for select, update, purpose in _TABLES:
            for name, master_key, sealed in connection.execute(select, (vault.current,)).fetchall():
                assert callable(purpose)
                plain = vault.open(bytes(sealed), purpose(name), master_key)
                connection.execute(update, (*vault.seal(plain, purpose(name)), name))
                count += 1
    return count
