"""What a pasted word is; what there was at an instant."""

from __future__ import annotations

from aiohttp import web

from erstwhile.api.asking.requests import parse_limit
from erstwhile.api.http.app_keys import RUNTIME, WAITING
from erstwhile.api.http.body import answer
from erstwhile.api.http.native.parameters import path_word, query_parameters, required


async def find(request: web.Request) -> web.Response:
    """GET /v1/find"""
    given = query_parameters(request, "q", "known_at")
    lookups = request.app[RUNTIME].lookups
    return answer(await request.app[WAITING].run(lookups.find, required(given, "q"), given.get("known_at")))


async def listing(request: web.Request) -> web.Response:
    """GET /v1/list/{kind}"""
    given = query_parameters(request, "as_of", "known_at", "account", "limit", "cursor")
    lookups = request.app[RUNTIME].lookups
    found = await request.app[WAITING].run(
        lookups.listing,
        path_word(request, "kind"),
        given.get("as_of"),
        given.get("known_at"),
        given.get("account", ""),
        parse_limit(given.get("limit")),
        given.get("cursor", ""),
    )
    return answer(found)
