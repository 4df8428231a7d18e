"""Migrations: what they make is written down; definitions are applied again when their text changes; databases of the
chain before the squash are brought up to date."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import yoyo

from erstwhile.api.database import migrating
from erstwhile.api.database.database import Database
from erstwhile.api.runtime.following import FollowingRuntime
from erstwhile.api.support.event_ids import new_event_id
from erstwhile.domain.commands.users_groups import CreateUser
from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.domain.event_log.new_events import Append, NewEvent
from erstwhile.domain.events.account import AccountRegistered
from erstwhile.domain.events.principals import UserCreated
from erstwhile.domain.vocabulary.identifiers import Ref
from tests.support.databases import Server
from tests.support.given import ACCOUNT
from tests.support.schema import SCHEMA, schema_of


@pytest.fixture(params=["embedded", "postgresql-15"])
def server(request: pytest.FixtureRequest) -> Server:
    found: Server = request.getfixturevalue("embedded_server" if request.param == "embedded" else "postgres_15")
    return found


@pytest.fixture
def empty(server: Server) -> Iterator[Database]:
    database = server.empty()
    yield database
    server.drop(database)


def schema(database: Database) -> str:
    with database.owner() as owner:
        return schema_of(owner)


@pytest.mark.sources
def test_the_written_schema_is_what_the_migrations_make(database: Database) -> None:
    assert schema(database) == SCHEMA.read_text(), "run `make schema`"


def test_numbered_files_hold_tables_and_definitions_a_file_each() -> None:
    for path in migrating.MIGRATIONS.glob("[0-9]*.sql"):
        assert not re.search(r"\bCREATE (OR REPLACE )?(FUNCTION|VIEW|TRIGGER)\b", path.read_text()), path
    for kind in ("function", "view"):
        for path in (migrating.MIGRATIONS / f"{kind}s").glob("*.sql"):
            made = re.findall(rf"CREATE OR REPLACE {kind.upper()} (\w+)", path.read_text())
            assert made == [path.stem], path


def of_the_old_chain(database: Database, last: str) -> None:
    """What an earlier version made of the database, up to a step of the chain before the squash."""
    with migrating._backend(database.owner_dsn) as backend:
        old = yoyo.read_migrations(str(migrating.BEFORE_SQUASH))
        backend.apply_migrations(backend.to_apply(old.filter(lambda each: each.id <= last)))


@pytest.mark.parametrize("last", ["0020.keys-in-use", "0016.outcomes"])
def test_a_database_of_before_the_squash_is_brought_up_to_date(empty: Database, server: Server, last: str) -> None:
    of_the_old_chain(empty, last)
    events = [
        NewEvent(event_id=new_event_id(), account=ACCOUNT, body=AccountRegistered(mode="governed")),
        NewEvent(event_id=new_event_id(), account=ACCOUNT, body=UserCreated(subject=Ref("user", "ada", "AIDAADA"))),
    ]
    with empty.connect() as connection:
        assert EventLog.within(connection).append_batch([Append(tuple(events))]) == [2]
        connection.execute("INSERT INTO api_token (name, sha256, scopes) VALUES ('t', '\\x01', '{read}')")
    pending = empty.pending_migrations()
    assert "0001.events" in pending and "0021.api-token" in pending
    assert ("0017.issued-keys" in pending) == (last < "0017")
    assert empty.migrate() == pending
    assert empty.pending_migrations() == [] == empty.migrate()
    fresh = server.fresh()
    try:
        assert schema(empty) == schema(fresh)
    finally:
        server.drop(fresh)
    service = FollowingRuntime(empty)
    try:
        done = service.commands.execute(CreateUser(account=ACCOUNT, name="bob", new_id="AIDABOB"))
        assert done.position == 3
        service.present.wait_for(3)
        assert [each["entities"] for each in service.questions.status()["accounts"] if each["account"] == ACCOUNT] == [
            {"user": 2}
        ]
        with service.connection() as connection:
            assert [each.event_id for each in EventLog.within(connection).read_positions([1, 2])] == [
                each.event_id for each in events
            ]
            assert connection.execute("SELECT name, scopes FROM api_token").fetchall() == [("t", ["read"])]
    finally:
        service.close()


def test_a_definition_is_applied_again_when_its_text_changes(
    empty: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty.migrate()
    later = tmp_path / "migrations"
    shutil.copytree(migrating.MIGRATIONS, later)
    changed = later / "functions" / "client_address.sql"
    changed.write_text(changed.read_text().replace("RETURN source::inet", "RETURN '192.0.2.1'::inet"))

    def answer() -> list[tuple[str]]:
        with empty.owner() as owner:
            return owner.execute("SELECT host(client_address('198.51.100.7'))").fetchall()

    assert answer() == [("198.51.100.7",)]
    with monkeypatch.context() as of_a_later_release:
        of_a_later_release.setattr(migrating, "MIGRATIONS", later)
        [name] = empty.pending_migrations()
        assert name.startswith("client_address@")
        assert empty.migrate() == [name]
        assert answer() == [("192.0.2.1",)]
    # The earlier release starts again beside the later one, and leaves the later one's function in place.
    assert empty.pending_migrations() == [] == empty.migrate()
    assert answer() == [("192.0.2.1",)]
