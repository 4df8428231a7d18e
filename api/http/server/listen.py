"""Listening: an application on a socket."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web, web_response

from erstwhile.api.http.server.batched_writes import batched
from erstwhile.api.http.server.connections import Connections, Limits
from erstwhile.api.http.server.handling import Handling
from erstwhile.api.http.server.securing import SecureListener

# aiohttp fills the header `Server` with its own version and Python's, which scanners report, and has no setting for it.
web_response.SERVER_SOFTWARE = "erstwhile"  # type: ignore[attr-defined]


@asynccontextmanager
async def listening(
    app: web.Application,
    host: str,
    port: int,
    limits: Limits | None = None,
    shared: bool = False,
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator[str]:
    """Serves an application while the block runs, which gets its URL; port 0 is any free one. At the end of the block
    nobody new is let in, and what is under way is answered. `shared`: other processes listen on the port, too; `tls`:
    callers have to speak it. Raises OSError."""
    limits = limits or Limits()
    # Our own sampled log comes later; aiohttp's access log doubles the cost of a request.
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=limits.drain)
    await runner.setup()
    sweeping: asyncio.Task[None] | None = None
    secure: SecureListener | None = None
    try:
        assert runner.server is not None
        loop = asyncio.get_running_loop()
        connections, manager = Connections(runner.server, limits), runner.server

        def connection() -> Handling:
            kept: Any = {"access_log": None, "keepalive_timeout": limits.idle, "lingering_time": 5.0}
            return Handling(manager, loop=loop, **kept)

        factory = batched(connection, loop, connections.admit)
        server: asyncio.Server | SecureListener
        if tls is None:
            server = await loop.create_server(factory, host, port, backlog=1_024, reuse_port=shared or None)
        else:
            server = secure = SecureListener(factory, tls, limits.first_request)
            await secure.listen(host, port, shared)
        sweeping = loop.create_task(connections.sweep())
        try:
            address = server.sockets[0].getsockname()
            host = f"[{address[0]}]" if ":" in address[0] else address[0]
            yield f"{'http' if tls is None else 'https'}://{host}:{address[1]}"
        finally:
            server.close()
    finally:
        if sweeping is not None:
            sweeping.cancel()
        await runner.cleanup()
        if secure is not None:
            await secure.end()
