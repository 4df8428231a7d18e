"""Every call needs a bearer token of its route's scope; /healthz and /readyz alone need none."""

from __future__ import annotations

import asyncio

from aiohttp import web

from api.http.keys import BEARER, SCOPES, SERVICE, TOKENS
from api.problems import Problem
from api.tokens import Bearer


def is_let_in(request: web.Request) -> bool:
    """Whether the route needs no token, or the caller is known from a moment ago and its token has the scope."""
    app = request.app
    scope = app[SCOPES].get(request.match_info.handler, "read")
    if scope == "":
        return True
    bearer = app[TOKENS].remembered(request.headers.get("Authorization", ""))
    if bearer is None or scope not in bearer.scopes:
        return False
    request[BEARER] = bearer
    return True


async def guard(request: web.Request) -> None:
    """Raises Problem 401 without a valid token, 403 with one of other scopes."""
    scope = request.app[SCOPES].get(request.match_info.handler, "read")
    header = request.headers.get("Authorization", "")
    kind, _, token = header.partition(" ")
    if kind.lower() != "bearer" or not token:
        raise Problem(401, "token_missing", "send Authorization: Bearer TOKEN; `erstwhile token create` makes one")
    bearer = await asyncio.to_thread(_look_up, request, header, token)
    if bearer is None:
        raise Problem(401, "token_unknown", "this token is not known, or was revoked")
    if scope not in bearer.scopes:
        held = ", ".join(sorted(bearer.scopes))
        raise Problem(403, "scope_missing", f"this call needs the scope {scope}; the token has {held}")
    request[BEARER] = bearer


def _look_up(request: web.Request, header: str, token: str) -> Bearer | None:
    with request.app[SERVICE].connection() as connection:
        return request.app[TOKENS].look_up(connection, header, token)
