"""What a server counts, and how all of its processes tell it."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from erstwhile.api.database.database import Database
from erstwhile.api.decision_log.log import DecisionLog
from erstwhile.api.decision_log.settings import DecisionLogSettings
from erstwhile.api.http.app import metrics_app
from erstwhile.api.http.app_keys import DECISION_LOG
from erstwhile.api.http.server.listen import listening
from erstwhile.api.keeping.retention import RetentionThread
from erstwhile.api.ledger.witnesses import WitnessAddress, WitnessThread
from erstwhile.api.serving.families import Family, counter, merged, of_worker
from erstwhile.api.serving.numbers import BOUNDS, RouteNumbers
from erstwhile.api.serving.siblings import Siblings
from erstwhile.api.serving.worker import WorkerPlace
from erstwhile.domain.ledger.notes import KeyType
from erstwhile.domain.ledger.signing import Signer
from tests.support.http import Client, serving
from tests.support.recording import RecordingHere

Told = dict[tuple[str, frozenset[tuple[str, str]]], float]


@pytest.fixture
async def client(database: Database) -> AsyncIterator[Client]:
    decision_log = DecisionLog(RecordingHere(database.connect), DecisionLogSettings(refuses=True))
    async with serving(database, ("metrics", "read"), decision_log=decision_log) as client:
        yield client


async def told(client: Client) -> Told:
    async with client.session.get(f"{client.base}/metrics") as response:
        text = await response.text()
        assert response.status == 200 and response.content_type == "text/plain", text
    return read(text)


def read(text: str) -> Told:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def of(found: Told, name: str, **labels: str) -> float:
    return found[name, frozenset(({"worker": "0"} | labels).items())]


async def test_requests_decisions_and_lags_are_counted(client: Client) -> None:
    question = {
        "subject": {"type": "user", "id": "arn:aws:iam::111122223333:user/nobody"},
        "action": {"name": "s3:GetObject"}, "resource": {"type": "object", "id": "arn:aws:s3:::payroll/1"},
    }  # fmt: skip
    for _ in range(3):
        assert (await client.post("/access/v1/evaluation", question))[0] == 200
    assert (await client.post("/access/v1/evaluations", {"evaluations": [question] * 4}))[0] == 200
    assert (await client.post("/access/v1/evaluation", {}))[0] == 400
    found = await told(client)
    asked = {"method": "POST", "route": "/access/v1/evaluation"}
    assert of(found, "erstwhile_http_requests_total", **asked, status="200") == 3
    assert of(found, "erstwhile_http_requests_total", **asked, status="400") == 1
    assert of(found, "erstwhile_http_request_seconds_count", **asked) == 4
    assert of(found, "erstwhile_http_request_seconds_bucket", **asked, le="+Inf") == 4
    assert of(found, "erstwhile_decisions_total", result="deny") == 7
    assert of(found, "erstwhile_decisions_total", result="allow") == 0
    assert of(found, "erstwhile_thread_failed", thread="projector") == 0
    assert of(found, "process_resident_memory_bytes") > 0 and of(found, "erstwhile_pool_size") >= 1
    common = {name: value for (name, labels), value in found.items() if not labels}
    assert common["erstwhile_database_up"] == 1 and common["erstwhile_projector_lag_events"] == 0
    assert common["erstwhile_log_position"] == of(found, "erstwhile_follower_position")


async def test_a_route_is_told_by_its_pattern_and_no_word_of_a_stranger(client: Client) -> None:
    async with aiohttp.ClientSession() as session:
        for path in ("/v1/resources/one", "/v1/resources/two", "/no/such", "/neither"):
            await session.get(f"{client.base}{path}")
    found = await told(client)
    routes = {dict(labels).get("route") for _, labels in found}
    assert "unmatched" in routes and not [each for each in routes if each and ("one" in each or "such" in each)]


async def test_an_address_of_its_own_needs_no_token(client: Client) -> None:
    alone = metrics_app(client.app)
    async with listening(alone, "127.0.0.1", 0) as base, aiohttp.ClientSession() as session:
        async with session.get(f"{base}/metrics") as response:
            assert read(await response.text())
        async with session.get(f"{base}/v1/status") as response:
            assert response.status == 404


async def test_threads_that_fail_are_named_by_readiness_and_metrics(client: Client) -> None:
    service = client.service
    assert (await client.get("/readyz"))[1]["status"] == "ok"
    service.watching.failure = RuntimeError("secret words")
    status, answer = await client.get("/readyz")
    assert status == 200 and answer["status"] == "degraded" and answer["failing"] == ["watches"]
    assert "secret" not in str(answer)
    service.watching.failure = None

    retention = RetentionThread(service.database.connect)
    service.background.add(retention)
    retention.failure = RuntimeError("broken")
    assert (await client.get("/readyz"))[1]["failing"] == ["retention"]
    assert of(await told(client), "erstwhile_thread_failed", thread="retention") == 1
    retention.failure = None
    key = Signer("w.example/secret", KeyType.ED25519_COSIGNATURE, bytes(32)).key
    named = WitnessThread(WitnessAddress("https://w.example", (key,)), service.database.connect)
    service.background.add(named)
    named.failure = RuntimeError("away")
    assert (await client.get("/readyz"))[1]["failing"] == ["witness"]
    assert of(await told(client), "erstwhile_thread_failed", thread="witness w.example/secret") == 1
    named.failure = None
    assert (await client.get("/readyz"))[1]["status"] == "ok"
    decision_log = client.app[DECISION_LOG]
    assert decision_log is not None
    decision_log.failure = RuntimeError("no room")
    status, answer = await client.get("/readyz")
    assert status == 503 and "decisions cannot be recorded" in answer["detail"]


async def test_the_process_that_records_decisions_has_metrics_of_its_own(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"erstwhile_decision_log_process_{name}" for name in ("cpu_seconds_total", "resident_memory_bytes")]
    assert not {name for name, _ in await told(client)} & set(names)
    monkeypatch.setattr(RecordingHere, "pid", os.getpid())
    found = await told(client)
    assert all(of(found, name) > 0 for name in names)
    monkeypatch.setattr(RecordingHere, "pid", 1 << 30)  # it has ended
    assert not {name for name, _ in await told(client)} & set(names)


async def test_any_worker_tells_of_all(tmp_path: Path) -> None:
    def of_process(number: int) -> list[Family]:
        return [counter("seen", "Seen.", [({"what": "it"}, number + 1.0)])]

    places = [WorkerPlace(number=n, count=3, descriptor=-1, port=1, folder=str(tmp_path)) for n in range(3)]
    first, second, _ = (Siblings(place, lambda n=place.number: of_process(n)) for place in places)  # type: ignore[misc]
    async with first.listening(), second.listening():
        assert await first.all() == await second.all() == {"0": of_process(0), "1": of_process(1)}
    [together] = merged(of_worker(each, number) for number in "01" for each in of_process(int(number)))
    assert [(each.labels, each.value) for each in together.samples] == [
        ({"what": "it", "worker": "0"}, 1.0), ({"what": "it", "worker": "1"}, 2.0),
    ]  # fmt: skip


def test_a_histogram_has_each_duration_in_one_class() -> None:
    numbers = RouteNumbers("GET", "/")
    for seconds in (0.0, BOUNDS[0], BOUNDS[0] * 1.01, BOUNDS[-1], BOUNDS[-1] + 1):
        numbers.note(200, seconds)
    assert numbers.classes[0] == 2 and numbers.classes[1] == 1 and numbers.classes[-2:] == [1, 1]
