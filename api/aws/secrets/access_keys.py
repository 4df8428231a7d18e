"""Stores the secrets of access keys, sealed; reads them to check signatures."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from erstwhile.api.aws.secrets.generated import new_id, new_secret
from erstwhile.api.aws.secrets.vault import Vault
from erstwhile.api.commanding.provenance import SideStatement
from erstwhile.domain.vocabulary.bounded import Bounded
from erstwhile.projections.sql import Connection

MAX_OPENED = 100_000
"""The most opened secrets in the cache."""


class StoredKey(msgspec.Struct, frozen=True):
    """A long-term key. `principal` is a user's unique id, or `root`."""

    account: str
    principal: str
    secret: str


class RootKey(msgspec.Struct, frozen=True):
    """A key of an account's root user. A key from the environment has no instant."""

    access_key_id: str
    created_at: datetime | None


class AccessKeySecrets:
    """The long-term keys in the database, and the root user's key from the environment. Opened secrets are cached."""

    def __init__(self, vault: Vault, root: dict[str, StoredKey]) -> None:
        self._vault = vault
        self._root = root
        self._opened: Bounded[str, StoredKey] = Bounded(MAX_OPENED)

    def kept(self, access_key_id: str) -> StoredKey | None:
        """The cached key; None where it was not read before."""
        return self._root.get(access_key_id) or self._opened.get(access_key_id)

    def read(self, connection: Connection, access_key_id: str) -> StoredKey | None:
        """Reads a key; None for an unknown one. Raises MasterKeyMissing, SealBroken."""
        row = connection.execute(
            "SELECT account, principal, master_key, sealed FROM credential_secret WHERE access_key_id = %s",
            (access_key_id,),
        ).fetchone()
        if row is None:
            return None
        account, principal, master_key, sealed = row
        secret = self._vault.open(bytes(sealed), purpose(access_key_id), master_key).decode()
        return self._opened.keep(access_key_id, StoredKey(account, principal, secret))

    def new_key(self, account: str, principal: str) -> tuple[str, str, SideStatement]:
        """Returns (id, secret, SQL statement that stores it in the transaction of the command)."""
        access_key_id, secret = new_id("AKIA"), new_secret()
        return access_key_id, secret, self.insert_statement(access_key_id, account, principal, secret)

    def insert_statement(self, access_key_id: str, account: str, principal: str, secret: str) -> SideStatement:
        """The SQL statement that stores the secret of a new key, sealed."""
        key, sealed = self._vault.seal(secret.encode(), purpose(access_key_id))
        parameters: tuple[Any, ...] = (access_key_id, account, principal, key, sealed)
        return (
            (
                "INSERT INTO credential_secret (access_key_id, account, principal, master_key, sealed) "
                "VALUES (%s, %s, %s, %s, %s)"
            ),
            parameters,
        )

    def update_statement(self, access_key_id: str, account: str, principal: str, secret: str) -> SideStatement:
        """The SQL statement that stores the secret of a key, in place of an earlier one."""
        statement, parameters = self.insert_statement(access_key_id, account, principal, secret)
        return (
            statement
            + " ON CONFLICT (access_key_id) DO UPDATE SET master_key = excluded.master_key, sealed = excluded.sealed",
            parameters,
        )

    def delete_statement(self, access_key_id: str) -> SideStatement:
        """Returns the SQL statement that deletes the secret of a key, and removes the key from the cache."""
        self._opened.drop(access_key_id)
        return "DELETE FROM credential_secret WHERE access_key_id = %s", (access_key_id,)

    def of_root(self, connection: Connection, account: str) -> list[RootKey]:
        """The root user's keys, from the database and from the environment."""
        rows = connection.execute(
            "SELECT access_key_id, created_at FROM credential_secret WHERE account = %s AND principal = 'root' "
            "ORDER BY created_at",
            (account,),
        ).fetchall()
        given = [RootKey(key, None) for key, held in self._root.items() if held.account == account]
        return [*given, *(RootKey(*row) for row in rows)]

    def root_ids(self, connection: Connection, account: str) -> list[str]:
        """The ids of the root user's keys."""
        return [each.access_key_id for each in self.of_root(connection, account)]


def purpose(access_key_id: str) -> str:
    """The purpose for which a key's secret is sealed."""
    return f"access key {access_key_id}"
