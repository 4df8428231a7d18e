"""Errors as problem details (RFC 9457): what was wrong and what is expected, never a stack trace."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from aiohttp import web

from erstwhile.api.asking.over_time.stopping import Stopped
from erstwhile.api.commanding.outages import RETRY_AFTER, outage
from erstwhile.api.imports.files import ImportRefused
from erstwhile.api.problems import Problem
from erstwhile.domain.policy.inputs.principals import UnknownPrincipal
from erstwhile.domain.policy.language.patterns.pattern_parts import TooMuch
from erstwhile.domain.vocabulary.malformed import MalformedInput
from erstwhile.domain.vocabulary.refusals import Refusal

log = logging.getLogger("erstwhile")

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def problem_response(
    status: int, code: str, detail: str, headers: dict[str, str] | None = None, members: dict[str, Any] | None = None
) -> web.Response:
    kind = f"urn:erstwhile:problem:{code}"
    if status == 503:
        headers = {"Retry-After": RETRY_AFTER} | (headers or {})
    body = {
        **(members or {}),
        "type": kind,
        "title": code.replace("_", " "),
        "status": status,
        "detail": detail,
    }
    return web.Response(
        status=status, body=orjson.dumps(body), content_type="application/problem+json", headers=headers
    )


def problem_of(request: web.Request, error: Exception) -> web.Response:
    """The answer to a call that failed."""
    match error:
        case ConnectionResetError() | Stopped():
            # The client went away in the middle of its request: no answer reaches it.
            return problem_response(400, "client_gone", "the connection was lost before the request was whole")
        case Problem():
            headers = {"WWW-Authenticate": "Bearer"} if error.status == 401 else error.headers
            members = _linked(request, error.members)
            response = problem_response(error.status, error.code, error.detail, headers, members)
            if error.status in (408, 413):
                response.force_close()  # the rest of the body is not wanted
            return response
        case Refusal():
            return problem_response(error.status, error.code, error.whole)
        case web.HTTPMethodNotAllowed():
            allowed = {"Allow": ", ".join(sorted(error.allowed_methods))}
            return problem_response(error.status, "method_not_allowed", _explain(request, error), allowed)
        case web.HTTPException():
            return problem_response(error.status, error.reason.lower().replace(" ", "_"), _explain(request, error))
        case ImportRefused():
            return problem_response(422, error.code, str(error))
        case MalformedInput():
            return problem_response(400, error.code, str(error))
        case TooMuch():
            return problem_response(422, "too_much", str(error))
        case UnknownPrincipal():
            return problem_response(404, "unknown_principal", str(error))
    passing = outage(error)
    if passing is not None:
        log.warning("%s %s: %s", request.method, request.path, error)
        return problem_response(503, *passing)
    log.error("%s %s failed", request.method, request.path, exc_info=error)
    return problem_response(500, "internal_error", "the request failed here; the server's log says why")


def _linked(request: web.Request, members: dict[str, Any]) -> dict[str, Any]:
    """With the ways to ask again, where the problem tells of other instants."""
    if request.method != "GET" or "existed" not in members:
        return members
    existed = [
        each | {"ask_again": str(request.rel_url.update_query(principal=each["principal"], as_of=each["as_of"]))}
        if "as_of" in each
        else each
        for each in members["existed"]
    ]
    return members | {"existed": existed}


async def unmatched(request: web.Request) -> web.StreamResponse:
    """What no route is for. Raises HTTPNotFound, HTTPMethodNotAllowed."""
    allowed: set[str] = set()
    for resource in request.app.router.resources():
        if resource is not request.match_info.route.resource:
            allowed |= (await resource.resolve(request))[1]
    raise web.HTTPMethodNotAllowed(request.method, allowed) if allowed else web.HTTPNotFound


def _explain(request: web.Request, refusal: web.HTTPException) -> str:
    if isinstance(refusal, web.HTTPNotFound):
        return f"there is nothing at {request.path}; GET /openapi.json lists what there is"
    if isinstance(refusal, web.HTTPMethodNotAllowed):
        return f"{request.path} takes {', '.join(sorted(refusal.allowed_methods))}, not {request.method}"
    if isinstance(refusal, web.HTTPRequestEntityTooLarge):
        return "the body is larger than this call takes"
    return refusal.reason
