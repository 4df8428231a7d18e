"""The native API: time travel, audit trail, evidence, status, imports, health."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import orjson
from aiohttp import web

from erstwhile.api.asking.requests import TEXT_FILTERS, as_request_context, parse_filters, parse_flag, parse_limit
from erstwhile.api.http.app_keys import CHECKING, COMPUTING, READINESS, RUNTIME, WAITING
from erstwhile.api.http.body import answer, read_limited, read_object
from erstwhile.api.imports import store
from erstwhile.api.imports.request_bodies import as_json, import_body
from erstwhile.api.imports.shipped import import_shipped
from erstwhile.api.problems import bad_request, not_found
from erstwhile.domain.policy.language.lint import validate as findings_of
from erstwhile.domain.policy.language.validate import USES
from erstwhile.domain.policy.simulate import MAX_DOCUMENT
from erstwhile.projections.activity import activity_page
from erstwhile.projections.filters import Page
from erstwhile.projections.trail import audit_page

MAX_IMPORT = 64 * 1024 * 1024
"""Bytes of a file that is imported."""
MAX_TEXT = 4_000
"""Characters of a parameter."""
MAX_VALIDATED = 256 * 1024
"""Bytes of a body with a policy document: the longest, with every character escaped."""


def query_parameters(request: web.Request, *known: str) -> dict[str, str]:
    """The query's parameters. Raises Problem for one that the call does not have (a typo must not widen a search), that
    is given twice or empty, or that holds what no text here can."""
    given: dict[str, str] = {}
    for name, value in request.query.items():
        if name not in known and ":" not in name:
            raise bad_request("unknown_parameter", f"{name[:100]}: this call takes {', '.join(known)}")
        if name in given:
            raise bad_request("parameter_twice", f"{name[:100]} is given twice")
        if not value and name in known:
            # A script whose variable is not set must not ask about everything.
            raise bad_request("parameter_empty", f"{name} is empty: leave it out, or say what")
        given[require_text(name, name)] = require_text(name, value)
    return given


def require_text(name: str, value: str) -> str:
    """The value. Raises Problem for NUL and for halves of characters, which no text that is kept has, and for one that
    is longer than any."""
    if len(value) > MAX_TEXT:
        raise bad_request("malformed_parameter", f"{name[:100]!r} has more than {MAX_TEXT:,} characters")
    if "\0" in value or (not value.isascii() and any("\ud800" <= each <= "\udfff" for each in value)):
        raise bad_request("malformed_parameter", f"{name[:100]!r} holds NUL, or half a character")
    return value


def _required(given: dict[str, str], name: str) -> str:
    if not given.get(name):
        raise bad_request("parameter_missing", f"{name} is required")
    return given[name]


def path_word(request: web.Request, name: str) -> str:
    """A part of the path. Raises Problem for what no text here can hold."""
    return require_text(name, request.match_info[name])


async def who_can(request: web.Request) -> web.Response:
    """GET /v1/who-can"""
    given = query_parameters(request, "action", "resource", "as_of", "known_at", "account", "resource_account")
    runtime = request.app[RUNTIME]
    found = await request.app[WAITING].run(
        runtime.questions.who_can,
        _required(given, "action"),
        _required(given, "resource"),
        given.get("as_of"),
        given.get("known_at"),
        given.get("account"),
        given.get("resource_account"),
        as_request_context(given),
    )
    return answer(found)


async def what_can(request: web.Request) -> web.Response:
    """GET /v1/what-can"""
    given = query_parameters(request, "principal", "as_of", "known_at", "expand")
    runtime = request.app[RUNTIME]
    expand = parse_flag("expand", given.get("expand"))
    found = await request.app[WAITING].run(
        runtime.questions.what_can,
        _required(given, "principal"),
        given.get("as_of"),
        given.get("known_at"),
        expand,
    )
    return answer(found)


async def which_resources(request: web.Request) -> web.Response:
    """GET /v1/which-resources"""
    given = query_parameters(request, "principal", "action", "as_of", "known_at", "resource_account")
    runtime = request.app[RUNTIME]
    found = await request.app[WAITING].run(
        runtime.questions.which_resources,
        _required(given, "principal"),
        _required(given, "action"),
        given.get("as_of"),
        given.get("known_at"),
        given.get("resource_account"),
        as_request_context(given),
    )
    return answer(found)


async def can(request: web.Request) -> web.Response:
    """GET /v1/can"""
    given = query_parameters(request, "principal", "action", "resource", "as_of", "known_at", "resource_account")
    runtime = request.app[RUNTIME]
    found = await request.app[WAITING].run(
        runtime.questions.can,
        _required(given, "principal"),
        _required(given, "action"),
        _required(given, "resource"),
        given.get("as_of"),
        given.get("known_at"),
        given.get("resource_account"),
        as_request_context(given),
    )
    return answer(found)


async def _listing(request: web.Request, read: Callable[..., Page]) -> web.Response:
    given = query_parameters(request, *TEXT_FILTERS, "since", "until", "known_at", "limit", "cursor", "everything")
    limit = parse_limit(given.get("limit"))
    runtime = request.app[RUNTIME]

    def ask() -> Page:
        with runtime.connection() as connection:
            return read(connection, parse_filters(connection, given), limit, given.get("cursor", ""))

    page = await request.app[WAITING].run(ask)
    return answer({"entries": page.entries, "next_cursor": page.next_cursor})


async def audit(request: web.Request) -> web.Response:
    """GET /v1/audit"""
    return await _listing(request, audit_page)


async def activity(request: web.Request) -> web.Response:
    """GET /v1/activity"""
    return await _listing(request, activity_page)


async def evidence(request: web.Request) -> web.Response:
    """GET /v1/evidence/{account}/{record_id}"""
    account, record_id = path_word(request, "account"), path_word(request, "record_id")
    runtime = request.app[RUNTIME]

    def ask() -> bytes | None:
        with runtime.connection() as connection:
            return store.read_evidence(connection, account, record_id)

    found = await request.app[WAITING].run(ask)
    if found is None:
        raise not_found("unknown_evidence", f"no record {record_id} of account {account} is kept")
    return web.Response(body=found, content_type="application/json")


async def import_cloudtrail(request: web.Request) -> web.Response:
    """POST /v1/imports/cloudtrail: one CloudTrail file, plain, gzip or zip, as the body."""
    raw = await read_limited(request, MAX_IMPORT)
    runtime = request.app[RUNTIME]

    def store_it() -> dict[str, Any]:
        with runtime.database.connect() as connection:
            import_shipped(connection)
            summary = import_body(connection, raw)
        runtime.database.acknowledge(summary.position)
        return as_json(summary)

    return answer(await request.app[WAITING].run(store_it))


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


async def status(request: web.Request) -> web.Response:
    """GET /v1/status"""
    return answer(await request.app[WAITING].run(request.app[RUNTIME].questions.status))


async def healthz(_request: web.Request) -> web.Response:
    """GET /healthz: the process answers."""
    return answer({"status": "ok"})


async def readyz(request: web.Request) -> web.Response:
    """GET /readyz: the database answers, takes writes, and the read models keep up."""
    # Threads of its own: whether questions wait for the database is what is asked.
    return answer(await request.app[CHECKING].run(request.app[READINESS].check))


async def openapi(request: web.Request) -> web.Response:
    """GET /openapi.json"""
    from erstwhile.api.http.openapi import document

    return web.Response(body=orjson.dumps(document()), content_type="application/json")
