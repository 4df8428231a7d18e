"""`erstwhile unused` and `erstwhile check`: what they print, and their exit status."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from erstwhile.api.database.database import Database
from tests.support import used_story
from tests.support.databases import Server
from tests.support.program import erstwhile
from tests.support.used_story import AS_OF, BOB_ARN, document


@pytest.fixture(scope="module")
def day(embedded_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    database = embedded_server.fresh()
    used_story.load(database, tmp_path_factory.mktemp("day"))
    yield database
    embedded_server.drop(database)


def test_what_nobody_used(day: Database) -> None:
    found = erstwhile(day, "unused", "--days", "1", "--as-of", AS_OF, "--json")
    assert found.returncode == 0, found.stderr
    answer = orjson.loads(found.stdout)
    told = [
        (each["kind"], each["state"], each["sid"] or each["principals"][0], each["actions"])
        for each in answer["unused"]
    ]
    runner = used_story.RUNNER_ARN
    assert told == [
        ("statement", "not used", "Keys", ["iam:CreateAccessKey"]),
        ("action", "not used", "Files", ["s3:DeleteObject"]),
        ("role", "not used", runner, []),
        ("statement", "not used", "Lists", ["iam:List*"]),
        # Bob may do everything, so he may have done what no trail of this account records.
        ("statement", "cannot know", BOB_ARN, ["*"]),
        ("user", "cannot know", BOB_ARN, []),
    ]
    assert (answer["principals"], answer["not_used"], answer["cannot_know"], answer["young"]) == (3, 4, 2, 0)
    assert "is a data event, and no data events of" in answer["unused"][-1]["why"]


def test_what_closes_paths_to_administrator_comes_first(day: Database) -> None:
    """Ada may make a key of Bob, who is an administrator; the policy of `runner` leads nowhere."""
    found = erstwhile(day, "unused", "--days", "1", "--as-of", AS_OF, "--paths", "--json")
    assert found.returncode == 0, found.stderr
    told = [(each["kind"], each["sid"], each["closes"]) for each in orjson.loads(found.stdout)["unused"]]
    assert told[0][:2] == ("statement", "Keys") and told[0][2] > 0
    assert ("statement", "Lists", 0) in told


def test_groups_with_like_use(day: Database) -> None:
    """One who works alone is no group."""
    found = erstwhile(day, "alike", "--days", "1", "--as-of", AS_OF)
    assert found.returncode == 0 and "1 principals used something, 0 groups" in found.stdout, found
    assert "no two used the like" in found.stdout
    bad = erstwhile(day, "alike", "--likeness", "0")
    assert (bad.returncode, bad.stderr.strip()) == (2, "error: likeness: expected 1 to 100, not 0")


def test_unused_for_people_and_bad_input(day: Database) -> None:
    found = erstwhile(day, "unused", "--days", "1", "--as-of", AS_OF)
    assert "4 not used, 2 of which nothing can be known" in found.stdout
    assert "iam:CreateAccessKey makes or reads credentials" in found.stdout
    longer = erstwhile(day, "unused", "--days", "10", "--as-of", AS_OF).stdout
    assert "0 not used" in longer and "no records from 2026-02-22T00:00:00Z to 2026-03-03T00:00:00Z" in longer
    bad = erstwhile(day, "unused", "--days", "0")
    assert (bad.returncode, bad.stderr.strip()) == (2, "error: days: expected 1 to 4,000, not 0")


def test_a_policy_for_what_ada_used(day: Database) -> None:
    found = erstwhile(day, "narrow", "ada", "--window", "1d", "--as-of", AS_OF, "--json")
    assert found.returncode == 0, found.stderr + found.stdout
    answer = orjson.loads(found.stdout)
    region = {"StringEquals": {"aws:RequestedRegion": "us-east-1"}}
    at = "us-east-1:111122223333"

    def allow(action: list[str], resource: str) -> dict[str, object]:
        return {"Effect": "Allow", "Action": action, "Resource": [resource]}

    assert answer["policy"]["Statement"] == [
        allow(["iam:PassRole"], used_story.RUNNER_ARN) | {"Condition": region},
        allow(["lambda:CreateFunction"], f"arn:aws:lambda:{at}:function:f") | {"Condition": region},
        # Whether a function was called, no record says.
        allow(["lambda:InvokeFunction"], "*") | {"Condition": region},
        allow(["iam:ListUsers"], "*"),
        allow(["s3:GetObject", "s3:PutObject"], "arn:aws:s3:::pay/2026/*"),
    ]
    assert answer["nothing_new"]["holds"] is True and answer["problem"] == ""
    assert answer["replay"] == {"holds": True, "calls": 32, "passed_over": 0, "broken_in_all": 0, "broken": []}
    [needed] = answer["last_needed"]
    assert (needed["policy"], needed["at"], needed["action"]) == (
        "inline:work",
        "2026-03-03T23:00:00Z",
        "iam:ListUsers",
    )
    assert answer["removed"] == ["inline:work: s3:DeleteObject", "inline:work: iam:CreateAccessKey"]


def test_narrow_for_people_and_bad_input(day: Database) -> None:
    found = erstwhile(day, "narrow", "ada", "--window", "1d", "--as-of", AS_OF)
    assert "goes: inline:work: iam:CreateAccessKey" in found.stdout
    assert "nothing new: proved" in found.stdout and "replay: 32 calls, 0 would or may fail" in found.stdout
    missing, bad = erstwhile(day, "narrow", "nobody"), erstwhile(day, "narrow", "ada", "--window", "x")
    assert (missing.returncode, bad.returncode) == (1, 2)
    assert missing.stderr.strip() == "error: there is no user or role or policy nobody at that instant"
    later = erstwhile(day, "narrow", "ada", "--window", "1d")
    assert (later.returncode, "no records of 111122223333 in the window" in later.stderr) == (2, True)


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    read = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::pay/*"}
    (tmp_path / "read.json").write_bytes(orjson.dumps(document(read)))
    (tmp_path / "all.json").write_bytes(orjson.dumps(document(read | {"Action": "s3:*", "Sid": "All"})))
    (tmp_path / "public.json").write_bytes(orjson.dumps(document(read | {"Principal": "*"})))
    (tmp_path / "broken.json").write_bytes(b"{")
    return tmp_path


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["no-new-access", "all.json", "read.json"], 0, "no-new-access: yes"),
        (["no-new-access", "read.json", "all.json"], 1, "s3:"),
        (["no-new-access", "read.json", "missing.json"], 2, "error: there is no file missing.json"),
        (["no-new-access", "read.json", "broken.json"], 2, "error: the document is not JSON"),
        (["no-new-access", "read.json", "public.json"], 2, "must not have Principal"),
        (["no-public-access", "public.json"], 1, "Principal is *"),
        (["no-public-access", "read.json"], 2, "names no principal"),
        (["not-granted", "iam:*", "s3:PutObject", "--policy", "read.json"], 0, "not-granted: yes"),
        (["not-granted", "s3:PutObject", "--policy", "all.json"], 1, "s3:putobject"),
        (["not-granted", "putobject", "--policy", "all.json"], 2, "expected an action such as s3:GetObject"),
    ],
)
def test_checks_and_their_exit_status(files: Path, words: list[str], status: int, said: str) -> None:
    found = erstwhile(None, "check", *words)
    assert (found.returncode, said in found.stdout + found.stderr) == (status, True), found.stdout + found.stderr


def test_the_examples_of_the_page_print_what_is_shown(day: Database) -> None:
    page = (Path(__file__).resolve().parents[3] / "LEAST-PRIVILEGE.md").read_text()
    blocks = re.findall(r"```console\n\$ erstwhile (.*?)\n(.*?)```", page, re.S)
    assert len(blocks) == 2
    for command, shown in blocks:
        found = erstwhile(day, *shlex.split(command))
        assert found.returncode == 0, found.stderr
        printed = [" ".join(line.split()) for line in found.stdout.splitlines()]
        assert [line for line in shown.splitlines() if " ".join(line.split()) not in printed] == [], found.stdout
