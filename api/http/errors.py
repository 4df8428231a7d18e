"""Errors as problem details (RFC 9457): what was wrong and what is expected, never a stack trace."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

import orjson
from aiohttp import web

from api.database import DatabaseUnavailable
from api.http.guard import guard, is_let_in
from api.imports.files import ImportRefused
from api.problems import Problem
from domain.identifiers import MalformedArn
from domain.policy.principals import UnknownPrincipal
from domain.refusals import Refusal
from projections.trail import MalformedCursor

log = logging.getLogger("erstwhile")

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

STATUS: dict[type[Exception], tuple[int, str]] = {
    MalformedArn: (400, "malformed_arn"),
    MalformedCursor: (400, "malformed_cursor"),
    UnknownPrincipal: (404, "unknown_principal"),
    ImportRefused: (422, "import_refused"),
    DatabaseUnavailable: (503, "database_unavailable"),
}
"""Which status and code each error of the layers below has; one line each."""


def problem_response(status: int, code: str, detail: str, headers: dict[str, str] | None = None) -> web.Response:
    kind = f"urn:erstwhile:problem:{code}"
    body = {
        "type": kind,
        "title": code.replace("_", " "),
        "status": status,
        "detail": detail,
    }
    return web.Response(
        status=status, body=orjson.dumps(body), content_type="application/problem+json", headers=headers
    )


@web.middleware
async def errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Lets callers in, and turns what a handler raises into problem details."""
    try:
        if not is_let_in(request):
            await guard(request)
        return await handler(request)
    except ConnectionResetError:
        # The client went away in the middle of its request: there is nobody to tell.
        return problem_response(400, "client_gone", "the connection was lost before the request was whole")
    except Problem as problem:
        headers = {"WWW-Authenticate": "Bearer"} if problem.status == 401 else None
        return problem_response(problem.status, problem.code, problem.detail, headers)
    except Refusal as refusal:
        return problem_response(refusal.status, refusal.code, refusal.message)
    except web.HTTPException as refusal:
        code = refusal.reason.lower().replace(" ", "_")
        return problem_response(refusal.status, code, _explain(request, refusal))
    except tuple(STATUS) as error:
        status, code = next(found for cls, found in STATUS.items() if isinstance(error, cls))
        return problem_response(status, code, str(error))
    except Exception:
        log.exception("%s %s failed", request.method, request.path)
        return problem_response(500, "internal_error", "the request failed here; the server's log says why")


def _explain(request: web.Request, refusal: web.HTTPException) -> str:
    if isinstance(refusal, web.HTTPNotFound):
        return f"there is nothing at {request.path}; GET /openapi.json lists what there is"
    if isinstance(refusal, web.HTTPMethodNotAllowed):
        return f"{request.path} takes {', '.join(sorted(refusal.allowed_methods))}, not {request.method}"
    if isinstance(refusal, web.HTTPRequestEntityTooLarge):
        return "the body is larger than this call takes"
    return refusal.reason
