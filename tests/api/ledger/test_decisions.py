"""The tree over the decision log, as the program and a server show it."""

from __future__ import annotations

import asyncio
import base64
from hashlib import sha256
from pathlib import Path

import orjson
import psycopg
import pytest
import rfc8785

from erstwhile.api.database.database import Database
from erstwhile.api.ledger.keeping import DecisionTreeThread, LedgerThread
from erstwhile.projections.ledger.decision_tree import DecisionKeeper
from erstwhile.projections.ledger.keeper import LedgerKeeper
from tests.support.http import serving
from tests.support.program import erstwhile
from tests.support.signed_log import KEYS, ORIGIN, SIGNERS, fill, serve_decisions, sign

GIVEN = {"ERSTWHILE_LEDGER_KEY": ",".join(each.private_text() for each in SIGNERS)}


@pytest.fixture
def served(database: Database) -> Database:
    fill(database)
    sign(database)
    serve_decisions(database)
    return database


def first_id(database: Database) -> int:
    with database.connect() as connection:
        return int(connection.execute("SELECT min(id) FROM decision").fetchall()[0][0])


def test_a_receipt_is_verified_offline(served: Database, tmp_path: Path) -> None:
    made = erstwhile(served, "decisions", "receipt", str(first_id(served)), **GIVEN)
    assert made.returncode == 0, made.stderr
    file, keys = tmp_path / "1.tlog-proof", tmp_path / "ledger.pub"
    file.write_text(made.stdout)
    keys.write_text("\n".join(map(str, KEYS)))
    done = erstwhile(None, "verify", str(file), "--key", str(keys), "--json")
    told = orjson.loads(done.stdout)
    assert (done.returncode, told["verified"], told["position"], told["signed_decisions"]) == (0, True, 1, 3), told
    assert (told["decision"]["asked_by"], told["decision"]["effect"]) == ("shop", "allow")
    done = erstwhile(None, "verify", str(file), "--key", str(keys))
    assert done.stdout.startswith(f"verified: leaf 1 of a log that {ORIGIN} has signed with 3 decisions\n")
    extra = next(line for line in made.stdout.splitlines() if line.startswith("extra "))
    other = base64.b64encode(base64.b64decode(extra[6:]).replace(b"allow", b"never")).decode()
    file.write_text(made.stdout.replace(extra, f"extra {other}"))
    done = erstwhile(None, "verify", str(file), "--key", str(keys), "--json")
    assert (done.returncode, orjson.loads(done.stdout)["verified"]) == (1, False)
    done = erstwhile(served, "decisions", "receipt", "999", **GIVEN)
    assert (done.returncode, "no signed checkpoint has a decision with the id 999" in done.stderr) == (1, True)


def test_verify_names_what_was_done_to_decisions(served: Database, tmp_path: Path) -> None:
    note = tmp_path / "decisions"
    note.write_text(erstwhile(served, "decisions", "checkpoint", **GIVEN).stdout)
    assert note.read_text().startswith(f"{ORIGIN}/decisions\n3\n")
    asked = ("verify", "--decisions", "--checkpoint", str(note))
    done = erstwhile(served, *asked, **GIVEN)
    assert (done.returncode, "verified: the decisions 1 to 3 are what was signed" in done.stdout) == (0, True), done
    assert erstwhile(served, "decisions", "prune", "--before", "2026-03-02", **GIVEN).returncode == 0
    told = orjson.loads(erstwhile(served, *asked, "--json", **GIVEN).stdout)["decisions"]
    assert (told["verified"], told["deleted"], told["erased"], told["signed_decisions"]) == (True, 3, 0, 3)
    with psycopg.connect(served.owner_dsn, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        for table in ("decision_leaf", "decision_tile", "decision_checkpoint"):
            connection.execute(f"DELETE FROM {table}")
    done = erstwhile(served, *asked, "--json", **GIVEN)
    told = orjson.loads(done.stdout)
    assert (done.returncode, told["verified"], told["decisions"]["tampering"]["kind"]) == (1, True, "truncated")
    done = erstwhile(served, "verify", "--checkpoint", str(note), **GIVEN)
    assert (done.returncode, "--decisions holds these against it" in done.stderr) == (2, True)


async def test_a_server_keeps_and_shows_the_tree(database: Database) -> None:
    async with serving(database) as client:
        for path in ("checkpoint", "tile/0/000.p/1"):
            assert (await client.get(f"/v1/ledger/decisions/{path}"))[0] == 404
        fill(database)
        serve_decisions(database)
        given = database.connect, ORIGIN, SIGNERS, lambda: 5
        for thread in (LedgerThread(LedgerKeeper(*given), lambda: 1), DecisionTreeThread(DecisionKeeper(*given))):
            thread.start()
            await asyncio.to_thread(thread.close)
            assert thread.failure is None
        async with client.session.get(f"{client.base}/v1/ledger/decisions/checkpoint") as answer:
            origin, size, root, *_ = (await answer.text()).split("\n")
        async with client.session.get(f"{client.base}/v1/ledger/decisions/tile/0/000.p/3") as answer:
            tile = await answer.read()
        leaves = [tile[at : at + 32] for at in range(0, len(tile), 32)]
        left = sha256(b"\x01" + leaves[0] + leaves[1]).digest()
        assert (origin, size) == (f"{ORIGIN}/decisions", "3")
        assert base64.b64decode(root) == sha256(b"\x01" + left + leaves[2]).digest()
        _, listed = await client.get("/v1/decisions")
        last = listed["entries"][0]
    done = await asyncio.to_thread(erstwhile, database, "decisions", "receipt", str(last["id"]), **GIVEN)
    extra = next(line for line in done.stdout.splitlines() if line.startswith("extra "))
    told = base64.b64decode(extra[6:])
    assert rfc8785.dumps(orjson.loads(told)) == told
    assert sha256(b"\x00" + sha256(told).digest()).digest() == leaves[2]
