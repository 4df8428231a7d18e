"""Imports over HTTP."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from erstwhile.api.http.app_keys import RUNTIME, WAITING
from erstwhile.api.http.body import answer
from erstwhile.api.imports.request_bodies import as_json, import_body
from erstwhile.api.imports.shipped import import_shipped
from erstwhile.api.support.limited_body import read_limited

MAX_IMPORT = 64 * 1024 * 1024
"""Bytes of a file that is imported."""


async def import_cloudtrail(request: web.Request) -> web.Response:
    """POST /v1/imports/cloudtrail: one CloudTrail file, plain, gzip or zip, as the body."""
    raw = await read_limited(request, MAX_IMPORT)
    runtime = request.app[RUNTIME]

    def store_it() -> dict[str, Any]:
        with runtime.database.connect() as connection:
            import_shipped(connection)
            summary = import_body(connection, raw)
        runtime.database.acknowledge(summary.position)
        return as_json(summary)

    return answer(await request.app[WAITING].run(store_it))
