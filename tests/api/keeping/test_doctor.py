"""`erstwhile doctor`: each thing that is wrong is said, with what to do."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
from psycopg.conninfo import make_conninfo

from erstwhile.api.database.database import Database
from erstwhile.api.database.settings import Settings
from erstwhile.api.keeping import doctor
from erstwhile.api.keeping.doctor import State, examine
from erstwhile.api.ledger.keys import read_signers
from erstwhile.api.runtime.runtime import ReadingRuntime
from erstwhile.projections.ledger.keeper import LedgerKeeper
from tests.support.databases import Server
from tests.support.given import ACCOUNT
from tests.support.program import erstwhile
from tests.support.signed_log import fill

LOGIN = "plain_doctor"


@pytest.fixture
def database(embedded_server: Server) -> Iterator[Database]:
    """With events, read models that are where the log is, and a login of the server's own."""
    database = embedded_server.fresh()
    fill(database)
    service = ReadingRuntime(database)
    service.projector.catch_up()
    service.watch_keeper.catch_up()
    service.close()
    with database.owner() as owner:
        owner.execute(f"CREATE ROLE {LOGIN} LOGIN IN ROLE erstwhile_service")
    yield database
    with database.owner() as owner:
        owner.execute(f"DROP ROLE {LOGIN}")
    embedded_server.drop(database)


def sign(database: Database, home: Path) -> None:
    signers = read_signers(home)
    keeper = LedgerKeeper(database.connect, signers[0].key.name, signers, lambda: 1)
    keeper.catch_up()
    keeper.close()


def told(settings: Settings) -> dict[str, tuple[State, str, str]]:
    found = list(examine(settings))
    assert all(each.advice for each in found if each.state is not State.OK)
    return {each.check: (each.state, each.found, each.advice) for each in found}


def test_what_is_well_and_what_is_wrong(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    settings = Settings(home=home, database_url=make_conninfo(database.owner_dsn, user=LOGIN))
    sign(database, home)
    found = told(settings)
    assert {check: state for check, (state, _, _) in found.items()} == dict.fromkeys(found, State.OK)
    assert list(found) == [
        "home", "database", "migrations", "rights", "clock", "read models", "events", "master key", "ledger keys",
        "ledger", "decision log",
    ]  # fmt: skip

    monkeypatch.setenv("ERSTWHILE_DECISION_LOG", "off")
    monkeypatch.setattr(doctor, "APART", -1.0)
    (home / "ledger.key").chmod(0o644)
    with database.owner() as owner:
        owner.execute("UPDATE checkpoint SET position = position - 2 WHERE projection = 'history'")
        owner.execute("INSERT INTO set_apart (position, reason) VALUES (2, 'no such thing')")
        owner.execute(
            "INSERT INTO credential_secret VALUES ('AKIA', %s, 'AIDA', 'of another home', '\\x00')", (ACCOUNT,)
        )
        owner.execute("INSERT INTO event SELECT 20, gen_random_uuid(), now() - interval '2 min', "
                      "occurred_at, type, account, tags, data FROM event WHERE position = 10")  # fmt: skip
    found = told(Settings(home=home, database_url=database.owner_dsn))
    assert {check: state for check, (state, _, _) in found.items() if state is not State.OK} == {
        "home": State.WRONG, "rights": State.BEWARE, "clock": State.BEWARE, "read models": State.BEWARE,
        "events": State.WRONG, "master key": State.WRONG, "ledger": State.BEWARE, "decision log": State.BEWARE,
    }  # fmt: skip
    assert "history by 12" in found["read models"][1] and "chmod 600" in found["home"][2]
    assert "no such thing" in found["events"][1] and "master.key" in found["master key"][1]
    assert found["ledger"][1] == "10 of 20 events are not signed"
    (home / "ledger.key").unlink()
    assert told(settings)["ledger keys"][:2] == (State.WRONG, "ledger.key is not there")

    with database.owner() as owner:
        owner.execute("DELETE FROM _yoyo_migration WHERE migration_id = '0027.roles'")
    found = told(settings)
    assert found["migrations"][0] is State.WRONG and list(found)[-1] == "migrations"


def test_no_database(tmp_path: Path) -> None:
    url = "postgresql://me:secret@127.0.0.1:1/none"
    done = erstwhile(None, "doctor", "--json", ERSTWHILE_DATABASE_URL=url, ERSTWHILE_HOME=str(tmp_path / "home"))
    assert done.returncode == 1 and "secret" not in done.stdout
    found = orjson.loads(done.stdout)
    assert not found["ok"] and [each["check"] for each in found["findings"]] == ["home", "database"]
    assert "refused" in found["findings"][1]["found"]


def test_a_home_that_is_well() -> None:
    with tempfile.TemporaryDirectory(prefix="e-") as folder:
        done = erstwhile(None, "doctor", ERSTWHILE_HOME=f"{folder}/home")
    assert done.returncode == 0, done.stdout
    assert "ok     rights: the server's login can alter neither log nor ledger" in done.stdout
