"""`erstwhile evaluate`: every line is answered, and the exit status says whether one was bad."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.support.program import erstwhile_reading

ALLOW = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}


def request(number: int, **changed: Any) -> bytes:
    asked = {
        "id": number, "principal": "arn:aws:iam::111122223333:user/ada", "action": "s3:GetObject",
        "resource": "arn:aws:s3:::b/x", "resource_account": "111122223333", "policies": {"identity": [ALLOW]},
    }  # fmt: skip
    return orjson.dumps(asked | changed)


def evaluate(*lines: bytes, file: str = "-") -> tuple[int, list[dict[str, Any]]]:
    run = erstwhile_reading(b"\n".join(lines), "evaluate", file)
    return run.returncode, [orjson.loads(line) for line in run.stdout.splitlines()]


@pytest.mark.parametrize(
    "bad", [b"{", b"[]", request(7, action="GetObject"), request(7, policies={"identity": [{"Statement": []}]})]
)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_bad_line_is_an_error_and_the_others_are_decided(bad: bytes, place: int) -> None:
    lines = [request(number) for number in (1, 2)]
    lines.insert(place, bad)
    status, answers = evaluate(*lines)
    assert status == 1
    assert ["error" in answer for answer in answers] == [number == place for number in range(3)]
    assert [answer["decision"] for answer in answers if "error" not in answer] == ["allow", "allow"]


def test_whatever_is_decided_is_a_success(tmp_path: Path) -> None:
    path = tmp_path / "requests.ndjson"
    path.write_bytes(b"\n\n".join((request(1), request(2, action="ec2:RunInstances", resource="*"))) + b"\n")
    status, answers = evaluate(file=str(path))
    assert (status, [answer["decision"] for answer in answers]) == (0, ["allow", "implicit_deny"])
    path.write_bytes(b"{")
    assert evaluate(file=str(path))[0] == 1
    assert evaluate(file=str(tmp_path / "nothing")) == (2, [])
    assert evaluate() == (0, [])
