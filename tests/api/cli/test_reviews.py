"""A campaign's whole life, by several processes, with a crash in the middle; approvals and exceptions on the command
line."""

from __future__ import annotations

import csv
import io
import os
import re
import signal
import subprocess
import time
from pathlib import Path

import orjson
import psycopg
import pytest

from erstwhile.api.asking.reviewing.evidence import exported
from erstwhile.api.database.database import Database
from erstwhile.api.runtime.runtime import ReadingRuntime
from tests.support.program import PROGRAM, environment, erstwhile, ignore_no_signal

AT = "2026-03-03T14:30:00Z"
LOG = "hashtext('erstwhile.event')"
"""The lock under which every append stands."""


def ran(database: Database, *words: str, status: int = 0) -> str:
    """A command in a process of its own."""
    found = erstwhile(database, *words)
    assert found.returncode == status, (words, found.stdout, found.stderr)
    return found.stdout if status == 0 else found.stdout + found.stderr


def filled_in(handed_out: str, path: Path, reviewer: str, **decisions: str) -> Path:
    """A file that was handed out, with a decision for each principal (the end of its ARN) of one reviewer."""
    rows = list(csv.DictReader(io.StringIO(handed_out, newline="")))
    for row in rows:
        decision = decisions.get(re.split("[:/]", row["principal"])[-1].replace("-", "_"))
        if decision and row["reviewers"] == reviewer:
            row["decision"], row["comment"] = decision, f"{decision} it"
    with path.open("w", newline="", encoding="utf-16") as file:  # as a spreadsheet saves it
        writer = csv.DictWriter(file, list(rows[0]), delimiter=";")
        writer.writeheader()
        writer.writerows(rows)
    return path


def started(database: Database, file: Path, reviewer: str) -> subprocess.Popen[bytes]:
    words = [PROGRAM, "review", "import", "q1", str(file), "--as", reviewer]
    return subprocess.Popen(
        words, env=environment(database), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        preexec_fn=ignore_no_signal,
    )  # fmt: skip


def wait_for_appends(connection: psycopg.Connection[object], count: int) -> None:
    """Until so many appends wait for the lock."""
    deadline = time.monotonic() + 120
    waiting = (
        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = (SELECT oid FROM "
    )
    while connection.execute(f"{waiting}pg_database WHERE datname = current_database())").fetchone() != (count,):
        if time.monotonic() > deadline:
            raise TimeoutError("no append waits for the lock")
        time.sleep(0.05)


def test_a_campaign_lives_through_a_crash(story: Database, tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text('rules: [{policy: "*Admin*", reviewers: linus@example.com}, {reviewers: [bob]}]')
    ran(story, "review", "open", "q1", "--as-of", AT, "--reviewers-file", str(rules), "--deadline", "2099-01-01")
    handed_out = ran(story, "review", "export", "q1", "--format", "csv")
    admins = filled_in(handed_out, tmp_path / "a.csv", "linus@example.com", ada="approve", support_sync="revoke")
    others = filled_in(
        handed_out, tmp_path / "b.csv", "bob", root="abstain", auditor="approve", build_bot="revoke", grace="approve"
    )
    with story.connect() as lock, story.connect() as looking:
        lock.execute(f"SELECT pg_advisory_lock({LOG})")
        killed, going = started(story, admins, "linus@example.com"), started(story, others, "bob")
        wait_for_appends(looking, 2)
        os.kill(killed.pid, signal.SIGKILL)  # its append was sent, and may be done
        killed.communicate()
        lock.execute(f"SELECT pg_advisory_unlock({LOG})")
        assert going.communicate(timeout=120)[1] == b"" and going.returncode == 0
    assert "2 decisions of" in ran(story, "review", "import", "q1", str(admins), "--as", "linus@example.com")
    ran(story, "review", "close", "q1", "--comment", "done")
    assert "closed: nothing more is decided" in ran(
        story, "review", "decide", "q1", "approve", "--lines", "1", "--as", "bob", status=1
    )
    service = ReadingRuntime(story)
    try:
        service.projector.catch_up()
        with service.reviews.found("q1") as found:
            decided = {each.name or "root": found.review.decisions[each.number] for each in found.lines}
            again = {each.number: found.review.reviewers(each) for each in found.lines}
        assert {name: [each.decision for each in made] for name, made in decided.items()} == {
            "ada": ["approve"], "support-sync": ["revoke"], "root": ["abstain"], "auditor": ["approve"],
            "build-bot": ["revoke"], "grace": ["approve"],
        }  # fmt: skip
        assert {each.reviewer for made in decided.values() for each in made} == {"linus@example.com", "bob"}
        with service.directory() as (directory, _):
            facts = {each.id: each.decision_fact for each in directory.of_kind("review-line")}
        assert {id: fact.value["decision"] for id, fact in facts.items() if fact is not None} == {
            f"q1/{number}": made[-1].decision
            for number, made in found.review.decisions.items()
        } and len(again) == 6  # fmt: skip
        first, note = exported(service.reviews, "q1")
    finally:
        service.close()
    asked = ran(story, "review", "execute-check", "q1", "--json", status=1)
    assert [(each["name"], each["state"]) for each in orjson.loads(asked)["revoked"]] == [
        ("build-bot", "open"), ("support-sync", "executed"),
    ]  # fmt: skip
    file = tmp_path / "evidence.json"
    printed = ran(story, "review", "export", "q1", "-f", str(file), "--known-at", str(note.known_at))
    assert file.read_bytes() == first and note.sha256 in printed  # byte for byte, in another process, later
    evidence = orjson.loads(first)
    assert evidence["population_is_whole"] and evidence["lines"][5]["execution"]["state"] == "executed"
    assert evidence["lines"][5]["decisions"][0]["comment"] == "revoke it"


def test_approvals_and_exceptions(story: Database, tmp_path: Path) -> None:
    approvals = tmp_path / "approvals.csv"
    approvals.write_bytes(b"\xef\xbb\xbfTicket;Approved by;Approved at;Event\nOPS-1;grace;2026-03-01;@32\n")
    assert "1 approval is on record" in ran(story, "approvals", "import", str(approvals))
    assert "grace (OPS-1, 2026-03-01T00:00:00Z)" in ran(story, "approvals", "of-event", "@32")
    approvals.write_bytes(b"ticket,by\nOPS-1,grace\n")
    found = ran(story, "approvals", "import", str(approvals), status=1)
    assert "the column approved_by is missing; the first row has ticket, by" in found
    approvals.write_bytes(b"ticket,approved_by,approved_at\nOPS-1,grace,soon\nOPS-2,,\n")
    found = ran(story, "approvals", "import", str(approvals), status=1)
    assert "nothing is imported: line 2: approved_at" in found and "line 3: a ticket or an event" in found
    assert "tickets: CHG[0-9]+, and tags ticket, change" in ran(story, "approvals", "rule", "CHG[0-9]+")
    words = ("exception", "add", "key", "exposure", "*", "--owner", "grace", "--reason", "known")
    assert "excuses nothing any more" in ran(story, *words, "--expires", "2020-01-01", status=1)
    ran(story, *words, "--expires", "2099-01-01")
    assert "key" in ran(story, "exception", "list", "--csv")
    ran(story, "exception", "remove", "KEY", "--reason", "closed")
    assert "nothing is excepted" in ran(story, "exception", "list")
    assert "exposure" in ran(story, "exception", "list", "--all")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"rules: [{reviewer: ada}]", "rule 1: reviewer is not known"),
        (b"- reviewers: [", "line 1 of rules.yaml: did not find"),
        (b"ada", "a list of rules is expected"),
    ],
)
def test_files_of_rules_that_cannot_be_read(tmp_path: Path, content: bytes, words: str) -> None:
    from erstwhile.api.asking.reviewing.reviewer_rules import rules_of_file
    from erstwhile.domain.reviews.reviewers import MalformedRule, rules_of

    with pytest.raises(MalformedRule, match=words):
        rules_of(rules_of_file("rules.yaml", content))
    assert rules_of(rules_of_file("rules.csv", b"policy,reviewer\n*Admin*,ada; linus\n"))[0].words == (
        "policy *Admin*: ada, linus"
    )
