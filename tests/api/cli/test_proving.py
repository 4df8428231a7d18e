"""--prove: an answer as a file, verified offline, and decided again from its events alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from erstwhile.api.asking.whole_lines import LISTS, WholeLines
from erstwhile.api.database.database import Database
from tests.support.program import erstwhile

ALLOWED = ("build-bot", "s3:GetObject", "arn:aws:s3:::payroll/2026")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, story_to_copy: Database, request: pytest.FixtureRequest) -> Path:
    server = request.getfixturevalue("embedded_server")
    story = server.fresh(like=story_to_copy)
    folder = tmp_path_factory.mktemp("answers")
    home = {"ERSTWHILE_HOME": str(folder / "home"), "ERSTWHILE_LEDGER_ORIGIN": "audit.example/log"}

    def run(*arguments: str) -> str:
        found = erstwhile(story, *arguments, **home)
        assert found.returncode in (0, 1) and "error" not in found.stderr, found.stderr
        return found.stdout

    plain = run("can", "grace", "iam:CreateUser", "*", "--json")
    proven = run("can", "grace", "iam:CreateUser", "*", "--json", "--prove", str(folder / "can.json"))
    assert {**orjson.loads(plain), "as_of": ""} == {**orjson.loads(proven), "as_of": ""}
    run("can", *ALLOWED, "--as-of", "2026-03-03 14:20", "--prove", str(folder / "then.json"))
    run("who-can", "s3:GetObject", "arn:aws:s3:::payroll/*", "--prove", str(folder / "who.json"))
    (folder / "ledger.pub").write_text(run("ledger", "keys"))
    found = erstwhile(story, "status", "--prove", str(folder / "no.json"), **home)
    assert found.returncode == 2 and "No such option: --prove" in found.stderr
    server.drop(story)
    return folder


def verified(folder: Path, file: Path) -> tuple[int, dict[str, Any]]:
    found = erstwhile(None, "verify", str(file), "--key", str(folder / "ledger.pub"), "--json")
    assert "Traceback" not in found.stderr
    return found.returncode, orjson.loads(found.stdout) if found.stdout else {"error": found.stderr}


@pytest.mark.parametrize("name", ["can", "then"])
def test_a_decision_is_made_again_from_its_events(folder: Path, name: str) -> None:
    file = orjson.loads((folder / f"{name}.json").read_bytes())
    status, told = verified(folder, folder / f"{name}.json")
    assert (status, told["verified"], told["signers"]) == (0, True, ["audit.example/log"]), told
    assert told["decided_again"] == file["answer"]["effect"]
    assert told["events"] == len(file["events"]) > 0
    assert "--prove" not in file["question"]


def test_of_other_questions_the_events_are_proven(folder: Path) -> None:
    status, told = verified(folder, folder / "who.json")
    file = orjson.loads((folder / "who.json").read_bytes())
    answer = file["answer"]
    assert {int(each) for each in answer["events"]} == {each["position"] for each in file["events"]}
    whole = WholeLines(answer)
    # As earlier releases wrote it.
    file["answer"] = answer | {name: whole.of(answer[name]) for name in LISTS}
    del file["answer"]["statements"], file["answer"]["events"]
    (folder / "old.json").write_bytes(orjson.dumps(file))
    assert verified(folder, folder / "old.json") == (status, told)
    assert (status, told["decided_again"]) == (0, None)
    assert told["not_decided_again"] == "only the answer of `can` is"
    assert told["events"] > 0


def _effect(file: dict[str, Any]) -> None:
    file["answer"]["effect"] = "explicit_deny"


def _reasons(file: dict[str, Any]) -> None:
    file["answer"]["determining"] = []


def _event(file: dict[str, Any]) -> None:
    file["events"][-1]["event"]["account"] = "999999999999"


def _place(file: dict[str, Any]) -> None:
    file["events"][-1]["position"] += 1


def _fewer(file: dict[str, Any]) -> None:
    del file["events"][1:]


def _other_question(file: dict[str, Any]) -> None:
    file["asked"]["resource"] = "arn:aws:s3:::other/x"


def _other_moment(file: dict[str, Any]) -> None:
    file["as_of"] = "2026-03-01T00:00:00Z"


def _checkpoint(file: dict[str, Any]) -> None:
    lines = file["checkpoint"].split("\n")
    lines[1] = str(int(lines[1]) + 1)
    file["checkpoint"] = "\n".join(lines)


@pytest.mark.parametrize(
    "alter", [_effect, _reasons, _event, _place, _fewer, _other_question, _other_moment, _checkpoint]
)
def test_an_altered_answer_is_found(folder: Path, tmp_path: Path, alter: Callable[[dict[str, Any]], None]) -> None:
    file = orjson.loads((folder / "then.json").read_bytes())
    assert file["answer"]["effect"] == "allow" and file["answer"]["determining"]
    alter(file)
    (tmp_path / "a.json").write_bytes(orjson.dumps(file))
    status, told = verified(folder, tmp_path / "a.json")
    assert (status, told["verified"]) == (1, False), told
    assert told["why"]


def test_what_is_no_answer(folder: Path, tmp_path: Path) -> None:
    file = orjson.loads((folder / "can.json").read_bytes())
    for data in (b"{}", b"{", b'{"format": 1}', orjson.dumps(file | {"format": "x/2"}),
                 orjson.dumps(file | {"checkpoint": "x"}), b"{" * 100_000):  # fmt: skip
        (tmp_path / "a.json").write_bytes(data)
        status, told = verified(folder, tmp_path / "a.json")
        assert status == 2 and "a.json: " in told["error"], told
