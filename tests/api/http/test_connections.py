"""Connections that are idle, slow, or too many, and the end of a server with calls under way."""

from __future__ import annotations

import asyncio
import resource
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from erstwhile.api.http.server import connections
from erstwhile.api.http.server.connections import Limits
from erstwhile.api.http.server.listen import listening

GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


class Server:
    """An application whose call can be held under way, on a socket."""

    def __init__(self) -> None:
        self.begun, self.go_on = asyncio.Event(), asyncio.Event()
        self.port = 0
        self.app = web.Application()
        self.app.router.add_get("/", self._quick)
        self.app.router.add_get("/slow", self._slow)
        self.app.router.add_get("/much", self._much)

    async def _quick(self, _request: web.Request) -> web.Response:
        return web.Response(text="ok")

    async def _slow(self, _request: web.Request) -> web.Response:
        self.begun.set()
        await self.go_on.wait()
        return web.Response(text="done")

    async def _much(self, _request: web.Request) -> web.Response:
        return web.Response(body=b"x" * 50_000_000)

    async def connect(self, said: bytes = b"") -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        found = await asyncio.open_connection("127.0.0.1", self.port)
        found[1].write(said)
        return found


@asynccontextmanager
async def serving(**limits: Any) -> AsyncIterator[Server]:
    server = Server()
    async with listening(server.app, "127.0.0.1", 0, Limits(**limits)) as url:
        server.port = int(url.rpartition(":")[2])
        yield server


async def status(reader: asyncio.StreamReader) -> int:
    line = await asyncio.wait_for(reader.readline(), 60)
    await reader.readuntil(b"\r\n\r\n")
    return int(line.split()[1])


async def gone(reader: asyncio.StreamReader) -> bool:
    try:
        return (await asyncio.wait_for(reader.read(), 60)) == b""
    except ConnectionError:
        return True


async def leave(*held: tuple[asyncio.StreamReader, asyncio.StreamWriter]) -> None:
    for _, writer in held:
        writer.close()
    await asyncio.gather(*(writer.wait_closed() for _, writer in held), return_exceptions=True)


@pytest.mark.parametrize("said", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: x\r\nX: "])
async def test_who_sends_no_whole_request_is_left(said: bytes) -> None:
    async with serving(first_request=0.2) as server:
        held = await server.connect(said)
        assert await gone(held[0])
        await leave(held)


async def test_who_is_idle_after_a_request_is_left() -> None:
    async with serving(idle=0.2) as server:
        held = await server.connect(GET)
        assert await status(held[0]) == 200 and await held[0].readexactly(2) == b"ok"
        held[1].write(b"GET / HTTP/1.1\r\nHost")
        assert await gone(held[0])
        await leave(held)


async def test_who_reads_no_answer_is_left() -> None:
    async with serving(reading=0.2) as server:
        held = await server.connect(b"GET /much HTTP/1.1\r\nHost: x\r\n\r\n")
        held[1].transport.pause_reading()  # type: ignore[attr-defined]
        await asyncio.sleep(2)
        held[1].transport.resume_reading()  # type: ignore[attr-defined]
        with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
            await held[0].readexactly(50_000_000)
        await leave(held)


async def test_at_the_limit_the_longest_idle_make_room() -> None:
    async with serving(connections=8) as server:
        idle = [await server.connect(GET) for _ in range(8)]
        for reader, _ in idle:
            assert await status(reader) == 200 and await reader.readexactly(2) == b"ok"
        late = await server.connect(GET)
        assert await status(late[0]) == 200
        assert await gone(idle[0][0])
        await leave(late, *idle)


async def test_where_all_are_busy_who_comes_is_told_to_come_again() -> None:
    async with serving(connections=2) as server:
        busy = [await server.connect(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n") for _ in range(2)]
        await asyncio.wait_for(server.begun.wait(), 60)
        await asyncio.sleep(0.2)
        late = await server.connect(GET)
        assert await status(late[0]) == 503
        server.go_on.set()
        for reader, _ in busy:
            assert await status(reader) == 200
        await leave(late, *busy)


async def test_a_crowd_of_silent_connections_stops_nobody() -> None:
    """More of them than the files that a process may have by default."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    async with serving(connections=300) as server:
        crowd = [await server.connect() for _ in range(400)]
        held = await server.connect(GET)
        assert await status(held[0]) == 200
        await leave(held, *crowd)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_the_process_allows_itself_the_files_that_it_may_have() -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        if before[1] != resource.RLIM_INFINITY and before[1] < 2_048:
            pytest.skip(f"this process may have {before[1]} files, no more")
        resource.setrlimit(resource.RLIMIT_NOFILE, (1_024, before[1]))
        assert connections._files() >= 2_048
        assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] >= 2_048
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


async def test_what_is_under_way_is_answered_when_the_server_ends() -> None:
    serving_ = serving(drain=30)
    server = await serving_.__aenter__()
    held = await server.connect(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
    idle = await server.connect(GET)
    assert await status(idle[0]) == 200
    await asyncio.wait_for(server.begun.wait(), 60)
    ending = asyncio.ensure_future(serving_.__aexit__(None, None, None))
    await asyncio.sleep(0.2)
    with pytest.raises(ConnectionError):
        await server.connect(GET)
    assert not ending.done()
    server.go_on.set()
    assert await status(held[0]) == 200 and await held[0].read() == b"done"
    await asyncio.wait_for(ending, 60)
    await leave(held, idle)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (b"GET /" + b"a" * 9_000 + b" HTTP/1.1\r\n\r\n", "longer than 8,190 bytes"),
        (b"GET / HTTP/1.1\r\nX: " + b"a" * 9_000 + b"\r\n\r\n", "longer than 8,190 bytes"),
        (b"GET / HTTP/1.1\r\nTransfer-Encoding: chunked, secret\r\n\r\n", "no request of HTTP/1.1"),
        (b"\x16\x03\x01secret\r\n\r\n", "no request of HTTP/1.1"),
    ],
)
async def test_bytes_that_are_no_request(said: bytes, words: str, caplog: pytest.LogCaptureFixture) -> None:
    async with serving() as server:
        reader, writer = await server.connect()
        writer.write(said)
        told = (await asyncio.wait_for(reader.read(), 60)).decode()
        assert told.startswith("HTTP/1.0 400") and "application/problem+json" in told and words in told
        assert "secret" not in told + caplog.text and "Traceback" not in caplog.text
        await leave((reader, writer))


@pytest.mark.parametrize("said", [GET, GET.replace(b"/ HTTP", b"/absent HTTP"), b"no HTTP at all\r\n\r\n"])
async def test_no_answer_names_the_versions_of_what_it_was_made_with(said: bytes) -> None:
    async with serving() as server:
        held = await server.connect(said)
        headers = await asyncio.wait_for(held[0].readuntil(b"\r\n\r\n"), 60)
        assert b"\r\nServer: erstwhile\r\n" in headers
        await leave(held)
