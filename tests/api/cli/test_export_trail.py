"""The audit trail in other tools' forms, on the command line."""

from __future__ import annotations

import csv
import io
import subprocess
from pathlib import Path
from typing import Any

import msgspec
import orjson
import pytest
from pyarrow import parquet

from erstwhile.api.commanding.provenance import Provenance
from erstwhile.api.database.database import Database
from erstwhile.api.runtime.runtime import ReadingRuntime
from erstwhile.domain.commands.account import RegisterAccount
from erstwhile.domain.commands.attachments import PutInlinePolicy
from erstwhile.domain.commands.users_groups import CreateUser
from erstwhile.domain.events import EVENT_TYPES, Actor, Details
from erstwhile.domain.events.policies import PolicyCreated
from erstwhile.domain.events.principals import EntityCreated
from tests.support.databases import Server
from tests.support.documents import allow
from tests.support.ocsf import validate_activity
from tests.support.program import PROGRAM, environment, erstwhile

GOVERNED = "444455556666"
TOLD = ("occurred_at", "account", "actor", "session", "source_ip", "user_agent", "action", "event", "outcome",
        "error_code", "request_id")  # fmt: skip


def events(database: Database, *words: str) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in erstwhile(database, "events", *words).stdout.splitlines()]


def told(found: list[dict[str, Any]]) -> list[str]:
    """What the trail says of calls. That somebody was seen for the first time depends on what was known before; a call
    names a user without the unique id that the event of a command has."""
    calls = [each for each in found if each["source"] in ("api", "cloudtrail") and each["outcome"] != "seen"]
    whole = [
        {name: each[name] for name in TOLD} | {"body": repr(_named(each))}
        for each in calls if each["action"] != "AccountRegistered"
    ]  # fmt: skip
    return sorted(orjson.dumps(each, option=orjson.OPT_SORT_KEYS).decode() for each in whole)


def _named(event: dict[str, Any]) -> Any:
    body = msgspec.convert(event["body"], EVENT_TYPES[event["event"]])
    subject = getattr(body, "subject", None)
    if subject is None or isinstance(body, EntityCreated | PolicyCreated):
        return body
    return msgspec.structs.replace(body, subject=msgspec.structs.replace(subject, id=""))


def command(database: Database) -> None:
    """Two calls of a governed account, in the same second."""
    actor = Actor(arn=f"arn:aws:iam::{GOVERNED}:root", id=GOVERNED, type="Root", access_key="AKIA1")
    runtime = ReadingRuntime(database)
    try:
        runtime.commands.execute(RegisterAccount(account=GOVERNED))
        for action, each in (
            ("iam:CreateUser", CreateUser(account=GOVERNED, name="ann", new_id="AIDAANN")),
            ("iam:PutUserPolicy", PutInlinePolicy(
                account=GOVERNED, kind="user", name="ann", policy_name="send", document=allow("sqs:SendMessage"))),
        ):  # fmt: skip
            details = Details(source_ip="203.0.113.7", user_agent="aws-cli")
            runtime.commands.execute(each, Provenance(actor, f"r-{action}", action, details))
    finally:
        runtime.close()


def test_the_trail_is_the_same_after_an_import_of_its_export(
    story: Database, embedded_server: Server, tmp_path: Path
) -> None:
    command(story)
    found = erstwhile(story, "export", "trail", "--format", "cloudtrail", "--out", str(tmp_path / "out"))
    assert found.returncode == 0 and "records in" in found.stdout, found.stderr
    assert "events are left out that no call of AWS made" in found.stderr
    other = embedded_server.fresh()
    try:
        keys = str(tmp_path / "out" / "digest-public-keys")
        trail = str(tmp_path / "out" / "AWSLogs")
        found = erstwhile(other, "import", "cloudtrail", trail, "--digest-keys", keys)
        assert found.returncode == 0 and "verified" in found.stdout, found.stdout + found.stderr
        assert "altered" not in found.stdout and "missing" not in found.stdout
        assert told(events(other)) == told(events(story))
        # Exported again, IAM's calls are the same bytes: what came in goes out.
        found = erstwhile(other, "export", "trail", "--format", "cloudtrail", "--out", str(tmp_path / "again"))
        assert found.returncode == 0
        first, second = (
            {path.name: path.read_bytes() for path in (tmp_path / name).rglob("*_CloudTrail_us-east-1*.gz")}
            for name in ("out", "again")
        )
        assert first == second
    finally:
        embedded_server.drop(other)


@pytest.mark.reads
def test_each_form_has_every_event(story: Database, tmp_path: Path) -> None:
    whole = events(story)
    lines = erstwhile(story, "export", "trail").stdout.splitlines()
    assert [orjson.loads(line) for line in lines] == whole
    for form in ("cloudevents", "ocsf", "csv", "parquet"):
        found = erstwhile(story, "export", "trail", "--format", form, "--out", str(tmp_path / form))
        assert found.returncode == 0 and f"{len(whole)} events" in found.stdout, found.stderr
    rows = list(csv.DictReader(io.StringIO((tmp_path / "csv").read_text())))
    assert [int(row["position"]) for row in rows] == [each["position"] for each in whole]
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row.values())
    clouds = [orjson.loads(line) for line in (tmp_path / "cloudevents").read_text().splitlines()]
    assert [each["data"] for each in clouds] == whole and len({each["source"] for each in clouds}) == 1
    assert sorted(each["sequence"] for each in clouds) == [each["sequence"] for each in clouds]
    for line in (tmp_path / "ocsf").read_text().splitlines():
        validate_activity(orjson.loads(line))
    table = parquet.read_table(tmp_path / "parquet")
    assert table.num_rows == len(whole) and table.column("account").to_pylist() == [each["account"] for each in whole]
    assert str(table.schema.field("occurred_at").type) == "timestamp[us, tz=UTC]"


@pytest.mark.reads
def test_a_window_and_an_account(story: Database) -> None:
    window = ("--from", "2026-03-03T14:00:00Z", "--to", "2026-03-03T14:30:00Z", "--account", "111122223333")
    found = [orjson.loads(line) for line in erstwhile(story, "export", "trail", *window).stdout.splitlines()]
    whole = [each for each in events(story) if "2026-03-03T14:00" <= each["occurred_at"] < "2026-03-03T14:30"]
    assert found and found == [each for each in whole if each["account"] == "111122223333"]
    other = ("--format", "ocsf", "--ocsf-version", "1.9.0")
    classes = {
        orjson.loads(line)["class_uid"]
        for line in erstwhile(story, "export", "trail", *other).stdout.split("\n")
        if line
    }
    assert 6003 in classes and 3001 not in classes


@pytest.mark.reads
def test_what_is_wrong_is_said(story: Database, tmp_path: Path) -> None:
    (tmp_path / "there").write_text("mine")
    for words, said in (
        (("--format", "cloudtrail"), "--out names a new folder"),
        (("--format", "cloudtrail", "--out", str(tmp_path)), "is there already"),
        (("--out", str(tmp_path / "there")), "--force replaces it"),
        (("--out", str(tmp_path / "no" / "folder")), "cannot be written: No such file"),
        (("--account", "12"), "twelve digits"),
        (("--from", "2026-03-04", "--to", "2026-03-03"), "--from must be before --to"),
        (("--format", "xml"), "xml"),
    ):
        found = erstwhile(story, "export", "trail", *words)
        assert found.returncode == 2 and said in found.stderr, (words, found.stderr)
    assert (tmp_path / "there").read_text() == "mine"


@pytest.mark.reads
@pytest.mark.parametrize("form", ["ndjson", "csv", "ocsf"])
def test_a_full_disk_is_one_line(story: Database, form: str) -> None:
    with open("/dev/full", "wb") as full:
        ended = subprocess.run(
            [PROGRAM, "export", "trail", "--format", form], env=environment(story), stdout=full,
            stderr=subprocess.PIPE, text=True, timeout=120,
        )  # fmt: skip
    assert (ended.returncode, ended.stderr) == (1, "error: No space left on device\n")
