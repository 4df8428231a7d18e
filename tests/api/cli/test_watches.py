"""Watches on the command line."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import orjson

from erstwhile.api.database.database import Database
from tests.support.demonstration import READ
from tests.support.documents import trust
from tests.support.program import PROGRAM, environment, erstwhile, ignore_no_signal

STRANGER = "arn:aws:iam::999900001111:role/x"


def test_a_watch_is_made_shown_changed_and_removed(story: Database) -> None:
    found = erstwhile(story, "watch", "add", "payroll", *READ, "--except", "grace", "--note", "ask Ada")
    assert found.returncode == 0 and "watch payroll: s3:GetObject on arn:aws:s3:::payroll/march.csv" in found.stdout
    whole = orjson.loads(erstwhile(story, "watch", "show", "payroll", "--json").stdout)
    assert whole["excepting"] and whole["note"] == "ask Ada" and whole["event"]["event"] == "watch.WatchAdded"
    periods = {each["principal"].rpartition("/")[2]: each["periods"] for each in whole["holders"]}
    assert periods["build-bot"] == [{"from": "2026-03-03T14:09:12Z", "to": "2026-03-03T15:31:10Z", "how": "allowed"}]
    assert "grace" not in periods
    found = erstwhile(story, "watch", "change", "payroll", "--note", "ask Grace", "--action", "s3:GetObject*")
    assert found.returncode == 0 and "s3:GetObjectAcl" in found.stdout
    whole = orjson.loads(erstwhile(story, "watch", "show", "PAYROLL", "--json").stdout)
    assert whole["note"] == "ask Grace" and whole["excepting"] and len(whole["actions"]) > 5
    assert "is so already" in erstwhile(story, "watch", "change", "payroll", "--note", "ask Grace").stdout
    assert "payroll" in erstwhile(story, "watch", "list", "--csv").stdout
    trail = erstwhile(story, "audit", "--target", "payroll", "--columns", "what", "--reverse").stdout
    assert "AddWatch" in trail and "ChangeWatch" in trail
    assert erstwhile(story, "watch", "remove", "payroll").returncode == 0
    assert "nothing is watched" in erstwhile(story, "watch", "list").stdout


def test_what_is_wrong_is_said(story: Database) -> None:
    assert erstwhile(story, "watch", "add", "payroll", *READ).returncode == 0
    for given, words in (
        (("add", "payroll", *READ), "there is a watch payroll already"),
        (("add", "other", "s3:GetObjekt", READ[1]), "did you mean s3:GetObject"),
        (("add", "other", "s3:GetObject", "arn:aws:s3:::payroll/*"), "stands for many"),
        (("add", "no name", *READ), "is not a watch's name"),
        (("add", "other", *READ, "--except", "gracie"), "user/grace"),
        (("add", "other", "s3:*", READ[1]), "a watch is of 50 or fewer"),
        (("show", "payrol"), "did you mean payroll?"),
        (("remove", "x"), "there is no watch x; there are: payroll"),
        (("change", "payroll"), "say what is to change"),
        (("notices", "payrol"), "did you mean payroll?"),
        (("notices", "--follow", "--csv"), "--follow prints"),
    ):
        found = erstwhile(story, "watch", *given)
        assert found.returncode in (1, 2) and words in found.stderr, (given, found.stderr)
        assert "Traceback" not in found.stderr


def test_notices_are_printed_as_they_come(story: Database, tmp_path: Path) -> None:
    policy = tmp_path / "policy.json"
    policy.write_text(trust({"AWS": STRANGER}, "s3:GetObject"))
    assert erstwhile(story, "watch", "add", "payroll", *READ).returncode == 0
    following = subprocess.Popen(
        [PROGRAM, "watch", "notices", "--follow"], env=environment(story), stdout=subprocess.PIPE, text=True,
        preexec_fn=ignore_no_signal,
    )  # fmt: skip
    try:
        taken = ("--taken-at", "2026-03-03T17:00:00Z", "--account", "111122223333")
        found = erstwhile(story, "import", "resource-policy", "arn:aws:s3:::payroll", str(policy), *taken)
        assert found.returncode == 0, found.stderr
        assert following.stdout is not None
        told = "".join(following.stdout.readline() for _ in range(3))
        assert f"payroll: {STRANGER} gained s3:GetObject (conditional) from 2026-03-03T17:00:00Z" in told, told
        assert "role/auditor lost s3:GetObject (allowed) from 2026-03-03T17:00:00Z" in told, told
    finally:
        os.kill(following.pid, signal.SIGINT)
        following.communicate(timeout=60)
    assert following.returncode == 0
    lines = erstwhile(story, "watch", "notices", "-o", "ndjson").stdout.splitlines()
    assert [orjson.loads(line)["watch"] for line in lines] == ["payroll"]
