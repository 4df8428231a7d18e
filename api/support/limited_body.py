"""Reads bodies of requests within limits of size and time."""

from __future__ import annotations

import asyncio

from aiohttp import web
from aiohttp.client_exceptions import ClientPayloadError
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.streams import StreamReader
from aiohttp.web_protocol import RequestPayloadError

from erstwhile.api.problems import Problem, bad_request

SMALL = 64 * 1024
"""Bytes of a body that is parsed on the loop; a larger one is parsed apart from it."""
QUIET = 20.0
"""Seconds that a body may pause."""
WHOLE = 60.0
"""Seconds until a body is there whole; a large one has as long as its bytes take at `SLOWEST`."""
SLOWEST = 100_000
"""Bytes a second below which a large body is given up."""


async def read_limited(request: web.Request, limit: int) -> bytes:
    """The body. Raises Problem 413 for one that is larger, announced or not; 408 for one that does not come; 400 for
    one that is broken."""
    if (request.content_length or 0) > limit:
        raise too_large(limit)
    content = request.content
    try:
        if content.is_eof():  # all of it came with the headers
            raw = content.read_nowait(-1)
            if len(raw) > limit:
                raise too_large(limit)
            return raw
        return await _gathered(content, limit)
    except TimeoutError:
        raise Problem(408, "body_timeout", "the body did not come in time") from None
    except (RequestPayloadError, ClientPayloadError, HttpProcessingError) as error:
        raise bad_request("malformed_body", f"the body cannot be read: {str(error)[:200]}") from None


async def _gathered(content: StreamReader, limit: int) -> bytes:
    pieces: list[bytes] = []
    size = 0
    async with asyncio.timeout(max(WHOLE, limit / SLOWEST)):
        while True:
            async with asyncio.timeout(QUIET):
                piece = await content.readany()
            if not piece:
                return b"".join(pieces)
            size += len(piece)
            if size > limit:
                raise too_large(limit)
            pieces.append(piece)


def too_large(limit: int) -> Problem:
    return Problem(413, "body_too_large", f"the body is larger than this call takes: {limit:,} bytes")
