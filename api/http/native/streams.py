"""Long answers: as one object, or as NDJSON (one JSON object a line) for callers that accept `application/x-ndjson`.

A thread computes. The question is called off when the caller has gone, or has waited as long as a call may take."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager
from typing import IO, Any

import orjson
from aiohttp import web

from erstwhile.api.asking.blocks import written
from erstwhile.api.asking.over_time.pieces import Pieces
from erstwhile.api.asking.over_time.stopping import Stop, Stopped
from erstwhile.api.http.app_keys import STREAMING, WAITING
from erstwhile.api.http.body import json_in_blocks
from erstwhile.api.http.errors import problem_of
from erstwhile.api.problems import Problem

NDJSON = "application/x-ndjson"
_LATE = (
    "the answer takes longer than a call may wait, by itself or because others are before it: ask for it line by line "
    f"(Accept: {NDJSON}), which may take an hour, or about less: one principal, one account, a shorter time"
)
_LOOK = 0.25
"""Seconds between two looks whether the client is still there."""
_TOGETHER = 32 * 1024
"""Bytes of lines that are sent at once."""
_PART = 256 * 1024
"""Bytes of a file that are read at once."""
_AHEAD = 8
"""Batches of lines that are computed before the client has read them."""
Asking = Callable[[Stop], AbstractContextManager[Pieces]]


async def whole(request: web.Request, ask: Callable[[Stop], dict[str, Any]]) -> web.Response:
    """The answer as one object; its computing ends with the client's waiting."""
    stop = Stop()
    async with _watched(request, stop):
        return json_in_blocks(await request.app[WAITING].run(lambda: written(ask(stop))))


async def streamed(request: web.Request, asking: Asking) -> web.StreamResponse:
    """The answer, line by line where the client accepts that. Raises what the question raises before its first
    line; a later failure is the last line, `{"line": "problem", …}`."""
    if NDJSON not in request.headers.get("Accept", ""):

        def ask(stop: Stop) -> dict[str, Any]:
            with asking(stop) as pieces:
                return pieces.to_write()

        try:
            return await whole(request, ask)
        except Problem as problem:
            if problem.code == "timeout":
                problem.detail = _LATE
            raise
    stop = Stop()
    batches: asyncio.Queue[bytes] = asyncio.Queue(_AHEAD)
    loop = asyncio.get_running_loop()

    def compute() -> None:
        with asking(stop) as pieces:
            for batch in _batches(pieces):
                _put(loop, batches, batch, stop)
        _put(loop, batches, b"", stop)

    async with _watched(request, stop):
        computing = asyncio.ensure_future(request.app[STREAMING].run(compute))
        try:
            return await _send(request, computing, batches)
        finally:
            stop.call_off()
            with contextlib.suppress(Exception):
                await computing


async def sent_file(
    request: web.Request, make: Callable[[Stop], tuple[IO[bytes], dict[str, str]]], headers: dict[str, str]
) -> web.StreamResponse:
    """A file that a thread makes, with more headers that tell of it. Raises what making it raises; then nothing is
    sent. Memory does not grow with the file."""
    stop = Stop()
    async with _watched(request, stop):
        file, told = await request.app[STREAMING].run(make, stop)
        with contextlib.closing(file):
            size = file.seek(0, os.SEEK_END)
            file.seek(0)
            response = web.StreamResponse(headers=headers | told | {"Cache-Control": "no-store"})
            response.content_length = size
            await response.prepare(request)
            while part := file.read(_PART):
                await response.write(part)
            await response.write_eof()
            return response


async def _send(
    request: web.Request, computing: asyncio.Future[None], batches: asyncio.Queue[bytes]
) -> web.StreamResponse:
    first = await _next(computing, batches)
    response = web.StreamResponse(headers={"Content-Type": NDJSON, "Cache-Control": "no-store"})
    await response.prepare(request)
    batch = first
    while batch:
        await response.write(batch)
        try:
            batch = await _next(computing, batches)
        except Exception as error:  # noqa: BLE001 - the status is sent: what went wrong is the last line
            problem = orjson.loads(problem_of(request, error).text or "{}")
            await response.write(_line({"line": "problem", **problem}))
            break
    await response.write_eof()
    return response


async def _next(computing: asyncio.Future[None], batches: asyncio.Queue[bytes]) -> bytes:
    """The next lines; empty after the last. Raises what computing raised."""
    getting = asyncio.ensure_future(batches.get())
    try:
        await asyncio.wait((getting, computing), return_when=asyncio.FIRST_COMPLETED)
        if not getting.done() and batches.empty():
            computing.result()
        return await getting
    finally:
        getting.cancel()


def _batches(pieces: Pieces) -> Iterator[bytes]:
    """Lines, the first two (what was asked, and the first item) at once."""
    gathered: list[bytes] = []
    size = 0
    for number, each in enumerate(pieces.lines()):
        line = _line(each)
        gathered.append(line)
        size += len(line)
        if size >= _TOGETHER or number < 2:
            yield b"".join(gathered)
            gathered, size = [], 0
    if gathered:
        yield b"".join(gathered)


def _line(data: dict[str, Any]) -> bytes:
    return orjson.dumps(data, option=orjson.OPT_APPEND_NEWLINE)


def _put(loop: asyncio.AbstractEventLoop, batches: asyncio.Queue[bytes], batch: bytes, stop: Stop) -> None:
    """Hands lines to the loop; waits while the client reads slowly. Raises Stopped."""
    putting = asyncio.run_coroutine_threadsafe(batches.put(batch), loop)
    while True:
        try:
            return putting.result(_LOOK)
        except concurrent.futures.TimeoutError:
            if stop.is_called_off:
                putting.cancel()
                raise Stopped from None


@contextlib.asynccontextmanager
async def _watched(request: web.Request, stop: Stop) -> AsyncIterator[None]:
    """Calls the question off when the client goes away, and at the end of the block."""

    async def watch() -> None:
        while (transport := request.transport) is not None and not transport.is_closing():
            await asyncio.sleep(_LOOK)
        stop.call_off()

    watching = asyncio.ensure_future(watch())
    try:
        yield
    finally:
        watching.cancel()
        stop.call_off()
