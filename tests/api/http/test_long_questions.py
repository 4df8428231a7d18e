"""Questions that compute long: decisions are made meanwhile, and what would take too much is refused."""

from __future__ import annotations

import asyncio
import threading
from types import ModuleType
from typing import Any

import pytest

from erstwhile.api.asking import questions
from erstwhile.api.cli.run import guarded
from erstwhile.domain.policy.language.patterns.pattern_parts import TooMuch
from erstwhile.domain.questions import search, which_resources
from erstwhile.domain.questions import who_can_within as within
from tests.support.demonstration import GRACE, ask
from tests.support.http import Client

OBJECT = {"type": "object", "id": "arn:aws:s3:::payroll/march.csv"}
SUBJECT = {"type": "user", "id": GRACE}
READ = {"name": "s3:GetObject"}
QUESTIONS: list[tuple[ModuleType, str, str, Any]] = [
    (questions, "find_who_can", "/v1/who-can?action=s3:GetObject&resource=arn:aws:s3:::payroll/*", None),
    (questions, "expanded", "/v1/what-can?principal=grace&expand=true", None),
    (questions, "which_resources", "/v1/which-resources?principal=grace&action=s3:GetObject", None),
    (search, "subjects", "/access/v1/search/subject",
     {"subject": {"type": "user"}, "action": READ, "resource": OBJECT}),
    (search, "resources", "/access/v1/search/resource",
     {"subject": SUBJECT, "action": READ, "resource": {"type": "object"}}),
    (search, "actions", "/access/v1/search/action", {"subject": SUBJECT, "resource": OBJECT}),
]  # fmt: skip


@pytest.mark.parametrize(("module", "name", "path", "body"), QUESTIONS)
async def test_a_decision_is_made_while_a_question_computes(
    client: Client, monkeypatch: pytest.MonkeyPatch, module: ModuleType, name: str, path: str, body: Any
) -> None:
    compute = getattr(module, name)
    begun, decided = threading.Event(), threading.Event()

    def slow(*given: Any, **more: Any) -> Any:
        begun.set()
        assert decided.wait(60), "no decision was made meanwhile"
        return compute(*given, **more)

    monkeypatch.setattr(module, name, slow)
    asking = asyncio.create_task(client.call("GET" if body is None else "POST", path, body))
    await asyncio.to_thread(begun.wait, 60)
    status, found = await client.post("/access/v1/evaluation", ask(GRACE))
    assert (status, found["decision"]) == (200, True)
    decided.set()
    status, _ = await asking
    assert status == 200


async def test_what_takes_too_much_is_refused_with_what_to_narrow(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(within, "WORK", 20)
    question = ("s3:GetObject", "arn:aws:s3:::payroll/*")
    status, found = await client.get(f"/v1/who-can?action={question[0]}&resource={question[1]}")
    assert (status, found["type"]) == (422, "urn:erstwhile:problem:too_much")
    assert "ask about one resource, a narrower pattern, or the principals of one account" in found["detail"]
    body = {"subject": {"type": "user"}, "action": READ, "resource": {"type": "object", "id": question[1]}}
    status, found = await client.post("/access/v1/search/subject", body)
    assert (status, found["type"]) == (422, "urn:erstwhile:problem:too_much")
    monkeypatch.setattr(which_resources, "EFFORT", 1)
    status, found = await client.get("/v1/which-resources?principal=grace&action=s3:GetObject")
    assert status == 422 and "ask about one resource" in found["detail"]


def test_the_command_line_says_so_and_fails(capsys: pytest.CaptureFixture[str]) -> None:
    def asked() -> None:
        raise TooMuch("it takes too much; ask about one resource")

    with pytest.raises(SystemExit) as ended:
        guarded(asked)
    assert ended.value.code == 1
    assert "error: it takes too much; ask about one resource" in capsys.readouterr().err
