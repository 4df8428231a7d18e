"""Guesses of MFA codes and passwords: a few wrong ones of a principal are free, each further one locks for longer.

An attempt counts as wrong before it is looked at, so that a thousand at once are no more than one after another; one
that was right takes all back. Others of the same account are not held up.

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
"""Wrong ones in a row, the last of which locks."""
FIRST = timedelta(seconds=30)
MOST = timedelta(hours=1)
"""Of one lock."""
FORGOTTEN = timedelta(days=1)
"""After which wrong ones no longer count."""


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """One guess. `until`: since when, or from now on, nothing is looked at; None while there are guesses left."""

    account: str
    principal: str
    credential: Credential
    failures: int
    until: datetime | None
    is_looked_at: bool

    @property
    def words(self) -> str:
        """The sentence that is added to the error."""
        return f" Too many were wrong: the next is looked at after {format_instant(self.until)}." if self.until else ""

    @property
    def lock(self) -> RecordLock | None:
        """What the trail keeps, where this very attempt locked."""
        if not self.is_looked_at or self.until is None:
            return None
        return RecordLock(
            account=self.account, principal=self.principal, credential=self.credential, failures=self.failures,
            until=format_instant(self.until),
        )  # fmt: skip


def begin(connection: Connection, account: str, principal: str, credential: Credential) -> Attempt:
    """An attempt begins: it is looked at unless those before it have locked."""
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
        is_looked_at=not locked,
    )  # fmt: skip


def _lasts(failures: int) -> timedelta:
    lasts: timedelta = min(MOST, FIRST * 2 ** min(failures - FREE, 16))
    return lasts


def right(connection: Connection, attempt: Attempt) -> None:
    """The attempt was right: the wrong ones before it no longer count."""
    connection.execute(
        "DELETE FROM guess WHERE account = %s AND principal = %s AND credential = %s",
        (attempt.account, attempt.principal, attempt.credential),
    )
