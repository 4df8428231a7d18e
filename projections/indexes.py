"""Builds the indexes of a new table after it is filled, which takes a fifth less time."""

from __future__ import annotations

from collections.abc import Sequence

from erstwhile.projections.sql import Connection


class Indexes:
    """The indexes (without primary keys) of tables in one schema, to be built on tables in another."""

    def __init__(self, connection: Connection, tables: Sequence[str], schema: str, new_schema: str) -> None:
        self._connection = connection
        rows = connection.execute(
            "SELECT i.indexdef, i.tablename FROM pg_indexes i JOIN pg_class c ON c.relname = i.indexname "
            "JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = i.schemaname "
            "JOIN pg_index x ON x.indexrelid = c.oid "
            "WHERE i.schemaname = %s AND i.tablename = ANY (%s) AND NOT x.indisprimary",
            (schema, list(tables)),
        ).fetchall()
        self._definitions = [_moved(definition, table, new_schema) for definition, table in rows]

    def make(self) -> None:
        """Builds the indexes; a second call does nothing."""
        self._connection.execute("SET LOCAL maintenance_work_mem = '256MB'")
        for definition in self._definitions:
            self._connection.execute(definition)
        self._definitions = []


def _moved(definition: str, table: str, schema: str) -> str:
    """The statement that creates an index, for the table of the same name in another schema."""
    begin, _, rest = definition.partition(" ON ")
    _, _, columns = rest.partition(f"{table} USING ")
    return f'{begin} ON "{schema}".{table} USING {columns}'
