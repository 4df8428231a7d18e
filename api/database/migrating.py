"""Applying the migrations: by `yoyo`, one process at a time, by the owner of the database.

A numbered file makes tables and is applied once. A function or a view stands in a file of its own and is applied again
when its text has changed: yoyo's table keeps it under its name and checksum. A text that was applied once is never
applied again, so that an earlier release that starts beside a later one does not take the later one's functions back.

The roles are made by migrations. Where the owner may not create roles, an administrator makes them beforehand, with the
statements that are printed. What migrations make belongs to the owner's role (`roles`).
"""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, LiteralString, NamedTuple
from urllib.parse import quote, urlencode

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from erstwhile import migrations
from erstwhile.api.database import roles

MIGRATIONS = Path(migrations.__path__[0])
BEFORE_SQUASH = MIGRATIONS / "before_squash"
ROLE = roles.SERVICE
_SQUASHED = (
    "0001.events",
    "0002.imported-records",
    "0003.read-models",
    "0004.tokens",
    "0005.aws-protocol",
    "0006.service-role",
)
"""What the chain in `before_squash` makes, too."""
_MAKES_ROLE = ("0006.service-role", "0008.privileges", "0027.roles")
_END_OF_BLOCK = "END $$;\n"
_LOCK = "hashtext('erstwhile.migrations')"

Connection = psycopg.Connection[Any]


class AdministratorNeeded(RuntimeError):
    """the login may not do what a migration needs"""


class MayNotSee(RuntimeError):
    """the login may not see which migrations are applied"""


class Step(NamedTuple):
    """A file to apply, and the name under which yoyo's table keeps that it was applied."""

    name: str
    path: Path


def _numbered(folder: Path) -> list[Step]:
    return [Step(path.stem, path) for path in sorted(folder.glob("[0-9]*.sql"))]


def _definitions(kind: str) -> list[Step]:
    paths = sorted((MIGRATIONS / kind).glob("*.sql"))
    return [Step(f"{path.stem}@{hashlib.sha256(path.read_bytes()).hexdigest()[:16]}", path) for path in paths]


def _is_from_before_squash(applied: set[str]) -> bool:
    return any(step.name in applied for step in _numbered(BEFORE_SQUASH))


def _steps(applied: set[str]) -> list[Step]:
    """All that a database needs, in order, given what was applied to it."""
    before = _numbered(BEFORE_SQUASH) if _is_from_before_squash(applied) else []
    return [*before, *_numbered(MIGRATIONS), *_definitions("functions"), *_definitions("views")]


def _applied(connection: Connection) -> set[str]:
    try:
        row = connection.execute("SELECT to_regclass('_yoyo_migration')").fetchone()
        if row is None or row[0] is None:
            return set()
        rows = connection.execute("SELECT migration_id FROM _yoyo_migration").fetchall()
    except psycopg.errors.InsufficientPrivilege:
        raise MayNotSee(
            "this login may not see which migrations are applied: run `erstwhile migrate` as the owner of the tables"
        ) from None
    return {row[0] for row in rows}


def pending(connection: Connection) -> list[str]:
    """The names of migrations that are not applied yet, in order. Raises MayNotSee."""
    applied = _applied(connection)
    return [step.name for step in _steps(applied) if step.name not in applied]


def apply(connection: Connection, dsn: str) -> list[str]:
    """Applies what is missing, as the owner whose connection (in autocommit mode) and connection string are given; the
    names. Raises AdministratorNeeded."""
    import yoyo

    connection.execute(f"SELECT pg_advisory_lock({_LOCK})")
    try:
        applied = _applied(connection)
        steps = [step for step in _steps(applied) if step.name not in applied]
        if not steps:
            return []
        owner = roles.require_owner(connection)
        if owner is not None:
            raise AdministratorNeeded(
                f"only the owner of the tables migrates: log in as {owner}, or as one of its members"
            )
        is_made = _SQUASHED if _is_from_before_squash(applied) else ()
        role_steps = [step for step in steps if step.name in _MAKES_ROLE and step.name not in is_made]
        made_by_hand = bool(role_steps) and not _may_create_roles(connection)
        if made_by_hand:
            _require_role(connection)
        with _backend(dsn) as backend:
            # Nobody else migrates: a lock that is there is of a process that was killed.
            backend.break_lock()
            for step in steps:
                migration = yoyo.migrations.Migration(step.name, str(step.path), str(step.path.parent))
                if step.name in is_made:
                    backend.mark_migrations([migration])
                elif made_by_hand and step in role_steps:
                    backend.ensure_internal_schema_updated()
                    connection.execute(step.path.read_text().partition(_END_OF_BLOCK)[2])
                    backend.mark_migrations([migration])
                else:
                    backend.apply_migrations(yoyo.migrations.MigrationList([migration]))
        roles.settle(connection)
        return [step.name for step in steps]
    finally:
        if not connection.closed:
            connection.execute(f"SELECT pg_advisory_unlock({_LOCK})")


def _may_create_roles(connection: Connection) -> bool:
    row = connection.execute("SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user").fetchone()
    return row is not None and bool(row[0])


def _require_role(connection: Connection) -> None:
    """Raises AdministratorNeeded with what an administrator has to run."""
    [row] = connection.execute(
        "SELECT current_user, coalesce(current_schema(), 'public'), has_schema_privilege(current_schema(), 'CREATE'), "
        "ARRAY(SELECT rolname::text FROM pg_roles)"
    ).fetchall()
    login, schema, existing = sql.Identifier(row[0]), sql.Identifier(row[1]), set(row[3])
    missing = []

    def has(question: LiteralString, *about: str) -> bool:
        """About roles that exist."""
        found = connection.execute(f"SELECT {question}", about).fetchone()
        return found is not None and bool(found[0])

    for name in (ROLE, *roles.GROUPS):
        role = sql.Identifier(name)
        if name not in existing:
            missing.append(sql.SQL("CREATE ROLE {} NOLOGIN;").format(role))
        if name not in existing or not has("has_schema_privilege(%s, %s, 'USAGE')", name, row[1]):
            missing.append(sql.SQL("GRANT USAGE ON SCHEMA {} TO {};").format(schema, role))
    for name in (ROLE, roles.OWNER):
        if name not in existing or not has("pg_has_role(current_user, %s, 'MEMBER')", name):
            missing.append(sql.SQL("GRANT {} TO {};").format(sql.Identifier(name), login))
    for name, member in roles.MEMBERS:
        if not {name, member} <= existing or not has("pg_has_role(%s, %s, 'MEMBER')", member, name):
            missing.append(sql.SQL("GRANT {} TO {};").format(sql.Identifier(name), sql.Identifier(member)))
    if roles.OWNER not in existing or not has("has_schema_privilege(%s, %s, 'CREATE')", roles.OWNER, row[1]):
        missing.append(sql.SQL("GRANT CREATE ON SCHEMA {} TO {};").format(schema, sql.Identifier(roles.OWNER)))
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
