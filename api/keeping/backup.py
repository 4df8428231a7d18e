"""Writes a backup: all tables as they were at one moment, in one transaction that changes nothing."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import IO, LiteralString

import msgspec
import psycopg
from psycopg import sql

from erstwhile.api.keeping.backup_file import FORM, MANIFEST, Manifest, Partition, Table, member_of
from erstwhile.api.reports.to_file import write_files
from erstwhile.domain.vocabulary.malformed import MalformedInput
from erstwhile.projections.ledger.committed import use_utc
from erstwhile.projections.sql import Connection

Progress = Callable[[int, int], None]
"""(rows done, rows in all, as far as that is known)"""
LEFT_OUT = ["ledger.key: the keys that sign checkpoints", "master.key: the key under which secrets are sealed"]
_TABLES: LiteralString = """
SELECT c.oid::bigint, c.relname, c.relkind = 'p',
       (SELECT coalesce(sum(greatest(p.reltuples, 0)), 0)::bigint FROM pg_class p
        WHERE p.oid = c.oid OR p.oid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = c.oid))
FROM pg_class c
WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
  AND c.relname !~ 'yoyo' ORDER BY c.relname
"""
_COLUMNS: LiteralString = """
SELECT attname FROM pg_attribute WHERE attrelid = %s AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
ORDER BY attnum
"""
_PARTITIONS: LiteralString = """
SELECT c.relname, pg_get_expr(c.relpartbound, c.oid) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
WHERE i.inhparent = %s ORDER BY c.relname
"""
_SEQUENCES: LiteralString = """
SELECT c.relname, coalesce(pg_sequence_last_value(c.oid), 0) FROM pg_class c
WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'S'
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype IN ('a', 'i')) ORDER BY c.relname
"""
_BOUNDS = re.compile(r"FOR VALUES FROM \('([^']{1,40})'\) TO \('([^']{1,40})'\)")
_ORDERED = {"event": "position", "ledger_checkpoint": "size", "ledger_tile": "level, number"}
"""Tables that are read in order when a backup is verified."""


class CannotBackUp(MalformedInput):
    """the database cannot be backed up"""

    code = "cannot_back_up"


def back_up(connection: Connection, path: Path, progress: Progress | None = None) -> Manifest:
    """Writes the file, whole or not at all; nobody but its owner may read it. Raises CannotBackUp, OSError."""
    found: list[Manifest] = []
    connection.execute("SET statement_timeout = 0")
    try:
        with connection.transaction():
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            use_utc(connection)
            connection.execute("SELECT set_config('bytea_output', 'hex', true)")
            write_files({path: lambda file: found.append(_written(connection, file, progress))}, private=True)
    except psycopg.errors.InsufficientPrivilege as error:
        raise CannotBackUp(f"this login may not read all that there is: {str(error).splitlines()[0]}") from None
    return found[0]


def _written(connection: Connection, file: IO[bytes], progress: Progress | None) -> Manifest:
    described = connection.execute(_TABLES).fetchall()
    total, done = sum(row[3] for row in described), 0

    def report(rows: int) -> None:
        nonlocal done
        done += rows
        if progress is not None:
            progress(done, max(done, total))

    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
        tables = [
            _table(connection, packed, oid, name, _partitions(connection, oid) if is_partitioned else [], report)
            for oid, name, is_partitioned, _ in described
        ]
        manifest = _manifest(connection, tables)
        packed.writestr(MANIFEST, msgspec.json.format(msgspec.json.encode(manifest), indent=1))
    return manifest


def _table(
    connection: Connection, packed: zipfile.ZipFile, oid: int, name: str, partitions: list[Partition],
    report: Callable[[int], None],
) -> Table:  # fmt: skip
    columns = [column for (column,) in connection.execute(_COLUMNS, (oid,)).fetchall()]
    order = sql.SQL(f" ORDER BY {_ORDERED[name]}" if name in _ORDERED else "")
    statement = sql.SQL("COPY (SELECT {} FROM {}{}) TO STDOUT").format(
        sql.SQL(", ").join(map(sql.Identifier, columns)), sql.Identifier(name), order
    )
    rows = size = 0
    digest = sha256()
    cursor = connection.cursor()
    with packed.open(member_of(name), "w", force_zip64=True) as member, cursor.copy(statement) as copy:
        for block in copy:
            member.write(block)
            digest.update(block)
            size += len(block)
            ended = bytes(block).count(b"\n")  # within a row it is written as \n
            rows += ended
            report(ended)
    return Table(name, columns, rows, size, digest.hexdigest(), partitions)


def _partitions(connection: Connection, oid: int) -> list[Partition]:
    found = []
    for name, bounds in connection.execute(_PARTITIONS, (oid,)).fetchall():
        match = _BOUNDS.fullmatch(bounds)
        if match is None:
            raise CannotBackUp(f"the partition {name} is none of this program's: {bounds}")
        found.append(Partition(name, match[1], match[2]))
    return found


def _manifest(connection: Connection, tables: list[Table]) -> Manifest:
    [(events, log, signed)] = connection.execute(
        "SELECT coalesce((SELECT max(position) FROM event), 0), "
        "coalesce((SELECT event_id::text FROM event WHERE position = 1), ''), "
        "coalesce((SELECT max(size) FROM ledger_checkpoint), 0)"
    ).fetchall()
    migrations = connection.execute(
        "SELECT migration_id FROM _yoyo_migration WHERE migration_id ~ '^[0-9]{4}\\.' ORDER BY migration_id"
    ).fetchall()
    return Manifest(
        form=FORM, release=version("erstwhile"), made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        events=events, log=log, signed=signed, migrations=[name for (name,) in migrations],
        sequences=dict(connection.execute(_SEQUENCES).fetchall()),
        tables=tables, left_out=LEFT_OUT,
    )  # fmt: skip
