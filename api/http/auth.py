"""Lets callers in: from the service's own origin, and with a bearer token that has the scope of the route."""

from __future__ import annotations

import time

import psycopg
from aiohttp import web

from erstwhile.api.aws.wire import other_services
from erstwhile.api.aws.wire.request_ids import new_request_id
from erstwhile.api.database.database import DatabaseUnavailable
from erstwhile.api.database.tokens import REVIEWS, Bearer, Period, Tokens
from erstwhile.api.http.app_keys import BEARER, LOOKING_UP, RUNTIME, TOKENS
from erstwhile.api.http.auditors import NO_WAY, AuditorsWay, require_period
from erstwhile.api.http.errors import Handler
from erstwhile.api.problems import Problem
from erstwhile.api.support.edge_key import EDGE

_PATIENCE = 0.5
"""Seconds that a look-up may take before those who were known a short while ago no longer wait for it."""


def authenticated(handler: Handler, scope: str, tokens: Tokens, way: AuditorsWay = NO_WAY) -> Handler:
    """The handler behind this step; `scope` is '' for a call that needs no token; `way`: how an auditor's question says
    what time it is about.

    It raises Problem 401 without a valid token, 403 with one of other scopes, or of another period. Clients of AWS's
    services that this one does not offer are refused in their own protocol.
    """

    async def handle(request: web.Request) -> web.StreamResponse:
        if "Origin" in request.headers:
            request.app[EDGE].require_own_origin(request)
        if scope:
            header = request.headers.get("Authorization", "")
            bearer = tokens.remembered(header)
            if bearer is None or scope not in bearer.scopes:
                service = other_services.asked(request) if not _token(header) else None
                if service is not None:
                    return other_services.refused(request, service, new_request_id())
                bearer = await _look_for(request, header, scope, way)
            request[BEARER] = bearer
        return await handler(request)

    return handle


async def is_let_in(request: web.Request, scope: str) -> bool:
    """Whether the caller's token still has a scope: for an answer that lasts."""
    header = request.headers.get("Authorization", "")
    bearer = request.app[TOKENS].remembered(header) or await _found(request, header, _token(header))
    return bearer is not None and scope in bearer.scopes


def _token(header: str) -> str:
    """The token of an Authorization header; nothing where it has another form."""
    kind, _, token = header.partition(" ")
    return token if kind.lower() == "bearer" else ""


async def _look_for(request: web.Request, header: str, scope: str, way: AuditorsWay) -> Bearer:
    token = _token(header)
    if not token:
        raise Problem(401, "token_missing", "send Authorization: Bearer TOKEN; `erstwhile token create` makes one")
    bearer = await _found(request, header, token)
    if bearer is None:
        raise Problem(401, "token_unknown", "this token is not known, was revoked, or has expired")
    if scope not in bearer.scopes and (bearer.period is None or scope not in ("read", REVIEWS)):
        scopes = ", ".join(sorted(bearer.scopes - {REVIEWS}))
        needed = "read or review" if scope == REVIEWS else scope
        raise Problem(403, "scope_missing", f"this call needs the scope {needed}; the token has {scopes}")
    if bearer.period is not None:
        await request.app[LOOKING_UP].run(_require_period, request, way, bearer.period)
    return bearer


def _require_period(request: web.Request, way: AuditorsWay, period: Period) -> None:
    with request.app[RUNTIME].connection() as connection:
        require_period(connection, request, way, period)


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
            tokens.looking_up.pop(header, None)  # no call looks it up
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
