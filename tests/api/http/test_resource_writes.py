"""Writing resources: ids of every length, and many who change the same one at once."""

from __future__ import annotations

import asyncio
import random
import string
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from erstwhile.api.database.database import Database
from erstwhile.domain.directory.view import DirectoryView
from tests.support.http import Client, serving


@pytest.fixture
async def client(database: Database) -> AsyncIterator[Client]:
    async with serving(database, ("admin",)) as client:
        yield client


async def test_an_id_is_taken_or_refused_by_its_length(client: Client) -> None:
    chosen = random.Random(11)
    for length, expected in ((1_900, 200), (2_048, 400), (3_500, 400), (7_000, 400)):
        word = "".join(chosen.choices(string.ascii_letters + string.digits, k=length))
        status, found = await client.put(f"/v1/resources/{word}?type=record", {"tags": {"a": "b"}})
        assert status == expected, (length, found)
    status, found = await client.put("/v1/resources/17?type=record", {"tags": {"a": "b"}})
    assert status == 200  # what was refused stands in nobody's way


@pytest.mark.parametrize(
    ("member", "value"),
    [("account", {}), ("account", []), ("account", 0), ("type", False), ("tags", [{"Key": {}, "Value": ""}]),
     ("tags", [{"Key": "a", "Value": []}])],
)  # fmt: skip
async def test_what_is_empty_has_its_type_too(client: Client, member: str, value: object) -> None:
    status, found = await client.put("/v1/resources/17?type=record", {"type": "record", member: value})
    assert status == 400 and member in found["detail"], found


async def test_a_page_reads_its_resources_alone(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(9):
        await client.put(f"/v1/resources/{number}?type={'record' if number % 2 else 'other'}", {})
    _, found = await client.get("/v1/status")
    then = f"known_at={found['position']}"  # a view of its own
    loaded: list[str] = []
    monkeypatch.setattr(DirectoryView, "loaded", lambda _, each: loaded.append(each.id.rpartition(":")[2]))
    _, found = await client.get(f"/v1/resources?type=record&limit=2&{then}")
    assert [each["id"] for each in found["resources"]] == ["1", "3"]
    assert "5" in loaded and "7" not in loaded  # the third of them tells that there are more
    _, found = await client.get(f"/v1/resources?type=record&limit=2&{then}&cursor={found['next_cursor']}")
    assert [each["id"] for each in found["resources"]] == ["5", "7"] and found["next_cursor"] == ""


@pytest.mark.parametrize("path", ["/v1/resources/a%00b?type=record", "/v1/resources/17?type=rec%00ord"])
async def test_an_id_with_nul_is_refused(client: Client, path: str) -> None:
    for method in ("GET", "PUT", "DELETE"):
        status, _ = await client.call(method, path, {} if method == "PUT" else None)
        assert status == 400


async def test_a_resource_takes_no_account_under_government(client: Client) -> None:
    for path, given in (("arn:aws:sqs:eu-west-1:999988887777:q", {}), ("arn:aws:s3:::x", {"account": "999988887777"})):
        status, found = await client.put(f"/v1/resources/{path}", {"tags": {"a": "b"}} | given)
        assert status == 403 and "account 999988887777 is not known here" in found["detail"]
    assert "999988887777" not in repr((await client.get("/v1/status"))[1])


async def test_many_servers_that_change_one_resource_all_succeed(database: Database) -> None:
    async with AsyncExitStack() as stack:
        servers = [await stack.enter_async_context(serving(database, ("admin",), name=f"s{n}")) for n in range(3)]

        async def change(number: int) -> int:
            server = servers[number % 3]
            return (await server.put("/v1/resources/17?type=record", {"tags": {"a": str(number)}}))[0]

        assert set(await asyncio.gather(*(change(number) for number in range(240)))) == {200}
