"""Reading JSON bodies and writing JSON answers."""

from __future__ import annotations

from typing import Any

import orjson
from aiohttp import web

from erstwhile.api.problems import bad_request

_JSON = {"Content-Type": "application/json"}


async def read_body(request: web.Request) -> bytes:
    """The body of a JSON request. Raises Problem 400 for another type."""
    if request.headers.get("Content-Type") != "application/json" and request.content_type != "application/json":
        raise bad_request("wrong_content_type", f"expected Content-Type: application/json, not {request.content_type}")
    return await request.read()


async def read_object(request: web.Request) -> dict[str, Any]:
    """The body as a JSON object. Raises Problem 400 for another type, other JSON, or none."""
    try:
        data = orjson.loads(await read_body(request))
    except orjson.JSONDecodeError as error:
        raise bad_request("malformed_body", f"the body is not JSON: {error}") from None
    if not isinstance(data, dict):
        raise bad_request("malformed_body", "the body must be a JSON object")
    return data


def answer(data: Any, request: web.Request | None = None) -> web.Response:
    """A JSON answer; X-Request-ID is echoed when it was sent."""
    return json_response(orjson.dumps(data), request)


def json_response(body: bytes, request: web.Request | None = None) -> web.Response:
    """The same, of what is JSON already."""
    response = web.Response(body=body, headers=_JSON)
    if request is not None and "X-Request-ID" in request.headers:
        response.headers["X-Request-ID"] = request.headers["X-Request-ID"]
    return response
