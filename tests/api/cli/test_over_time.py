"""Questions over time on the command line: tables, JSON, CSV, lines."""

from __future__ import annotations

import csv
import io
import os
import signal
import subprocess
import sys

import orjson
import pytest

from erstwhile.api.database.database import Database
from tests.support.demonstration import READ
from tests.support.program import PROGRAM, environment, erstwhile, ignore_no_signal
from tests.support.records import ACCOUNT

pytestmark = pytest.mark.reads

DAY = ("--from", "2026-03-03 08:00", "--to", "2026-03-04")


def test_a_timeline_in_every_form(story: Database) -> None:
    question = ("timeline", "build-bot", *READ, *DAY)
    table = erstwhile(story, *question).stdout
    assert "from 2026-03-03T08:00:00Z to 2026-03-04T00:00:00Z, known at position" in table
    assert "policy version: added v2 of arn:aws:iam::111122223333:policy/deploy" in table
    assert "iam:CreatePolicyVersion by arn:aws:iam::111122223333:user/build-bot from 203.0.113.66" in table
    assert "without records: 2026-03-03T10:00:00Z – 2026-03-03T11:00:00Z" in table
    found = erstwhile(story, *question, "--output", "csv", "--columns", "from,to,decision")
    rows = list(csv.reader(io.StringIO(found.stdout)))
    assert rows == [
        ["from", "to", "decision"],
        ["2026-03-03T08:00:00Z", "2026-03-03T14:09:12Z", "implicit deny"],
        ["2026-03-03T14:09:12Z", "2026-03-03T15:31:10Z", "allow"],
        ["2026-03-03T15:31:10Z", "2026-03-04T00:00:00Z", "implicit deny"],
    ]
    lines = [orjson.loads(line) for line in erstwhile(story, *question, "-o", "ndjson").stdout.splitlines()]
    assert [each["line"] for each in lines] == ["head", "spans", "spans", "spans", "tail"]
    whole = orjson.loads(erstwhile(story, *question, "--json").stdout)
    assert [each["effect"] for each in whole["spans"]] == [each["effect"] for each in lines[1:-1]]


def test_steps_and_chains(story: Database) -> None:
    table = erstwhile(story, "moments", "support-sync", *DAY).stdout
    assert "iam:AttachUserPolicy by arn:aws:iam::111122223333:user/build-bot from 203.0.113.66" in table
    table = erstwhile(story, "provenance", "support-sync", *READ, "--as-of", "2026-03-03 14:30").stdout
    assert "iam:AttachUserPolicy: allow" in table and "here knowledge ends" in table and "AWS did it" in table
    table = erstwhile(story, "provenance", "build-bot", *READ).stdout
    assert "allowed from 2026-03-03T14:09:12Z to 2026-03-03T15:31:10Z" in table


def test_what_cannot_be_asked_says_why(story: Database) -> None:
    for given, words in (
        (("build-bot", *READ, "--from", "2026-03-04", "--to", "2026-03-03"), "a window begins before it ends"),
        (("build-bot", *READ, "--to", "2026-03-01"), "nothing is known before 2026-03-03T08:00:00Z"),
        (("support-sync", *READ, "--from", "2026-03-03 16:00"), "ask about a window that reaches there"),
        (("gracie", *READ), "known are: arn:aws:iam::111122223333:user/grace"),
        (("build-bot", "s3:Get*", READ[1]), "'s3:Get*' stands for"),
        (("build-bot", *READ, "--output", "xml"), "there are: table, json, csv, ndjson"),
    ):
        found = erstwhile(story, "timeline", *given)
        assert found.returncode in (1, 2) and words in found.stderr, found.stderr
        assert "Traceback" not in found.stderr and "--as-of" not in found.stderr


def test_nothing_is_known_of_an_empty_database(database: Database) -> None:
    found = erstwhile(database, "timeline", "ada", *READ)
    assert found.returncode == 2
    assert "nothing is known yet: no records were imported, and no account is here" in found.stderr


def test_ever_and_never(story: Database) -> None:
    found = erstwhile(story, "ever", *READ, *DAY, "--columns", "answer,principal,when,in-all").stdout
    bot = next(line for line in found.splitlines() if "user/build-bot" in line)
    assert bot.split("  ")[-1].strip() == "1 h 21 min" and "2026-03-03T14:09:12Z – 2026-03-03T15:31:10Z" in bot
    never = erstwhile(story, "never", *READ, *DAY)
    assert never.returncode == 1 and "it does not hold" in never.stdout
    data = orjson.loads(erstwhile(story, "never", *READ, *DAY, "--json").stdout)
    excepted = [word for each in data["holders"] for word in ("--except", each["principal"])]
    never = erstwhile(story, "never", *READ, *DAY, *excepted)
    assert never.returncode == 0 and "it holds, as far as is known" in never.stdout


def test_differences_and_the_effect_of_one_event(story: Database) -> None:
    between = ("--from", "2026-03-03 14:00", "--to", "2026-03-03 14:30")
    found = erstwhile(story, "diff", *between).stdout
    assert "the principal itself came" in found and "iam:CreatePolicyVersion by" in found
    rows = erstwhile(story, "diff", *between, "-o", "csv", "--columns", "principal,change").stdout
    assert "arn:aws:iam::111122223333:user/build-bot,gained" in rows.splitlines()
    found = erstwhile(story, "effect", "@25").stdout
    assert "iam:SetDefaultPolicyVersion by arn:aws:iam::111122223333:user/ada" in found and "lost" in found


INTERRUPTED = """
import os, signal, sys
from erstwhile import __main__
from erstwhile.projections.columns.column_history import ColumnHistory

name, wanted = sys.argv.pop(1), int(sys.argv.pop(1))
looks = 0
original = getattr(ColumnHistory, name)

def look(self, *asked):
    global looks
    looks += 1
    if looks == wanted:
        os.kill(os.getpid(), signal.SIGINT)
    return original(self, *asked)

setattr(ColumnHistory, name, look)
__main__.main()
"""
"""A question that is interrupted by Ctrl-C at one of its looks into history."""


@pytest.mark.parametrize(
    ("question", "look", "number"), [(("ever", *READ), "window", 1), (("diff", "--account", ACCOUNT), "place_of", 5)]
)
@pytest.mark.parametrize("form", ["table", "ndjson"])
def test_ctrl_c_ends_a_question_amid_its_computing(
    story: Database, question: tuple[str, ...], look: str, number: int, form: str
) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", INTERRUPTED, look, str(number), *question, *DAY, "--output", form],
        env=environment(story), capture_output=True, text=True, preexec_fn=ignore_no_signal, timeout=120,
    )  # fmt: skip
    assert (ended.returncode, ended.stdout) == (128 + signal.SIGINT, "")
    assert "interrupted" in ended.stderr and "Traceback" not in ended.stderr


def test_a_reader_that_has_read_enough_ends_it(story: Database) -> None:
    command = [PROGRAM, "moments", "111122223333", "--output", "ndjson"]
    reading, writing = os.pipe()
    os.close(reading)
    try:
        found = subprocess.run(
            command, env=environment(story), stdout=writing, stderr=subprocess.PIPE, text=True, timeout=120
        )
    finally:
        os.close(writing)
    assert (found.returncode, found.stderr) == (0, "")
