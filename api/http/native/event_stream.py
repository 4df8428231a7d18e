"""The events of the log as server-sent events: from a position on, each as soon as it is in the log.

A client that comes again says by `Last-Event-ID` which position it had last. It has all that it wanted up to there:
where filters leave events out, an `id` alone says how far the log was looked at, from time to time.

A stream ends with an event `end` that says why: the server ends, the token was taken back, the client read too slowly,
the log cannot be read, or it does not come up to where the client was. A client that does not read costs what its
connection holds and one page of events, and nobody waits for it.
Source: https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import orjson
import psycopg
from aiohttp import web

from erstwhile.api.database.database import DatabaseUnavailable
from erstwhile.api.http.app_keys import ENDING, FOLLOWERS, RUNTIME, WAITING
from erstwhile.api.http.auth import is_let_in
from erstwhile.api.http.native.followed import HEADERS
from erstwhile.api.problems import Problem
from erstwhile.projections.log_reader import LogPage, Wanted, read_page

HEARTBEAT = 15.0
"""Seconds of silence after which a comment is sent; and between two looks whether the token is still good."""
UNREAD = 30.0
"""Seconds that a client may leave unread what it was sent."""
MOST = 256
"""Streams at once."""
_TOGETHER = 100
"""Events that are read together."""
_GATHERED = 0.05
"""Seconds in which more may come, once something came."""


class _Ended(Exception):
    """Why a stream ends, in words for its client."""


async def streamed(request: web.Request, wanted: Wanted, after: int | None) -> web.StreamResponse:
    """The events after a position, and all that come later; only these where there is no position. Raises Problem
    503 where there are too many streams."""
    followers = request.app[FOLLOWERS]
    if len(followers) >= MOST:
        raise Problem(503, "too_many_streams", f"{MOST} streams are open: come again, or ask for pages")
    stream = Stream(request, wanted, after)
    followers.add(stream)
    try:
        return await stream.run()
    finally:
        followers.discard(stream)


def told(event: dict[str, Any]) -> bytes:
    """The data of an event."""
    return orjson.dumps(event)


class Stream:
    """One stream, until `end` says why it ends."""

    def __init__(self, request: web.Request, wanted: Wanted, after: int | None) -> None:
        self._request = request
        self._wanted = wanted
        self._runtime = request.app[RUNTIME]
        self._ending = request.app[ENDING]
        self._position = self._runtime.current.position if after is None else after
        self._told = self._position
        """The last position that the client knows of."""
        self._looked = self._sent = asyncio.get_running_loop().time()
        self._response = web.StreamResponse(headers=HEADERS)

    async def run(self) -> web.StreamResponse:
        await self._response.prepare(self._request)
        try:
            await self._send(b": events of the log\nid: %d\n\n" % self._position)
            while True:
                await self._round()
        except _Ended as ended:
            await self.end(str(ended))
        return self._response

    async def _round(self) -> None:
        """Sends what there is, and waits for more. Raises _Ended."""
        if self._ending.is_set():
            raise _Ended("the server ends; come again")
        page = await self._read()
        if page.head < self._position:
            # After a database was restored, positions come again for other events.
            raise _Ended(f"the log ends at {page.head}, before {self._position}: begin anew")
        for each in page.events:
            await self._send(b"id: %d\nevent: event\ndata: %s\n\n" % (each["position"], told(each)))
            self._told = each["position"]
        self._position = page.position
        await self._require_token()
        is_silent = page.position >= page.head and not await self._comes()
        if is_silent or asyncio.get_running_loop().time() - self._sent >= HEARTBEAT:
            await self._send(self._heartbeat())

    def _heartbeat(self) -> bytes:
        if self._position == self._told:
            return b": nothing new\n\n"
        self._told = self._position
        return b": nothing new\nid: %d\n\n" % self._position

    async def _read(self) -> LogPage:
        try:
            return await self._request.app[WAITING].run(self._page)
        except (Problem, DatabaseUnavailable, psycopg.Error):
            raise _Ended("the log cannot be read now; come again") from None

    def _page(self) -> LogPage:
        with self._runtime.connection() as connection:
            return read_page(connection, self._wanted, self._position, _TOGETHER)

    async def _comes(self) -> bool:
        """Waits for the next event, or for the end of the server; False where neither comes for a while."""
        coming = asyncio.ensure_future(self._runtime.applied.comes(self._position + 1, HEARTBEAT))
        ending = asyncio.ensure_future(self._ending.wait())
        try:
            await asyncio.wait((coming, ending), return_when=asyncio.FIRST_COMPLETED)
            found = ending.done() or coming.result()
        finally:
            coming.cancel()
            ending.cancel()
        if found:
            await asyncio.sleep(_GATHERED)
        return found

    async def _require_token(self) -> None:
        now = asyncio.get_running_loop().time()
        if now - self._looked >= HEARTBEAT:
            self._looked = now
            if not await is_let_in(self._request, "read"):
                raise _Ended("the token is not good any more")

    async def _send(self, data: bytes) -> None:
        try:
            async with asyncio.timeout(UNREAD):
                await self._response.write(data)
            self._sent = asyncio.get_running_loop().time()
        except TimeoutError:
            raise _Ended(f"nothing was read for {UNREAD:g} s; come again") from None

    async def end(self, why: str) -> None:
        """The last event; what the client has not read may wait for it once more, and then is dropped."""
        last = orjson.dumps({"reason": why, "position": self._told})
        with contextlib.suppress(TimeoutError, ConnectionError):
            async with asyncio.timeout(UNREAD):
                await self._response.write(b"event: end\ndata: %s\n\n" % last)
                await self._response.write_eof()
                return
        if self._request.transport is not None:
            self._request.transport.abort()
