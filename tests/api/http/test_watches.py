"""Watches over HTTP: made, changed, removed, shown; notices as pages and as server-sent events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import aiohttp
import msgspec
import orjson
import pytest

from erstwhile.api.database import tokens
from erstwhile.api.database.database import Database
from erstwhile.api.http.native import followed
from erstwhile.api.http.schema.watches import WatchNotice
from erstwhile.domain.commands.attachments import PutInlinePolicy
from erstwhile.domain.commands.users_groups import CreateUser
from tests.support.documents import allow
from tests.support.http import Client, serving

ACCOUNT = "123456789012"
RESOURCE = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:jobs"
WATCH = {"actions": ["sqs:SendMessage"], "resource": RESOURCE, "note": "ask Ada"}


@pytest.fixture
async def client(database: Database) -> AsyncIterator[Client]:
    async with serving(database, ("read", "admin")) as client:
        yield client


def grant(client: Client, name: str) -> int:
    """A user that may send messages."""
    commands = client.service.commands
    commands.execute(CreateUser(account=ACCOUNT, name=name, new_id=f"AIDA{name.upper()}"))
    command = PutInlinePolicy(
        account=ACCOUNT, kind="user", name=name, policy_name="send", document=allow("sqs:SendMessage")
    )
    return commands.execute(command).position


async def noticed(client: Client, path: str = "/v1/watches/jobs/notices") -> list[dict[str, Any]]:
    status, found = await client.get(path)
    assert status == 200, found
    return list(found["notices"])


async def test_a_watch_lives(client: Client) -> None:
    status, found = await client.post("/v1/watches", {"name": "Jobs", **WATCH})
    assert (status, found["changed"]) == (200, True), found
    status, found = await client.post("/v1/watches", {"name": "jobs", **WATCH})
    assert status == 409 and "there is a watch jobs already" in found["detail"]
    status, found = await client.put("/v1/watches/Jobs", WATCH)
    assert (status, found["changed"]) == (200, False), found
    await asyncio.to_thread(grant, client, "ann")
    status, found = await client.get("/v1/watches/jobs")
    assert status == 200
    assert [(each["principal"], each["now"]) for each in found["holders"] if each["kind"] == "user"] == [
        (f"arn:aws:iam::{ACCOUNT}:user/ann", "allowed")
    ]
    assert found["event"]["actor_id"] == "test" and found["note"] == "ask Ada"
    status, found = await client.get("/v1/watches")
    assert [each["name"] for each in found["watches"]] == ["Jobs"] and found["watches"][0]["notices"] == 1
    status, found = await client.put("/v1/watches/jobs", WATCH | {"excepting": ["ann"]})
    assert (status, found["changed"]) == (200, True), found
    status, found = await client.get("/v1/watches/jobs")
    assert [each for each in found["holders"] if each["kind"] == "user"] == []
    status, found = await client.call("DELETE", "/v1/watches/jobs")
    assert status == 200
    status, found = await client.get("/v1/watches/jobs")
    assert status == 404 and "there is no watch jobs" in found["detail"]
    assert len(await noticed(client)) == 1  # what was told stays


async def test_a_notice_names_the_event(client: Client) -> None:
    await client.post("/v1/watches", {"name": "jobs", **WATCH})
    position = await asyncio.to_thread(grant, client, "ann")
    [found] = await noticed(client)
    assert found["position"] == position and found["is_past"] is False
    assert msgspec.to_builtins(msgspec.convert(found, WatchNotice)) == found
    [change] = found["changes"]
    assert (change["change"], change["before"], change["after"], change["to"]) == ("gained", None, "allowed", None)
    assert [each["position"] for each in found["events"]] == [position]
    assert await noticed(client, f"/v1/watches/jobs/notices?after={found['id']}") == []
    assert await noticed(client, "/v1/notices") == [found]


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({"actions": ["sqs:SendMesage"], "resource": RESOURCE}, 400, "did you mean sqs:SendMessage"),
        ({"actions": [], "resource": RESOURCE}, 400, "1 to 50 actions"),
        ({"actions": ["sqs:SendMessage"], "resource": "jobs"}, 400, "jobs"),
        ({"actions": ["sqs:SendMessage"], "resource": "arn:aws:sqs:*:*:*"}, 400, "stands for many"),
        ({"actions": ["sqs:SendMessage"], "resource": RESOURCE, "account": "000000000000"}, 404, "not known"),
        ({"actions": ["sqs:SendMessage"], "resource": RESOURCE, "excepting": ["nobody"]}, 404, "nobody"),
        ({"actions": ["sqs:SendMessage"], "resource": RESOURCE, "owner": "ada"}, 400, "owner"),
        ({"actions": "sqs:SendMessage", "resource": RESOURCE}, 400, "actions"),
    ],
)
async def test_what_cannot_be_watched_says_why(client: Client, body: Any, status: int, words: str) -> None:
    await asyncio.to_thread(grant, client, "ann")
    answered, found = await client.put("/v1/watches/jobs", body)
    assert answered == status and words in found["detail"], found
    answered, found = await client.put("/v1/watches/a%20b", WATCH)
    assert answered == 400 and "is not a watch's name" in found["detail"]


async def test_writing_needs_the_scope_admin(database: Database) -> None:
    async with serving(database, ("read",)) as client:
        assert (await client.post("/v1/watches", {"name": "jobs", **WATCH}))[0] == 403
        assert (await client.call("DELETE", "/v1/watches/jobs"))[0] == 403
        assert (await client.get("/v1/watches"))[0] == 200


async def test_a_name_that_is_nearly_right_is_suggested(client: Client) -> None:
    await client.post("/v1/watches", {"name": "payroll", **WATCH})
    status, found = await client.get("/v1/watches/payrol/notices")
    assert status == 404 and "did you mean payroll?" in found["detail"]


class Events:
    """A stream of server-sent events."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response

    async def next(self) -> dict[str, Any]:
        """The next notice."""
        fields: dict[str, str] = {}
        while True:
            line = (await asyncio.wait_for(self._response.content.readline(), 60)).decode()
            assert line, "the stream ended"
            if line == "\n" and "data" in fields:
                assert fields["event"] == "notice"
                notice: dict[str, Any] = orjson.loads(fields["data"])
                assert notice["id"] == int(fields["id"])
                return notice
            name, _, value = line.rstrip("\n").partition(": ")
            if name:
                fields[name] = value

    async def comment(self) -> str:
        while True:
            line = (await asyncio.wait_for(self._response.content.readline(), 60)).decode()
            assert line, "the stream ended"
            if line.startswith(":"):
                return line

    async def end(self) -> None:
        while await asyncio.wait_for(self._response.content.readline(), 60):
            pass


def following(client: Client, path: str, **headers: str) -> Any:
    return client.session.get(client.base + path, headers={"Accept": "text/event-stream", **headers})


async def test_notices_come_as_they_are_made_and_go_on_where_they_ended(client: Client) -> None:
    await client.post("/v1/watches", {"name": "jobs", **WATCH})
    async with following(client, "/v1/watches/jobs/notices") as response:
        assert response.status == 200 and response.content_type == "text/event-stream"
        events = Events(response)
        await asyncio.to_thread(grant, client, "ann")
        first = await events.next()
        assert [each["principal"] for each in first["changes"]] == [f"arn:aws:iam::{ACCOUNT}:user/ann"]
    await asyncio.to_thread(grant, client, "bob")
    async with following(client, "/v1/notices", **{"Last-Event-ID": str(first["id"])}) as response:
        second = await Events(response).next()
        assert [each["principal"] for each in second["changes"]] == [f"arn:aws:iam::{ACCOUNT}:user/bob"]
    assert [each["id"] for each in await noticed(client)] == [first["id"], second["id"]]


async def test_a_stream_shows_that_it_is_alive_and_ends_with_its_token(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(followed, "HEARTBEAT", 0.05)
    await client.post("/v1/watches", {"name": "jobs", **WATCH})
    async with following(client, "/v1/notices") as response:
        events = Events(response)
        assert "notices of watches" in await events.comment()
        assert "nothing new" in await events.comment()
        with client.database.connect() as connection:
            tokens.revoke(connection, "test")
        await events.end()


async def test_a_stream_ends_with_the_server(database: Database) -> None:
    async with AsyncExitStack() as server, aiohttp.ClientSession() as session:
        client = await server.enter_async_context(serving(database, ("read", "admin")))
        headers = {"Accept": "text/event-stream", "Authorization": client.session.headers["Authorization"]}
        async with session.get(f"{client.base}/v1/notices", headers=headers) as response:
            events = Events(response)
            assert "notices of watches" in await events.comment()
            ending = asyncio.create_task(server.aclose())
            await events.end()
            await ending


async def test_a_stream_of_no_watch_is_refused(client: Client) -> None:
    async with following(client, "/v1/watches/none/notices") as response:
        assert response.status == 404
    async with following(client, "/v1/notices", **{"Last-Event-ID": "x"}) as response:
        assert response.status == 400
    status, found = await client.get("/v1/notices", **{"Last-Event-ID": "x"})
    assert status == 400 and "Last-Event-ID must be a notice's id" in found["detail"]
