"""Controls and their attestation: GET /v1/controls, GET and POST /v1/attest."""

from __future__ import annotations

from aiohttp import web

from erstwhile.api.asking.over_time.ground import WindowWords
from erstwhile.api.http.app_keys import RUNTIME
from erstwhile.api.http.body import answer, read_object
from erstwhile.api.http.native.parameters import query_parameters, required
from erstwhile.api.http.native.streams import streamed
from erstwhile.api.problems import bad_request

MAX_CONTROLS = 1024 * 1024
"""Bytes of a body with controls of a user's own."""
_MEMBERS = ("control", "from", "to", "known_at", "account", "controls")


async def listing(request: web.Request) -> web.Response:
    """GET /v1/controls"""
    given = query_parameters(request, "framework")
    return answer(request.app[RUNTIME].attesting.controls(given.get("framework")))


async def attest(request: web.Request) -> web.StreamResponse:
    """GET /v1/attest"""
    given = query_parameters(request, "control", "from", "to", "known_at", "account")
    return await _attested(request, given, None)


async def attest_own(request: web.Request) -> web.StreamResponse:
    """POST /v1/attest"""
    body = await read_object(request, MAX_CONTROLS)
    strange = min(body.keys() - set(_MEMBERS), default="")
    if strange:
        raise bad_request("unknown_parameter", f"{strange[:100]}: this call takes {', '.join(_MEMBERS)}")
    given = {}
    for name, value in body.items():
        if value is None:
            continue
        if not isinstance(value, str):
            raise bad_request("malformed_body", f"{name} must be a string")
        given[name] = value
    return await _attested(request, given, given.get("controls"))


async def _attested(request: web.Request, given: dict[str, str], own: str | None) -> web.StreamResponse:
    control = required(given, "control")
    words = WindowWords(begin=given.get("from"), end=given.get("to"), known_at=given.get("known_at"))
    accounts = [given["account"]] if "account" in given else []
    attesting = request.app[RUNTIME].attesting
    return await streamed(
        request,
        lambda stop: attesting.attest(control, words, stop, accounts=accounts, own=own, what="controls"),
    )
