"""Access keys' secrets: kept sealed, read when a signature must be checked."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from erstwhile.api.aws.secrets.vault import Vault
from erstwhile.api.aws.sessions.session import new_id, new_secret
from erstwhile.api.commanding.provenance import SideStatement
from erstwhile.domain.vocabulary.bounded import Bounded
from erstwhile.projections.sql import Connection

MAX_OPENED = 100_000
"""How many opened secrets are cached."""


class StoredKey(msgspec.Struct, frozen=True):
    """A long-term key. `principal` is a user's unique id, or `root`."""

    account: str
    principal: str
    secret: str


class RootKey(msgspec.Struct, frozen=True):
    """A key of an account's root; without an instant where the environment gives it."""

    access_key_id: str
    created_at: datetime | None


class AccessKeySecrets:
    """Long-term keys of the database, and the root's key of the environment. Secrets are opened once and kept."""

    def __init__(self, vault: Vault, root: dict[str, StoredKey]) -> None:
        self._vault = vault
        self._root = root
        self._opened: Bounded[str, StoredKey] = Bounded(MAX_OPENED)

    def kept(self, access_key_id: str) -> StoredKey | None:
        """A key that was read before."""
        return self._root.get(access_key_id) or self._opened.get(access_key_id)

    def read(self, connection: Connection, access_key_id: str) -> StoredKey | None:
        """None for an unknown key. Raises MasterKeyMissing, SealBroken."""
        row = connection.execute(
            "SELECT account, principal, master_key, sealed FROM credential_secret WHERE access_key_id = %s",
            (access_key_id,),
        ).fetchone()
        if row is None:
            return None
        account, principal, master_key, sealed = row
        secret = self._vault.open(bytes(sealed), purpose(access_key_id), master_key).decode()
        return self._opened.keep(access_key_id, StoredKey(account, principal, secret))

    def made(self, account: str, principal: str) -> tuple[str, str, SideStatement]:
        """(id, secret, what stores it in the transaction of the command that makes it)"""
        access_key_id, secret = new_id("AKIA"), new_secret()
        return access_key_id, secret, self.stored(access_key_id, account, principal, secret)

    def stored(self, access_key_id: str, account: str, principal: str, secret: str) -> SideStatement:
        key, sealed = self._vault.seal(secret.encode(), purpose(access_key_id))
        parameters: tuple[Any, ...] = (access_key_id, account, principal, key, sealed)
        return (
            (
                "INSERT INTO credential_secret (access_key_id, account, principal, master_key, sealed) "
                "VALUES (%s, %s, %s, %s, %s)"
            ),
            parameters,
        )

    def replaced(self, access_key_id: str, account: str, principal: str, secret: str) -> SideStatement:
        """The same id with another secret."""
        statement, parameters = self.stored(access_key_id, account, principal, secret)
        return (
            statement
            + " ON CONFLICT (access_key_id) DO UPDATE SET master_key = excluded.master_key, sealed = excluded.sealed",
            parameters,
        )

    def forgotten(self, access_key_id: str) -> SideStatement:
        """What deletes the secret with its key."""
        self._opened.drop(access_key_id)
        return "DELETE FROM credential_secret WHERE access_key_id = %s", (access_key_id,)

    def of_root(self, connection: Connection, account: str) -> list[RootKey]:
        """The root's keys, stored and given by the environment."""
        rows = connection.execute(
            "SELECT access_key_id, created_at FROM credential_secret WHERE account = %s AND principal = 'root' "
            "ORDER BY created_at",
            (account,),
        ).fetchall()
        given = [RootKey(key, None) for key, held in self._root.items() if held.account == account]
        return [*given, *(RootKey(*row) for row in rows)]

    def root_ids(self, connection: Connection, account: str) -> list[str]:
        """The ids of the root's keys."""
        return [each.access_key_id for each in self.of_root(connection, account)]


def purpose(access_key_id: str) -> str:
    """What the secret of a key is sealed for."""
    return f"access key {access_key_id}"
