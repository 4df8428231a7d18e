"""Writes the read model of use: imports are counted together, as runs, so that rows are few.

An import's records are counted after its own transaction. What was interrupted, or came before this table, is counted
from the evidence when somebody asks (`catch_up`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import psycopg

from erstwhile.domain.observed.cloudtrail.quick_scan import FiledRecord, file_record
from erstwhile.domain.observed.cloudtrail.record import MalformedRecord
from erstwhile.domain.use.tally import Tally
from erstwhile.projections.copy_writer import copy_lines
from erstwhile.projections.evidence_blocks import inflate
from erstwhile.projections.sql import Connection
from erstwhile.projections.use.rows import COLUMNS, KEY_COLUMNS, RunLines, lines_of

MOST_IN_A_RUN = 200_000
"""Records of a run. What was known at a position in the middle of a run is counted from its evidence."""
_MOST_KEYS = 50_000
"""Keys that an import holds in memory before it writes them."""
_MANY_RUNS = 32
"""Small runs that are left beside each other before they become one."""
_MISSING = (
    "SELECT b.position, sum(f.records) FROM (SELECT DISTINCT position, file_id FROM evidence_block) b "
    "JOIN imported_file f USING (file_id) "
    "WHERE NOT EXISTS (SELECT FROM call_use_import u WHERE u.position = b.position) GROUP BY 1 ORDER BY 1"
)
_MERGING = "pg_try_advisory_xact_lock(hashtext('erstwhile.use'))"
_SMALL = (
    "SELECT run, records FROM call_use_run r WHERE records < %s AND has_keys "
    "AND NOT EXISTS (SELECT FROM key_last_use k WHERE k.run = r.run AND k.first_at IS NULL) ORDER BY run"
)
"""Only runs that have all there is of keys: of one, nothing would say which of its imports lack what."""
_TABLES = ("call_use", "key_last_use", "call_use_run")
"""What has rows of a run, apart from its imports."""
_KIND = "month, account, principal, call, service, on_behalf, failed"
_MERGE = (
    f"INSERT INTO call_use (run, {_KIND}, first_at, last_at, calls, resources, firsts, lasts, numbers) "
    f"SELECT %(new)s, {_KIND}, min(first), max(last), sum(number), array_agg(resource), array_agg(first), "
    f"array_agg(last), array_agg(number) FROM (SELECT {_KIND}, resource, min(first) AS first, max(last) AS last, "
    f"sum(number)::bigint AS number FROM call_use, unnest(resources, firsts, lasts, numbers) AS each (resource, first, "
    f"last, number) WHERE run = ANY (%(old)s) GROUP BY {_KIND}, resource) AS merged GROUP BY {_KIND}"
)
_MERGE_KEYS = (
    "INSERT INTO key_last_use (run, month, access_key, principal, first_at, last_at) "
    "SELECT %(new)s, month, access_key, principal, min(first_at), max(last_at) FROM key_last_use "
    "WHERE run = ANY (%(old)s) GROUP BY month, access_key, principal"
)

Progress = Callable[[int, int], None]
"""(records counted, records in all)"""


def is_much(records: int, keys: int) -> bool:
    """Whether a run of as many records, with as many keys, is to be written."""
    return records >= MOST_IN_A_RUN or keys >= _MOST_KEYS


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
            if is_much(self._records, self._tally.keys):
                self.write()

    def add_counted(self, lines: RunLines, positions: Sequence[int], records: int) -> None:
        """Writes a run that was counted elsewhere."""
        if positions:
            add_run(self._connection, lines, positions, records)

    def write(self) -> None:
        """Writes what is counted. What another process has counted from the evidence meanwhile is left to that."""
        if self._positions:
            tally, positions, records = self._tally, self._positions, self._records
            self._tally, self._positions, self._records = Tally(), [], 0
            add_run(self._connection, lines_of([tally]), positions, records)


def add_run(connection: Connection, lines: RunLines, positions: Sequence[int], records: int) -> bool:
    """Adds the counts of some imports, by their positions: `lines` as `lines_of` makes them. False where another
    process has counted one of them."""
    try:
        with connection.transaction():
            run = _new_run(connection, records)
            connection.execute(
                "INSERT INTO call_use_import (position, run) SELECT unnest(%s::bigint[]), %s", (list(positions), run)
            )
            copy_lines(connection, "call_use", ("run", *COLUMNS), [f"{run}\t{line}" for line in lines.calls])
            copy_lines(connection, "key_last_use", ("run", *KEY_COLUMNS), [f"{run}\t{line}" for line in lines.keys])
    except psycopg.errors.UniqueViolation:
        return False
    _merge_small(connection)
    return True


def _new_run(connection: Connection, records: int) -> int:
    row = connection.execute(
        "INSERT INTO call_use_run (records, has_keys) VALUES (%s, true) RETURNING run", (records,)
    ).fetchone()
    assert row is not None
    return int(row[0])


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
        for statement in (
            _MERGE,
            _MERGE_KEYS,
            "UPDATE call_use_import SET run = %(new)s WHERE run = ANY (%(old)s)",
            *(f"DELETE FROM {table} WHERE run = ANY (%(old)s)" for table in _TABLES),
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
        add_run(connection, lines_of([tally]), positions, records)
        done += records
        if progress is not None:
            progress(done, max(total, done))
    return done


def rebuild(connection: Connection, progress: Progress | None = None) -> int:
    """Counts everything anew from the evidence; returns how many records that were."""
    with connection.transaction():
        for table in (*_TABLES, "call_use_import"):
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
