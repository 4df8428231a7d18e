"""The service about itself: health, readiness, status, the description of its calls."""

from __future__ import annotations

import orjson
from aiohttp import web

from erstwhile.api.http.app_keys import CHECKING, DESCRIPTION, READINESS, RUNTIME, WAITING
from erstwhile.api.http.body import answer


async def status(request: web.Request) -> web.Response:
    """GET /v1/status"""
    return answer(await request.app[WAITING].run(request.app[RUNTIME].questions.status))


async def healthz(_request: web.Request) -> web.Response:
    """GET /healthz: the process answers."""
    return answer({"status": "ok"})


async def readyz(request: web.Request) -> web.Response:
    """GET /readyz: the database answers, takes writes, and the read models keep up."""
    # Threads of its own: whether questions wait for the database is what is asked.
    return answer(await request.app[CHECKING].run(request.app[READINESS].check))


async def openapi(request: web.Request) -> web.Response:
    """GET /openapi.json"""
    return web.Response(body=orjson.dumps(request.app[DESCRIPTION]()), content_type="application/json")
