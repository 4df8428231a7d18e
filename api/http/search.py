"""AuthZEN searches: /access/v1/search/subject, resource and action, in pages.

Source: https://openid.github.io/authzen/ (Search APIs). Ids are ARNs; a resource's type is as AWS's service
authorization reference names it, a subject's is user, role or root. An id of what is searched is ignored.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
from typing import Any

from aiohttp import web

from api.http.authzen import member, optional_account
from api.http.body import answer, read_object
from api.http.keys import SERVICE
from api.problems import bad_request
from api.service import Service, as_request_context
from domain.identifiers import MalformedArn
from domain.questions import search

DEFAULT_LIMIT = 100
MAX_LIMIT = 1_000


async def subject(request: web.Request) -> web.Response:
    """POST /access/v1/search/subject"""
    return await _searched(request, _subjects)


async def resource(request: web.Request) -> web.Response:
    """POST /access/v1/search/resource"""
    return await _searched(request, _resources)


async def action(request: web.Request) -> web.Response:
    """POST /access/v1/search/action"""
    return await _searched(request, _actions)


async def _searched(request: web.Request, ask: Any) -> web.Response:
    given = await read_object(request)
    return answer(await asyncio.to_thread(_page, request.app[SERVICE], given, ask), request)


def _page(service: Service, given: dict[str, Any], ask: Any) -> dict[str, Any]:
    """One page of results, in the order of their ids: a token names the last one that was told."""
    page = given.get("page", {})
    if not isinstance(page, dict):
        raise bad_request("malformed_body", "page must be an object")
    limit = page.get("limit", DEFAULT_LIMIT)
    if not isinstance(limit, int) or isinstance(limit, bool) or not 1 <= limit <= MAX_LIMIT:
        raise bad_request("malformed_body", f"page.limit must be a number from 1 to {MAX_LIMIT}")
    context = given.get("context") or {}
    if not isinstance(context, dict):
        raise bad_request("malformed_body", "context must be an object")
    for name in ("as_of", "known_at"):
        if not isinstance(context.get(name, ""), str | int):
            raise bad_request("malformed_body", f"context.{name} must be a string")
    as_of, known_at = (str(context[name]) if context.get(name) else None for name in ("as_of", "known_at"))
    try:
        with service.directory(as_of, known_at) as (directory, clock):
            found = ask(directory, given, as_request_context(context, clock), optional_account(context))
    except MalformedArn as error:
        raise bad_request("malformed_arn", str(error)) from None
    after = _told(page.get("token"))
    rest = [each for each in found if _id(each) > after] if after else found
    shown = rest[:limit]
    token = _token(_id(shown[-1])) if len(rest) > limit else ""
    return {"results": shown, "page": {"next_token": token, "count": len(shown), "total": len(found)}}


def _id(result: dict[str, str]) -> str:
    return result.get("id") or result["name"]


def _token(last: str) -> str:
    return base64.urlsafe_b64encode(last.encode()).decode()


def _told(token: Any) -> str:
    if not token:
        return ""
    try:
        return base64.b64decode(str(token).encode(), altchars=b"-_", validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        raise bad_request("malformed_token", "page.token is not one that this service gave") from None


def _subjects(directory: Any, given: dict[str, Any], context: Any, account: str | None) -> list[dict[str, str]]:
    [kind] = member(given, "subject", "type")
    [name] = member(given, "action", "name")
    _, target = member(given, "resource", "type", "id")
    return [{"type": kind, "id": arn} for arn in search.subjects(directory, kind, name, target, account, context)]


def _resources(directory: Any, given: dict[str, Any], context: Any, _: str | None) -> list[dict[str, str]]:
    _, principal = member(given, "subject", "type", "id")
    [name] = member(given, "action", "name")
    [kind] = member(given, "resource", "type")
    return [{"type": kind, "id": arn} for arn in search.resources(directory, principal, name, kind, context)]


def _actions(directory: Any, given: dict[str, Any], context: Any, account: str | None) -> list[dict[str, str]]:
    _, principal = member(given, "subject", "type", "id")
    _, target = member(given, "resource", "type", "id")
    return [{"name": name} for name in search.actions(directory, principal, target, account, context)]
