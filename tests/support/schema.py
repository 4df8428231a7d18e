"""The schema of a database as SQL, from PostgreSQL's catalogue; `make schema` writes migrations/schema.sql with it.

What PostgreSQL makes by itself (indexes of constraints, partitions' indexes), partitions, and the tables in which yoyo
keeps what was applied are left out.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg

SCHEMA = Path(__file__).resolve().parents[2] / "migrations" / "schema.sql"
_HEAD = "-- What the migrations make of an empty database. Written by `make schema`; do not edit.\n"
_OURS = "n.nspname = current_schema() AND c.relname !~ '^_?yoyo' AND NOT c.relispartition"
_STORAGE = {"p": "PLAIN", "e": "EXTERNAL", "m": "MAIN", "x": "EXTENDED"}

_SEQUENCES = f"""
SELECT c.oid, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'S' AND {_OURS}
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype IN ('a', 'i')) ORDER BY c.relname
"""
_TABLES = f"""
SELECT c.oid, c.relname, CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND {_OURS} ORDER BY c.relname
"""
_COLUMNS = """
SELECT a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid, true),
       a.attidentity::text, CASE WHEN a.attcollation <> t.typcollation THEN quote_ident(o.collname) END,
       CASE WHEN a.attstorage <> t.typstorage THEN a.attstorage::text END
FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
LEFT JOIN pg_collation o ON o.oid = a.attcollation
WHERE a.attrelid = %s AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
"""
_CONSTRAINTS = """
SELECT conname, pg_get_constraintdef(oid, true) FROM pg_constraint
WHERE conrelid = %s AND contype IN ('p', 'u', 'f', 'c') ORDER BY contype = 'f', contype, conname
"""
_INDEXES = """
SELECT pg_get_indexdef(i.indexrelid, 0, true) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE i.indrelid = %s AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype <> 'f')
ORDER BY c.relname
"""
_TRIGGERS = (
    "SELECT pg_get_triggerdef(oid, true) FROM pg_trigger WHERE tgrelid = %s AND NOT tgisinternal ORDER BY tgname"
)
_FUNCTIONS = """
SELECT p.oid, p.oid::regprocedure::text, pg_get_functiondef(p.oid) FROM pg_proc p
JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = current_schema() ORDER BY p.proname, p.oid
"""
_VIEWS = f"""
SELECT c.oid, c.relname, pg_get_viewdef(c.oid, true) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'v' AND {_OURS} ORDER BY c.relname
"""
_GRANTS = """
SELECT a.grantee::regrole::text, string_agg(a.privilege_type, ', ' ORDER BY a.privilege_type)
FROM pg_class c, aclexplode(c.relacl) a WHERE c.oid = %s AND a.grantee NOT IN (0, c.relowner) GROUP BY 1 ORDER BY 1
"""
_IS_PUBLIC = """
SELECT p.proacl IS NULL OR EXISTS (SELECT FROM aclexplode(p.proacl) a WHERE a.grantee = 0) FROM pg_proc p
WHERE p.oid = %s
"""

Connection = psycopg.Connection[Any]


def schema_of(connection: Connection) -> str:
    """Tables, sequences, functions and views of the current schema, and what they grant, in a fixed order."""
    parts = [_HEAD]
    for oid, name in connection.execute(_SEQUENCES).fetchall():
        parts.append(f"CREATE SEQUENCE {name};\n" + _grants(connection, oid, f"SEQUENCE {name}"))
    parts += [_function(connection, *row) for row in connection.execute(_FUNCTIONS).fetchall()]
    parts += [_table(connection, *row) for row in connection.execute(_TABLES).fetchall()]
    for oid, name, definition in connection.execute(_VIEWS).fetchall():
        parts.append(f"CREATE VIEW {name} AS\n{definition}\n" + _grants(connection, oid, name))
    return "\n".join(parts)


def _function(connection: Connection, oid: int, signature: str, definition: str) -> str:
    row = connection.execute(_IS_PUBLIC, (oid,)).fetchone()
    public = "" if row is not None and row[0] else f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC;\n"
    return definition.replace(" public.", " ").rstrip() + ";\n" + public


def _table(connection: Connection, oid: int, name: str, partitioned_by: str | None) -> str:
    lines, after = [], []
    for column, kind, is_needed, default, identity, collation, storage in connection.execute(_COLUMNS, (oid,)):
        line = f"    {column} {kind}"
        line += f" COLLATE {collation}" if collation else ""
        line += " NOT NULL" if is_needed else ""
        line += " GENERATED ALWAYS AS IDENTITY" if identity == "a" else ""
        line += f" DEFAULT {default}" if default else ""
        lines.append(line)
        if storage:
            after.append(f"ALTER TABLE {name} ALTER COLUMN {column} SET STORAGE {_STORAGE[storage]};\n")
    for constraint, definition in connection.execute(_CONSTRAINTS, (oid,)):
        lines.append(f"    CONSTRAINT {constraint} {definition}")
    partitioning = f" PARTITION BY {partitioned_by}" if partitioned_by else ""
    after += [f"{row[0]};\n" for query in (_INDEXES, _TRIGGERS) for row in connection.execute(query, (oid,))]
    rows = ",\n".join(lines)
    return f"CREATE TABLE {name} (\n{rows}\n){partitioning};\n" + "".join(after) + _grants(connection, oid, name)


def _grants(connection: Connection, oid: int, name: str) -> str:
    return "".join(f"GRANT {what} ON {name} TO {whom};\n" for whom, what in connection.execute(_GRANTS, (oid,)))


def main() -> None:
    from tests.support.databases import Server, start_embedded

    dsn, handle = start_embedded()
    try:
        server = Server(dsn)
        with server.fresh().owner() as connection:
            SCHEMA.write_text(schema_of(connection))
    finally:
        handle.close()


if __name__ == "__main__":
    main()
