"""AuthZEN Authorization API 1.0: evaluation and evaluations.

Source: https://openid.github.io/authzen/. Ids are ARNs, or the application's own words (`api.names`). Our
extensions in `context`: `as_of`, `known_at`, `at_least` (a log position to wait for), `mode` (strict or discover),
`explain` (true: why not) and `resource_account`. Members with a colon are condition keys, as are the entities'
`properties` (`resource:status`); any others, `time` included, change nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from api.http.body import answer, read_object
from api.http.keys import SERVICE
from api.http.words import asked, has_properties, properties
from api.problems import Problem, bad_request
from api.service import Service, as_request_context, require_action
from domain.directory import Directory
from domain.identifiers import MalformedArn
from domain.policy.principals import UnknownPrincipal
from domain.policy.request import Request

Clock = Mapping[str, tuple[str, ...]]
_SEMANTICS = ("execute_all", "deny_on_first_deny", "permit_on_first_permit")
_MAX_EVALUATIONS = 10_000


def optional_account(context: dict[str, Any]) -> str | None:
    """Our extension `resource_account`: whose the resource is, where its ARN does not tell. Raises Problem 400."""
    account = context.get("resource_account")
    if account is not None and not isinstance(account, str):
        raise bad_request("malformed_body", "context.resource_account must be a string")
    return account or None


def _request(
    service: Service, directory: Directory, given: dict[str, Any], context: dict[str, Any], clock: Clock
) -> Request:
    mode = context.get("mode", "strict")
    if mode not in ("strict", "discover"):
        raise bad_request("malformed_body", f"context.mode must be strict or discover, not {mode!r}")
    principal, action, resource = asked(service.names, directory, given)
    require_action(action)
    keys = as_request_context(context, clock)
    if has_properties(given):
        keys = properties(given) | keys
    return Request(
        principal=principal,
        action=action,
        resource=resource,
        resource_account=optional_account(context),
        context=keys,
        mode=mode,
    )


def _decide(service: Service, given: dict[str, Any]) -> dict[str, Any]:
    context = given.get("context") or {}
    if not isinstance(context, dict):
        raise bad_request("malformed_body", "context must be an object")
    try:
        if service.current is not None and not _BEYOND.intersection(context):
            request = _request(service, service.current.directory, given, context, service.clock())
            found = service.decide(request)
        else:
            found = _decide_then(service, given, context)
    except MalformedArn as error:
        raise bad_request("malformed_arn", f"subject.id: {error}") from None
    except UnknownPrincipal as error:
        found = {"effect": "implicit_deny", "determining": [], "reason": str(error)}
    return {"decision": found["effect"] == "allow", "context": found}


def _decide_then(service: Service, given: dict[str, Any], context: dict[str, Any]) -> dict[str, Any]:
    """At another moment than now, or once a position is reached, or with an explanation."""
    if context.get("at_least") is not None:
        position = context["at_least"]
        if not isinstance(position, int) or isinstance(position, bool) or position < 0:
            raise bad_request("malformed_body", "context.at_least must be a log position")
        service.wait_for(position)
    as_of, known_at = moments(context)
    return service.evaluate(
        lambda directory, clock: _request(service, directory, given, context, clock),
        as_of, known_at, explain=context.get("explain") is True,
    )  # fmt: skip


def moments(context: dict[str, Any]) -> tuple[str | None, str | None]:
    """Our extensions `as_of` and `known_at`. Raises Problem 400 for what is no text."""
    for name in ("as_of", "known_at"):
        if not isinstance(context.get(name, ""), str | int):
            raise bad_request("malformed_body", f"context.{name} must be a string")
    as_of, known_at = context.get("as_of"), context.get("known_at")
    return str(as_of) if as_of else None, str(known_at) if known_at is not None else None


_BEYOND = frozenset(("as_of", "known_at", "at_least", "explain"))
"""Members of the context that ask for more than memory holds."""
_AT_ONCE = 200
"""Evaluations of one batch that are made between two other requests; more go to a thread."""


def _is_quick(given: dict[str, Any]) -> bool:
    """Whether the decision is made from memory, at once."""
    context = given.get("context")
    return not isinstance(context, dict) or not _BEYOND.intersection(context)


async def evaluation(request: web.Request) -> web.Response:
    """POST /access/v1/evaluation"""
    given = await read_object(request)
    service = request.app[SERVICE]
    if _is_quick(given):
        return answer(_decide(service, given), request)
    return answer(await asyncio.to_thread(_decide, service, given), request)


async def evaluations(request: web.Request) -> web.Response:
    """POST /access/v1/evaluations: top-level entities are defaults, replaced whole by those of an item."""
    given = await read_object(request)
    items = given.get("evaluations")
    service = request.app[SERVICE]
    if not items:
        return answer(await asyncio.to_thread(_decide, service, given), request)
    if not isinstance(items, list) or len(items) > _MAX_EVALUATIONS:
        raise bad_request("malformed_body", f"evaluations must be a list of at most {_MAX_EVALUATIONS} objects")
    options = given.get("options") or {}
    semantic = options.get("evaluations_semantic", "execute_all") if isinstance(options, dict) else None
    if semantic not in _SEMANTICS:
        raise bad_request("malformed_body", f"options.evaluations_semantic must be one of {', '.join(_SEMANTICS)}")
    defaults: dict[str, Any] = {
        name: given[name] for name in ("subject", "action", "resource", "context") if name in given
    }
    is_quick = len(items) <= _AT_ONCE and _is_quick(given)
    if is_quick and all(isinstance(item, dict) and _is_quick(item) for item in items):
        return answer({"evaluations": _all(service, defaults, items, semantic)}, request)
    found = await asyncio.to_thread(_all, service, defaults, items, semantic)
    return answer({"evaluations": found}, request)


def _all(service: Service, defaults: dict[str, Any], items: list[Any], semantic: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for item in items:
        try:
            if not isinstance(item, dict):
                raise bad_request("malformed_body", "an evaluation must be an object")
            decided = _decide(service, defaults | item)
        except Problem as problem:
            # An invalid item is denied and explained; the others are answered.
            decided = {"decision": False, "context": {"error": {"status": problem.status, "message": problem.detail}}}
        found.append(decided)
        if semantic == "deny_on_first_deny" and not decided["decision"]:
            break
        if semantic == "permit_on_first_permit" and decided["decision"]:
            break
    return found


async def configuration(request: web.Request) -> web.Response:
    """GET /.well-known/authzen-configuration"""
    base = f"{request.scheme}://{request.host}"
    return answer(
        {
            "policy_decision_point": base,
            "access_evaluation_endpoint": f"{base}/access/v1/evaluation",
            "access_evaluations_endpoint": f"{base}/access/v1/evaluations",
            "search_subject_endpoint": f"{base}/access/v1/search/subject",
            "search_resource_endpoint": f"{base}/access/v1/search/resource",
            "search_action_endpoint": f"{base}/access/v1/search/action",
        }
    )
