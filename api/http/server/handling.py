"""What a connection answers to bytes that are no request: problem details, and one line in the log."""

from __future__ import annotations

import logging

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError, LineTooLong
from aiohttp.web_protocol import RequestHandler

from erstwhile.api.http.errors import problem_response

log = logging.getLogger("erstwhile")


class Handling(RequestHandler):
    """A connection. aiohttp's own would log a stack trace for each malformed request of a stranger, and repeat what it
    was sent."""

    __slots__ = ()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        if not isinstance(exc, HttpProcessingError):
            return super().handle_error(request, status, exc, message)
        log.info("no HTTP from %s: %s", request.remote, type(exc).__name__)
        too_long = isinstance(exc, LineTooLong)
        what = (
            "the path or a header is longer than 8,190 bytes" if too_long else "these bytes are no request of HTTP/1.1"
        )
        response = problem_response(400, "malformed_request", what)
        response.force_close()
        return response
