"""Least privilege: GET /v1/unused, GET /v1/alike, GET /v1/narrow, POST /v1/checks."""

from __future__ import annotations

from typing import Any

import msgspec
import orjson
from aiohttp import web

from erstwhile.api.asking import checks
from erstwhile.api.asking.over_time.least_privilege_questions import DAYS, LIKENESS_IN_HUNDREDTHS
from erstwhile.api.asking.requests import parse_flag
from erstwhile.api.http.app_keys import COMPUTING, RUNTIME
from erstwhile.api.http.body import answer, read_object
from erstwhile.api.http.native.parameters import query_parameters, required
from erstwhile.api.http.native.streams import streamed, whole
from erstwhile.api.http.schema.least_privilege import CheckRequest
from erstwhile.api.problems import bad_request
from erstwhile.domain.vocabulary.numbers import parse_number
from erstwhile.domain.vocabulary.typed import convert

MAX_BODY = 1024 * 1024
STEPS = 2_000_000
"""Of a check over HTTP, some seconds in all: others use the server, too. The command line takes ten times as many."""


async def unused(request: web.Request) -> web.StreamResponse:
    """GET /v1/unused"""
    given = query_parameters(request, "days", "account", "paths", "as_of", "known_at")
    days, paths = _days(given), parse_flag("paths", given.get("paths"))
    over_time = request.app[RUNTIME].over_time
    return await streamed(request, lambda stop: over_time.unused(
        days, given.get("as_of"), given.get("known_at"), stop, account=given.get("account"), paths=paths,
    ))  # fmt: skip


async def alike(request: web.Request) -> web.StreamResponse:
    """GET /v1/alike"""
    given = query_parameters(request, "days", "likeness", "account", "as_of", "known_at")
    days, over_time = _days(given), request.app[RUNTIME].over_time
    text = given.get("likeness")
    likeness = LIKENESS_IN_HUNDREDTHS if text is None else parse_number(text)
    if likeness is None:
        raise bad_request("malformed_number", f"likeness: expected a number from 1 to 100, not {text!r}")
    return await streamed(request, lambda stop: over_time.alike(
        days, given.get("as_of"), given.get("known_at"), stop, account=given.get("account"), likeness=likeness,
    ))  # fmt: skip


async def narrow(request: web.Request) -> web.Response:
    """GET /v1/narrow"""
    given = query_parameters(request, "what", "days", "drop_seasonal", "as_of", "known_at")
    what, days = required(given, "what"), _days(given)
    drop = parse_flag("drop_seasonal", given.get("drop_seasonal"))
    over_time = request.app[RUNTIME].over_time
    return await whole(request, lambda stop: over_time.narrow(
        what, days, given.get("as_of"), given.get("known_at"), stop, drop_seasonal=drop,
    ))  # fmt: skip


async def check(request: web.Request) -> web.Response:
    """POST /v1/checks"""
    query_parameters(request)
    given = await read_object(request, MAX_BODY)
    return answer(await request.app[COMPUTING].run(_checked, given), request)


def _checked(given: dict[str, Any]) -> dict[str, Any]:
    try:
        asked = convert(given, CheckRequest)
    except msgspec.ValidationError as error:
        raise bad_request("malformed_check", str(error)) from None
    strange = min(given.keys() - set(CheckRequest.__struct_fields__), default="")
    if strange:
        raise bad_request("unknown_parameter", f"{strange[:100]}: no member of a check is called so")
    if asked.check == checks.NO_NEW_ACCESS:
        return checks.no_new_access(_texts("old", asked.old), _texts("new", asked.new), STEPS)
    policies = _texts("policies", asked.policies)
    if asked.check == checks.NOT_GRANTED:
        if not asked.actions:
            raise bad_request("parameter_missing", "actions must be given: what is not to be granted")
        return checks.not_granted(policies, asked.actions, asked.resources or ("*",), STEPS)
    if len(policies) != 1:
        raise bad_request("malformed_check", f"policies: expected one policy of a resource, not {len(policies)}")
    return checks.no_public_access(policies[0])


def _texts(name: str, given: Any) -> list[str]:
    if not given:
        raise bad_request("parameter_missing", f"{name} must be given: policies, each as an object or as text")
    return [each if isinstance(each, str) else orjson.dumps(each).decode() for each in given]


def _days(given: dict[str, str]) -> int:
    text = given.get("days")
    days = DAYS if text is None else parse_number(text)
    if days is None:
        raise bad_request("malformed_number", f"days: expected a number of days such as 90, not {text!r}")
    return days
