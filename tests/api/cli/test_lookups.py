"""Find, list and the forms of every answer, on the command line."""

from __future__ import annotations

import csv
import io

import orjson
import pytest

from erstwhile.api.database.database import Database
from tests.support.demonstration import READ
from tests.support.program import erstwhile

pytestmark = pytest.mark.reads

THEN = ("--as-of", "2026-03-03 14:30")


def test_find_says_what_it_is_and_where_to_go_on(story: Database) -> None:
    found = erstwhile(story, "find", "AIDADEMOSUPPORT00004")
    assert "2026-03-03T14:11:05Z – 2026-03-03T15:33:40Z" in found.stdout
    assert "erstwhile what-can arn:aws:iam::111122223333:user/support-sync --as-of" in found.stdout
    found = erstwhile(story, "find", "nobody")
    assert (found.returncode, found.stdout) == (1, "")
    assert "nothing here has 'nobody' as its ARN, name, unique id, access key, session" in found.stderr


def test_list_in_every_form(story: Database) -> None:
    table = erstwhile(story, "list", "users", *THEN)
    assert "users as of 2026-03-03T14:30:00Z, known at position" in table.stdout and "support-sync" in table.stdout
    rows = list(csv.DictReader(io.StringIO(erstwhile(story, "list", "users", *THEN, "--output", "csv").stdout)))
    assert [each["name"] for each in rows] == ["ada", "build-bot", "grace", "support-sync"]
    data = orjson.loads(erstwhile(story, "list", "keys", *THEN, "-o", "json").stdout)
    assert [each["name"] for each in data["entries"]] == ["AKIADEMOSUPPORT00004"]
    page = erstwhile(story, "list", "users", *THEN, "--limit", "3").stdout
    cursor = page.rpartition("more: --cursor ")[2].strip()
    assert "support-sync" in erstwhile(story, "list", "users", *THEN, "--cursor", cursor).stdout


def test_the_forms_are_those_of_every_question(story: Database) -> None:
    for question in (("who-can", *READ), ("what-can", "grace"), ("which-resources", "grace", READ[0]), ("status",)):
        by_name = erstwhile(story, *question, *(THEN if question != ("status",) else ()), "--output", "json")
        assert isinstance(orjson.loads(by_name.stdout), dict)
    found = erstwhile(story, "audit", "--output", "csv")
    assert found.stdout.startswith("when,who,from,what,to,outcome")
    for given, words in (
        (("--output", "xml"), "--output: there is no form 'xml'; there are: table, json, csv"),
        (("--output", "json", "--csv"), "one form at a time: csv or json"),
    ):
        found = erstwhile(story, "list", "users", *given)
        assert found.returncode == 2 and words in found.stderr


def test_many_questions_at_once_and_one_as_a_listing(story: Database) -> None:
    given = ("can", "grace", *READ, "--principal", "user/b*", "--action", "s3:PutObject", *THEN)
    found = erstwhile(story, *given, "--output", "csv")
    rows = list(csv.DictReader(io.StringIO(found.stdout)))
    assert [(each["principal"].rpartition("/")[2], each["action"], each["decision"]) for each in rows] == [
        ("grace", "s3:GetObject", "allow"),
        ("grace", "s3:PutObject", "implicit deny"),
        ("build-bot", "s3:GetObject", "allow"),
        ("build-bot", "s3:PutObject", "allow"),
    ]
    assert found.returncode == 1  # not each of them is allowed
    assert "4 decisions as of 2026-03-03T14:30:00Z" in erstwhile(story, *given).stdout
    one = erstwhile(story, "can", "grace", *READ, *THEN, "--output", "csv")
    assert one.returncode == 0 and len(one.stdout.splitlines()) == 2
    found = erstwhile(story, "who-can", *READ, "--action", "s3:PutObject", *THEN, "-o", "csv", "--columns", "action")
    assert set(found.stdout.split()) == {"action", "s3:GetObject", "s3:PutObject"}
    found = erstwhile(story, "who-can", *READ, "--action", "s3:PutObject", "--lasting")
    assert found.returncode == 2 and "--lasting is told of one action on one resource: ask about each" in found.stderr
