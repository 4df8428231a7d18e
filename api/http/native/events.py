"""The events of the log: as pages, or as they come."""

from __future__ import annotations

from aiohttp import web

from erstwhile.api.asking.log_events import FILTERS, parse_wanted, require_reached
from erstwhile.api.asking.requests import parse_limit
from erstwhile.api.http.app_keys import RUNTIME, WAITING
from erstwhile.api.http.body import answer
from erstwhile.api.http.native.event_stream import streamed
from erstwhile.api.http.native.followed import is_asked
from erstwhile.api.http.native.parameters import query_parameters
from erstwhile.api.problems import bad_request
from erstwhile.domain.vocabulary.numbers import parse_number
from erstwhile.projections.log_reader import LogPage, read_page


async def events(request: web.Request) -> web.StreamResponse:
    """GET /v1/events"""
    given = query_parameters(request, *FILTERS, "after", "limit")
    after = _position("after", given.get("after"))
    last = _position("Last-Event-ID", request.headers.get("Last-Event-ID"))
    limit, wanted = parse_limit(given.get("limit")), parse_wanted(given)
    if is_asked(request):
        return await streamed(request, wanted, after if last is None else last)
    runtime = request.app[RUNTIME]

    def ask() -> LogPage:
        with runtime.connection() as connection:
            return read_page(connection, wanted, after or 0, limit)

    page = await request.app[WAITING].run(ask)
    require_reached("after", after or 0, page.head)
    return answer({"events": page.events, "next_after": page.position, "head": page.head}, request)


def _position(name: str, text: str | None) -> int | None:
    if text is None:
        return None
    number = parse_number(text)
    if number is None:
        raise bad_request("malformed_parameter", f"{name} must be a position of the log, not {text[:40]!r}")
    return number
