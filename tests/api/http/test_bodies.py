"""Bodies: limits that are checked before reading, time, broken encodings, and JSON that is odd."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest

from erstwhile.api.database.database import Database
from erstwhile.api.support import limited_body
from tests.support.http import Client, serving
from tests.support.raw_http import connected

JSON = "Content-Type: application/json"
WITH_BODIES = (
    ("POST", "/access/v1/evaluation"), ("POST", "/access/v1/evaluations"), ("POST", "/access/v1/search/subject"),
    ("POST", "/access/v1/search/resource"), ("POST", "/access/v1/search/action"), ("PUT", "/v1/resources/x?type=y"),
    ("POST", "/v1/validate"), ("POST", "/v1/imports/cloudtrail"),
)  # fmt: skip


@pytest.fixture
async def client(database: Database) -> AsyncIterator[Client]:
    async with serving(database, ("admin",)) as client:
        yield client


async def test_a_body_that_is_too_large_is_refused_before_it_comes(client: Client) -> None:
    for method, path in WITH_BODIES:
        async with connected(client) as wire:
            wire.send(method, path, JSON, f"Content-Length: {65 * 1024 * 1024}")
            status, found = await wire.problem()
            assert status == 413 and "larger than this call takes" in found["detail"], path


async def test_a_body_in_chunks_is_refused_once_it_is_too_large(client: Client) -> None:
    async with connected(client) as wire:
        wire.send("POST", "/access/v1/evaluation", JSON, "Transfer-Encoding: chunked")
        for _ in range(9):
            wire.writer.write(b"2000\r\n" + b" " * 0x2000 + b"\r\n")
        assert (await wire.problem())[0] == 413
        assert await wire.ended()


async def test_a_small_body_that_inflates_to_a_large_one_is_refused(client: Client) -> None:
    packed = gzip.compress(b" " * 60_000_000)
    for method, path in WITH_BODIES[:-1]:
        status, _ = await client.call(method, path, packed, **{"Content-Encoding": "gzip"})
        assert status == 413, path


async def test_a_body_that_does_not_come(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limited_body, "QUIET", 0.1)
    async with connected(client) as wire:
        wire.send("POST", "/access/v1/evaluation", JSON, "Content-Length: 100", body=b'{"subject":')
        status, found = await wire.problem()
        assert status == 408 and "did not come in time" in found["detail"]


@pytest.mark.parametrize("broken", [b"zzz\r\n", b"5\r\nabcdeXX"])
async def test_a_body_in_broken_chunks(client: Client, broken: bytes) -> None:
    async with connected(client) as wire:
        wire.send("POST", "/access/v1/evaluation", JSON, "Transfer-Encoding: chunked", body=broken)
        assert (await wire.status()) == 400


async def test_a_body_that_is_packed_otherwise_than_it_says(client: Client) -> None:
    status, found = await client.post("/access/v1/evaluation", b"{}", **{"Content-Encoding": "gzip"})
    assert status == 400 and "cannot be read" in found["detail"]


def evaluation(**context: Any) -> dict[str, Any]:
    return {
        "subject": {"type": "user", "id": "ada"}, "action": {"name": "read"},
        "resource": {"type": "record", "id": "17"}, "context": context,
    }  # fmt: skip


def nested(depth: int, what: bytes = b"[") -> bytes:
    close = {b"[": b"]", b'{"a":': b"}"}[what]
    return what * depth + b"1" + close * depth


ODD = (
    nested(50), nested(90, b'{"a":'), nested(900), nested(900, b'{"a":'), nested(20_000), nested(10_000, b'{"a":'),
    b"9" * 5_000, b"-" + b"9" * 5_000, b"9" * 30, b"1e999", b"1" + b"0" * 310, b"1.5", b"NaN", b'"\\ud800"',
    b'"\\u0000"',
    b'"\xff"', b'"\xed\xa0\x80"', "²".encode(), b"null", b"true", b"[]", b"{}", b'[[{"a":1}],2]', b'["a",null]',
    b'"0000-01-01T00:00:00Z"', b'"0001-01-01T00:00:00Z"', b'"9999-12-31T23:59:59-23:59"',
    b'"2026-01-01T00:00:00+24:00"',
    b'"2026-W01-1T00:00:00Z"', b'"' + b"x" * 60_000 + b'"',
)  # fmt: skip
"""JSON that some reader falls over."""
PLACES = (
    ("POST", "/access/v1/evaluation", orjson.dumps(evaluation(hole="@"))),
    ("POST", "/access/v1/evaluation", orjson.dumps(evaluation(**{"aws:x": "@"}))),
    ("POST", "/access/v1/evaluation", orjson.dumps(evaluation(as_of="@"))),
    ("POST", "/access/v1/evaluation", orjson.dumps(evaluation(known_at="@"))),
    ("POST", "/access/v1/evaluation", orjson.dumps(evaluation(at_least="@"))),
    ("POST", "/access/v1/evaluation", orjson.dumps(evaluation(mode="@"))),
    ("POST", "/access/v1/evaluation", orjson.dumps(evaluation(explain="@"))),
    ("POST", "/access/v1/evaluation", orjson.dumps(evaluation(resource_account="@"))),
    ("POST", "/access/v1/evaluation", orjson.dumps(evaluation() | {"subject": {"type": "user", "id": "@"}})),
    ("POST", "/access/v1/evaluation", orjson.dumps(evaluation() | {"subject": {"type": "@", "id": "a"}})),
    ("POST", "/access/v1/evaluation", orjson.dumps(evaluation() | {"action": {"name": "@"}})),
    ("POST", "/access/v1/evaluation",
     orjson.dumps(evaluation() | {"resource": {"type": "r", "id": "1", "properties": {"a": "@"}}})),
    ("POST", "/access/v1/evaluation",
     orjson.dumps(evaluation() | {"resource": {"type": "r", "id": "1", "properties": "@"}})),
    ("POST", "/access/v1/evaluations", orjson.dumps(evaluation() | {"evaluations": [{"context": "@"}, {}]})),
    ("POST", "/access/v1/evaluations", orjson.dumps(evaluation() | {"evaluations": "@"})),
    ("POST", "/access/v1/evaluations", orjson.dumps(evaluation() | {"evaluations": [{}], "options": "@"})),
    ("POST", "/access/v1/evaluations",
     orjson.dumps(evaluation() | {"evaluations": [{}], "options": {"evaluations_semantic": "@"}})),
    ("POST", "/access/v1/search/subject", orjson.dumps(evaluation(**{"aws:x": "@"}))),
    ("POST", "/access/v1/search/action", orjson.dumps(evaluation() | {"page": {"limit": "@"}})),
    ("POST", "/access/v1/search/resource", orjson.dumps(evaluation() | {"page": {"token": "@"}})),
    ("POST", "/access/v1/search/resource", orjson.dumps(evaluation() | {"page": "@"})),
    ("POST", "/v1/validate", b'{"document":"@"}'),
    ("POST", "/v1/validate", b'{"document":{"Version":"2012-10-17","Statement":"@"}}'),
    ("POST", "/v1/validate", b'{"document":{},"use":"@"}'),
    ("PUT", "/v1/resources/17?type=record", b'{"policy":"@"}'),
    ("PUT", "/v1/resources/17?type=record", b'{"policy":{"Version":"2012-10-17","Statement":"@"}}'),
    ("PUT", "/v1/resources/17?type=record", b'{"tags":{"a":"@"}}'),
    ("PUT", "/v1/resources/17?type=record", b'{"tags":"@"}'),
    ("PUT", "/v1/resources/17", b'{"type":"@"}'),
    ("PUT", "/v1/resources/17?type=record", b'{"account":"@"}'),
    ("POST", "/v1/imports/cloudtrail", b"@"),
    ("POST", "/v1/imports/cloudtrail", b'{"Records":"@"}'),
    ("POST", "/v1/imports/cloudtrail", b'{"Records":["@"]}'),
    ("POST", "/v1/imports/cloudtrail", b'{"Records":[{"eventTime":"@"}]}'),
)  # fmt: skip
"""Bodies with a hole for each."""


async def test_odd_json_in_every_place_is_the_callers_mistake_or_none(client: Client) -> None:
    wrong = []
    for method, path, whole in PLACES:
        for odd in ODD:
            raw = whole.replace(b'"@"', odd) if whole != b"@" else odd
            status, found = await client.call(method, path, raw)
            if status >= 500:
                wrong.append((path, whole, odd[:40], status, found))
    assert not wrong, "\n".join(map(str, wrong))
