"""What a call that failed is answered: a status, AWS's error, and the headers that go with it."""

from __future__ import annotations

import logging
from typing import NamedTuple

from erstwhile.api.aws.wire import render_json
from erstwhile.api.aws.wire.errors import AwsError
from erstwhile.api.aws.wire.model import error_status
from erstwhile.api.commanding.outages import RETRY_AFTER, outage
from erstwhile.api.problems import Problem
from erstwhile.api.serving.rate_limits import TooManyRequests
from erstwhile.domain.vocabulary.refusals import Refusal

log = logging.getLogger("erstwhile")

MESSAGE_HEADER = "x-erstwhile-authorization-message"
"""The response header of a denied call with the reason, sealed; sts:DecodeAuthorizationMessage opens it."""
_PROBLEMS = {
    400: "MalformedInput",
    403: "AccessDenied",
    408: "RequestTimeout",
    413: "RequestEntityTooLarge",
    429: "Throttling",
}
"""HTTP status → AWS's error code, for requests that cannot be read."""


class Failure(NamedTuple):
    status: int
    body: bytes
    headers: dict[str, str]


def failure_of(error: Exception, protocol: str, action: str, in_json: bool, request_id: str) -> Failure:
    """`protocol`: the service, where it is known already. What was not expected is logged, and told as AWS's
    ServiceFailure."""
    headers: dict[str, str] = {}
    detail = ""
    if isinstance(error, AwsError | Refusal):
        code, message, detail = error.code, error.message, error.detail
        status = (error_status(protocol, action, code) if protocol else None) or error.status
        if isinstance(error, AwsError) and error.sealed:
            headers[MESSAGE_HEADER] = error.sealed
    elif isinstance(error, Problem):
        status, message = error.status, error.detail
        code = _PROBLEMS.get(status, "ServiceUnavailable")
        if isinstance(error, TooManyRequests):
            headers["Retry-After"] = str(error.seconds)
    elif (passing := outage(error)) is not None:
        log.warning("the call %s: %s", request_id, error)
        status, code, message = 503, "ServiceUnavailable", passing[1]
    else:
        log.error("the call %s failed", request_id, exc_info=error)
        status, code, message = 500, "ServiceFailure", "The request failed here."
    if status == 503:
        headers["Retry-After"] = RETRY_AFTER
    return Failure(status, render_json.failure(in_json, protocol, code, message, status, request_id, detail), headers)
