"""Records when each credential was last used: notes uses in memory and writes them every few seconds.

Before a question is answered, this process writes its notes; notes of other processes follow with their next write.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime

import msgspec
import psycopg

from erstwhile.api.aws.access.identity import Identity
from erstwhile.api.database.away import is_away
from erstwhile.api.runtime.following import FollowingRuntime
from erstwhile.domain.vocabulary.storable_text import storable
from erstwhile.projections.sql import Connection

log = logging.getLogger("erstwhile")

EVERY = 5.0
"""Seconds for which uses are noted before they are written."""

_MOST_OF_A_NAME = 128
"""The most characters of an action's name: AWS's names are shorter, and an invented name must fit the table's key."""

Key = tuple[str, str, str, str, str]
"""(account, principal, access key id, service, action)"""


class Use(msgspec.Struct, frozen=True):
    """A credential's or principal's last call."""

    service: str
    action: str
    region: str
    at: datetime


class LastUse:
    """The uses that are not yet written. Used only on the endpoint's event loop."""

    def __init__(self, runtime: FollowingRuntime) -> None:
        self._runtime = runtime
        self._noted: dict[Key, tuple[str, datetime]] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._writing: set[asyncio.Task[None]] = set()

    def note(self, identity: Identity, service: str, action: str, region: str, now: datetime) -> None:
        principal = identity.user_id.partition(":")[0]
        access_key_id = identity.access_key_id if identity.session is None else ""
        called = storable(action, _MOST_OF_A_NAME)
        self._noted[identity.account, principal, access_key_id, service, called] = (storable(region, 64), now)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(EVERY, self._begin)

    def _begin(self) -> None:
        task = asyncio.get_running_loop().create_task(self.flush())
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)

    async def flush(self) -> None:
        """Writes the noted uses."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        noted, self._noted = self._noted, {}
        if noted:
            try:
                await asyncio.to_thread(self._write, noted)
            except psycopg.Error as error:
                if not is_away(error):
                    log.exception("the last use of %s credentials is not written", len(noted))
                    return
                log.warning("the last use of %s credentials is not written: the database is away", len(noted))
                self._noted = noted | self._noted

    def _write(self, noted: dict[Key, tuple[str, datetime]]) -> None:
        rows = [(*key, region, at) for key, (region, at) in sorted(noted.items())]
        with self._runtime.connection() as connection, connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO last_use (account, principal, access_key_id, service, action, region, used_at) "
                "VALUES (%s, %s, %s, %s, %s, %s, %s) "
                "ON CONFLICT (account, principal, access_key_id, service, action) DO UPDATE "
                "SET used_at = greatest(last_use.used_at, excluded.used_at), region = excluded.region",
                rows,
            )


def of_key(connection: Connection, account: str, access_key_id: str) -> Use | None:
    """The last use of a long-term key."""
    row = connection.execute(
        "SELECT service, action, region, used_at FROM last_use WHERE account = %s AND access_key_id = %s "
        "ORDER BY used_at DESC LIMIT 1",
        (account, access_key_id),
    ).fetchone()
    return None if row is None else Use(*row)


def of_keys(connection: Connection, account: str) -> dict[str, Use]:
    """Access key id → last use, for every long-term key of an account."""
    rows = connection.execute(
        "SELECT DISTINCT ON (access_key_id) access_key_id, service, action, region, used_at FROM last_use "
        "WHERE account = %s AND access_key_id <> '' ORDER BY access_key_id, used_at DESC",
        (account,),
    ).fetchall()
    return {row[0]: Use(*row[1:]) for row in rows}


def of_accounts(connection: Connection, accounts: list[str]) -> list[tuple[str, str, Use]]:
    """[(account, principal, last use of a service)] of some accounts."""
    rows = connection.execute(
        "SELECT DISTINCT ON (account, principal, service) account, principal, service, action, region, used_at "
        "FROM last_use WHERE account = ANY(%s) ORDER BY account, principal, service, used_at DESC",
        (accounts,),
    ).fetchall()
    return [(row[0], row[1], Use(*row[2:])) for row in rows]


def of_principals(connection: Connection, account: str, principals: list[str]) -> dict[str, list[Use]]:
    """Unique id of a principal → its last uses: one entry for each action, the newest first."""
    rows = connection.execute(
        "SELECT principal, service, action, region, used_at FROM last_use WHERE account = %s AND principal = ANY(%s) "
        "ORDER BY used_at DESC",
        (account, principals),
    ).fetchall()
    found: dict[str, list[Use]] = {}
    for principal, *use in rows:
        found.setdefault(principal, []).append(Use(*use))
    return found
