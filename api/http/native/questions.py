"""Who can, what can, on which resources, can it; and what is wrong in a policy document."""

from __future__ import annotations

from typing import Any

import msgspec
import orjson
from aiohttp import web

from erstwhile.api.asking.over_time.stopping import Stop
from erstwhile.api.asking.requests import parse_flag
from erstwhile.api.http.app_keys import COMPUTING, RUNTIME, WAITING
from erstwhile.api.http.body import answer, read_object
from erstwhile.api.http.native.parameters import (
    CONTEXT,
    query_parameters,
    repeated_parameters,
    request_context,
    required,
)
from erstwhile.api.http.native.streams import whole
from erstwhile.api.problems import bad_request
from erstwhile.domain.policy.language.lint import validate as findings_of
from erstwhile.domain.policy.language.validate import USES
from erstwhile.domain.policy.simulate import MAX_DOCUMENT

MAX_VALIDATED = 256 * 1024
"""Bytes of a body with a policy document: the longest, with every character escaped."""


async def who_can(request: web.Request) -> web.Response:
    """GET /v1/who-can"""
    given = query_parameters(
        request, "action", "resource", "as_of", "known_at", "account", "resource_account", "lasting", CONTEXT
    )
    runtime = request.app[RUNTIME]
    action, resource = required(given, "action"), required(given, "resource")
    owner, context = given.get("resource_account"), request_context(request)
    is_lasting = parse_flag("lasting", given.get("lasting"))

    def ask(stop: Stop) -> dict[str, Any]:
        moment = (given.get("as_of"), given.get("known_at"))
        found = runtime.questions.who_can(
            action, resource, *moment, given.get("account"), owner, context, as_json=not is_lasting
        )
        return runtime.over_time.add_lasting(found, stop, action, resource, owner, context) if is_lasting else found

    return await whole(request, ask)


async def what_can(request: web.Request) -> web.Response:
    """GET /v1/what-can"""
    given = query_parameters(request, "principal", "as_of", "known_at", "expand", "policy", "lasting")
    runtime = request.app[RUNTIME]
    principal = required(given, "principal")
    expand, as_one_policy, is_lasting = (parse_flag(name, given.get(name)) for name in ("expand", "policy", "lasting"))

    def ask(stop: Stop) -> dict[str, Any]:
        when = (given.get("as_of"), given.get("known_at"))
        found = runtime.questions.what_can(principal, *when, expand, as_one_policy)
        return runtime.over_time.add_lasting(found, stop) if is_lasting else found

    return await whole(request, ask)


async def which_resources(request: web.Request) -> web.Response:
    """GET /v1/which-resources"""
    given = query_parameters(request, "principal", "action", "as_of", "known_at", "resource_account", CONTEXT)
    runtime = request.app[RUNTIME]
    found = await request.app[WAITING].run(
        runtime.questions.which_resources,
        required(given, "principal"),
        required(given, "action"),
        given.get("as_of"),
        given.get("known_at"),
        given.get("resource_account"),
        request_context(request),
    )
    return answer(found)


async def can(request: web.Request) -> web.Response:
    """GET /v1/can"""
    given = query_parameters(
        request, "principal", "action", "resource", "as_of", "known_at", "resource_account", CONTEXT
    )  # fmt: skip
    runtime = request.app[RUNTIME]
    found = await request.app[WAITING].run(
        runtime.questions.can,
        required(given, "principal"),
        required(given, "action"),
        required(given, "resource"),
        given.get("as_of"),
        given.get("known_at"),
        given.get("resource_account"),
        request_context(request),
    )
    return answer(found)


async def can_each(request: web.Request) -> web.Response:
    """GET /v1/can-each"""
    lists = repeated_parameters(
        request, ("principal", "action", "resource"), "as_of", "known_at", "resource_account", CONTEXT
    )  # fmt: skip
    given = {name: values[0] for name, values in lists.items()}
    found = await request.app[WAITING].run(
        request.app[RUNTIME].several.can_each,
        lists["principal"],
        lists["action"],
        lists["resource"],
        given.get("as_of"),
        given.get("known_at"),
        given.get("resource_account"),
        request_context(request),
    )
    return answer(found)


async def who_can_each(request: web.Request) -> web.Response:
    """GET /v1/who-can-each"""
    lists = repeated_parameters(
        request, ("action", "resource"), "as_of", "known_at", "account", "resource_account", CONTEXT
    )  # fmt: skip
    given = {name: values[0] for name, values in lists.items()}
    found = await request.app[WAITING].run(
        request.app[RUNTIME].several.who_can_each,
        lists["action"],
        lists["resource"],
        given.get("as_of"),
        given.get("known_at"),
        given.get("account"),
        given.get("resource_account"),
        request_context(request),
    )
    return answer(found)


async def validate(request: web.Request) -> web.Response:
    """POST /v1/validate: {"document": an object or text, "use": identity, trust, resource, scp, rcp, …}."""
    given = await read_object(request, MAX_VALIDATED)
    document, use = given.get("document"), given.get("use", "identity")
    if not isinstance(document, str | dict):
        raise bad_request("malformed_body", "document is required: a policy document, as an object or as text")
    if use not in USES:
        raise bad_request("malformed_body", f"use must be one of {', '.join(USES)}, not {use!r}")
    text = document if isinstance(document, str) else orjson.dumps(document).decode()
    if len(text) > MAX_DOCUMENT:
        raise bad_request("malformed_body", f"document has more than {MAX_DOCUMENT:,} characters, AWS's largest limit")
    found = await request.app[COMPUTING].run(findings_of, text, use)
    return answer({"findings": [msgspec.to_builtins(each) for each in found]}, request)
