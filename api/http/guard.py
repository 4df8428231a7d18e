"""Bearer tokens: who calls, and whether its token has the scope of the route."""

from __future__ import annotations

import asyncio

from aiohttp import web

from erstwhile.api.http.keys import SERVICE, TOKENS
from erstwhile.api.problems import Problem
from erstwhile.api.tokens import Bearer


async def let_in(request: web.Request, scope: str) -> Bearer:
    """Looks the token up. Raises Problem 401 without a valid token, 403 with one of other scopes."""
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
    return bearer


def _look_up(request: web.Request, header: str, token: str) -> Bearer | None:
    with request.app[SERVICE].connection() as connection:
        return request.app[TOKENS].look_up(connection, header, token)
