"""The connections of a server: how many there may be, and how long each may keep silent.

At the limit, the connection that has been idle longest is closed for a new one; where none is idle, the new one is
refused with a time to try again. Between two requests, aiohttp itself closes a connection that is idle for its
`keepalive_timeout`.
"""

from __future__ import annotations

import asyncio
import resource

import msgspec
from aiohttp import web

from erstwhile.api.http.server.batched_writes import BatchedTransport

RESERVED = 256
"""Files that the rest of the process opens: the database's connections, files that are imported."""
SWEEP = 5.0
"""Seconds between two looks at all connections."""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """How many connections there may be, and seconds."""

    connections: int = 10_000
    first_request: float = 20.0  # until the headers of the first request are there, whole
    idle: float = 75.0  # between two requests, and until the headers of the second are there
    reading: float = 60.0  # that a caller may leave unread what it was sent
    drain: float = 25.0  # for what is under way when the server ends


class Connections:
    """Those of one server; belongs to the event loop."""

    def __init__(self, server: web.Server, limits: Limits) -> None:
        self._server = server
        self._limits = limits
        self._most = min(limits.connections, _files() - RESERVED)

    def admit(self) -> bool:
        """Whether one more may come; the longest idle are closed for it."""
        held = self._server.connections
        if len(held) < self._most:
            return True
        # aiohttp tells only in this way who waits for a next request, and since when.
        idle = [each for each in held if each._waiter is not None and not each._waiter.done()]
        idle.sort(key=lambda each: each._next_keepalive_close_time)
        for each in idle[: max(1, self._most // 16)]:
            each.force_close()
        return bool(idle)

    async def sweep(self) -> None:
        """Closes, again and again, who sends no request and who reads no answer."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(min(SWEEP, self._limits.first_request / 2, self._limits.reading / 2))
            now = loop.time()
            for each in self._server.connections:
                transport = each.transport
                if not isinstance(transport, BatchedTransport):
                    continue
                if each._request_count == 0 and now - transport.began > self._limits.first_request:
                    each.force_close()
                elif transport.unread_for(now) > self._limits.reading:
                    transport.abort()


def _files() -> int:
    """How many files the process may open: as many as it may allow itself."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 65_536 if hard == resource.RLIM_INFINITY else min(hard, 65_536)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        return wanted
    return 65_536 if soft == resource.RLIM_INFINITY else soft
