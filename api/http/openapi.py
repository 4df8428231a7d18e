"""The OpenAPI 3.1 description, made of the routes and their types (`schema`)."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

import msgspec

from erstwhile.api.http.routes import Route
from erstwhile.api.http.schema.parameters import Parameter
from erstwhile.api.http.schema.service import Problem

_PLACE = "#/components/schemas/{name}"
_PROBLEMS = {
    400: "What was asked is malformed.", 401: "A bearer token is needed.", 403: "The token's scopes do not reach.",
    404: "There is no such thing.", 408: "The body did not come in time.", 409: "It stands against what there is.",
    413: "The body is too large.", 422: "The file cannot be imported, or the answer takes too much to compute.",
    429: "Too many requests of this token or address; Retry-After says when to come again.",
    503: "Not now; come again.",
}  # fmt: skip


_ANSWER = {
    False: "The answer.",
    True: "The answer. As application/x-ndjson, one JSON object a line: the head, each item, the tail; `line` says "
    "which. A failure in between is a line `problem`.",
}
_FOLLOWED = (
    "The answer. As text/event-stream, each as it comes: an event with its id, a comment in every 15 seconds of "
    "silence; without after and Last-Event-ID, what comes from now on."
)
_EVENTS = {"text/event-stream": {"schema": {"type": "string"}}}
_NDJSON = {"application/x-ndjson": {"schema": {"type": "string"}}}


def document(routes: tuple[Route, ...]) -> dict[str, Any]:
    """The description of these calls."""
    answers, bodies = [each.answer for each in routes], [each.body for each in routes if each.body is not None]
    shown, components = msgspec.json.schema_components([*answers, Problem], ref_template=_PLACE)
    taken, asked = msgspec.json.schema_components(bodies, ref_template=_PLACE)
    for each in components.values():
        _require_all(each)
    for each in asked.values():
        # Some generators take a member with a default for one that is always sent.
        for member in each.get("properties", {}).values():
            member.pop("default", None)
    components |= {name: each for name, each in asked.items() if name not in components}
    _say_types([components, list(shown), list(taken)])
    by_body = dict(zip(bodies, taken, strict=True))
    paths: dict[str, Any] = {}
    for route, answer in zip(routes, shown[:-1], strict=True):
        paths.setdefault(route.path, {})[route.method.lower()] = _described(route, answer, by_body)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Erstwhile",
            "version": version("erstwhile"),
            "description": "Who can do what, who could do what at any moment of the past, and the proof.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{"bearer": []}],
        "tags": [{"name": name} for name in dict.fromkeys(each.tag for each in routes)],
        "paths": paths,
        "components": {"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}, "schemas": components},
    }


def _require_all(schema: dict[str, Any]) -> None:
    """An answer has each of its members: those that may be left out (UNSET) have no default, the others say theirs."""
    members = schema.get("properties", {})
    required = set(schema.get("required", ()))
    schema["required"] = [name for name, each in members.items() if name in required or "default" in each]
    for each in members.values():
        each.pop("default", None)


def _say_types(schema: Any) -> None:
    """Of a choice of texts, says that they are texts; of an object without members, that it may have any: generators
    of clients need it said."""
    if isinstance(schema, dict):
        if schema.get("type") == "object" and "properties" not in schema:
            schema.setdefault("additionalProperties", True)
        if all(isinstance(each, str) for each in schema.get("enum", (0,))):
            schema.setdefault("type", "string")
        for each in schema.values():
            _say_types(each)
    elif isinstance(schema, list):
        for each in schema:
            _say_types(each)


def _described(route: Route, answer: dict[str, Any], bodies: dict[Any, dict[str, Any]]) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": route.id,
        "tags": [route.tag],
        "summary": route.summary,
        "parameters": [_parameter(each) for each in route.parameters],
        "responses": {"200": {"description": _description(route), "content": _contents(route, answer)}}
        | {str(status): _problem(_PROBLEMS[status]) for status in _statuses(route)},
    }
    if not route.scope:
        described["security"] = []
    if route.body is bytes:
        # A file is of any type; gzip is recognised by its first bytes.
        described["requestBody"] = {
            "required": True,
            "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
        }
    elif route.body is not None:
        content = {"schema": bodies[route.body], "example": route.example}
        described["requestBody"] = {"required": True, "content": {"application/json": content}}
    return described


def _description(route: Route) -> str:
    return _FOLLOWED if route.follows else _ANSWER[route.streams]


def _contents(route: Route, answer: dict[str, Any]) -> dict[str, Any]:
    if route.content == "application/octet-stream":
        answer = {"type": "string", "format": "binary"}
    others = (_NDJSON if route.streams else {}) | (_EVENTS if route.follows else {})
    files = {each: {"schema": {"type": "string", "format": "binary"}} for each in route.files}
    return {route.content: {"schema": answer}} | others | files


def _statuses(route: Route) -> list[int]:
    found = {400, 503, *route.problems}
    if route.scope:
        found |= {401, 403, 429}
    if route.body is not None:
        found |= {408, 413}
    return sorted(found)


def _parameter(each: Parameter) -> dict[str, Any]:
    return {
        "name": each.name, "in": each.place, "required": each.required, "description": each.description,
        "schema": each.schema,
    }  # fmt: skip


def _problem(description: str) -> dict[str, Any]:
    reference = {"$ref": _PLACE.format(name="Problem")}
    return {"description": description, "content": {"application/problem+json": {"schema": reference}}}
