"""Reads JSON bodies of limited depth, and writes JSON answers."""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

import msgspec
import orjson
from aiohttp import Payload, web
from aiohttp.abc import AbstractStreamWriter

from erstwhile.api.problems import Problem, bad_request
from erstwhile.api.serving.request_ids import HEADER, given_id
from erstwhile.api.support.limited_body import SMALL, read_limited

MAX_DEPTH = 100
"""How deep a JSON body may be nested: no policy, context or properties come near."""

_JSON = {"Content-Type": "application/json"}
_TEXT = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_NOT_BRACKETS = re.compile(rb"[^\[\]{}]+")
T = TypeVar("T")


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


class _Blocks(Payload):
    """A body in blocks, none of which is copied. It is sent once: each goes as soon as it is sent."""

    def __init__(self, blocks: Iterable[bytes]) -> None:
        super().__init__(deque(blocks), content_type="application/json")
        self._size = sum(map(len, self._value))

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        return b"".join(self._value).decode(encoding, errors)

    async def write(self, writer: AbstractStreamWriter) -> None:
        while self._value:
            await writer.write(self._value.popleft())


def json_in_blocks(blocks: Sequence[bytes]) -> web.Response:
    """A JSON answer that is written already."""
    return json_response(blocks[0]) if len(blocks) == 1 else web.Response(body=_Blocks(blocks))


def answer(data: Any, request: web.Request | None = None) -> web.Response:
    """A JSON answer; X-Request-Id is echoed when it was sent, and is harmless."""
    return json_response(orjson.dumps(data), request)


def json_response(body: bytes, request: web.Request | None = None) -> web.Response:
    """The same, of what is JSON already."""
    response = web.Response(body=body, headers=_JSON)
    if request is not None and HEADER in request.headers:
        given = given_id(request)
        if given:
            response.headers[HEADER] = given
    return response
