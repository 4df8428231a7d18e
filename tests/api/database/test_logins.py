"""Databases of others: logins that may not create roles, or own nothing; addresses that are none; open homes."""

from __future__ import annotations

import os
import uuid
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from erstwhile.api.database import embedded
from erstwhile.api.database.database import Database, DatabaseUnavailable
from erstwhile.api.database.home_check import findings
from erstwhile.api.database.settings import Settings
from erstwhile.api.runtime.following import FollowingRuntime
from erstwhile.domain.commands.users_groups import CreateUser
from erstwhile.projections.rebuild import rebuild
from tests.support.databases import Server

ACCOUNT = "111122223333"


@pytest.fixture(params=["embedded", "postgresql-15"])
def server(request: pytest.FixtureRequest) -> Server:
    found: Server = request.getfixturevalue("embedded_server" if request.param == "embedded" else "postgres_15")
    return found


def as_login(database: Database, name: str) -> str:
    return make_conninfo(database.owner_dsn, user=name)


def used(dsn: str) -> None:
    """All that a server does, over one login."""
    database = Database.open(Settings(home=Path("/nonexistent"), database_url=dsn))
    database.require_current()
    service = FollowingRuntime(database)
    try:
        done = service.commands.execute(CreateUser(account=ACCOUNT, name="ada", new_id="AIDA1"))
        service.present.wait_for(done.position)
        listed = service.questions.status()
        assert [each["entities"] for each in listed["accounts"] if each["account"] == ACCOUNT] == [{"user": 1}]
        assert all(each["lag"] == 0 for each in listed["read_models"].values())
    finally:
        service.close()
    rebuild(database.connect, "history")


def test_an_owner_who_may_not_create_roles(server: Server) -> None:
    """Hears what is missing; once an administrator has run that, word for word, the rest goes by itself."""
    name = f"owner_{uuid.uuid4().hex[:12]}"
    database = server.empty()
    administrator = psycopg.connect(database.owner_dsn, autocommit=True)
    dbname = conninfo_to_dict(database.owner_dsn)["dbname"]
    others = administrator.execute(
        "SELECT rolname FROM pg_roles WHERE pg_has_role(rolname, 'erstwhile_service', 'MEMBER')"
    )
    assert others.fetchall()
    administrator.execute(f"CREATE ROLE {name} LOGIN")
    administrator.execute(f'ALTER DATABASE "{dbname}" OWNER TO {name}')
    administrator.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
    administrator.execute("ALTER SCHEMA public OWNER TO CURRENT_USER")
    dsn = as_login(database, name)
    try:
        owned = Database(dsn, is_embedded=False)
        with pytest.raises(DatabaseUnavailable, match="may not create roles") as told:
            owned.migrate()
        statements = [line.strip() for line in str(told.value).splitlines()[1:]]
        assert f'GRANT "erstwhile_service" TO "{name}";' in statements
        for statement in statements:
            administrator.execute(statement)
        applied = owned.migrate()
        assert applied[0] == "0001.events" and "0006.service-role" in applied
        assert owned.pending_migrations() == [] and owned.migrate() == []
        used(dsn)
    finally:
        administrator.close()
        server.drop(database)
        with psycopg.connect(make_conninfo(server.dsn, dbname="postgres"), autocommit=True) as connection:
            connection.execute(f"DROP ROLE {name}")


def test_a_login_that_owns_nothing(server: Server) -> None:
    name = f"plain_{uuid.uuid4().hex[:12]}"
    database, empty = server.fresh(), server.empty()
    with database.owner() as owner:
        owner.execute(f"CREATE ROLE {name} LOGIN IN ROLE erstwhile_service")
    try:
        used(as_login(database, name))
        with pytest.raises(DatabaseUnavailable, match="migrations are not applied"):
            Database(as_login(empty, name), is_embedded=False).require_current()
        with database.owner() as owner:
            owner.execute("REVOKE SELECT ON _yoyo_migration FROM erstwhile_service")
        with pytest.raises(DatabaseUnavailable, match="as the owner of the tables"):
            Database(as_login(database, name), is_embedded=False).require_current()
    finally:
        server.drop(database)
        server.drop(empty)
        with psycopg.connect(make_conninfo(server.dsn, dbname="postgres"), autocommit=True) as connection:
            connection.execute(f"DROP ROLE {name}")


def test_a_migration_that_was_killed_locks_nobody_out(server: Server) -> None:
    database = server.empty()
    try:
        database.migrate()
        with database.owner() as owner:
            owner.execute("DELETE FROM _yoyo_migration WHERE migration_id = '0006.service-role'")
            owner.execute("INSERT INTO yoyo_lock (locked, ctime, pid) VALUES (1, now(), 99999)")
        assert database.migrate() == ["0006.service-role"]
    finally:
        server.drop(database)


@pytest.mark.parametrize("url", ["nonsense", "postgres//x:secret@y", "host", "dbname='", "a\ud800=b"])
def test_an_address_that_is_none(url: str) -> None:
    with pytest.raises(DatabaseUnavailable, match="not a connection string") as told:
        Database.open(Settings(home=Path("/nonexistent"), database_url=url))
    assert "secret" not in str(told.value)


def test_an_address_where_nobody_is() -> None:
    with pytest.raises(DatabaseUnavailable, match=r"cannot connect to PostgreSQL at .*127\.0\.0\.1") as told:
        Database.open(Settings(home=Path("/nonexistent"), database_url="postgresql://me:secret@127.0.0.1:1/none"))
    assert "secret" not in str(told.value)
    assert "host=127.0.0.1 port=1 dbname=none: " in str(told.value) and "refused" in str(told.value)


def test_what_is_wrong_with_a_home(tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert findings(home) == []
    _, use = embedded.start(home)
    use.close()
    key = home / "master.key"
    key.write_text("secret")
    key.chmod(0o600)
    assert findings(home) == []
    home.chmod(0o755)
    key.chmod(0o644)
    (home / "run" / "log").chmod(0o664)
    told = findings(home)
    assert [line.split(": ")[1] for line in told] == [
        f"chmod 700 {home}", f"chmod 600 {key}", f"chmod 600 {home / 'run' / 'log'}",
    ]  # fmt: skip
    assert findings(key) == [f"{key} is no folder: choose another --home"]
    assert os.stat(home / "postgres").st_mode & 0o777 == 0o700
