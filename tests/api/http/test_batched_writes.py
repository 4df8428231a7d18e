"""Answers of one turn go out together, and nothing else about a connection changes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import uvloop
from aiohttp import ClientSession, web

from erstwhile.api.http.server.batched_writes import BatchedTransport, Turn, batched
from erstwhile.api.http.server.listen import listening


class Wire(asyncio.Transport):
    """What was written, and when it ended."""

    def __init__(self, log: list[str], name: str) -> None:
        super().__init__()
        self._log = log
        self._name = name
        self.closed = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self._log.append(f"{self._name}:{bytes(data).decode()}")

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True
        self._log.append(f"{self._name}:closed")

    def abort(self) -> None:
        self.closed = True

    def get_write_buffer_size(self) -> int:
        return 0

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...


async def test_what_a_turn_writes_goes_out_when_it_ends_in_order_and_joined() -> None:
    log: list[str] = []
    turn = Turn(asyncio.get_running_loop())
    a, b = (BatchedTransport(Wire(log, name), turn) for name in "ab")
    a.write(b"1")
    b.write(b"2")
    a.writelines([b"3", b"4"])
    assert log == [] and a.get_write_buffer_size() == 3
    await asyncio.sleep(0)
    assert log == ["a:134", "b:2"] and a.get_write_buffer_size() == 0
    b.write(b"5")
    await asyncio.sleep(0)
    assert log[2:] == ["b:5"]


async def test_closing_sends_what_is_held_and_aborting_does_not() -> None:
    log: list[str] = []
    turn = Turn(asyncio.get_running_loop())
    a, b, c = (BatchedTransport(Wire(log, name), turn) for name in "abc")
    a.write(b"bye")
    a.close()
    b.write(b"never")
    b.abort()
    c.write(b"x" * 100_000)  # nothing is gained by waiting
    assert log[:2] == ["a:bye", "a:closed"] and log[2].startswith("c:xx")
    await asyncio.sleep(0)
    assert len(log) == 3


async def test_what_is_written_in_parts_does_not_pile_up() -> None:
    log: list[str] = []
    transport = BatchedTransport(Wire(log, "a"), Turn(asyncio.get_running_loop()))
    for _ in range(10):
        transport.write(b"x" * 10_000)
    assert [len(each) for each in log] == [70_002] and transport.get_write_buffer_size() == 30_000
    await asyncio.sleep(0)
    assert [len(each) for each in log] == [70_002, 30_002]


async def test_a_connection_that_ended_meanwhile_is_not_written_to() -> None:
    log: list[str] = []
    wire = Wire(log, "a")
    transport = BatchedTransport(wire, Turn(asyncio.get_running_loop()))
    transport.write(b"late")
    wire.closed = True
    await asyncio.sleep(0)
    assert log == []


async def _large(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    for number in range(200):
        await response.write(bytes([number]) * 20_000)
    return response


async def _echo(request: web.Request) -> web.Response:
    return web.Response(body=await request.read())


@asynccontextmanager
async def _served() -> AsyncIterator[str]:
    app = web.Application(client_max_size=64 * 1024 * 1024)
    app.router.add_get("/large", _large)
    app.router.add_post("/", _echo)
    async with listening(app, "127.0.0.1", 0) as url:
        yield url


async def _use() -> None:
    async with _served() as url, ClientSession() as session:
        async with session.get(f"{url}/large") as response:
            body = await response.read()
            assert len(body) == 4_000_000 and body[-1] == 199

        async def echo(number: int) -> None:
            sent = str(number).encode() * (1 + number * 37)
            async with session.post(url, data=sent) as answer:
                assert await answer.read() == sent

        await asyncio.gather(*(echo(number) for number in range(100)))


@pytest.mark.parametrize("run", [asyncio.run, uvloop.run])
def test_answers_of_every_size_arrive_whole_on_either_loop(run: object) -> None:
    assert callable(run)
    run(_use())


async def test_two_calls_in_one_packet_are_answered_in_order() -> None:
    async with _served() as url:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rsplit(":", 1)[1]))
        calls = [b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n%d" % number for number in range(5)]
        writer.write(b"".join(calls))
        found = b""
        while found.count(b"HTTP/1.1 200") < 5 or not found.endswith(b"4"):
            found += await asyncio.wait_for(reader.read(65_536), 60)
        assert [part[-1:] for part in found.split(b"HTTP/1.1 200")[1:]] == [b"0", b"1", b"2", b"3", b"4"]
        writer.close()
        await writer.wait_closed()


def test_a_factory_makes_its_own_protocols() -> None:
    loop = asyncio.new_event_loop()
    made: list[asyncio.Protocol] = []

    def factory() -> asyncio.Protocol:
        made.append(asyncio.Protocol())
        return made[-1]

    make = batched(factory, loop)
    make(), make()
    assert len(made) == 2
    loop.close()
