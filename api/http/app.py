"""The aiohttp application: the routes, and what their handlers need."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import cache
from typing import Any

from aiohttp import web

from erstwhile.api.aws.endpoint import AwsEndpoint
from erstwhile.api.database.tokens import Tokens
from erstwhile.api.decision_log.log import DecisionLog
from erstwhile.api.http.app_keys import (
    ANSWERS,
    CHECKING,
    COMPUTING,
    DECISION_LOG,
    DESCRIPTION,
    ENDING,
    FOLLOWERS,
    LOOKING_UP,
    READINESS,
    RUNTIME,
    STREAMING,
    TOKENS,
    WAITING,
)
from erstwhile.api.http.auditors import NO_WAY, AuditorsWay
from erstwhile.api.http.auth import authenticated
from erstwhile.api.http.authzen.answer_cache import EvaluationAnswers
from erstwhile.api.http.errors import Handler, unmatched, with_problems
from erstwhile.api.http.openapi import document
from erstwhile.api.http.routes import ROUTES
from erstwhile.api.runtime.following import FollowingRuntime
from erstwhile.api.runtime.readiness import Readiness
from erstwhile.api.support.edge_key import EDGE
from erstwhile.api.support.off_loop import Apart
from erstwhile.api.support.proxies import Edge


def make_app(
    runtime: FollowingRuntime,
    aws: AwsEndpoint | None = None,
    edge: Edge | None = None,
    decision_log: DecisionLog | None = None,
) -> web.Application:
    """The application over a runtime, with AWS's protocol at / where an endpoint is given; the caller closes the
    runtime. `edge`: how callers reach it; `decision_log`: where decisions are recorded."""
    app = web.Application()
    app[RUNTIME] = runtime
    app[EDGE] = edge or Edge()
    app[WAITING] = Apart("the database", 16, waiting=500, seconds=60, is_away=lambda: runtime.present.age() is not None)
    app[STREAMING] = Apart("a stream", 4, waiting=50, seconds=3_600, is_away=lambda: runtime.present.age() is not None)
    app[READINESS] = Readiness(runtime)
    app[CHECKING] = Apart("the database", 2, waiting=50, seconds=6)
    app[COMPUTING] = Apart("the engine", 4, waiting=500, seconds=60)
    app[LOOKING_UP] = Apart("the database", 4, waiting=500, seconds=3)
    app[TOKENS] = tokens = Tokens()
    app[ANSWERS] = EvaluationAnswers()
    app[DECISION_LOG] = decision_log
    app[ENDING] = asyncio.Event()
    app[FOLLOWERS] = set()
    described: Callable[[], dict[str, Any]] = cache(lambda: document(ROUTES))
    app[DESCRIPTION] = described

    def behind_steps(handler: Handler, scope: str, way: AuditorsWay = NO_WAY) -> Handler:
        # No middleware: aiohttp's way of calling them costs a decision a twentieth of its time (`make bench-http`).
        return with_problems(authenticated(handler, scope, tokens, way))

    for route in ROUTES:
        app.router.add_route(route.method, route.pattern, behind_steps(route.handler, route.scope, route.auditors_way))
    if aws is not None:
        # Its callers sign their calls, and it answers in XML whatever happens.
        app.router.add_route("POST", "/", aws.handle)
        app.router.add_route("GET", "/", aws.handle)
        app.on_cleanup.append(aws.end)
    app.router.add_route("*", r"/{path:[\s\S]*}", behind_steps(unmatched, "read"))
    app.on_shutdown.append(_end)
    app.on_cleanup.append(_close)
    return app


async def _end(app: web.Application) -> None:
    app[ENDING].set()


async def _close(app: web.Application) -> None:
    for each in (WAITING, STREAMING, CHECKING, COMPUTING, LOOKING_UP):
        app[each].close()
