"""Writes the read model of use: imports are counted together, as runs, so that rows are few.

An import's records are counted after its own transaction. What was interrupted, or came before this table, is counted
from the evidence when somebody asks (`catch_up`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache

import psycopg

from erstwhile.domain.observed.cloudtrail.quick_scan import FiledRecord, file_record
from erstwhile.domain.observed.cloudtrail.record import MalformedRecord
from erstwhile.domain.use.tally import Count, Key, Tally
from erstwhile.projections.copy_writer import copy_rows
from erstwhile.projections.evidence_blocks import inflate
from erstwhile.projections.sql import Connection, instant_text

MOST_IN_A_RUN = 200_000
"""Records of a run. What was known at a position in the middle of a run is counted from its evidence."""
_MOST_ROWS = 50_000
"""Rows that an import holds in memory before it writes them."""
_TEXTS = ("account", "principal", "call", "resource", "service")
_REST = ("run", "month", "on_behalf", "failed", "first_at", "last_at", "calls")
_MANY_RUNS = 32
"""Small runs that are left beside each other before they become one."""
_MISSING = (
    "SELECT b.position, sum(f.records) FROM (SELECT DISTINCT position, file_id FROM evidence_block) b "
    "JOIN imported_file f USING (file_id) "
    "WHERE NOT EXISTS (SELECT FROM use_of_import u WHERE u.position = b.position) GROUP BY 1 ORDER BY 1"
)
_MERGING = "pg_try_advisory_xact_lock(hashtext('erstwhile.use'))"
_SMALL = "SELECT run, records FROM use_run WHERE records < %s ORDER BY run"
_MERGE = (
    "INSERT INTO used (run, month, account, principal, call, resource, service, on_behalf, failed, first_at, last_at, "
    "calls) SELECT %(new)s, month, account, principal, call, resource, service, on_behalf, failed, min(first_at), "
    "max(last_at), sum(calls) FROM used WHERE run = ANY (%(old)s) "
    "GROUP BY month, account, principal, call, resource, service, on_behalf, failed"
)

Progress = Callable[[int, int], None]
"""(records counted, records in all)"""


class RunOfImports:
    """The imports of one process that are counted and not written yet."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._tally, self._positions, self._records = Tally(), list[int](), 0

    def add(self, records: Sequence[FiledRecord], position: int) -> None:
        """Counts the records that an import at a position stored."""
        if records:
            self._tally.add(records)
            self._positions.append(position)
            self._records += len(records)
            if self._records >= MOST_IN_A_RUN or len(self._tally.counts) >= _MOST_ROWS:
                self.write()

    def write(self) -> None:
        """Writes what is counted. What another process has counted from the evidence meanwhile is left to that."""
        if self._positions:
            tally, positions, records = self._tally, self._positions, self._records
            self._tally, self._positions, self._records = Tally(), [], 0
            add_run(self._connection, tally.counts, positions, records)


def add_run(connection: Connection, counts: Mapping[Key, Count], positions: Sequence[int], records: int) -> bool:
    """Adds the counts of some imports, by their positions; False where another process has counted one of them."""
    try:
        with connection.transaction():
            run = _new_run(connection, records)
            connection.execute(
                "INSERT INTO use_of_import (position, run) SELECT unnest(%s::bigint[]), %s", (list(positions), run)
            )
            copy_rows(connection, "used", _TEXTS, _REST, _rows(run, counts))
    except psycopg.errors.UniqueViolation:
        return False
    _merge_small(connection)
    return True


def _new_run(connection: Connection, records: int) -> int:
    row = connection.execute("INSERT INTO use_run (records) VALUES (%s) RETURNING run", (records,)).fetchone()
    assert row is not None
    return int(row[0])


def _rows(run: int, counts: Mapping[Key, Count]) -> Iterator[tuple[tuple[str, ...], str]]:
    text = lru_cache(maxsize=65_536)(instant_text)
    beginnings: dict[tuple[int, bool, bool], str] = {}
    for (account, principal, call, resource, service, on_behalf, failed, month), count in counts.items():
        kind = month, on_behalf, failed
        begins = beginnings.get(kind)
        if begins is None:
            begins = beginnings[kind] = f"{run}\t{month}\t{on_behalf}\t{failed}\t"
        first = text(count.first)
        last = first if count.calls == 1 else text(count.last)
        yield (account, principal, call, resource, service), f"{begins}{first}\t{last}\t{count.calls}"


def _merge_small(connection: Connection) -> None:
    """Makes one run of many small ones: small imports would leave a row of each key for each import."""
    with connection.transaction():
        small = connection.execute(_SMALL, (MOST_IN_A_RUN // 4,)).fetchall()
        if len(small) < _MANY_RUNS or connection.execute(f"SELECT {_MERGING}").fetchone() != (True,):
            return
        old, records = [], 0
        for run, each in connection.execute(_SMALL, (MOST_IN_A_RUN // 4,)).fetchall():
            if records + each > MOST_IN_A_RUN:
                break
            old.append(run)
            records += each
        new = _new_run(connection, records)
        connection.execute(_MERGE, {"new": new, "old": old})
        for statement in (
            "UPDATE use_of_import SET run = %(new)s WHERE run = ANY (%(old)s)",
            "DELETE FROM used WHERE run = ANY (%(old)s)",
            "DELETE FROM use_run WHERE run = ANY (%(old)s)",
        ):
            connection.execute(statement, {"new": new, "old": old})


def uncounted(connection: Connection) -> dict[int, int]:
    """The positions of imports whose records are not counted, and about how many records each has."""
    return {position: int(records) for position, records in connection.execute(_MISSING).fetchall()}


def catch_up(connection: Connection, progress: Progress | None = None) -> int:
    """Counts from the evidence what is not counted yet; returns how many records that were."""
    missing = uncounted(connection)
    total, done = sum(missing.values()), 0
    while missing:
        tally, positions, records = Tally(), [], 0
        for position in list(missing):
            if records and records + missing[position] > MOST_IN_A_RUN:
                break
            missing.pop(position)
            positions.append(position)
            filed = list(records_of(connection, position))
            records += len(filed)
            tally.add(filed)
        add_run(connection, tally.counts, positions, records)
        done += records
        if progress is not None:
            progress(done, max(total, done))
    return done


def rebuild(connection: Connection, progress: Progress | None = None) -> int:
    """Counts everything anew from the evidence; returns how many records that were."""
    with connection.transaction():
        for table in ("used", "use_of_import", "use_run"):
            connection.execute(f"DELETE FROM {table}")
    return catch_up(connection, progress)


def records_of(connection: Connection, position: int) -> Iterator[FiledRecord]:
    """The records of an import, from its evidence. Those that were deleted are left out."""
    blocks = connection.execute(
        "SELECT packed FROM evidence_block WHERE position = %s ORDER BY block_id", (position,), binary=True
    ).fetchall()
    for (packed,) in blocks:
        yield from filed_of(inflate(bytes(packed)))


def filed_of(lines: Sequence[bytes]) -> Iterator[FiledRecord]:
    """The records on lines of evidence."""
    for line in lines:
        if line:
            try:
                yield file_record(line)
            except MalformedRecord:
                continue  # redaction left something else than the record that was counted at import
