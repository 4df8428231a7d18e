"""Questions about intervals of time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from typing import Any

from aiohttp import web

from erstwhile.api.asking.over_time.ground import WindowWords
from erstwhile.api.asking.over_time.ocsf import ocsf_event
from erstwhile.api.asking.over_time.pieces import Pieces
from erstwhile.api.asking.over_time.stopping import Stop
from erstwhile.api.asking.requests import parse_flag
from erstwhile.api.http.app_keys import RUNTIME
from erstwhile.api.http.native.parameters import (
    CONTEXT,
    only,
    path_word,
    query_parameters,
    repeated_parameters,
    request_context,
    required,
)
from erstwhile.api.http.native.streams import streamed, whole

_WINDOW = ("from", "to", "known_at")


def _window(given: dict[str, str]) -> WindowWords:
    return WindowWords(begin=given.get("from"), end=given.get("to"), known_at=given.get("known_at"))


async def timeline(request: web.Request) -> web.StreamResponse:
    """GET /v1/timeline"""
    given = query_parameters(request, "principal", "action", "resource", *_WINDOW, "resource_account", CONTEXT)
    asked = (required(given, "principal"), required(given, "action"), required(given, "resource"))
    context = request_context(request)
    over_time = request.app[RUNTIME].over_time
    return await streamed(
        request,
        lambda stop: over_time.timeline(
            *asked, _window(given), stop, resource_account=given.get("resource_account"), context=context
        ),
    )


async def moments(request: web.Request) -> web.StreamResponse:
    """GET /v1/moments"""
    given = query_parameters(request, "of", *_WINDOW)
    what = required(given, "of")
    over_time = request.app[RUNTIME].over_time
    return await streamed(request, lambda stop: over_time.moments(what, _window(given), stop))


async def ever(request: web.Request) -> web.StreamResponse:
    """GET /v1/ever"""
    given = query_parameters(request, "action", "resource", *_WINDOW, "account", "resource_account", CONTEXT)
    asked = (required(given, "action"), required(given, "resource"))
    context = request_context(request)
    over_time = request.app[RUNTIME].over_time
    return await streamed(
        request,
        lambda stop: over_time.ever(
            *asked, _window(given), stop, account=given.get("account"),
            resource_account=given.get("resource_account"), context=context,
        ),
    )  # fmt: skip


async def never(request: web.Request) -> web.StreamResponse:
    """GET /v1/never"""
    lists = repeated_parameters(
        request, ("action", "resource"), *_WINDOW, "account", "resource_account", CONTEXT, optional=("except",)
    )
    given = {name: only(name, values) for name, values in lists.items() if name != "except"}
    context = request_context(request)
    over_time = request.app[RUNTIME].over_time
    return await streamed(
        request,
        lambda stop: over_time.never(
            given["action"], given["resource"], _window(given), stop, excepting=lists.get("except", ()),
            account=given.get("account"), resource_account=given.get("resource_account"), context=context,
        ),
    )  # fmt: skip


async def diff(request: web.Request) -> web.StreamResponse:
    """GET /v1/diff"""
    given = query_parameters(request, *_WINDOW, "principal", "account", "resource")
    required(given, "from")
    over_time = request.app[RUNTIME].over_time
    return await streamed(
        request,
        lambda stop: over_time.diff(
            _window(given), stop, principal=given.get("principal"), account=given.get("account"),
            resource=given.get("resource"),
        ),
    )  # fmt: skip


async def effect(request: web.Request) -> web.StreamResponse:
    """GET /v1/effect/{position}"""
    given = query_parameters(request, "known_at")
    position = path_word(request, "position")
    over_time = request.app[RUNTIME].over_time
    return await streamed(request, lambda stop: over_time.effect(position, given.get("known_at"), stop))


async def replay(request: web.Request) -> web.StreamResponse:
    """GET /v1/replay"""
    given = query_parameters(request, *_WINDOW, "principal", "account", "all")
    required(given, "from")
    all_events = parse_flag("all", given.get("all"))
    over_time = request.app[RUNTIME].over_time
    return await streamed(
        request,
        lambda stop: over_time.replay(
            _window(given), stop, principal=given.get("principal"), account=given.get("account"), all_events=all_events
        ),
    )


async def findings(request: web.Request) -> web.StreamResponse:
    """GET /v1/findings"""
    given = query_parameters(request, *_WINDOW, "account", "change_hours")
    required(given, "from")
    over_time = request.app[RUNTIME].over_time
    return await streamed(
        request,
        lambda stop: over_time.findings(
            _window(given), stop, account=given.get("account"), change_hours=given.get("change_hours")
        ),
    )


async def ocsf_findings(request: web.Request) -> web.StreamResponse:
    """GET /v1/findings/ocsf"""
    given = query_parameters(request, *_WINDOW, "account", "change_hours")
    required(given, "from")
    over_time = request.app[RUNTIME].over_time

    @contextmanager
    def asking(stop: Stop) -> Iterator[Pieces]:
        with over_time.findings(
            _window(given), stop, account=given.get("account"), change_hours=given.get("change_hours")
        ) as found:
            events = (ocsf_event(each, version("erstwhile")) for each in found.items)
            yield Pieces(found.head, "events", events, found.tail)

    return await streamed(request, asking)


async def provenance(request: web.Request) -> web.Response:
    """GET /v1/provenance"""
    given = query_parameters(
        request, "principal", "action", "resource", "as_of", "known_at", "resource_account", CONTEXT
    )  # fmt: skip
    asked = (required(given, "principal"), required(given, "action"), required(given, "resource"))
    context = request_context(request)
    over_time = request.app[RUNTIME].over_time

    def ask(stop: Stop) -> dict[str, Any]:
        return over_time.provenance(
            *asked, given.get("as_of"), given.get("known_at"), stop,
            resource_account=given.get("resource_account"), context=context,
        )  # fmt: skip

    return await whole(request, ask)
