"""Handlers behind a limit of requests a second. Where none is set, nothing stands before a handler."""

from __future__ import annotations

from aiohttp import web

from erstwhile.api.http.app_keys import BEARER
from erstwhile.api.http.errors import Handler
from erstwhile.api.serving.rate_limits import Buckets
from erstwhile.api.support.edge_key import EDGE


def limited_by_token(handler: Handler, buckets: Buckets | None) -> Handler:
    """To be called after the token is known. The handler raises TooManyRequests."""
    if buckets is None:
        return handler

    async def handle(request: web.Request) -> web.StreamResponse:
        buckets.take(request[BEARER].name)
        return await handler(request)

    return handle


def admit(buckets: Buckets, request: web.Request) -> None:
    """Counts a request to the caller's own address, as a trusted proxy tells it. Raises TooManyRequests, Problem."""
    buckets.take(request.app[EDGE].address(request))


def limited_by_address(handler: Handler, buckets: Buckets | None) -> Handler:
    """Before anything else of a request is looked at. The handler raises TooManyRequests."""
    if buckets is None:
        return handler

    async def handle(request: web.Request) -> web.StreamResponse:
        admit(buckets, request)
        return await handler(request)

    return handle
