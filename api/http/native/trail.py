"""The audit trail, the activity, and the records they rest on."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from aiohttp import web

from erstwhile.api.asking.requests import TEXT_FILTERS, parse_filters, parse_limit
from erstwhile.api.http.app_keys import RUNTIME, WAITING
from erstwhile.api.http.body import answer
from erstwhile.api.http.native.parameters import path_word, query_parameters
from erstwhile.api.imports import store
from erstwhile.api.problems import not_found
from erstwhile.projections.activity import activity_page
from erstwhile.projections.filters import Filters, Page
from erstwhile.projections.sql import Connection
from erstwhile.projections.trail import audit_page


async def _listing(request: web.Request, read: Callable[[Connection, Filters, int, str], Page]) -> web.Response:
    given = query_parameters(request, *TEXT_FILTERS, "since", "until", "known_at", "limit", "cursor", "everything")
    limit = parse_limit(given.get("limit"))
    runtime = request.app[RUNTIME]

    def ask() -> Page:
        with runtime.connection() as connection:
            return read(connection, parse_filters(connection, given), limit, given.get("cursor", ""))

    page = await request.app[WAITING].run(ask)
    return answer({"entries": page.entries, "next_cursor": page.next_cursor})


async def audit(request: web.Request) -> web.Response:
    """GET /v1/audit"""
    return await _listing(request, partial(audit_page, index=request.app[RUNTIME].trail_index))


async def activity(request: web.Request) -> web.Response:
    """GET /v1/activity"""
    return await _listing(request, activity_page)


async def evidence(request: web.Request) -> web.Response:
    """GET /v1/evidence/{account}/{record_id}"""
    account, record_id = path_word(request, "account"), path_word(request, "record_id")
    runtime = request.app[RUNTIME]

    def ask() -> bytes | None:
        with runtime.connection() as connection:
            return store.read_evidence(connection, account, record_id)

    found = await request.app[WAITING].run(ask)
    if found is None:
        raise not_found("unknown_evidence", f"no record {record_id} of account {account} is kept")
    return web.Response(body=found, content_type="application/json")
