"""`erstwhile export state`: files that can be imported again."""

from __future__ import annotations

from pathlib import Path

import orjson

from erstwhile.api.database.database import Database
from tests.support.program import erstwhile

THEN = ("--as-of", "2026-03-03 14:30")
ACCOUNT = "111122223333"


def test_the_state_of_an_instant_imported_again_gives_the_same_answers(
    story: Database, database: Database, tmp_path: Path
) -> None:
    folder = tmp_path / "state"
    found = erstwhile(story, "export", "state", str(folder), *THEN)
    assert found.returncode == 0, found.stderr
    assert "2 files in" in found.stdout and "as of 2026-03-03T14:30:00Z" in found.stdout
    assert sorted(each.name for each in folder.iterdir()) == [f"account-{ACCOUNT}.json", "left-out.json"]
    file = str(folder / f"account-{ACCOUNT}.json")
    read = erstwhile(database, "import", "snapshot", file, "--taken-at", "2026-03-03T14:30:00Z", "--complete")
    assert read.returncode == 0, read.stderr
    asked = (
        "who-can",
        "s3:GetObject",
        "arn:aws:s3:::wages/file",
        "--resource-account",
        ACCOUNT,
        "--csv",
        "--columns",
        "answer,principal",
    )
    again = erstwhile(database, *asked, "--as-of", "2026-03-03 14:31").stdout
    once = erstwhile(story, *asked, *THEN).stdout
    assert sorted(again.splitlines()) == sorted(once.splitlines())
    assert f"allowed,arn:aws:iam::{ACCOUNT}:user/support-sync" in once


def test_one_account_is_printed(story: Database) -> None:
    found = erstwhile(story, "export", "state", "-", "--account", ACCOUNT, *THEN)
    assert found.returncode == 0, found.stderr
    names = {each["UserName"] for each in orjson.loads(found.stdout)["UserDetailList"]}
    assert {"ada", "build-bot", "support-sync"} <= names
    assert "entries are left out" in found.stderr


def test_what_is_wrong_is_said(story: Database, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "left-out.json").write_text("mine")
    for arguments, words in (
        (("-",), "--account says which account is printed"),
        ((str(tmp_path),), "left-out.json is there already: --force replaces it"),
        ((str(tmp_path / "file" / "folder"),), "cannot be written: Not a directory"),
        ((str(tmp_path / "new"), "--account", "999999999999"), "account 999999999999 is not known"),
        ((str(tmp_path / "new"), "--as-of", "soon"), "soon"),
    ):
        found = erstwhile(story, "export", "state", *arguments)
        assert found.returncode in (1, 2) and words in found.stderr, found.stderr
        assert "Traceback" not in found.stderr
    assert (tmp_path / "left-out.json").read_text() == "mine"
    assert erstwhile(story, "export", "state", str(tmp_path), "--force").returncode == 0
    assert orjson.loads((tmp_path / "left-out.json").read_bytes())[0]["arn"] == "arn:aws:s3:::payroll"
