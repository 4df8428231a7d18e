"""The report of an incident."""

from __future__ import annotations

from aiohttp import web

from erstwhile.api.asking.over_time.ground import WindowWords
from erstwhile.api.http.app_keys import RUNTIME
from erstwhile.api.http.native.parameters import query_parameters, required
from erstwhile.api.http.native.streams import streamed


async def incident(request: web.Request) -> web.StreamResponse:
    """GET /v1/incident"""
    given = query_parameters(request, "about", "from", "to", "as_of", "known_at", "sections")
    words = required(given, "about")
    window = WindowWords(begin=given.get("from"), end=given.get("to"), known_at=given.get("known_at"))
    wanted = tuple(each.strip() for each in given.get("sections", "").split(",") if each.strip())
    incidents = request.app[RUNTIME].incidents
    return await streamed(
        request, lambda stop: incidents.incident(words, window, stop, given.get("as_of"), wanted)
    )  # fmt: skip
