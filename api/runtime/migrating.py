"""Applying the migrations: by `yoyo`, one process at a time, by whoever owns the database.

The service's role is made by a migration. Where the owner may not create roles, an administrator makes it beforehand,
with the statements that are printed.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from erstwhile import migrations

MIGRATIONS = Path(migrations.__path__[0])
ROLE = "erstwhile_service"
_MAKES_ROLE = "0008.privileges"
_END_OF_BLOCK = "END $$;\n"
_LOCK = "hashtext('erstwhile.migrations')"

Connection = psycopg.Connection[Any]


class AdministratorNeeded(RuntimeError):
    """the login may not do what a migration needs"""


class MayNotSee(RuntimeError):
    """the login may not see which migrations are applied"""


def pending(connection: Connection) -> list[str]:
    """The names of migrations that are not applied yet, in order. Raises MayNotSee."""
    known = sorted(path.stem for path in MIGRATIONS.glob("*.sql"))
    try:
        row = connection.execute("SELECT to_regclass('_yoyo_migration')").fetchone()
        if row is None or row[0] is None:
            return known
        rows = connection.execute("SELECT migration_id FROM _yoyo_migration").fetchall()
    except psycopg.errors.InsufficientPrivilege:
        raise MayNotSee(
            "this login may not see which migrations are applied: run `erstwhile migrate` as the owner of the tables"
        ) from None
    applied = {row[0] for row in rows}
    return [name for name in known if name not in applied]


def apply(connection: Connection, dsn: str) -> list[str]:
    """Applies what is missing, as the owner whose connection (in autocommit mode) and connection string are given; the
    names. Raises AdministratorNeeded."""
    import yoyo

    connection.execute(f"SELECT pg_advisory_lock({_LOCK})")
    try:
        names = pending(connection)
        if not names:
            return []
        made_by_hand = _MAKES_ROLE in names and not _may_create_roles(connection)
        if made_by_hand:
            _require_role(connection)
        with _backend(dsn) as backend:
            # Nobody else migrates: a lock that is there is of a process that was killed.
            backend.break_lock()
            wanted = backend.to_apply(yoyo.read_migrations(str(MIGRATIONS)))
            for migration in wanted:
                if made_by_hand and migration.id == _MAKES_ROLE:
                    connection.execute((MIGRATIONS / f"{_MAKES_ROLE}.sql").read_text().partition(_END_OF_BLOCK)[2])
                    backend.mark_migrations([migration])
                else:
                    backend.apply_migrations(wanted.filter(lambda each, this=migration: each.id == this.id))
        return names
    finally:
        if not connection.closed:
            connection.execute(f"SELECT pg_advisory_unlock({_LOCK})")


def _may_create_roles(connection: Connection) -> bool:
    row = connection.execute("SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user").fetchone()
    return row is not None and bool(row[0])


def _require_role(connection: Connection) -> None:
    """Raises AdministratorNeeded with what an administrator has to run."""
    [row] = connection.execute(
        "SELECT current_user, current_schema(), has_schema_privilege(current_schema(), 'CREATE'), "
        "EXISTS (SELECT FROM pg_roles WHERE rolname = %s)",
        (ROLE,),
    ).fetchall()
    login, schema = sql.Identifier(row[0]), sql.Identifier(row[1] or "public")
    role, missing = sql.Identifier(ROLE), []
    is_member = has_usage = False
    if not row[3]:
        missing.append(sql.SQL("CREATE ROLE {} NOLOGIN;").format(role))
    else:
        found = connection.execute(
            "SELECT pg_has_role(current_user, %s, 'MEMBER'), has_schema_privilege(%s, %s, 'USAGE')",
            (ROLE, ROLE, row[1] or "public"),
        ).fetchone()
        is_member, has_usage = found if found is not None else (False, False)
    if not is_member:
        missing.append(sql.SQL("GRANT {} TO {};").format(role, login))
    if not has_usage:
        missing.append(sql.SQL("GRANT USAGE ON SCHEMA {} TO {};").format(schema, role))
    if not row[2]:
        missing.append(sql.SQL("GRANT CREATE ON SCHEMA {} TO {};").format(schema, login))
    if missing:
        statements = "\n".join(f"  {each.as_string(connection)}" for each in missing)
        raise AdministratorNeeded(
            f"the login {row[0]} may not create roles; let an administrator of the server run this in the database, "
            f"then run `erstwhile migrate` again:\n{statements}"
        )


@contextmanager
def _backend(dsn: str) -> Iterator[Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import yoyo
    # psycopg takes every libpq parameter by keyword; yoyo hands on those of the query string.
    arguments = {k: str(v) for k, v in conninfo_to_dict(dsn).items() if v is not None}
    database = arguments.pop("dbname", "")
    backend = yoyo.get_backend(f"postgresql+psycopg:///{quote(database, safe='')}?{urlencode(arguments)}")
    try:
        yield backend
    finally:
        backend.connection.close()
