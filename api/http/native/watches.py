"""Watches, and the notices of what became different: /v1/watches."""

from __future__ import annotations

from typing import Any

import msgspec
from aiohttp import web

from erstwhile.api.asking.requests import parse_limit
from erstwhile.api.asking.watching.watches import WatchWords
from erstwhile.api.http.app_keys import RUNTIME, WAITING
from erstwhile.api.http.body import answer, read_object
from erstwhile.api.http.native.callers import caller
from erstwhile.api.http.native.followed import followed, is_asked
from erstwhile.api.http.native.parameters import path_word, query_parameters
from erstwhile.api.http.schema.watches import NewWatch, WatchForm
from erstwhile.api.problems import bad_request
from erstwhile.api.support.limited_body import SMALL
from erstwhile.domain.commands.watches import PutWatch, RemoveWatch
from erstwhile.domain.vocabulary.numbers import parse_number
from erstwhile.domain.vocabulary.typed import convert


async def listing(request: web.Request) -> web.Response:
    """GET /v1/watches"""
    query_parameters(request)
    return answer(await request.app[WAITING].run(request.app[RUNTIME].watches.listing), request)


async def get(request: web.Request) -> web.Response:
    """GET /v1/watches/{id}"""
    query_parameters(request)
    name = path_word(request, "id")
    return answer(await request.app[WAITING].run(request.app[RUNTIME].watches.show, name), request)


async def post(request: web.Request) -> web.Response:
    """POST /v1/watches: a new watch."""
    query_parameters(request)
    form = _read(NewWatch, await read_object(request, SMALL))
    return await _put(request, form.name, form, False, "erstwhile:AddWatch")


async def put(request: web.Request) -> web.Response:
    """PUT /v1/watches/{id}: the watch is so from now on."""
    query_parameters(request)
    form = _read(WatchForm, await read_object(request, SMALL))
    return await _put(request, path_word(request, "id"), form, None, "erstwhile:PutWatch")


async def delete(request: web.Request) -> web.Response:
    """DELETE /v1/watches/{id}"""
    query_parameters(request)
    command = request.app[RUNTIME].watches.removal(path_word(request, "id"))
    return await _done(request, command, "erstwhile:RemoveWatch")


async def notices(request: web.Request) -> web.StreamResponse:
    """GET /v1/watches/{id}/notices"""
    return await _notices(request, path_word(request, "id"))


async def all_notices(request: web.Request) -> web.StreamResponse:
    """GET /v1/notices"""
    return await _notices(request, None)


async def _notices(request: web.Request, watch: str | None) -> web.StreamResponse:
    given = query_parameters(request, "after", "limit")
    after = _number("after", given.get("after"))
    last = _number("Last-Event-ID", request.headers.get("Last-Event-ID"))
    limit = parse_limit(given.get("limit"))
    watches = request.app[RUNTIME].watches
    if not is_asked(request):
        return answer(await request.app[WAITING].run(watches.notices, watch, after or 0, limit), request)
    if last is None:
        last = after
    if watch is not None:
        await request.app[WAITING].run(watches.notices, watch, 0, 1)  # is there such a watch?
    if last is None:
        last = await request.app[WAITING].run(watches.last_notice)
    return await followed(request, watch, last)


def _number(name: str, text: str | None) -> int | None:
    if text is None:
        return None
    number = parse_number(text)
    if number is None:
        raise bad_request("malformed_parameter", f"{name} must be a notice's id, not {text[:40]!r}")
    return number


def _read(kind: type[Any], given: dict[str, Any]) -> Any:
    try:
        return convert(given, kind)
    except msgspec.ValidationError as error:
        raise bad_request("malformed_body", str(error)) from None


async def _put(request: web.Request, name: str, form: WatchForm, exists: bool | None, call: str) -> web.Response:
    words = WatchWords(
        name=name, actions=form.actions, resource=form.resource, resource_account=form.resource_account,
        account=form.account, excepting=form.excepting, note=form.note,
    )  # fmt: skip
    command = await request.app[WAITING].run(request.app[RUNTIME].watches.command, words, exists)
    return await _done(request, command, call)


async def _done(request: web.Request, command: PutWatch | RemoveWatch, call: str) -> web.Response:
    runtime = request.app[RUNTIME]
    done = await request.app[WAITING].run(runtime.commands.execute, command, caller(request, call))
    await request.app[WAITING].run(runtime.present.wait_for, done.position)  # the caller may read it next
    return answer({"name": command.name, "changed": bool(done.events), "revision": done.position}, request)
