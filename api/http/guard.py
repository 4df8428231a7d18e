"""Every call needs a bearer token of the route's scope; /healthz and /readyz alone need none."""

from __future__ import annotations

import asyncio

from aiohttp import web

from api.http.keys import SCOPES_BY_ROUTE, SERVICE, TOKENS
from api.problems import Problem


async def guard(request: web.Request) -> None:
    """Raises Problem 401 without a valid token, 403 with one of other scopes."""
    resource = request.match_info.route.resource
    path = resource.canonical if resource is not None else request.path
    scope = SCOPES_BY_ROUTE.get(path, "read")
    if scope == "":
        return
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token:
        raise Problem(401, "token_missing", "send Authorization: Bearer TOKEN; `erstwhile token create` makes one")
    tokens = request.app[TOKENS]
    scopes = tokens.remembered(token)
    if scopes is None:
        scopes = await asyncio.to_thread(_look_up, request, token)
    if not scopes:
        raise Problem(401, "token_unknown", "this token is not known, or was revoked")
    if scope not in scopes:
        held = ", ".join(sorted(scopes))
        raise Problem(403, "scope_missing", f"this call needs the scope {scope}; the token has {held}")


def _look_up(request: web.Request, token: str) -> frozenset[str]:
    with request.app[SERVICE].connection() as connection:
        return request.app[TOKENS].look_up(connection, token)
