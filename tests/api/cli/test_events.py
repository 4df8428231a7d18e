"""The events of the log on the command line."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import orjson
import pytest

from erstwhile.api.database.database import Database
from tests.support.demonstration import READ
from tests.support.program import PROGRAM, environment, erstwhile, ignore_no_signal


@pytest.mark.reads
def test_events_are_lines_of_json(story: Database) -> None:
    whole = [orjson.loads(line) for line in erstwhile(story, "events").stdout.splitlines()]
    assert [each["position"] for each in whole] == list(range(1, len(whole) + 1)) and len(whole) > 20
    again = erstwhile(story, "events", "--after", "@5", "--limit", "2").stdout.splitlines()
    assert [orjson.loads(line) for line in again] == whole[5:7]
    words = ("--type", "iam.AccessKey*", "--account", "111122223333")
    keys = [orjson.loads(line) for line in erstwhile(story, "events", *words).stdout.splitlines()]
    assert keys and keys == [each for each in whole if each["event"].startswith("iam.AccessKey")]
    assert erstwhile(story, "events", "--after", "now").stdout == ""


@pytest.mark.reads
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--after", "yesterday"), "--after must be a position"),
        (("--after", "99999"), "--after 99999 is beyond the head of the log"),
        (("--after", "99999", "--follow"), "--after 99999 is beyond the head of the log"),
        (("--type", "iam.UserCreted"), "did you mean iam.UserCreated"),
        (("--account", "12"), "twelve digits"),
    ],
)
def test_what_is_wrong_is_said(story: Database, words: tuple[str, ...], said: str) -> None:
    found = erstwhile(story, "events", *words)
    assert found.returncode == 2 and said in found.stderr and found.stdout == ""


def test_events_are_printed_as_they_come(story: Database, tmp_path: Path) -> None:
    following = subprocess.Popen(
        [PROGRAM, "events", "--follow", "--type", "watch.*"], env=environment(story), stdout=subprocess.PIPE, text=True,
        preexec_fn=ignore_no_signal,
    )  # fmt: skip
    try:
        assert erstwhile(story, "watch", "add", "payroll", *READ).returncode == 0
        assert following.stdout is not None
        told = orjson.loads(following.stdout.readline())
        assert told["event"] == "watch.WatchAdded" and told["body"]["name"] == "payroll"
    finally:
        os.kill(following.pid, signal.SIGINT)
        _, errors = following.communicate(timeout=60)
    assert following.returncode == 0 and not errors
