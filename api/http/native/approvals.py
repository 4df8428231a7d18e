"""Approvals of changes, and exceptions: /v1/approvals, /v1/exceptions."""

from __future__ import annotations

from typing import Any

import msgspec
from aiohttp import web

from erstwhile.api.asking.requests import parse_flag
from erstwhile.api.asking.reviewing.exceptions import ExceptionWords
from erstwhile.api.http.app_keys import RUNTIME, WAITING
from erstwhile.api.http.body import answer, read_object
from erstwhile.api.http.native.callers import caller
from erstwhile.api.http.native.parameters import path_word, query_parameters, required
from erstwhile.api.http.schema.approvals import NewException
from erstwhile.api.problems import bad_request
from erstwhile.api.support.limited_body import SMALL, read_limited
from erstwhile.api.support.spreadsheets import MAX_BYTES
from erstwhile.domain.commands import Command
from erstwhile.domain.vocabulary.typed import convert

_GRANT = ("principal", "action", "resource", "resource_account", "as_of", "known_at")


async def listing(request: web.Request) -> web.Response:
    """GET /v1/approvals"""
    given = query_parameters(request, "ticket", "known_at")
    approvals = request.app[RUNTIME].approvals
    found = await request.app[WAITING].run(approvals.listing, given.get("ticket", ""), given.get("known_at"))
    return answer(found, request)


async def import_(request: web.Request) -> web.Response:
    """POST /v1/approvals: a list as CSV."""
    given = query_parameters(request, "file")
    data = await read_limited(request, MAX_BYTES)
    approvals = request.app[RUNTIME].approvals
    command = await request.app[WAITING].run(approvals.importing, given.get("file", ""), data)
    position = await _done(request, command, "erstwhile:ImportApprovals")
    return answer({"approvals": len(command.approvals), "revision": position}, request)


async def of_event(request: web.Request) -> web.Response:
    """GET /v1/approvals/of-event/{position}"""
    given, position = query_parameters(request, "known_at"), path_word(request, "position")
    approvals = request.app[RUNTIME].approvals
    return answer(await request.app[WAITING].run(approvals.of_event, position, given.get("known_at")), request)


async def of_grant(request: web.Request) -> web.Response:
    """GET /v1/approvals/of-grant"""
    given = query_parameters(request, *_GRANT)
    principal, action, resource = (required(given, name) for name in _GRANT[:3])
    approvals = request.app[RUNTIME].approvals

    def ask() -> dict[str, Any]:
        return approvals.of_grant(
            principal, action, resource, given.get("as_of"), given.get("known_at"), given.get("resource_account")
        )

    found = await request.app[WAITING].run(ask)
    return answer(found, request)


async def exceptions(request: web.Request) -> web.Response:
    """GET /v1/exceptions"""
    given = query_parameters(request, "all", "known_at")
    everything = parse_flag("all", given.get("all"))
    found = await request.app[WAITING].run(request.app[RUNTIME].exceptions.listing, everything, given.get("known_at"))
    return answer(found, request)


async def add(request: web.Request) -> web.Response:
    """POST /v1/exceptions"""
    query_parameters(request)
    try:
        form = convert(await read_object(request, SMALL), NewException)
    except msgspec.ValidationError as error:
        raise bad_request("malformed_body", str(error)) from None
    words = ExceptionWords(**msgspec.to_builtins(form))
    command: Any = await request.app[WAITING].run(request.app[RUNTIME].exceptions.adding, words)
    position = await _done(request, command, "erstwhile:AddException")
    caution = request.app[RUNTIME].exceptions.caution(form.check)
    return answer({"name": form.name, "revision": position, "notes": [caution] if caution else []}, request)


async def remove(request: web.Request) -> web.Response:
    """DELETE /v1/exceptions/{id}"""
    given, name = query_parameters(request, "reason"), path_word(request, "id")
    command = request.app[RUNTIME].exceptions.removal(name, given.get("reason", ""))
    position = await _done(request, command, "erstwhile:RemoveException")
    return answer({"name": name, "revision": position, "notes": []}, request)


async def _done(request: web.Request, command: Command, call: str) -> int:
    """Executes a command; returns its position, which a question after it sees."""
    runtime = request.app[RUNTIME]
    done = await request.app[WAITING].run(runtime.commands.execute, command, caller(request, call))
    await request.app[WAITING].run(runtime.present.wait_for, done.position)
    return done.position
