"""Bearer tokens: who calls, and whether its token has the scope of the route."""

from __future__ import annotations

import time

import psycopg
from aiohttp import web

from erstwhile.api.http.app_keys import LOOKING_UP, RUNTIME, TOKENS
from erstwhile.api.problems import Problem
from erstwhile.api.runtime.database import DatabaseUnavailable
from erstwhile.api.runtime.tokens import Bearer

_PATIENCE = 0.5
"""Seconds that a look-up may take before those who were known a short while ago no longer wait for it."""


async def let_in(request: web.Request, scope: str) -> Bearer:
    """Looks the token up. Raises Problem 401 without a valid token, 403 with one of other scopes."""
    header = request.headers.get("Authorization", "")
    kind, _, token = header.partition(" ")
    if kind.lower() != "bearer" or not token:
        raise Problem(401, "token_missing", "send Authorization: Bearer TOKEN; `erstwhile token create` makes one")
    bearer = await _found(request, header, token)
    if bearer is None:
        raise Problem(401, "token_unknown", "this token is not known, or was revoked")
    if scope not in bearer.scopes:
        held = ", ".join(sorted(bearer.scopes))
        raise Problem(403, "scope_missing", f"this call needs the scope {scope}; the token has {held}")
    return bearer


async def _found(request: web.Request, header: str, token: str) -> Bearer | None:
    tokens = request.app[TOKENS]
    before, now = tokens.known_before(header), time.monotonic()
    if before is not None and now - tokens.looking_up.get(header, now) > _PATIENCE:
        return before  # one call waits for the database already; it need not be many
    tokens.looking_up.setdefault(header, now)
    try:
        return await request.app[LOOKING_UP].run(_look_up, request, header, token)
    except (Problem, DatabaseUnavailable, psycopg.Error) as error:
        if isinstance(error, Problem) and error.code == "busy":
            tokens.looking_up.pop(header, None)  # nobody looks it up
        # The database does not answer: who was known a short while ago is believed to be so still.
        if before is None:
            raise
        return before


def _look_up(request: web.Request, header: str, token: str) -> Bearer | None:
    tokens = request.app[TOKENS]
    try:
        with request.app[RUNTIME].connection() as connection:
            return tokens.look_up(connection, header, token)
    finally:
        tokens.looking_up.pop(header, None)
