"""The events of the log over HTTP: in pages, and as server-sent events."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import aiohttp
import msgspec
import orjson
import pytest

from erstwhile.api.database import tokens
from erstwhile.api.database.database import Database
from erstwhile.api.http.native import event_stream
from erstwhile.api.http.schema.trail import LogEventPage
from erstwhile.domain.commands.users_groups import CreateUser
from tests.support.http import Client, serving

ACCOUNT = "123456789012"
EVENTS = "/v1/events"


@pytest.fixture
async def client(database: Database) -> AsyncIterator[Client]:
    async with serving(database, ("read", "admin")) as client:
        yield client


def create(client: Client, *names: str) -> int:
    position = 0
    for name in names:
        command = CreateUser(account=ACCOUNT, name=name, new_id=f"AIDA{name.upper()}")
        position = client.service.commands.execute(command).position
    return position


def names(events: list[dict[str, Any]]) -> list[str]:
    return [each["body"]["subject"]["name"] for each in events if each["event"] == "iam.UserCreated"]


class Received:
    """Server-sent events, as a client that follows the standard reads them."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response
        self.last_id = ""

    async def next(self) -> tuple[str, dict[str, Any]]:
        """The next event, which comments are not: its type and its data."""
        kind, data = "message", ""
        while True:
            line = (await asyncio.wait_for(self._response.content.readline(), 60)).decode()
            assert line, "the stream ended"
            name, _, value = line.rstrip("\n").partition(": ")
            match name:
                case "id":
                    self.last_id = value
                case "event":
                    kind = value
                case "data":
                    data = value
            if line == "\n" and data:
                return kind, orjson.loads(data)

    async def until_id(self, position: int) -> None:
        while self.last_id != str(position):
            line = (await asyncio.wait_for(self._response.content.readline(), 60)).decode()
            assert line, "the stream ended"
            if line.startswith("id: "):
                self.last_id = line[4:].rstrip("\n")

    async def created(self, count: int) -> list[str]:
        found: list[dict[str, Any]] = []
        while len(names(found)) < count:
            kind, event = await self.next()
            assert kind == "event" and event["position"] == int(self.last_id)
            found.append(event)
        return names(found)


def following(client: Client, query: str = "", **headers: str) -> Any:
    return client.session.get(client.base + EVENTS + query, headers={"Accept": "text/event-stream", **headers})


async def test_pages_have_every_event_once_in_order(client: Client) -> None:
    last = await asyncio.to_thread(create, client, "ann", "bob", "cat")
    found: list[dict[str, Any]] = []
    after = 0
    while True:
        status, page = await client.get(f"{EVENTS}?limit=2&after={after}")
        assert status == 200 and msgspec.to_builtins(msgspec.convert(page, LogEventPage)) == page
        found += page["events"]
        after = page["next_after"]
        if after == page["head"]:
            break
    assert [each["position"] for each in found] == list(range(1, last + 1))
    assert names(found) == ["ann", "bob", "cat"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("type=iam.UserCreated", ["ann", "bob"]),
        ("type=iam.RoleCreated,iam.User*", ["ann", "bob"]),
        ("type=iam.Role*", []),
        (f"account={ACCOUNT}&type=iam.UserCreated", ["ann", "bob"]),
        ("account=999988887777", []),
        ("principal=AIDABOB", ["bob"]),
        (f"principal=arn:aws:iam::{ACCOUNT}:user/bob", ["bob"]),
        ("principal=arn:aws:iam::999988887777:user/bob", []),
    ],
)
async def test_filters(client: Client, query: str, expected: list[str]) -> None:
    await asyncio.to_thread(create, client, "ann", "bob")
    status, page = await client.get(f"{EVENTS}?{query}")
    assert status == 200 and names(page["events"]) == expected and page["next_after"] == page["head"]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("after=x", "after must be a position"), ("type=iam.UserCreted", "did you mean iam.UserCreated"),
        ("account=1", "twelve digits"), ("acount=1", "this call takes"), ("limit=0", "limit must be"),
    ],
)  # fmt: skip
async def test_what_is_wrong_is_said(client: Client, query: str, words: str) -> None:
    for headers in ({}, {"Accept": "text/event-stream"}):
        status, found = await client.get(f"{EVENTS}?{query}", **headers)
        assert status == 400 and words in found["detail"]


async def test_a_stream_goes_on_where_it_ended(client: Client) -> None:
    position = await asyncio.to_thread(create, client, "ann")
    async with following(client, "?after=0&type=iam.UserCreated") as response:
        assert response.status == 200 and response.content_type == "text/event-stream"
        stream = Received(response)
        assert await stream.created(1) == ["ann"]
        await asyncio.to_thread(create, client, "bob")
        assert await stream.created(1) == ["bob"]
        last = stream.last_id
    assert int(last) > position
    await asyncio.to_thread(create, client, "cat", "dan")
    async with following(client, "?after=0", **{"Last-Event-ID": last}) as response:
        assert await Received(response).created(2) == ["cat", "dan"]
    async with following(client) as response:  # from now on
        await asyncio.to_thread(create, client, "eve")
        assert await Received(response).created(1) == ["eve"]


async def test_silence_is_told_apart_from_an_end(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_stream, "HEARTBEAT", 0.05)
    async with following(client, "?type=iam.RoleCreated") as response:
        stream = Received(response)
        position = await asyncio.to_thread(create, client, "ann")
        await stream.until_id(position)  # that event is left out, and need not be looked at again
        with client.database.connect() as connection:
            tokens.revoke(connection, "test")
        kind, last = await stream.next()
        assert (kind, last["position"]) == ("end", position) and "token" in last["reason"]
        assert await response.content.read() == b""


async def test_the_end_of_the_server_is_told(database: Database) -> None:
    async with AsyncExitStack() as server, aiohttp.ClientSession() as session:
        client = await server.enter_async_context(serving(database))
        headers = {"Accept": "text/event-stream", "Authorization": client.session.headers["Authorization"]}
        async with session.get(client.base + EVENTS, headers=headers) as response:
            ending = asyncio.create_task(server.aclose())
            kind, last = await Received(response).next()
            assert kind == "end" and "the server ends" in last["reason"]
            await ending


async def test_a_slow_reader_is_cut_and_others_are_not(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    await asyncio.to_thread(create, client, *(f"u{number}" for number in range(150)))
    cut, reasons, end = asyncio.Event(), list[str](), event_stream.Stream.end

    async def noted(stream: event_stream.Stream, why: str) -> None:
        reasons.append(why)
        cut.set()
        await end(stream, why)

    monkeypatch.setattr(event_stream.Stream, "end", noted)
    monkeypatch.setattr(event_stream, "UNREAD", 0.5)
    monkeypatch.setattr(event_stream, "told", lambda event: orjson.dumps(event | {"padding": "x" * 100_000}))
    host, port = client.base.removeprefix("http://").split(":")
    with socket.socket() as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        slow.connect((host, int(port)))
        slow.sendall(
            f"GET {EVENTS}?after=0 HTTP/1.1\r\nHost: {host}:{port}\r\nAccept: text/event-stream\r\n"
            f"Authorization: {client.session.headers['Authorization']}\r\n\r\n".encode()
        )
        async with following(client, "?after=0&type=iam.UserCreated") as response:
            assert len(await Received(response).created(150)) == 150
        await asyncio.wait_for(cut.wait(), 60)
        assert reasons == ["nothing was read for 0.5 s; come again"]
        monkeypatch.setattr(event_stream, "UNREAD", 60)
        reader, writer = await asyncio.open_connection(sock=slow)
        received = b""
        while part := await asyncio.wait_for(reader.read(1 << 20), 60):
            received = received[-10_000:] + part
        writer.close()
    assert b"event: end" in received[-1_000:] and b"nothing was read for" in received[-1_000:]


async def test_a_place_beyond_the_log_is_said(client: Client) -> None:
    position = await asyncio.to_thread(create, client, "ann")
    async with following(client, **{"Last-Event-ID": str(position + 5)}) as response:
        kind, last = await Received(response).next()
    assert kind == "end" and last["reason"] == f"the log ends at {position}, before {position + 5}: begin anew"
    status, found = await client.get(f"{EVENTS}?after={position + 1}")
    assert status == 400 and f"beyond the head of the log, which is {position}" in found["detail"]
    status, found = await client.get(f"{EVENTS}?after={position}")
    assert (status, found["events"], found["next_after"]) == (200, [], position)


async def test_streams_are_counted(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_stream, "MOST", 1)
    async with following(client), following(client) as response:
        assert response.status == 503 and "1 streams are open" in (await response.json())["detail"]
