"""`erstwhile ledger` and `erstwhile verify`, as people use them."""

from __future__ import annotations

import stat
from pathlib import Path

import orjson
import psycopg

from erstwhile.api.database.database import Database
from erstwhile.api.ledger.keys import public_keys
from tests.support.program import erstwhile


def test_the_life_of_a_ledger_on_the_command_line(story: Database, tmp_path: Path) -> None:
    home = tmp_path / "home"

    def run(*arguments: str) -> tuple[int, str, str]:
        done = erstwhile(story, *arguments, ERSTWHILE_HOME=str(home), ERSTWHILE_LEDGER_ORIGIN="audit.example/log")
        return done.returncode, done.stdout, done.stderr

    status, text, _ = run("verify")
    assert (status, text.splitlines()[0]) == (1, "NOT VERIFIED: nothing was signed yet")

    status, checkpoint, _ = run("ledger", "checkpoint")
    assert status == 0
    assert checkpoint.startswith("audit.example/log\n")
    assert stat.S_IMODE((home / "ledger.key").stat().st_mode) == 0o600
    (tmp_path / "kept").write_text(checkpoint)
    events = int(checkpoint.splitlines()[1])

    status, text, _ = run("ledger", "keys")
    assert [line.split("+")[0] for line in text.splitlines()] == ["audit.example/log"] * 2
    (tmp_path / "ledger.pub").write_text(text)
    private = (home / "ledger.key").read_text()
    assert not [line for line in private.splitlines() if line in text]

    trusted = ("--key", str(tmp_path / "ledger.pub"))
    status, text, _ = run("verify", *trusted, "--checkpoint", str(tmp_path / "kept"))
    assert (status, text) == (0, f"verified: the events 1 to {events} are what was signed by audit.example/log\n")
    status, text, _ = run("verify", "--json", *trusted)
    assert orjson.loads(text) == {
        "verified": True, "events": events, "signed_events": events, "checkpoints": 1, "signers": ["audit.example/log"],
    }  # fmt: skip

    status, receipt, _ = run("ledger", "receipt", "3")
    (tmp_path / "3.tlog-proof").write_text(receipt)
    status, text, _ = run("verify", str(tmp_path / "3.tlog-proof"), *trusted)
    assert (status, text.splitlines()[0]) == (
        0, f"verified: position 3 of a log that audit.example/log has signed with {events} events",
    )  # fmt: skip
    assert orjson.loads(text.partition("\n")[2])["type"]

    lines = receipt.splitlines()
    altered = lines[1][:-8] + "AAAA" + lines[1][-4:]
    (tmp_path / "altered").write_text(receipt.replace(lines[1], altered))
    status, text, _ = run("verify", str(tmp_path / "altered"), *trusted)
    assert (status, text) == (1, "NOT VERIFIED: the proof does not lead from the event to the checkpoint's root\n")

    status, text, _ = run("ledger", "new-key")
    assert len(public_keys(home)) == 4
    status, text, _ = run("ledger", "checkpoint")
    assert text.count("\n— ") == 4
    assert run("verify", *trusted)[0] == 0

    with psycopg.connect(story.owner_dsn) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("UPDATE event SET account = '999999999999' WHERE position = 5")
    status, text, _ = run("verify", *trusted)
    assert (status, text.splitlines()[0]) == (1, "NOT VERIFIED: changed at position 5")
    assert orjson.loads(run("verify", "--json")[1])["tampering"]["position"] == 5


def test_bad_input_says_what_is_wrong(story: Database, tmp_path: Path) -> None:
    def run(*arguments: str, **more: str) -> tuple[int, str]:
        done = erstwhile(story, *arguments, **({"ERSTWHILE_HOME": str(tmp_path / "home")} | more))
        return done.returncode, done.stderr

    (tmp_path / "none").write_text("nothing of the kind\n")
    assert run("verify", str(tmp_path / "none")) == (
        2, f"error: {tmp_path}/none: a receipt begins with a line c2sp.org/tlog-proof@v1\n",
    )  # fmt: skip
    assert run("verify", "--key", "name+00+AAAA")[1].startswith("error: the key of name is of a type that is not known")
    absent = str(tmp_path / "absent")
    assert run("verify", "--key", absent)[1] == f"error: {absent}: No such file or directory\n"
    assert "this has no name before the first +" in run("verify", "--key", str(tmp_path / "none"))[1]
    assert run("verify", "--checkpoint", str(tmp_path / "none"))[0] == 2
    assert "no space, no +" in run("ledger", "checkpoint", ERSTWHILE_LEDGER_ORIGIN="a b")[1]
    status, text = run(
        "ledger", "checkpoint", ERSTWHILE_LEDGER_KEY="PRIVATE+KEY+x+00000000+AYEKFALVFGyNhPJEMzD1QIDr+Y7hf"
    )
    assert status == 1
    assert text.startswith("error: ERSTWHILE_LEDGER_KEY, line 1: ")
    assert "AYEK" not in text
    assert run("ledger", "receipt", "99999")[1].startswith("error: the signed checkpoint has the events 1 to ")
