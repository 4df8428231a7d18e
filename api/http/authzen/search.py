"""AuthZEN searches: /access/v1/search/subject, resource and action, in pages.

Source: https://openid.github.io/authzen/ (Search APIs). A resource's type is as AWS's service authorization
reference names it, or one that applications registered; a subject's is user, role, root, session, service, provider
or anonymous. An id of what is
searched is ignored. A caller that asks in its own words (a resource's id that is no ARN, an action
without a service) is answered in them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from aiohttp import web

from erstwhile.api.applications.names import Names, is_arn
from erstwhile.api.asking.actions_and_resources import require_existing
from erstwhile.api.asking.requests import as_request_context
from erstwhile.api.http.app_keys import RUNTIME, WAITING
from erstwhile.api.http.authzen.bodies import malformed, moments, optional_account
from erstwhile.api.http.authzen.entities import member, properties
from erstwhile.api.http.body import answer, read_object
from erstwhile.api.http.schema.authzen import ActionSearch, ResourceSearch, SubjectSearch
from erstwhile.api.problems import bad_request
from erstwhile.api.runtime.following import FollowingRuntime
from erstwhile.api.support.limited_body import SMALL
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.questions import search
from erstwhile.domain.questions.search import OwnType
from erstwhile.domain.vocabulary.context_values import ContextValues
from erstwhile.domain.vocabulary.cursors import MalformedCursor, cursor_of, place_of
from erstwhile.domain.vocabulary.typed import convert

Search = Callable[[Names, Directory, dict[str, Any], ContextValues, str | None], list[dict[str, str]]]
"""Of the body, its condition keys and the resource's account: what is found, in the order of the ids."""
DEFAULT_LIMIT = 100
MAX_LIMIT = 1_000


async def subject(request: web.Request) -> web.Response:
    """POST /access/v1/search/subject"""
    return await _searched(request, "subjects", _subjects, SubjectSearch)


async def resource(request: web.Request) -> web.Response:
    """POST /access/v1/search/resource"""
    return await _searched(request, "resources of a subject", _resources, ResourceSearch)


async def action(request: web.Request) -> web.Response:
    """POST /access/v1/search/action"""
    return await _searched(request, "actions", _actions, ActionSearch)


async def _searched(request: web.Request, listing: str, ask: Search, body: type[msgspec.Struct]) -> web.Response:
    given = await read_object(request, SMALL)
    try:
        convert(given, body)
    except msgspec.ValidationError as error:
        raise malformed(error) from None
    return answer(await request.app[WAITING].run(_page, request.app[RUNTIME], given, listing, ask), request)


def _page(runtime: FollowingRuntime, given: dict[str, Any], listing: str, ask: Search) -> dict[str, Any]:
    """One page of results, in the order of their ids. `listing`: what its tokens are of."""
    page = given.get("page", {})
    if not isinstance(page, dict):
        raise bad_request("malformed_body", "page must be an object")
    limit = page.get("limit", DEFAULT_LIMIT)
    if isinstance(limit, float) and limit.is_integer():
        limit = int(limit)  # JSON has one kind of number
    if not isinstance(limit, int) or isinstance(limit, bool) or not 1 <= limit <= MAX_LIMIT:
        raise bad_request("malformed_body", f"page.limit must be a number from 1 to {MAX_LIMIT}")
    context = given.get("context") or {}
    if not isinstance(context, dict):
        raise bad_request("malformed_body", "context must be an object")
    as_of, known_at = moments(context)

    def question(directory: Directory, clock: ContextValues) -> list[dict[str, str]]:
        keys = properties(given) | as_request_context(context, clock)
        ids: list[dict[str, str]] = ask(runtime.names, directory, given, keys, optional_account(context))
        return ids

    found = runtime.present.ask(question, as_of, known_at)
    after = _place(listing, page.get("token"))
    rest = [each for each in found if _id(each) > after] if after else found
    shown = rest[:limit]
    token = cursor_of(listing, _id(shown[-1])) if len(rest) > limit else ""
    return {"results": shown, "page": {"next_token": token, "count": len(shown), "total": len(found)}}


def _id(result: dict[str, str]) -> str:
    return result.get("id") or result["name"]


def _place(listing: str, token: Any) -> str:
    """The id behind which the page begins; nothing for the first page. Raises MalformedCursor."""
    if token is None or token == "":
        return ""
    if not isinstance(token, str):
        raise bad_request("malformed_body", "page.token must be a string")
    try:
        return place_of(listing, token)[0]
    except MalformedCursor as error:
        raise MalformedCursor(f"page.token: {error}") from None


def _subjects(
    names: Names, directory: Directory, given: dict[str, Any], context: ContextValues, account: str | None
) -> list[dict[str, str]]:
    [kind] = member(given, "subject", "type")
    [name] = member(given, "action", "name")
    resource_type, word = member(given, "resource", "type", "id")
    target, is_own = names.resource(resource_type, word), not is_arn(word)
    if is_own:
        name = names.action(resource_type, name)
    require_existing(directory, names, name)
    found = search.subjects(directory, kind, name, target, account, context)
    ids = [names.principal_word(kind, arn) for arn in found] if is_own else found
    return [{"type": kind, "id": each} for each in sorted(ids)]


def _resources(
    names: Names, directory: Directory, given: dict[str, Any], context: ContextValues, _: str | None
) -> list[dict[str, str]]:
    subject_type, word = member(given, "subject", "type", "id")
    [name] = member(given, "action", "name")
    [kind] = member(given, "resource", "type")
    principal = names.principal(directory, subject_type, word)
    is_own = ":" not in name
    own = OwnType(names.resource_service(kind), lambda arn: names.resource_word(kind, arn) is not None)
    action = names.action(kind, name)
    found = search.resources(directory, principal, action, kind, context, own if is_own else None)
    ids = [names.resource_word(kind, arn) or arn for arn in found] if is_own else found
    return [{"type": kind, "id": each} for each in sorted(ids)]


def _actions(
    names: Names, directory: Directory, given: dict[str, Any], context: ContextValues, account: str | None
) -> list[dict[str, str]]:
    subject_type, word = member(given, "subject", "type", "id")
    kind, resource = member(given, "resource", "type", "id")
    principal = names.principal(directory, subject_type, word)
    found = search.actions(directory, principal, names.resource(kind, resource), account, context)
    words = found if is_arn(resource) else [names.action_word(kind, name) for name in found]
    return [{"name": each} for each in sorted(words)]
