"""Listening: an application on a socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from erstwhile.api.http.batched_writes import batched


@asynccontextmanager
async def listening(app: web.Application, host: str, port: int) -> AsyncIterator[str]:
    """Serves an application while the block runs, which gets its URL; port 0 is any free one. Raises OSError."""
    # Our own sampled log comes later; aiohttp's access log doubles the cost of a request.
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        assert runner.server is not None
        loop = asyncio.get_running_loop()
        server = await loop.create_server(batched(runner.server, loop), host, port)
        try:
            address = server.sockets[0].getsockname()
            yield f"http://[{address[0]}]:{address[1]}" if ":" in address[0] else f"http://{address[0]}:{address[1]}"
        finally:
            server.close()
    finally:
        await runner.cleanup()
