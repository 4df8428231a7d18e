"""The roles of a database, which `migrations/0027.roles.sql` makes: the owner's tables, and what the reader may read.

After each migration whatever is new belongs to the owner's role, not to the login that migrated, and the reader may
read it, unless it keeps secrets.
"""

from __future__ import annotations

from typing import Any, LiteralString

import psycopg
from psycopg import sql

SERVICE, OWNER, WRITER, PROJECTOR, READER = (
    "erstwhile_service", "erstwhile_owner", "erstwhile_writer", "erstwhile_projector", "erstwhile_reader",
)  # fmt: skip
GROUPS = (OWNER, WRITER, PROJECTOR, READER)
MEMBERS = ((READER, WRITER), (READER, PROJECTOR), (WRITER, SERVICE), (PROJECTOR, SERVICE))
"""(role, role that has its rights, too)"""
LOGIN = "erstwhile_server"
"""As whom processes use the embedded database: a login that has the service's rights and no others."""
SECRET = ("api_token", "credential_secret", "mfa_seed", "login_password", "guess", "report", "webhook")
"""Tables that the reader does not read: hashes of tokens and passwords, sealed secrets, what was asked by others."""

_OURS: LiteralString = """
SELECT c.relname, CASE c.relkind WHEN 'S' THEN 'SEQUENCE' WHEN 'v' THEN 'VIEW' ELSE 'TABLE' END, c.relispartition
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p', 'v', 'S')
"""
_NOT_OWNED: LiteralString = f"""{_OURS} AND c.relowner <> 'erstwhile_owner'::regrole
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype IN ('a', 'i') AND c.relkind = 'S')
ORDER BY c.relname
"""
_FUNCTIONS_NOT_OWNED: LiteralString = """
SELECT p.oid::regprocedure::text FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname = current_schema() AND p.proowner <> 'erstwhile_owner'::regrole
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
ORDER BY 1
"""
_MAY_OWN: LiteralString = (
    "SELECT pg_has_role(current_user, oid, 'MEMBER') AND has_schema_privilege(oid, current_schema(), 'CREATE') "
    "FROM pg_roles WHERE rolname = 'erstwhile_owner'"
)

Connection = psycopg.Connection[Any]


def settle(connection: Connection) -> None:
    """Gives what a migration made to the owner's role, and shows it to the reader. Where the login may not do that,
    the tables stay the login's own."""
    row = connection.execute(_MAY_OWN).fetchone()
    if row is None:
        return  # the roles are not made yet
    if row[0]:
        for name, kind, _ in connection.execute(_NOT_OWNED).fetchall():
            connection.execute(
                sql.SQL("ALTER {} {} OWNER TO {}").format(sql.SQL(kind), sql.Identifier(name), sql.Identifier(OWNER))
            )
        for (signature,) in connection.execute(_FUNCTIONS_NOT_OWNED).fetchall():
            connection.execute(sql.SQL("ALTER FUNCTION {} OWNER TO erstwhile_owner").format(sql.SQL(signature)))
    readable = [
        sql.Identifier(name)
        for name, kind, is_partition in connection.execute(_OURS).fetchall()
        if kind != "SEQUENCE" and not is_partition and name not in SECRET and "yoyo" not in name
    ]
    connection.execute(sql.SQL("GRANT SELECT ON {} TO erstwhile_reader").format(sql.SQL(", ").join(readable)))


def require_owner(connection: Connection) -> str | None:
    """Whose tables these are, where the login has not that role's rights: only the owner migrates. None: it has."""
    row = connection.execute(
        "SELECT c.relowner::regrole::text, pg_has_role(current_user, c.relowner, 'USAGE') FROM pg_class c "
        "WHERE c.oid = to_regclass('event')"
    ).fetchone()
    return None if row is None or row[1] else str(row[0])


def make_login(connection: Connection) -> None:
    """Makes the login of the embedded database, where it is missing."""
    if connection.execute("SELECT FROM pg_roles WHERE rolname = %s", (LOGIN,)).fetchone() is None:
        connection.execute(
            sql.SQL("CREATE ROLE {} LOGIN IN ROLE {}").format(sql.Identifier(LOGIN), sql.Identifier(SERVICE))
        )


def beyond_the_service(connection: Connection) -> list[str]:
    """What the login of a connection may do that the service may not: a program that runs as this login could alter
    the past."""
    [(is_superuser, owner)] = connection.execute(
        "SELECT rolsuper, (SELECT c.relowner::regrole::text FROM pg_class c WHERE c.oid = to_regclass('event') "
        "AND pg_has_role(session_user, c.relowner, 'MEMBER')) FROM pg_roles WHERE rolname = session_user"
    ).fetchall()
    found = ["it is a superuser"] if is_superuser else []
    return found + (
        [f"it is a member of {owner}, which owns the log"] if owner is not None and not is_superuser else []
    )
