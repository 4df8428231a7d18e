"""The record behind an answer, when somebody was there, and what Tab offers."""

from __future__ import annotations

import orjson

from erstwhile.api.database.database import Database
from tests.support.program import erstwhile


def test_the_record_behind_an_event(story: Database) -> None:
    listed = erstwhile(story, "audit", "--action", "iam:AttachUserPolicy", "--json").stdout
    [entry] = orjson.loads(listed)["entries"]
    for named in (entry["evidence"], entry["evidence"].split("/")[1], f"@{entry['position']}"):
        found = erstwhile(story, "evidence", named)
        record = orjson.loads(found.stdout)
        assert (record["eventName"], record["sourceIPAddress"]) == ("AttachUserPolicy", "203.0.113.66")
    for named, words in (
        ("111122223333/none", "no record 111122223333/none is kept"),
        ("@1", "rests on no record"),
        ("@999999", "beyond the head of the log"),
    ):
        found = erstwhile(story, "evidence", named)
        assert found.returncode != 0 and words in found.stderr


def test_one_who_is_no_more_is_asked_about_again(story: Database) -> None:
    found = erstwhile(story, "what-can", "support-sync")
    assert found.returncode == 1 and "existed from 2026-03-03T14:11:05Z to 2026-03-03T15:33:40Z" in found.stderr
    again = found.stderr.strip().splitlines()[-1].removeprefix("ask again: erstwhile ").split()
    assert "AdministratorAccess" in erstwhile(story, *again).stdout


def offered(database: Database | None, *words: str) -> list[str]:
    """What Bash is offered for words as it takes them apart: a colon is a word of its own."""
    run = erstwhile(database, _ERSTWHILE_COMPLETE="complete_bash", COMP_WORDS="\n".join(("erstwhile", *words)),
                    COMP_CWORD=str(len(words)))  # fmt: skip
    assert run.stderr == ""
    return run.stdout.splitlines()


def test_completion_of_actions_and_principals(story: Database) -> None:
    assert "s3:" in offered(None, "who-can", "s3")
    assert "GetObjectAcl" in offered(None, "who-can", "s3", ":", "GetObjectA")
    assert offered(story, "what-can", "gr") == ["grace"]
    assert offered(story, "what-can", "user/su") == ["user/support-sync"]
    assert offered(story, "can", "arn", ":", "aws", ":", "iam", "::", "111122223333", ":", "role/") == ["role/auditor"]


def test_completion_makes_no_database_and_no_noise(tmp_path: object) -> None:
    asked = {"ERSTWHILE_HOME": f"{tmp_path}/none", "_ERSTWHILE_COMPLETE": "complete_zsh",
             "_TYPER_COMPLETE_ARGS": "erstwhile what-can gr"}  # fmt: skip
    run = erstwhile(None, **asked)
    assert run.stderr == "" and "grace" not in run.stdout
    assert erstwhile(None, **asked, ERSTWHILE_DATABASE_URL="host=/nowhere dbname=x").stderr == ""
