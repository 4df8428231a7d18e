"""Notices as server-sent events, for callers that accept `text/event-stream`: each as soon as it is made, until the
client goes away or the server ends.

A client that comes again says by `Last-Event-ID` which notice it had last, and gets those that came since.
Source: https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
import psycopg
from aiohttp import web

from erstwhile.api.database.database import DatabaseUnavailable
from erstwhile.api.http.app_keys import ENDING, RUNTIME, WAITING
from erstwhile.api.http.auth import is_let_in
from erstwhile.api.problems import Problem

EVENT_STREAM = "text/event-stream"
HEARTBEAT = 15.0
"""Seconds of silence after which a comment is sent: proxies keep the connection, and a client that is gone is seen."""
_TOGETHER = 100
"""Notices that are read together."""
HEADERS = {"Content-Type": EVENT_STREAM, "Cache-Control": "no-store", "X-Accel-Buffering": "no"}


def is_asked(request: web.Request) -> bool:
    """Whether the caller accepts events as they come."""
    return EVENT_STREAM in request.headers.get("Accept", "")


async def followed(request: web.Request, watch: str | None, after: int) -> web.StreamResponse:
    """The notices after one, and all that come later."""
    woken = asyncio.Event()
    loop = asyncio.get_running_loop()
    ending = request.app[ENDING]
    response = web.StreamResponse(headers=HEADERS)
    await response.prepare(request)
    await response.write(b": notices of watches\n\n")
    with request.app[RUNTIME].watching.waking(lambda: loop.call_soon_threadsafe(woken.set)):
        while not ending.is_set():
            woken.clear()
            try:
                found = await request.app[WAITING].run(request.app[RUNTIME].watches.made_since, watch, after, _TOGETHER)
            except (Problem, DatabaseUnavailable, psycopg.Error):
                break  # the client comes again, and says what it had last
            for each in found:
                await response.write(_event(each))
                after = each["id"]
            if len(found) < _TOGETHER and not await _woken(woken, ending):
                await response.write(b": nothing new\n\n")
                if not await is_let_in(request, "read"):
                    break
    await response.write_eof()
    return response


def _event(notice: dict[str, Any]) -> bytes:
    return b"id: %d\nevent: notice\ndata: %s\n\n" % (notice["id"], orjson.dumps(notice))


async def _woken(woken: asyncio.Event, ending: asyncio.Event) -> bool:
    """Waits until something came or the server ends; False where neither happens for a while."""
    waits = [asyncio.ensure_future(each.wait()) for each in (woken, ending)]
    try:
        done, _ = await asyncio.wait(waits, timeout=HEARTBEAT, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for each in waits:
            each.cancel()
    return bool(done)
