"""Who may do what in the database: the server's rights do not reach into the past, and neither do its parts'."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from erstwhile.api.database import roles
from erstwhile.api.database.database import Database, DatabaseUnavailable
from erstwhile.api.database.settings import Settings
from tests.support.databases import Server
from tests.support.signed_log import fill, serve_decisions, sign

LOG = ("event", "event_tag")
LEDGER = ("ledger_tile", "ledger_checkpoint", "ledger_key", "decision_leaf", "decision_tile", "decision_checkpoint")
ALTERATIONS = [
    *(f"DELETE FROM {table}" for table in (*LOG, *LEDGER)),
    *(f"TRUNCATE {table} CASCADE" for table in (*LOG, *LEDGER)),
    *(f"ALTER TABLE {table} DISABLE TRIGGER ALL" for table in (*LOG, *LEDGER)),
    *(f"DROP TABLE {table} CASCADE" for table in (*LOG, *LEDGER)),
    *(f"ALTER TABLE {table} ADD COLUMN more text" for table in (*LOG, *LEDGER)),
    *(f"ALTER TABLE {table} OWNER TO CURRENT_USER" for table in (*LOG, *LEDGER)),
    *(f"CREATE TRIGGER own BEFORE INSERT ON {table} EXECUTE FUNCTION refuse_change()" for table in (*LOG, *LEDGER)),
    *(f"CREATE RULE own AS ON INSERT TO {table} DO INSTEAD NOTHING" for table in (*LOG, *LEDGER)),
    "UPDATE event SET account = '1'",
    "UPDATE event_tag SET tag = 'a'",
    "UPDATE event_details SET details = '{}'",
    "TRUNCATE event_details",
    "UPDATE ledger_tile SET hashes = '\\x00'",
    "UPDATE ledger_tile SET number = number + 1",
    "UPDATE ledger_checkpoint SET note = 'another'",
    "UPDATE ledger_checkpoint SET size = size + 1",
    "UPDATE ledger_checkpoint SET note = split_part(note, E'\\n\\n', 1) || E'\\n\\n'",
    "UPDATE ledger_key SET verifier = 'another'",
    "UPDATE decision_leaf SET entry = '\\x00'",
    "UPDATE decision_tile SET hashes = '\\x00'",
    "UPDATE decision_checkpoint SET note = 'another'",
    "DROP TRIGGER event_append_only ON event",
    "DROP TRIGGER ledger_tile_grows ON ledger_tile",
    "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    "CREATE OR REPLACE FUNCTION refuse_ledger_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    "CREATE FUNCTION own() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
    "DROP FUNCTION refuse_change() CASCADE",
    "SET session_replication_role = replica",
    "SELECT set_config('session_replication_role', 'replica', false)",
    "CREATE TABLE own (a integer)",
]


@pytest.fixture(params=["embedded", "postgresql-15"])
def server(request: pytest.FixtureRequest) -> Server:
    found: Server = request.getfixturevalue("embedded_server" if request.param == "embedded" else "postgres_15")
    return found


@pytest.fixture
def recorded(server: Server) -> Iterator[Database]:
    """With events and a signed ledger."""
    database = server.fresh()
    fill(database)
    sign(database)
    serve_decisions(database)
    yield database
    server.drop(database)


def rows(connection: psycopg.Connection[Any]) -> list[Any]:
    return [connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall() for table in (*LOG, *LEDGER)]


def is_refused(connection: psycopg.Connection[Any], statement: str) -> bool:
    try:
        connection.execute(statement)
    except psycopg.errors.InsufficientPrivilege:
        return True
    return False


def test_no_role_of_the_server_alters_the_past(recorded: Database) -> None:
    with recorded.owner() as owner:
        before = rows(owner)
        assert all(before)
        for role in (roles.SERVICE, roles.WRITER, roles.PROJECTOR, roles.READER):
            login = f"plain_{role}"
            owner.execute(f"CREATE ROLE {login} LOGIN IN ROLE {role}")
            try:
                with psycopg.connect(make_conninfo(recorded.owner_dsn, user=login), autocommit=True) as connection:
                    for statement in ALTERATIONS:
                        assert is_refused(connection, statement), statement
                    # PostgreSQL warns and grants nothing.
                    connection.execute("GRANT UPDATE, DELETE, TRUNCATE, TRIGGER ON event TO CURRENT_USER")
                    assert is_refused(connection, "UPDATE event SET account = '1'")
                    for whom in ("postgres", roles.OWNER):
                        with pytest.raises(psycopg.errors.InsufficientPrivilege):
                            connection.execute(f"SET ROLE {whom}")
                    connection.execute("RESET ROLE")
                    assert roles.beyond_the_service(connection) == []
            finally:
                owner.execute(f"DROP ROLE {login}")
        assert rows(owner) == before


def test_the_owner_is_stopped_by_triggers(recorded: Database) -> None:
    """What only grows may grow."""
    with recorded.owner() as owner:
        for statement in (
            "DELETE FROM event", "DELETE FROM ledger_tile", "TRUNCATE ledger_checkpoint", "DELETE FROM ledger_key",
            "UPDATE ledger_tile SET hashes = substring(hashes FROM 1 FOR 32)", "UPDATE event_details SET details = ''",
            "UPDATE ledger_checkpoint SET note = replace(note, E'\\n\\n', E'\\nmore\\n\\n')",
        ):  # fmt: skip
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                owner.execute(statement)
        owner.execute("UPDATE ledger_tile SET hashes = hashes || '\\x00' WHERE level = 0")
        owner.execute("UPDATE ledger_checkpoint SET note = note || E'— other AAAA\\n'")


def test_all_belongs_to_the_owner_and_the_reader_reads_what_is_no_secret(recorded: Database) -> None:
    with recorded.owner() as owner:
        owners = owner.execute(
            "SELECT relowner::regrole::text FROM pg_class "
            "WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'S') "
            "UNION SELECT proowner::regrole::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
        )
        assert owners.fetchall() == [(roles.OWNER,)]
        hidden = owner.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v') "
            "AND relname !~ 'yoyo' AND NOT relispartition "
            "AND NOT has_table_privilege('erstwhile_reader', oid, 'SELECT')"
        )
        assert {name for (name,) in hidden} == set(roles.SECRET)
        owner.execute("SET ROLE erstwhile_writer")
        owner.execute("SELECT count(*) FROM fact")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            owner.execute("DELETE FROM fact")
        owner.execute("SET ROLE erstwhile_projector")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            owner.execute("INSERT INTO event_tag VALUES ('a', 'b', 1)")


def test_only_the_owner_migrates(server: Server) -> None:
    database = server.fresh()
    try:
        with database.owner() as owner:
            owner.execute("CREATE ROLE plain_other LOGIN IN ROLE erstwhile_service")
            owner.execute("DELETE FROM _yoyo_migration WHERE migration_id = '0027.roles'")
        other = Database(make_conninfo(database.owner_dsn, user="plain_other"), is_embedded=False)
        with pytest.raises(DatabaseUnavailable, match="log in as erstwhile_owner"):
            other.migrate()
        assert database.migrate() == ["0027.roles"]
    finally:
        with database.owner() as owner:
            owner.execute("DROP ROLE plain_other")
        server.drop(database)


def test_a_server_on_the_embedded_database_has_no_way_back(tmp_path: Path) -> None:
    database = Database.open(Settings(home=tmp_path / "home", ephemeral=True))
    try:
        with database.connect() as connection:
            assert conninfo_to_dict(database.dsn)["user"] == roles.LOGIN
            connection.execute("RESET ROLE")
            assert roles.beyond_the_service(connection) == []
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute("SET SESSION AUTHORIZATION postgres")
        with database.owner() as connection:
            assert roles.beyond_the_service(connection) == ["it is a superuser"]
    finally:
        database.close()
