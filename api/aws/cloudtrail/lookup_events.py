"""One call of LookupEvents: signed and permitted as calls of IAM are, answered in AWS's JSON 1.1 protocol.

Sources: https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html, …/CommonErrors.html,
https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
"""

from __future__ import annotations

import logging
from contextlib import closing
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

import orjson
from aiohttp import web

from erstwhile.api.aws.access.call import Call
from erstwhile.api.aws.access.identity import Identity
from erstwhile.api.aws.access.permissions import require
from erstwhile.api.aws.cloudtrail.asked import TARGET
from erstwhile.api.aws.cloudtrail.told import is_wanted, told
from erstwhile.api.aws.cloudtrail.words import Lookup, parse_lookup, token_of
from erstwhile.api.aws.wire.errors import AwsError
from erstwhile.api.commanding.outages import RETRY_AFTER, outage
from erstwhile.api.problems import Problem
from erstwhile.api.serving.rate_limits import TooManyRequests
from erstwhile.api.support.edge_key import EDGE
from erstwhile.api.support.limited_body import SMALL, read_limited
from erstwhile.api.support.off_loop import Apart
from erstwhile.domain.observed.cloudtrail.record import Record
from erstwhile.domain.observed.text import read_json
from erstwhile.domain.vocabulary.refusals import Refusal
from erstwhile.projections.looked_up_calls import CallsWanted, calls
from erstwhile.projections.sql import Connection
from erstwhile.projections.trail_index.index import TrailIndex

if TYPE_CHECKING:
    from erstwhile.api.aws.endpoint import AwsEndpoint

log = logging.getLogger("erstwhile")

CONTENT_TYPE = "application/x-amz-json-1.1"
_SERVICE, _OPERATION, _ACTION = "cloudtrail", "LookupEvents", "cloudtrail:LookupEvents"
_LOOKED_AT = 2_000
"""Calls that one page looks at, at the most: the next page goes on after them."""
_CODES = {
    "AccessDenied": "AccessDeniedException", "SignatureDoesNotMatch": "InvalidSignatureException",
    "InvalidClientTokenId": "UnrecognizedClientException", "IncompleteSignature": "IncompleteSignatureException",
    "MissingAuthenticationToken": "MissingAuthenticationTokenException", "ExpiredToken": "ExpiredTokenException",
}  # fmt: skip
"""Codes of the Query protocol → those of the JSON protocol."""


class Lookups:
    """The calls of one endpoint. Threads of their own read the trail: no other call waits for them."""

    def __init__(self, endpoint: AwsEndpoint) -> None:
        self._endpoint = endpoint
        self._reading = Apart("the audit trail", threads=2, waiting=32, seconds=60)

    def close(self) -> None:
        self._reading.close()

    async def answered(self, request: web.Request, request_id: str) -> web.Response:
        """The answer, an error too."""
        try:
            return _response(200, await self._answer(request, request_id), request_id)
        except (AwsError, Refusal) as error:
            status = 500 if error.status >= 500 else 400
            return _response(status, _error(_CODES.get(error.code, error.code), error.message), request_id)
        except TooManyRequests as problem:
            body = _error("ThrottlingException", problem.detail)
            return _response(problem.status, body, request_id, str(problem.seconds))
        except Problem as problem:
            code = "ServiceUnavailable" if problem.status >= 500 else "SerializationException"
            return _response(problem.status, _error(code, problem.detail), request_id)
        except Exception as error:
            passing = outage(error)
            if passing is not None:
                log.warning("the call %s: %s", request_id, error)
                return _response(503, _error("ServiceUnavailable", passing[1]), request_id)
            log.exception("the call %s failed", request_id)
            return _response(500, _error("InternalFailure", "The request failed here."), request_id)

    async def _answer(self, request: web.Request, request_id: str) -> dict[str, Any]:
        self._endpoint.admit(request)
        if "Origin" in request.headers:
            request.app[EDGE].require_own_origin(request)
        operation = request.headers["X-Amz-Target"].removeprefix(TARGET)
        if operation != _OPERATION:
            words = f"of CloudTrail, Erstwhile serves {_OPERATION} alone, over its audit trail"
            raise AwsError("UnknownOperationException", f"{operation[:100]} is not served: {words}.")
        raw = await read_limited(request, SMALL)
        await self._endpoint.runtime.applied.caught_up()
        identity, region = await self._endpoint.identify(request, raw, (), {"Action": _OPERATION}, _SERVICE)
        denial = self._denial(request, identity, region)
        if denial is not None:
            await self._endpoint.record_refusal(request, identity, _ACTION, denial, request_id)
            raise denial
        lookup = parse_lookup(raw)
        return {"Events": []} if lookup.is_insight else await self._reading.run(self._read, identity.account, lookup)

    def _denial(self, request: web.Request, identity: Identity, region: str) -> AwsError | None:
        """What the engine says against the call; None where it allows it."""
        endpoint = self._endpoint
        with endpoint.runtime.current.read() as directory:
            call = Call(
                service=_SERVICE, operation=_OPERATION, given={}, identity=identity, directory=directory,
                vault=endpoint.vault, keys=endpoint.keys, now=datetime.now(UTC), region=region,
                context=endpoint.context(request),
            )  # fmt: skip
            try:
                require(call, _ACTION, "*", {**call.context, **identity.keys})
            except AwsError as error:
                return error
        return None

    def _read(self, account: str, lookup: Lookup) -> dict[str, Any]:
        runtime = self._endpoint.runtime
        with runtime.connection() as connection:
            return _page(connection, account, lookup, runtime.trail_index)


def _page(connection: Connection, account: str, lookup: Lookup, index: TrailIndex) -> dict[str, Any]:
    """The events, newest first, and where to go on, if there may be more."""

    def only(key: str) -> str:
        return lookup.value if lookup.key == key else ""

    wanted = CallsWanted(account, lookup.begin, lookup.end, lookup.after, only("AccessKeyId"), only("EventId"),
                         only("EventName"))  # fmt: skip
    events: list[dict[str, Any]] = []
    with closing(calls(connection, wanted, index)) as found:
        for number, each in enumerate(islice(found, _LOOKED_AT), 1):
            if each.record is not None:
                event = told(Record(read_json(each.record.raw)), each.record.raw)
                if is_wanted(event, lookup):
                    events.append(event)
            if len(events) == lookup.limit or number == _LOOKED_AT:
                return {"Events": events, "NextToken": token_of(each.at, each.position)}
    return {"Events": events}


def _error(code: str, message: str) -> dict[str, Any]:
    return {"__type": code, "message": message, "Message": message}


def _response(status: int, body: dict[str, Any], request_id: str, seconds: str = RETRY_AFTER) -> web.Response:
    """`seconds`: after which a caller that has to come again may."""
    headers = {"x-amzn-RequestId": request_id, "Content-Type": CONTENT_TYPE}
    if status in (429, 503):
        headers["Retry-After"] = seconds
    return web.Response(status=status, body=orjson.dumps(body), headers=headers)
