"""Resources that applications register, with tags and policy: /v1/resources.

An id is an ARN, or the application's own word with its `type` (`api.applications.names`). Registering is a command,
and so an event; the account must be governed here.
"""

from __future__ import annotations

from itertools import islice
from typing import Any

import orjson
from aiohttp import web

from erstwhile.api.applications.names import Names, is_arn
from erstwhile.api.applications.registration import registration
from erstwhile.api.asking.requests import parse_limit
from erstwhile.api.http.app_keys import RUNTIME, WAITING
from erstwhile.api.http.body import answer, read_object
from erstwhile.api.http.native.callers import caller
from erstwhile.api.http.native.parameters import path_word, query_parameters
from erstwhile.api.problems import bad_request, not_found
from erstwhile.api.runtime.following import FollowingRuntime
from erstwhile.api.support.limited_body import SMALL
from erstwhile.domain.commands.resources import DeregisterResource
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.vocabulary.cursors import cursor_of, place_of
from erstwhile.domain.vocabulary.identifiers import Arn

_LISTING = "resources"
"""What its cursors are of."""


def _arn(names: Names, word: str, kind: str) -> str:
    if not is_arn(word) and not kind:
        raise bad_request("parameter_missing", f"{word!r} is not an ARN: say its type with ?type=")
    return names.resource(kind, word)


def _account(names: Names, arn: str) -> str:
    """Whose the resource is: the default account's, where its ARN does not say. Raises MalformedArn."""
    return Arn.parse(arn).account or names.account


async def put(request: web.Request) -> web.Response:
    """PUT /v1/resources/{id}: the resource is so from now on."""
    runtime = request.app[RUNTIME]
    given = await read_object(request, SMALL)
    given.setdefault("type", query_parameters(request, "type").get("type", ""))
    command = registration(runtime.names, given | {"id": path_word(request, "id")})
    who = caller(request, "erstwhile:RegisterResource")
    done = await request.app[WAITING].run(runtime.commands.execute, command, who)
    await request.app[WAITING].run(runtime.present.wait_for, done.position)  # the caller may read it next
    return answer(
        {
            "resource": command.resource,
            "account": command.account,
            "changed": bool(done.events),
            "revision": done.position,
        },
        request,
    )


async def delete(request: web.Request) -> web.Response:
    """DELETE /v1/resources/{id}"""
    runtime = request.app[RUNTIME]
    arn = _arn(runtime.names, path_word(request, "id"), query_parameters(request, "type").get("type", ""))
    command = DeregisterResource(account=_account(runtime.names, arn), resource=arn)
    done = await request.app[WAITING].run(
        runtime.commands.execute, command, caller(request, "erstwhile:DeregisterResource")
    )
    await request.app[WAITING].run(runtime.present.wait_for, done.position)
    return answer({"resource": arn, "revision": done.position}, request)


async def get(request: web.Request) -> web.Response:
    """GET /v1/resources/{id}"""
    given = query_parameters(request, "type", "as_of", "known_at")
    runtime = request.app[RUNTIME]
    arn = _arn(runtime.names, path_word(request, "id"), given.get("type", ""))

    def ask() -> dict[str, Any]:
        with runtime.directory(given.get("as_of"), given.get("known_at")) as (directory, _):
            entity = directory.with_arn(arn)
            if entity is None or entity.kind != "resource":
                raise not_found("unknown_resource", f"{arn} is not known")
            return _shown(runtime.names, entity)

    return answer(await request.app[WAITING].run(ask), request)


async def listing(request: web.Request) -> web.Response:
    """GET /v1/resources: those of one type, or all, in the order of their ARNs."""
    given = query_parameters(request, "type", "as_of", "known_at", "limit", "cursor")
    limit = parse_limit(given.get("limit"))
    runtime = request.app[RUNTIME]
    cursor = given.get("cursor", "")
    after = place_of(_LISTING, cursor)[0] if cursor else ""
    found = await request.app[WAITING].run(_listed, runtime, given, after, limit + 1)
    shown = found[:limit]
    next_cursor = cursor_of(_LISTING, shown[-1]["resource"]) if len(found) > limit else ""
    return answer({"resources": shown, "next_cursor": next_cursor}, request)


def _listed(runtime: FollowingRuntime, given: dict[str, str], after: str, most: int) -> list[dict[str, Any]]:
    with runtime.directory(given.get("as_of"), given.get("known_at")) as (directory, _):
        kind = given.get("type")
        resources = (each for each in directory.resources_after(after) if each.exists)
        of_type = (each for each in resources if kind is None or each.registered_type == kind)
        return [_shown(runtime.names, each) for each in islice(of_type, most)]


def _shown(names: Names, entity: Entity) -> dict[str, Any]:
    kind = entity.registered_type
    policy = entity.resource_policy
    word = names.resource_word(kind, entity.arn) if kind else None
    return {
        "resource": entity.arn,
        "type": kind,
        "id": word or entity.arn,
        "account": entity.account,
        "tags": dict(sorted(entity.tags.items())),
        "policy": orjson.Fragment(policy["document"]) if policy and policy["document"] else None,
    }
