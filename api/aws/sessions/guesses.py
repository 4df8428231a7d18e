"""Limits guesses of MFA codes and passwords: a principal has a few wrong attempts; each further one locks it for
longer.

An attempt counts as wrong before it is checked, so that a thousand concurrent attempts gain nothing over consecutive
ones; a right attempt resets the count. Other principals of the account are not affected.

Source: https://pages.nist.gov/800-63-3/sp800-63b.html#throttle
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

import msgspec

from erstwhile.domain.commands.account import RecordLock
from erstwhile.domain.vocabulary.instants import format_instant
from erstwhile.projections.sql import Connection

Credential = Literal["mfa", "password"]
FREE = 5
"""Consecutive wrong attempts, of which the last one locks."""
FIRST = timedelta(seconds=30)
MOST = timedelta(hours=1)
"""The longest duration of one lock."""
FORGOTTEN = timedelta(days=1)
"""The time after which wrong attempts no longer count."""


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt. `until`: the end of the lock that applies to it or that it causes; None while attempts are left."""

    account: str
    principal: str
    credential: Credential
    failures: int
    until: datetime | None
    is_checked: bool

    @property
    def words(self) -> str:
        """The sentence about the lock that is added to the error."""
        return f" Too many were wrong: the next is checked after {format_instant(self.until)}." if self.until else ""

    @property
    def lock(self) -> RecordLock | None:
        """The command that records the lock in the audit trail, if this attempt caused the lock."""
        if not self.is_checked or self.until is None:
            return None
        return RecordLock(
            account=self.account, principal=self.principal, credential=self.credential, failures=self.failures,
            until=format_instant(self.until),
        )  # fmt: skip


def begin(connection: Connection, account: str, principal: str, credential: Credential) -> Attempt:
    """Begins an attempt; it is checked unless earlier attempts have locked the principal."""
    key = (account, principal, credential)
    with connection.transaction():
        connection.execute(
            "INSERT INTO guess (account, principal, credential) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING", key
        )
        [(failures, until, last_at, now)] = connection.execute(
            "SELECT failures, locked_until, last_at, clock_timestamp() FROM guess "
            "WHERE account = %s AND principal = %s AND credential = %s FOR UPDATE",
            key,
        ).fetchall()
        locked = until is not None and until > now
        if not locked:
            failures = 1 if last_at is not None and now - last_at > FORGOTTEN else failures + 1
            until = now + _lasts(failures) if failures >= FREE else None
            connection.execute(
                "UPDATE guess SET failures = %s, locked_until = %s, last_at = %s "
                "WHERE account = %s AND principal = %s AND credential = %s",
                (failures, until, now, *key),
            )
    return Attempt(
        account=account, principal=principal, credential=credential, failures=failures, until=until,
        is_checked=not locked,
    )  # fmt: skip


def _lasts(failures: int) -> timedelta:
    lasts: timedelta = min(MOST, FIRST * 2 ** min(failures - FREE, 16))
    return lasts


def right(connection: Connection, attempt: Attempt) -> None:
    """Records that the attempt was right: earlier wrong attempts no longer count."""
    connection.execute(
        "DELETE FROM guess WHERE account = %s AND principal = %s AND credential = %s",
        (attempt.account, attempt.principal, attempt.credential),
    )
