"""The aiohttp application: every route in one table."""

from __future__ import annotations

from typing import NamedTuple

from aiohttp import web

from erstwhile.api.aws.endpoint import AwsEndpoint
from erstwhile.api.http.app_keys import (
    ANSWERS,
    CHECKING,
    COMPUTING,
    EDGE,
    LOOKING_UP,
    READINESS,
    RUNTIME,
    TOKENS,
    WAITING,
)
from erstwhile.api.http.authzen import evaluation, search
from erstwhile.api.http.authzen.answer_cache import EvaluationAnswers
from erstwhile.api.http.errors import Handler, routed, unmatched
from erstwhile.api.http.native import issuers, native, resources
from erstwhile.api.http.server.proxies import Edge
from erstwhile.api.runtime.readiness import Readiness
from erstwhile.api.runtime.runtime import FollowingRuntime
from erstwhile.api.runtime.tokens import Tokens
from erstwhile.api.support.off_loop import Apart


class Route(NamedTuple):
    """`scope` is what a caller's token needs; '' for a call that needs none."""

    method: str
    path: str
    handler: Handler
    scope: str


ROUTES = tuple(
    Route(*route)
    for route in (
        ("GET", "/healthz", native.healthz, ""),
        ("GET", "/readyz", native.readyz, ""),
        ("GET", "/openapi.json", native.openapi, ""),
        ("GET", "/.well-known/authzen-configuration", evaluation.configuration, ""),
        ("POST", "/access/v1/evaluation", evaluation.evaluation, "read"),
        ("POST", "/access/v1/evaluations", evaluation.evaluations, "read"),
        ("POST", "/access/v1/search/subject", search.subject, "read"),
        ("POST", "/access/v1/search/resource", search.resource, "read"),
        ("POST", "/access/v1/search/action", search.action, "read"),
        ("GET", "/v1/resources", resources.listing, "read"),
        ("GET", r"/v1/resources/{id:[\s\S]+}", resources.get, "read"),
        ("PUT", r"/v1/resources/{id:[\s\S]+}", resources.put, "admin"),
        ("DELETE", r"/v1/resources/{id:[\s\S]+}", resources.delete, "admin"),
        ("GET", "/v1/who-can", native.who_can, "read"),
        ("GET", "/v1/what-can", native.what_can, "read"),
        ("GET", "/v1/which-resources", native.which_resources, "read"),
        ("GET", "/v1/can", native.can, "read"),
        ("POST", "/v1/validate", native.validate, "read"),
        ("GET", "/v1/audit", native.audit, "read"),
        ("GET", "/v1/activity", native.activity, "read"),
        ("GET", "/v1/evidence/{account}/{record_id}", native.evidence, "read"),
        ("GET", "/v1/status", native.status, "read"),
        ("POST", "/v1/imports/cloudtrail", native.import_cloudtrail, "import"),
        ("GET", "/issuers/{id}/.well-known/openid-configuration", issuers.configuration, ""),
        ("GET", "/issuers/{id}/keys", issuers.keys, ""),
    )
)


def make_app(runtime: FollowingRuntime, aws: AwsEndpoint | None = None, edge: Edge | None = None) -> web.Application:
    """The application over a runtime, with AWS's protocol at / where an endpoint is given; the caller closes the
    runtime. `edge`: how callers reach it."""
    # No middleware: aiohttp's way of calling them costs a decision a twentieth of its time.
    app = web.Application()
    app[RUNTIME] = runtime
    app[EDGE] = edge or Edge()
    app[WAITING] = Apart("the database", 16, waiting=500, seconds=60, is_away=lambda: runtime.present.age() is not None)
    app[READINESS] = Readiness(runtime)
    app[CHECKING] = Apart("the database", 2, waiting=50, seconds=6)
    app[COMPUTING] = Apart("the engine", 4, waiting=500, seconds=60)
    app[LOOKING_UP] = Apart("the database", 4, waiting=500, seconds=3)
    app[TOKENS] = tokens = Tokens()
    app[ANSWERS] = EvaluationAnswers()
    for route in ROUTES:
        app.router.add_route(route.method, route.path, routed(route.handler, route.scope, tokens))
    if aws is not None:
        # Its callers sign their calls, and it answers in XML whatever happens.
        app.router.add_route("POST", "/", aws.handle)
        app.router.add_route("GET", "/", aws.handle)
        app.on_cleanup.append(aws.end)
    app.router.add_route("*", r"/{path:[\s\S]*}", routed(unmatched, "read", tokens))
    app.on_cleanup.append(_close)
    return app


async def _close(app: web.Application) -> None:
    for each in (WAITING, CHECKING, COMPUTING, LOOKING_UP):
        app[each].close()
