"""Indexes stand aside while a table is filled from nothing: building them at the end costs a fifth."""

from __future__ import annotations

from collections.abc import Sequence

import psycopg

from erstwhile.projections.sql import Connection


class Indexes:
    """The indexes of some tables (primary keys apart), dropped now and made again by `restore`.

    All within the caller's transaction: readers never see a table without them. Where the session may not
    drop them, they stay.
    """

    def __init__(self, connection: Connection, tables: Sequence[str]) -> None:
        self._connection = connection
        self._definitions: list[str] = []
        try:
            with connection.transaction():
                rows = connection.execute(
                    "SELECT i.indexname, i.indexdef FROM pg_indexes i JOIN pg_class c ON c.oid = i.indexname::regclass "
                    "JOIN pg_index x ON x.indexrelid = c.oid "
                    "WHERE i.schemaname = current_schema() AND i.tablename = ANY (%s) AND NOT x.indisprimary",
                    (list(tables),),
                ).fetchall()
                for name, _ in rows:
                    connection.execute(f'DROP INDEX "{name}"')
                self._definitions = [definition for _, definition in rows]
        except psycopg.errors.InsufficientPrivilege:
            pass  # only slower

    def restore(self) -> None:
        """Builds them again; nothing the second time."""
        self._connection.execute("SET LOCAL maintenance_work_mem = '256MB'")
        for definition in self._definitions:
            self._connection.execute(definition)
        self._definitions = []
