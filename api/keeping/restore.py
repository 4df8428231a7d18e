"""Fills an empty database from a backup, in one transaction: all of it, verified, or nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from graphlib import TopologicalSorter
from hashlib import sha256
from typing import LiteralString

import psycopg
from psycopg import sql

from erstwhile.api.database import migrating, roles
from erstwhile.api.keeping.backup_file import PIECE, Backup, MalformedBackup, Partition, Table
from erstwhile.domain.ledger.notes import VerifierKey
from erstwhile.domain.vocabulary.malformed import MalformedInput
from erstwhile.projections.ledger.committed import use_utc
from erstwhile.projections.ledger.keeper import signed_with
from erstwhile.projections.ledger.verifying import Verdict, verify_within
from erstwhile.projections.sql import Connection

Progress = Callable[[int, int], None]
"""(rows done, rows in all)"""
_DEPENDS: LiteralString = """
SELECT c.conrelid::regclass::text, c.confrelid::regclass::text FROM pg_constraint c
WHERE c.contype = 'f' AND c.connamespace = current_schema()::regnamespace AND c.conparentid = 0
"""
_IDENTITIES: LiteralString = """
SELECT c.relname, a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
WHERE c.relnamespace = current_schema()::regnamespace AND a.attidentity <> '' AND c.relkind = 'r'
"""


class CannotRestore(MalformedInput):
    """the backup cannot be restored here"""

    code = "cannot_restore"


class NotVerified(CannotRestore):
    """what the backup has is not what was signed"""

    def __init__(self, verdict: Verdict) -> None:
        found = verdict.tampering
        where = f" at position {found.position:,}: {found.explanation}" if found is not None else ""
        super().__init__(
            f"the log in this backup is not what was signed{where}; nothing is restored. To restore it all the same, "
            "as it is: --even-if-altered"
        )
        self.verdict = verdict


def restore(
    connection: Connection,
    backup: Backup,
    keys: Sequence[VerifierKey] = (),
    even_if_altered: bool = False,
    progress: Progress | None = None,
) -> Verdict:
    """With the owner's rights, in autocommit mode, into a migrated database without rows. `keys`: those that are
    trusted; else those that the backup names. Raises CannotRestore, NotVerified, MalformedBackup, psycopg.Error; then
    the database is empty, as it was."""
    _require_known(backup)
    connection.execute("SET statement_timeout = 0")
    with connection.transaction():
        use_utc(connection)
        tables = _in_order(connection, backup.manifest.tables)
        _require_empty(connection)
        total, done = sum(each.rows for each in tables), 0
        for table in tables:
            for partition in table.partitions:
                _attach(connection, table, partition)
            try:
                _fill(connection, backup, table)
            except psycopg.DataError as error:
                raise MalformedBackup(f"the rows of {table.name} are damaged: {str(error).splitlines()[0]}") from None
            done += table.rows
            if progress is not None:
                progress(done, total)
        roles.settle(connection)  # partitions are new
        verdict = verify_within(connection, keys or signed_with(connection))
        if verdict.events != backup.manifest.events:
            raise MalformedBackup(f"the log has {verdict.events:,} events, its manifest {backup.manifest.events:,}")
        if verdict.tampering is not None and not even_if_altered:
            raise NotVerified(verdict)
        _set_sequences(connection, backup)  # last, since no end of a transaction takes that back
    connection.execute("ANALYZE")
    return verdict


def _require_known(backup: Backup) -> None:
    ours = {
        path.stem for folder in (migrating.MIGRATIONS, migrating.BEFORE_SQUASH) for path in folder.glob("[0-9]*.sql")
    }
    newer = [name for name in backup.manifest.migrations if name not in ours]
    if newer:
        raise CannotRestore(
            f"release {backup.manifest.release}, which wrote this backup, has a newer schema ({newer[0]}): restore it "
            "with that release, or a later one"
        )


def _require_empty(connection: Connection) -> None:
    """Whatever a server or an import wrote counts: a backup is not mixed with anything."""
    names = connection.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p') "
        "AND NOT relispartition AND relname !~ 'yoyo' ORDER BY relname = 'event' DESC, relname"
    ).fetchall()
    for (name,) in names:
        found = connection.execute(sql.SQL("SELECT 1 FROM {} LIMIT 1").format(sql.Identifier(name))).fetchone()
        if found is not None:
            raise CannotRestore(
                f"the database is not empty: table {name} has rows. Restore into a new home (--home), or a new database"
            )


def _in_order(connection: Connection, tables: Iterable[Table]) -> list[Table]:
    """Tables behind those that they refer to."""
    named = {each.name: each for each in tables}
    existing = {name: [column for (column,) in connection.execute(_COLUMNS_OF, (name,)).fetchall()] for name in named}
    for name, table in named.items():
        unknown = [column for column in table.columns if column not in existing[name]]
        if unknown:
            raise CannotRestore(f"this release has no column {unknown[0]} of {name}, which the backup has")
    sorter = TopologicalSorter[str](dict.fromkeys(sorted(named), ()))
    for name, other in connection.execute(_DEPENDS).fetchall():
        if name in named and other in named and name != other:
            sorter.add(name, other)
    return [named[name] for name in sorter.static_order()]


_COLUMNS_OF: LiteralString = """
SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(quote_ident(%s)) AND attnum > 0 AND NOT attisdropped
"""


def _attach(connection: Connection, table: Table, partition: Partition) -> None:
    if not re.fullmatch(rf"{re.escape(table.name)}_\d{{6}}(\d\d)?", partition.name):
        raise MalformedBackup(f"{partition.name[:60]!r} is no name of a partition of {table.name}")
    connection.execute(
        sql.SQL("CREATE TABLE {} PARTITION OF {} FOR VALUES FROM ({}) TO ({})").format(
            sql.Identifier(partition.name),
            sql.Identifier(table.name),
            sql.Literal(partition.since),
            sql.Literal(partition.until),
        )
    )


def _fill(connection: Connection, backup: Backup, table: Table) -> None:
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table.name), sql.SQL(", ").join(map(sql.Identifier, table.columns))
    )
    digest, size = sha256(), 0
    with backup.rows(table.name) as rows:
        cursor = connection.cursor()
        with cursor.copy(statement) as copy:
            while piece := rows.read(PIECE):
                digest.update(piece)
                size += len(piece)
                if size > table.size:
                    break
                copy.write(piece)
        if (digest.hexdigest(), size) != (table.sha256, table.size) or cursor.rowcount != table.rows:
            raise MalformedBackup(f"the rows of {table.name} are not those of which the manifest has the hash")


def _set_sequences(connection: Connection, backup: Backup) -> None:
    for name, last in backup.manifest.sequences.items():
        if last > 0:
            connection.execute("SELECT setval(quote_ident(%s)::regclass, %s)", (name, last))
    for table, column in connection.execute(_IDENTITIES).fetchall():
        connection.execute(
            sql.SQL("SELECT setval(pg_get_serial_sequence({}, {}), max({})) FROM {} HAVING max({}) > 0").format(
                sql.Literal(sql.Identifier(table).as_string(connection)),
                sql.Literal(column),
                sql.Identifier(column),
                sql.Identifier(table),
                sql.Identifier(column),
            )
        )
