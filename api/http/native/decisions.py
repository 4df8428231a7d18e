"""The decision log: GET /v1/decisions."""

from __future__ import annotations

from aiohttp import web

from erstwhile.api.asking.requests import parse_limit
from erstwhile.api.decision_log.told import logged_json
from erstwhile.api.decision_log.words import decision_filters
from erstwhile.api.http.app_keys import RUNTIME, WAITING
from erstwhile.api.http.body import answer
from erstwhile.api.http.native.parameters import query_parameters
from erstwhile.projections.decision_rows import Logged, page

_NAMES = ("subject", "action", "resource", "effect", "asked_by", "since", "until")


async def listing(request: web.Request) -> web.Response:
    """GET /v1/decisions"""
    given = query_parameters(request, *_NAMES, "limit", "cursor")
    limit = parse_limit(given.get("limit"))
    runtime = request.app[RUNTIME]

    def ask() -> tuple[list[Logged], str]:
        with runtime.connection() as connection:
            filters = decision_filters(connection, {name: given.get(name, "") for name in _NAMES})
            return page(connection, filters, limit, given.get("cursor", ""))

    found, cursor = await request.app[WAITING].run(ask)
    return answer({"entries": [logged_json(each) for each in found], "next_cursor": cursor})
