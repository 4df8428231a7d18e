"""Reading bodies within limits of size, time and depth, and writing JSON answers."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec
import orjson
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
MAX_DEPTH = 100
"""How deep a JSON body may be nested: no policy, context or properties come near."""

_JSON = {"Content-Type": "application/json"}
_TEXT = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_NOT_BRACKETS = re.compile(rb"[^\[\]{}]+")
T = TypeVar("T")


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


async def read_body(request: web.Request, limit: int) -> bytes:
    """The body of a JSON request. Raises Problem 400 for another type."""
    if request.headers.get("Content-Type") != "application/json" and request.content_type != "application/json":
        kind = request.content_type[:100]
        raise bad_request("wrong_content_type", f"expected Content-Type: application/json, not {kind}")
    return await read_limited(request, limit)


def is_deep(raw: bytes) -> bool:
    """Whether JSON is nested deeper than `MAX_DEPTH`."""
    depth = 0
    for each in _NOT_BRACKETS.sub(b"", _TEXT.sub(b"", raw)):
        depth += 1 if each in b"[{" else -1
        if depth > MAX_DEPTH:
            return True
    return False


async def decoded(raw: bytes, decode: Callable[[bytes], T]) -> T:
    """What a body decodes to, apart from the loop where it is large. Raises msgspec.DecodeError."""
    return _decode(raw, decode) if len(raw) <= SMALL else await asyncio.to_thread(_decode, raw, decode)


def _decode(raw: bytes, decode: Callable[[bytes], T]) -> T:
    try:
        return decode(raw)
    except UnicodeDecodeError:
        raise msgspec.DecodeError("it is not UTF-8") from None
    except RecursionError:
        raise too_deep() from None


async def read_object(request: web.Request, limit: int) -> dict[str, Any]:
    """The body as a JSON object. Raises Problem 400 for another type, other JSON, or none."""
    raw = await read_body(request, limit)
    try:
        data = _loaded(raw) if len(raw) <= SMALL else await asyncio.to_thread(_loaded, raw)
    except orjson.JSONDecodeError as error:
        raise bad_request("malformed_body", f"the body is not JSON: {error}") from None
    if not isinstance(data, dict):
        raise bad_request("malformed_body", "the body must be a JSON object")
    return data


def _loaded(raw: bytes) -> Any:
    # What is within the limit goes through all that walks it, and through writing it again.
    if raw.count(b"[") + raw.count(b"{") > MAX_DEPTH and is_deep(raw):
        raise too_deep()
    return orjson.loads(raw)


def too_deep() -> Problem:
    return bad_request("malformed_body", f"the body is nested deeper than {MAX_DEPTH} levels")


def answer(data: Any, request: web.Request | None = None) -> web.Response:
    """A JSON answer; X-Request-ID is echoed when it was sent."""
    return json_response(orjson.dumps(data), request)


def json_response(body: bytes, request: web.Request | None = None) -> web.Response:
    """The same, of what is JSON already."""
    response = web.Response(body=body, headers=_JSON)
    if request is not None and "X-Request-ID" in request.headers:
        response.headers["X-Request-ID"] = request.headers["X-Request-ID"]
    return response
