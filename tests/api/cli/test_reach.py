"""Who can get where, on the command line."""

from __future__ import annotations

import csv
import io

import orjson
import pytest

from erstwhile.api.database.database import Database
from tests.support.program import erstwhile

pytestmark = pytest.mark.reads

THEN = ("--as-of", "2026-03-03 14:05")


def test_paths_in_every_form(story: Database) -> None:
    question = ("reach", "build-bot", "--to-administrator", *THEN)
    table = erstwhile(story, *question).stdout
    assert "create-policy-version" in table and "with any policy" in table
    assert "administrator: arn:aws:iam::111122223333:user/ada" in table
    assert "paths of more than 3 steps are not looked for" in table
    rows = list(csv.DictReader(io.StringIO(erstwhile(story, *question, "--csv").stdout)))
    assert [row["by"] for row in rows] == ["create-policy-version"]
    assert rows[0]["statements"].startswith("arn:aws:iam::111122223333:policy/deploy[")
    whole = orjson.loads(erstwhile(story, *question, "--json").stdout)
    assert [len(path["edges"]) for path in whole["paths"]] == [1]


def test_questions_that_say_too_little_or_too_much(story: Database) -> None:
    for given, words in (
        ((), "say from whom, to whom, or to administrators"),
        (("--to", "ada", "--to-administrator"), "not both"),
        (("ada", "--steps", "0"), "steps"),
        (("adda", *THEN), "known are: arn:aws:iam::111122223333:user/ada"),
        (("ada", "--output", "xml"), "there are: table, json, csv"),
    ):
        found = erstwhile(story, "reach", *given)
        assert found.returncode in (1, 2) and words in found.stderr, found.stderr
        assert "Traceback" not in found.stderr
