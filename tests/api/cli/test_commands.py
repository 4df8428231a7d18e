"""The commands as people use them: tables, JSON, demo."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import orjson

from erstwhile.api import demo as demo_data
from erstwhile.api.database.database import Database
from tests.support.demonstration import READ
from tests.support.program import PROGRAM, environment, erstwhile, ignore_no_signal
from tests.support.records import trail_file

DEMO = Path(demo_data.__path__[0])


def test_the_demo_says_what_the_story_says() -> None:
    found = erstwhile(None, "demo", DEMO_ONCE="1")
    assert found.returncode == 0, found.stderr
    assert "user/support-sync" in found.stdout and "failed AccessDenied" in found.stdout


def test_who_can_as_a_table_and_as_json(story: Database) -> None:
    found = erstwhile(story, "who-can", *READ, "--as-of", "2026-03-03T14:30:00Z")
    assert "user/support-sync" in found.stdout and "by arn:aws:iam::111122223333:user/build-bot" in found.stdout
    data = orjson.loads(erstwhile(story, "who-can", *READ, "--as-of", "2026-03-03T14:00:00Z", "--json").stdout)
    assert [each["principal"].split(":")[5] for each in data["allowed"]] == [
        "root",
        "role/auditor",
        "user/ada",
        "user/grace",
    ]
    assert data["coverage"]["accounts"][0]["records"] == 19


def test_what_somebody_can_as_one_policy(story: Database) -> None:
    found = erstwhile(story, "what-can", "grace", "--as-policy", "--as-of", "2026-03-03T14:30:00Z")
    document = orjson.loads(found.stdout)
    assert document["Version"] == "2012-10-17"
    allowed = [each for each in document["Statement"] if each["Effect"] == "Allow"]
    assert [(each["Action"], each["Resource"]) for each in allowed] == [("s3:GetObject", "arn:aws:s3:::payroll/*")]
    assert found.stderr == ""


def test_what_can_by_name_id_key_and_arn(story: Database) -> None:
    at = ("--as-of", "2026-03-03T14:30:00Z", "--json")
    answers = [
        orjson.loads(erstwhile(story, "what-can", words, *at).stdout)["permissions"]
        for words in (
            "build-bot",
            "user/build-bot",
            "AIDADEMOBUILDBOT0003",
            "AKIADEMOBUILDBOT0003",
            "arn:aws:iam::111122223333:user/build-bot",
        )
    ]
    assert answers[0][0]["actions"] == ["*"]
    assert answers[0][0]["defined"]["action"] == "iam:CreatePolicyVersion"
    assert all(answer == answers[0] for answer in answers)


def test_audit_filters_and_pages(story: Database) -> None:
    def audit(*arguments: str) -> list[dict[str, object]]:
        found: list[dict[str, object]] = orjson.loads(erstwhile(story, "audit", "--json", *arguments).stdout)["entries"]
        return found

    assert [each["action"] for each in audit("--target", "user/support-sync", "--actor", "build-bot")] == [
        "iam:CreateAccessKey", "iam:AttachUserPolicy", "iam:CreateUser",
    ]  # fmt: skip
    assert [each["error_code"] for each in audit("--outcome", "failed")] == ["AccessDenied"]
    assert {each["source_ip"] for each in audit("--source-ip", "203.0.113.66")} == {"203.0.113.66"}
    assert len(audit("--action", "iam:Delete*")) == 3
    assert len(audit("--text", "python-requests")) == 7
    assert len(audit("--since", "2026-03-03T15:30:00Z", "--until", "2026-03-03T15:31:00Z", "--action", "iam:")) == 1
    first = orjson.loads(erstwhile(story, "audit", "--json", "--limit", "4").stdout)
    second = orjson.loads(erstwhile(story, "audit", "--json", "--limit", "4", "--cursor", first["next_cursor"]).stdout)
    assert {each["position"] for each in first["entries"]}.isdisjoint(each["position"] for each in second["entries"])
    [attached] = audit("--action", "iam:AttachUserPolicy")
    assert attached["changes"][0]["changes"][0]["attribute"] == "attached"  # type: ignore[index]
    calls = orjson.loads(erstwhile(story, "audit", "--activity", "--actor", "support-sync", "--json").stdout)["entries"]
    assert [each["action"] for each in calls] == ["cloudtrail:StopLogging", "s3:GetObject"]


def test_status_says_what_is_known(story: Database) -> None:
    found = erstwhile(story, "status")
    assert "observed" in found.stdout and "lag 0" in found.stdout
    data = orjson.loads(erstwhile(story, "status", "--json").stdout)
    assert data["records"][0]["gaps"] == [
        {"from": "2026-03-03T10:00:00Z", "to": "2026-03-03T11:00:00Z"},
        {"from": "2026-03-03T12:00:00Z", "to": "2026-03-03T14:00:00Z"},
    ]


def test_an_empty_database_is_no_error(database: Database) -> None:
    assert "no account is known yet" in erstwhile(database, "status").stdout
    assert "nobody that is known" in erstwhile(database, "who-can", *READ).stdout
    assert "nothing was imported" in erstwhile(database, "can", "ada", *READ).stderr
    assert "nothing on record matches" in erstwhile(database, "audit").stdout


def test_tokens_are_shown_once(database: Database) -> None:
    made = erstwhile(database, "token", "create", "ci", "--scope", "read", "--scope", "import")
    token = made.stdout.strip().splitlines()[-1]
    assert token.startswith("erst_")
    listed = erstwhile(database, "token", "list")
    assert "read, import" in listed.stdout and token not in listed.stdout
    with database.connect() as connection:
        assert token not in str(connection.execute("SELECT * FROM api_token").fetchall())
    assert erstwhile(database, "token", "create", "ci", "--scope", "read").returncode == 1
    assert erstwhile(database, "token", "revoke", "ci").returncode == 0


def test_help_names_every_command() -> None:
    found = erstwhile(None, "--help").stdout
    for name in ("serve", "demo", "import", "who-can", "what-can", "audit", "status", "rebuild", "migrate", "token"):
        assert name in found
    assert "--watch" in erstwhile(None, "import", "cloudtrail", "--help").stdout
    assert erstwhile(None, "--version").stdout.startswith("erstwhile 0.")
    assert "No such command 'whocan'" in erstwhile(None, "whocan").stderr


def test_ctrl_c_says_that_nothing_is_lost(database: Database, tmp_path: Path) -> None:
    (tmp_path / "trail").mkdir()
    command = [PROGRAM, "import", "cloudtrail", "--watch", str(tmp_path / "trail")]
    env = environment(database)
    watching = subprocess.Popen(
        command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=ignore_no_signal
    )
    assert watching.stderr is not None
    assert watching.stdout is not None
    try:
        assert "watching" in watching.stderr.readline()
        (tmp_path / "trail" / "late.json").write_bytes((DEMO / "cloudtrail-1.json").read_bytes())
        while "1 file: 10 records" not in (line := watching.stdout.readline()):
            assert line, "the watcher ended"
        # Who writes slowly may pause for long: what is written after that is taken, too.
        paused = trail_file(*orjson.loads((DEMO / "cloudtrail-2.json").read_bytes())["Records"][:2])
        (tmp_path / "trail" / "slow.json").write_bytes(paused)
        while "1 file: 2 records" not in (line := watching.stdout.readline()):
            assert line, "the watcher ended"
        (tmp_path / "trail" / "slow.json").write_bytes((DEMO / "cloudtrail-2.json").read_bytes())
        while "1 file: 9 records, 3 changes, 1 failed, 2 known already" not in (line := watching.stdout.readline()):
            assert line, "the watcher ended"
        watching.send_signal(signal.SIGINT)
        _, errors = watching.communicate(timeout=20)
    finally:
        watching.kill()
        watching.communicate()
    assert (watching.returncode, "everything imported is kept" in errors) == (0, True)
    nowhere = erstwhile(database, "import", "cloudtrail", "--watch", str(tmp_path / "trial"))
    assert nowhere.returncode == 2 and "trial is no folder that could be watched" in nowhere.stderr


LOST = """
import os, signal, weakref
from erstwhile import __main__
from erstwhile.api.cli import app

class Dropped: ...

def interrupt(_):
    os.kill(os.getpid(), signal.SIGINT)

def settings():
    weakref.ref(Dropped(), interrupt)
    raise SystemExit("the command went on")

app.set_home = lambda home: settings()
__main__.main()
"""


def test_ctrl_c_in_a_callback_that_drops_exceptions_ends_the_command() -> None:
    ended = subprocess.run([sys.executable, "-c", LOST, "status"], env=environment(), capture_output=True, text=True,
                           preexec_fn=ignore_no_signal, timeout=120)  # fmt: skip
    assert (ended.returncode, ended.stderr) == (-signal.SIGINT, "")


def test_import_resources_now_and_as_an_account_had_them(database: Database, tmp_path: Path) -> None:
    lines = tmp_path / "resources.ndjson"
    lines.write_text(
        '{"id":"17","type":"record","tags":{"department":"sales"}}\n'
        '{"id":"18","type":"record","tags":[{"Key":"department","Value":"legal"}]}\n'
        '{"id":"19","type":"record","policy":{"Statement":[]}}\n'
    )
    run = erstwhile(database, "import", "resources", str(lines), "--json")
    assert run.returncode == 1 and "Statement must be" in run.stdout, run.stderr
    summary = orjson.loads(run.stdout)
    assert (summary["records"], summary["changes"], summary["not_translated"]) == (3, 2, 1)
    lines.write_text("\n".join(lines.read_text().splitlines()[:2]))
    run = erstwhile(database, "import", "resources", str(lines), "--json")
    assert (run.returncode, orjson.loads(run.stdout)["duplicates"]) == (0, 2)
    observed = tmp_path / "buckets.json"
    observed.write_text('[{"id":"arn:aws:s3:::payroll","account":"111122223333","tags":{"team":"hr"}}]')
    run = erstwhile(database, "import", "resources", str(observed), "--taken-at", "2026-03-01T00:00:00Z")
    assert run.returncode == 0, run.stderr
    run = erstwhile(database, "import", "resources", str(observed), "--taken-at", "2026-03-01T00:00:00Z")
    assert "imported before" in run.stdout
    run = erstwhile(database, "import", "resources", str(observed))
    assert run.returncode == 1 and "observed here" in run.stderr
    run = erstwhile(database, "import", "resources", str(lines), "--taken-at", "2026-03-01T00:00:00Z")
    assert run.returncode == 1 and "governed here" in run.stderr
    for text, words in (
        ("", "holds no resources"),
        ("{", "line 1: not JSON"),
        ('{"id":"x"}', "item 1: type is required"),
    ):
        lines.write_text(text)
        run = erstwhile(database, "import", "resources", str(lines))
        assert run.returncode == 1 and words in run.stderr, run.stderr


def test_name_templates_are_checked_at_the_start(database: Database, tmp_path: Path) -> None:
    file = tmp_path / "names.toml"
    for text, words in (
        ("x", "names.toml"),
        ("[actor]\na='b'", "there is no table 'actor'"),
        ("[resource]\nrecord='arn:aws:r:::x'", "must hold {id} once"),
        ("[resource]\nrecord='{id}'", "must be an ARN"),
        ("[resource]\nrecord='{nobody}{id}'", "{nobody} is not known"),
        ("[action]\nrecord='{name}'", "service:Operation"),
        ("[subject]\nuser=5", "must be a string"),
    ):
        file.write_text(text)
        run = erstwhile(database, "status", ERSTWHILE_NAMES=str(file))
        assert run.returncode == 1 and words in run.stderr, run.stderr
    run = erstwhile(database, "status", ERSTWHILE_ACCOUNT_ID="12")
    assert run.returncode == 1 and "twelve digits" in run.stderr
