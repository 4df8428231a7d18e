"""Finds the principal of an access key that the Directory does not contain: it was issued to it, or it used the key."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from erstwhile.domain.vocabulary.identifiers import account_in
from erstwhile.projections.sql import Connection

MOST_OF_A_KEY = 128
"""Characters of an access key's id: 16 to 128.
Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_AccessKey.html"""
_TOLD = (
    "SELECT account, data->'body'->>'arn', position, occurred_at, 0 FROM event "
    "WHERE type = 'iam.SessionIssued' AND data->'body'->>'access_key_id' = %(key)s AND position <= %(known)s "
    "UNION ALL SELECT i.account, i.principal, b.position, i.occurred_at, 1 FROM issued_key i "
    "JOIN evidence_block b USING (block_id) WHERE i.access_key = %(key)s AND b.position <= %(known)s "
    "UNION ALL SELECT account, principal, position, occurred_at, 2 FROM key_use "
    "WHERE access_key = %(key)s AND position <= %(known)s"
)
_BY_US = 0


def is_key(text: str) -> bool:
    """Whether a text may be the id of an access key."""
    return 0 < len(text) <= MOST_OF_A_KEY and text.isascii() and text.isalnum()


class KeyUse(NamedTuple):
    """A principal that used a key, by its own account's records, and the log position since which this is known."""

    access_key: str
    account: str
    position: int
    occurred_at: datetime


def holder_of_key(connection: Connection, access_key: str, known_at: int) -> str | None:
    """Returns the ARN of the session that a key was issued to, by this service or by a recorded call; else of the
    principal that used it; None where the key is unknown at a position of the log.

    A key that this service issued belongs to the account that it was issued for. If records of several accounts show
    their own principals with the key, it belongs to the account whose record came first. An account's records about
    another account's principals count only where no account's records show its own.
    """
    key = access_key[:MOST_OF_A_KEY]
    rows = connection.execute(_TOLD, {"key": key, "known": known_at}).fetchall()
    named = [row for row in rows if row[1]]
    own = [row for row in named if account_in(row[1]) == row[0]]
    if own:
        owner = min(own, key=lambda row: (row[4] != _BY_US, row[2], row[3], row[0]))[0]
        named = [row for row in own if row[0] == owner]
    first = min(named, key=lambda row: (row[4], row[2], row[3], row[1]), default=None)
    return None if first is None else str(first[1])


def own_uses(connection: Connection, access_keys: Iterable[str]) -> list[KeyUse]:
    """The uses of keys by principals of the account whose records show the use."""
    rows = connection.execute(
        "SELECT access_key, account, principal, position, occurred_at FROM key_use WHERE access_key = ANY (%s)",
        (list(access_keys),),
    )
    return [
        KeyUse(key, account, position, at) for key, account, arn, position, at in rows if account_in(arn) == account
    ]
