"""Imported files, evidence and activity in SQL. All within the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from erstwhile.api.imports.files import file_name
from erstwhile.domain.vocabulary.instants import full_hour
from erstwhile.projections.copy_writer import copy_rows
from erstwhile.projections.evidence_blocks import inflate, record_at
from erstwhile.projections.sql import Connection

TEXTS = (
    "account", "record_id", "action", "principal", "session", "access_key", "source_ip", "user_agent", "error_code",
)  # fmt: skip
REST = ("day", "occurred_at", "class", "block_id", "line", "sha256")
ISSUED_TEXTS = ("access_key", "account", "principal", "session", "issued_to", "record_id")
USE_TEXTS = ("access_key", "account", "principal")
BLOCK = 500
"""Records in an evidence block. Reading one record inflates the whole block."""


def is_imported(connection: Connection, sha256: bytes) -> bool:
    """Whether a file of this content was imported before."""
    return connection.execute("SELECT FROM imported_file WHERE sha256 = %s", (sha256,)).fetchone() is not None


def add_file(connection: Connection, sha256: bytes, name: str, kind: str, records: int, position: int) -> int:
    """Adds a file and returns its id."""
    [(file_id,)] = connection.execute(
        "INSERT INTO imported_file (sha256, name, kind, records, position) VALUES (%s, %s, %s, %s, %s) "
        "RETURNING file_id",
        (sha256, file_name(name), kind, records, position),
    ).fetchall()
    return int(file_id)


def next_blocks(connection: Connection, count: int) -> list[int]:
    """Reserves ids for evidence blocks, since activity rows name them before the blocks are stored."""
    rows = connection.execute("SELECT nextval('evidence_block_id') FROM generate_series(1, %s)", (count,))
    return [int(row[0]) for row in rows]


def add_evidence(connection: Connection, file_id: int, position: int, blocks: Sequence[tuple[int, bytes]]) -> None:
    """Stores packed blocks under their ids."""
    connection.execute(
        "INSERT INTO evidence_block (block_id, file_id, position, packed) "
        "SELECT b.block_id, %s, %s, b.packed FROM unnest(%s::bigint[], %b::bytea[]) AS b (block_id, packed)",
        (file_id, position, [block for block, _ in blocks], [packed for _, packed in blocks]),
        binary=True,
    )


def read_evidence(connection: Connection, account: str, record_id: str) -> bytes | None:
    """The stored redacted record; None when there is none, or when it had to be deleted."""
    row = connection.execute(
        "SELECT b.packed, a.line FROM activity a JOIN evidence_block b USING (block_id) "
        "WHERE a.account = %s AND a.record_id = %s",
        (account, record_id),
    ).fetchone()
    if row is None:
        return None
    return record_at(inflate(bytes(row[0])), int(row[1]))


def is_recorded(connection: Connection, account: str, record_id: str) -> bool:
    """Whether there was such a record, though it may be erased."""
    found = connection.execute("SELECT FROM activity WHERE account = %s AND record_id = %s", (account, record_id))
    return found.fetchone() is not None


def add_activity(connection: Connection, rows: Iterable[tuple[tuple[str, ...], str]]) -> None:
    """Adds rows by COPY; each has its text columns and the others. Raises UniqueViolation for a stored record."""
    copy_rows(connection, "activity", TEXTS, REST, rows)


def add_issued_keys(connection: Connection, rows: Iterable[tuple[tuple[str, ...], str]]) -> None:
    """Adds temporary credentials that calls returned. Those of a stored record are left as they are."""
    copy_rows(connection, "issued_key", ISSUED_TEXTS, ("occurred_at", "block_id"), rows)


def known_key_uses(connection: Connection, access_keys: Sequence[str]) -> set[tuple[str, str, str]]:
    """The (access key, account, principal) of the uses of these keys that are stored already."""
    if not access_keys:
        return set()
    rows = connection.execute(
        "SELECT access_key, account, principal FROM key_use WHERE access_key = ANY (%s)", (access_keys,)
    )
    return {(key, account, principal) for key, account, principal in rows}


def add_key_uses(connection: Connection, rows: Iterable[tuple[tuple[str, ...], str]]) -> None:
    """Adds uses of access keys. Another import may add the same ones at the same time."""
    copy_rows(connection, "key_use", USE_TEXTS, ("occurred_at", "position"), rows)


def ensure_partitions(connection: Connection, months: Iterable[str]) -> None:
    """The first days of months of which records are to be stored."""
    for month in months:
        connection.execute("SELECT ensure_activity_partition(%s::date)", (month,))


def known_records(connection: Connection, keys: Sequence[tuple[str, str, str]]) -> set[tuple[str, str]]:
    """Those of (account, record id, day) that are stored already, as (account, record id)."""
    if not keys:
        return set()
    accounts, ids, days = (list(column) for column in zip(*keys, strict=True))
    rows = connection.execute(
        "SELECT a.account, a.record_id FROM unnest(%s::text[], %s::text[], %s::date[]) AS k (account, record_id, day) "
        "JOIN activity a ON (a.account, a.record_id, a.day) = (k.account, k.record_id, k.day)",
        (accounts, ids, days),
    )
    return {(account, record_id) for account, record_id in rows}


class _Hour:
    """Counts of one account's hour."""

    __slots__ = ("first", "last", "late", "late_before", "records")

    def __init__(self, at: datetime) -> None:
        self.records = self.late = 0
        self.first = self.last = self.late_before = at


class Hours:
    """What a file adds to each account's coverage, by the hour."""

    def __init__(self, last_known: dict[str, datetime]) -> None:
        self._last_known = last_known
        self._hours: dict[tuple[str, int, int], _Hour] = {}

    def add(self, account: str, at: datetime, records: int) -> None:
        """Adds some records of one instant."""
        key = (account, at.toordinal(), at.hour)
        hour = self._hours.get(key)
        if hour is None:
            hour = self._hours[key] = _Hour(at)
            hour.late_before = self._last_known.get(account, at)
        hour.records += records
        if at < hour.late_before:
            hour.late += records
        if at < hour.first:
            hour.first = at
        elif at > hour.last:
            hour.last = at

    def write(self, connection: Connection, position: int) -> None:
        """Writes what the import at `position` adds."""
        with connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO account_coverage (position, account, day_hour, records, first_at, last_at, late_records) "
                "VALUES (%s, %s, %s, %s, %s, %s, %s)",
                [
                    (position, account, full_hour(hour.first), hour.records, hour.first, hour.last, hour.late)
                    for (account, _, _), hour in self._hours.items()
                ],
            )

    def latest(self) -> dict[str, datetime]:
        """The last instant of each account in this file."""
        found: dict[str, datetime] = {}
        for (account, _, _), hour in self._hours.items():
            if account not in found or found[account] < hour.last:
                found[account] = hour.last
        return found


def last_instants(connection: Connection) -> dict[str, datetime]:
    """The last instant known of each account."""
    return dict(connection.execute("SELECT account, max(last_at) FROM account_coverage GROUP BY account").fetchall())
