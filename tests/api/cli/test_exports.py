"""`erstwhile export state`: files that can be imported again."""

from __future__ import annotations

import hashlib
import shlex
import subprocess
import zipfile
from pathlib import Path

import orjson
import pytest

from erstwhile.api.database.database import Database
from tests.support.program import PROGRAM, environment, erstwhile

THEN = ("--as-of", "2026-03-03 14:30")
ACCOUNT = "111122223333"
ASKED = (
    "who-can", "s3:GetObject", "arn:aws:s3:::wages/file", "--resource-account", ACCOUNT, "--csv", "--columns",
    "answer,principal",
)  # fmt: skip


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
    again = erstwhile(database, *ASKED, "--as-of", "2026-03-03 14:31").stdout
    once = erstwhile(story, *ASKED, *THEN).stdout
    assert sorted(again.splitlines()) == sorted(once.splitlines())
    assert f"allowed,arn:aws:iam::{ACCOUNT}:user/support-sync" in once


def test_the_layout_of_iam_collect_imported_again_gives_the_same_answers(
    story: Database, database: Database, tmp_path: Path
) -> None:
    folder = tmp_path / "iam-data"
    found = erstwhile(story, "export", "state", str(folder), "--layout", "iam-collect", *THEN)
    assert found.returncode == 0, found.stderr
    assert (folder / f"aws/aws/accounts/{ACCOUNT}/iam/user/build-bot/metadata.json").exists()
    given = (str(folder), "--taken-at", "2026-03-03T14:30:00Z", "--complete")
    read = erstwhile(database, "import", "iam-collect", *given)
    assert read.returncode == 0, read.stderr
    again = erstwhile(database, *ASKED, "--as-of", "2026-03-03 14:31").stdout
    once = erstwhile(story, *ASKED, *THEN).stdout
    assert sorted(again.splitlines()) == sorted(once.splitlines())
    assert f"allowed,arn:aws:iam::{ACCOUNT}:user/support-sync" in once
    refused = erstwhile(database, "import", "iam-collect", str(tmp_path), "--taken-at", "2026-03-03T14:30:00Z")
    assert refused.returncode != 0 and "expected a folder that iam-collect wrote" in refused.stderr


@pytest.mark.parametrize("layout", ["aws", "iam-collect"])
def test_a_state_imported_where_it_comes_from_changes_nothing(story: Database, tmp_path: Path, layout: str) -> None:
    """Records told everything of it: nothing of it is news, and what they said of whom stays."""
    questions: list[tuple[str, ...]] = [
        ("timeline", "build-bot", "s3:GetObject", "arn:aws:s3:::payroll/march.csv", "--to", "2026-03-04"),
        ("ever", "s3:GetObject", "arn:aws:s3:::payroll/march.csv", "--to", "2026-03-04"),
        ("provenance", "build-bot", "s3:GetObject", "arn:aws:s3:::payroll/march.csv", "--as-of", "2026-03-03 15:10"),
        ("moments", "policy/deploy", "--to", "2026-03-04"),
    ]
    before = [erstwhile(story, *each, "--output", "csv").stdout for each in questions]
    found = erstwhile(story, "export", "state", str(tmp_path / "state"), "--layout", layout, *THEN)
    assert found.returncode == 0, found.stderr
    folder = tmp_path / "state"
    what = (
        ("iam-collect", str(folder))
        if layout == "iam-collect"
        else ("snapshot", str(folder / f"account-{ACCOUNT}.json"))
    )
    read = erstwhile(story, "import", *what, "--taken-at", "2026-03-03T14:30:00Z", "--complete")
    assert read.returncode == 0 and "drift" not in read.stdout, read
    assert [erstwhile(story, *each, "--output", "csv").stdout for each in questions] == before


@pytest.mark.reads
@pytest.mark.parametrize("layout", ["aws", "iam-collect"])
def test_a_state_for_which_the_disk_has_no_room_leaves_what_was_there(
    story: Database, tmp_path: Path, layout: str
) -> None:
    folder = tmp_path / "state"
    arguments = ("export", "state", str(folder), "--layout", layout, "--force")

    def without_room() -> None:
        command = f"ulimit -f 0; exec {shlex.join([PROGRAM, *arguments])}"
        cut = subprocess.run(
            ["bash", "-c", command], env=environment(story), capture_output=True, text=True, timeout=120
        )  # fmt: skip
        assert (cut.returncode, cut.stderr) == (2, f"error: {folder} cannot be written: File too large\n")

    without_room()
    assert list(tmp_path.iterdir()) == []
    assert erstwhile(story, *arguments, *THEN).returncode == 0
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    without_room()
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_one_account_is_printed(story: Database) -> None:
    found = erstwhile(story, "export", "state", "-", "--account", ACCOUNT, *THEN)
    assert found.returncode == 0, found.stderr
    names = {each["UserName"] for each in orjson.loads(found.stdout)["UserDetailList"]}
    assert {"ada", "build-bot", "support-sync"} <= names
    assert found.stderr == (
        "left out: arn:aws:s3:::payroll: the policy of a resource: "
        "the form has users, groups, roles and policies alone\n"
    )


def test_what_is_wrong_is_said(story: Database, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "left-out.json").write_text("mine")
    for arguments, words in (
        (("-",), "--account says which account is printed"),
        (("-", "--account", ACCOUNT, "--layout", "iam-collect"), "iam-collect has many files: name a folder"),
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


CASE = ("AKIADEMOBUILDBOT0003", "--from", "2026-03-03 14:00", "--to", "2026-03-04", "--as-of", "2026-03-04")


def test_a_case_has_all_that_it_rests_on_with_hashes(story: Database, tmp_path: Path) -> None:
    file = tmp_path / "case.zip"
    found = erstwhile(story, "export", "case", str(file), *CASE)
    assert found.returncode == 0, found.stderr
    with zipfile.ZipFile(file) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    listed = {each["name"]: each for each in orjson.loads(files["manifest.json"])["files"]}
    assert listed.keys() == files.keys() - {"manifest.json"}
    assert all(hashlib.sha256(files[name]).hexdigest() == each["sha256"] for name, each in listed.items())
    report = orjson.loads(files["report.json"])
    asked = orjson.loads(erstwhile(story, "incident", *CASE, "--json").stdout)
    assert report["sections"] == asked["sections"]
    stolen = [name for name in files if name.startswith("evidence/") and b"s3.amazonaws.com" in files[name]]
    assert stolen and all(f"evidence/{ACCOUNT}/" in name for name in stolen)
    events = [orjson.loads(line) for line in files["events.ndjson"].splitlines()]
    assert [each["position"] for each in events] == sorted(each["position"] for each in events)
    assert {"iam.UserCreated", "iam.AccessKeyCreated"} <= {each["type"] for each in events}
    assert files["report.html"].startswith(b"<!doctype html>") and files["report.md"].startswith(b"# Incident report")
    again = tmp_path / "again.zip"
    assert erstwhile(story, "export", "case", str(again), *CASE).returncode == 0
    assert again.read_bytes() == file.read_bytes()
    keys = tmp_path / "ledger.pub"
    keys.write_text(erstwhile(story, "ledger", "keys").stdout)
    told = orjson.loads(erstwhile(None, "verify", str(file), "--key", str(keys), "--json").stdout)
    assert (told["verified"], told["events"]) == (True, len(events))
    assert {
        line["position"] for line in map(orjson.loads, files["ledger/tree.ndjson"].splitlines()) if "leaf" in line
    } == {each["position"] for each in events}


def test_a_case_that_cannot_be_written_leaves_nothing(story: Database, tmp_path: Path) -> None:
    there = tmp_path / "there.zip"
    there.write_text("mine")
    for target, words in (
        (there, "is there already: --force replaces it"),
        (tmp_path / "no" / "folder.zip", "cannot be written: No such file or directory"),
    ):
        found = erstwhile(story, "export", "case", str(target), *CASE)
        assert found.returncode == 2 and words in found.stderr and "Traceback" not in found.stderr
    assert there.read_text() == "mine" and [each.name for each in tmp_path.iterdir()] == ["there.zip"]
