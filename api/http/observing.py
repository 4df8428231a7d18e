"""What stands around each handler: errors become answers, and what was answered is counted and logged."""

from __future__ import annotations

from time import perf_counter

from aiohttp import web

from erstwhile.api.http.app_keys import BEARER
from erstwhile.api.http.errors import Handler, problem_of
from erstwhile.api.problems import Problem
from erstwhile.api.serving.access_log import AccessLog
from erstwhile.api.serving.numbers import Numbers, RouteNumbers
from erstwhile.api.serving.request_ids import HEADER, request_id

_LIMITS = frozenset((408, 413, 429, 503))
_AWS_HEADER = "x-amzn-RequestId"


def observed(handler: Handler, numbers: RouteNumbers, all_numbers: Numbers, access_log: AccessLog | None) -> Handler:
    """The handler, with what it raises turned into problem details; each answer is noted in the numbers of its route,
    and in the access log where that wants it. Errors bear the id under which they are logged."""
    # One function for all of this: each more that a request goes through costs a decision a hundredth of its time.
    note = numbers.note
    samples = access_log is not None and access_log.samples

    async def handle(request: web.Request) -> web.StreamResponse:
        started = perf_counter()
        try:
            response = await handler(request)
        except Exception as error:  # noqa: BLE001 - each becomes an answer, and what was not expected is logged
            response = problem_of(request, error)
            if isinstance(error, Problem) and error.status in _LIMITS:
                all_numbers.note_limited(error.code)
        status, seconds = response.status, perf_counter() - started
        note(status, seconds)
        if samples or status >= 400:
            _told(request, response, numbers.path, seconds, access_log)
        return response

    return handle


def _told(
    request: web.Request, response: web.StreamResponse, route: str, seconds: float, access_log: AccessLog | None
) -> None:
    status = response.status
    wanted = access_log is not None and access_log.wants(status)
    if not wanted and status < 400:
        return
    found = response.headers.get(_AWS_HEADER) or response.headers.get(HEADER) or request_id(request)
    if status >= 400 and not response.prepared and _AWS_HEADER not in response.headers:
        response.headers[HEADER] = found
    if wanted and access_log is not None:
        bearer = request.get(BEARER)
        access_log.note(request, route, status, seconds, found, "" if bearer is None else bearer.name)
