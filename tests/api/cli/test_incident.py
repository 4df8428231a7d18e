"""The report of an incident on the command line, in every form."""

from __future__ import annotations

import csv
import hashlib
import io
from pathlib import Path

import orjson

from erstwhile.api.database.database import Database
from tests.support.imports import import_records
from tests.support.incidents import BEGINNING, BOT, BOT_KEY, call, reads
from tests.support.program import erstwhile

KEY = "AKIADEMOBUILDBOT0003"
FORMS = ("table", "markdown", "json")
ASKED = ("incident", KEY, "--from", "2026-03-03 14:00", "--as-of", "2026-03-04")
TITLES = (
    "Whose it is", "What it did", "What it left behind", "Tampering with the watch",
    "What was done against it, and what is open", "Commands that would close what is open", "What it could do",
    "What it could do, and what of that it did", "Timeline", "Whom it could have become",
)  # fmt: skip


def test_the_story_of_the_demonstration(story: Database) -> None:
    found = erstwhile(story, *ASKED)
    assert found.returncode == 0, found.stderr
    lines = found.stdout.splitlines()
    assert lines[0] == (
        f"Incident report: access key {KEY} of arn:aws:iam::111122223333:user/build-bot, account 111122223333"
    )
    assert [line for line in lines if line in TITLES] == list(TITLES)
    assert "AKIADEMOSUPPORT00004" in found.stdout and "access key deactivated" in found.stdout
    assert "0 of 5 still stand" in lines and "it is over, as far as is known" in lines
    assert "InsufficientEncryptionPolicyException" in found.stdout


def test_one_section_and_programs(story: Database) -> None:
    whole = orjson.loads(erstwhile(story, *ASKED, "--json").stdout)
    assert len(whole["sections"]) == len(TITLES)
    lines = [orjson.loads(line) for line in erstwhile(story, *ASKED, "--output", "ndjson").stdout.splitlines()]
    assert [each["line"] for each in lines] == ["head", *["sections"] * 10, "tail"]
    one = orjson.loads(erstwhile(story, *ASKED, "--section", "could-against-did", "--json").stdout)
    assert [each["section"] for each in one["sections"]] == ["could_against_did"]
    assert one["sections"] == [each for each in whole["sections"] if each["section"] == "could_against_did"]
    rows = list(csv.DictReader(io.StringIO(erstwhile(story, *ASKED, "--output", "csv").stdout)))
    [timeline] = [each for each in whole["sections"] if each["section"] == "timeline"]
    assert [row["evidence"] for row in rows] == [each["evidence"] for each in timeline["entries"]]
    assert rows[0]["what"] == "sts:GetCallerIdentity" and all(row["evidence"] or row["event"] for row in rows)


def test_the_same_question_of_the_same_position_gives_the_same_bytes(story: Database) -> None:
    asked = (*ASKED, "--to", "2026-03-04")
    at = str(orjson.loads(erstwhile(story, *asked, "--json").stdout)["known_at"])
    forms = [(form, erstwhile(story, *asked, "--known-at", at, "--output", form).stdout) for form in FORMS]
    assert forms == [(form, erstwhile(story, *asked, "--known-at", at, "--output", form).stdout) for form in FORMS]
    whole = orjson.loads(dict(forms)["json"])
    content_hash = whole.pop("content_hash")
    head = {name: value for name, value in whole.items() if name not in ("sections", "notes")}
    lines = [head, *whole["sections"], {"notes": whole["notes"]}]
    canonical = b"".join(orjson.dumps(each, option=orjson.OPT_SORT_KEYS) + b"\n" for each in lines)
    assert hashlib.sha256(canonical).hexdigest() == content_hash
    assert all(content_hash in text for _, text in forms)
    assert " records of 111122223333 from 2026-03-03T09:10:02Z to " in dict(forms)["markdown"]


def test_markdown_and_a_page(story: Database) -> None:
    found = erstwhile(story, *ASKED, "--output", "markdown").stdout
    assert found.startswith("# Incident report: access key AKIADEMOBUILDBOT0003")
    assert [line[3:] for line in found.splitlines() if line.startswith("## ")] == list(TITLES)
    page = erstwhile(story, *ASKED, "--output", "html").stdout
    assert page.startswith("<!doctype html>") and page.rstrip().endswith("</html>")
    assert "<script" not in page and "http://" not in page and "https://" not in page


def test_what_others_wrote_is_text_in_every_form(database: Database, tmp_path: Path) -> None:
    evil = "<img src=x onerror=alert(1)>|`[a](b)`\x1b[2J"
    import_records(
        database, tmp_path, *BEGINNING,
        reads(BOT, "14:00:00", "s3:GetObject", {"bucketName": "b", "key": evil}, userAgent=evil),
        call(BOT, "14:01:00", "iam:CreateUser", {"userName": "x"}, errorCode=evil),
    )  # fmt: skip
    asked = ("incident", BOT_KEY)
    page = erstwhile(database, *asked, "--output", "html").stdout
    assert "<img" not in page and "&lt;img src=x" in page and "\x1b" not in page
    markdown = erstwhile(database, *asked, "--output", "markdown").stdout
    assert "<img" not in markdown.replace("\\<", "") and "\x1b" not in markdown
    rows = [line for line in markdown.splitlines() if "onerror" in line and line.startswith("| ")]
    assert rows and all(len(line.replace("\\|", "").split(" | ")) <= 12 for line in rows)
    assert "\x1b" not in erstwhile(database, *asked).stdout
    assert "\x1b" not in erstwhile(database, *asked, "--output", "csv").stdout


def test_what_cannot_be_asked_says_why(story: Database) -> None:
    for given, words in (
        (("gracie",), "known are: arn:aws:iam::111122223333:user/grace"),
        ((KEY, "--from", "2026-03-04", "--to", "2026-03-03"), "a window begins before it ends"),
        ((KEY, "--to", "2026-03-01"), "nothing is known before 2026-03-03T08:00:00Z"),
        ((KEY, "--output", "xml"), "there are: table, markdown, html, json, csv, ndjson"),
        ((KEY, "--section", "what"), "there is no section 'what'; there are: whose, did"),
    ):
        found = erstwhile(story, "incident", *given)
        assert found.returncode in (1, 2) and words in found.stderr, found.stderr
        assert "Traceback" not in found.stderr
    found = erstwhile(story, "incident", "ASIAQNZGKIQY56JQ7WML")
    assert found.returncode == 0 and "its form tells the account 029608264753" in found.stdout
