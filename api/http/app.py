"""The aiohttp application: the routes, and what their handlers need."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import cache, partial
from typing import TYPE_CHECKING, Any

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
    NUMBERS,
    READINESS,
    RUNTIME,
    SIBLINGS,
    STREAMING,
    TOKENS,
    WAITING,
)
from erstwhile.api.http.auditors import NO_WAY, AuditorsWay
from erstwhile.api.http.auth import authenticated
from erstwhile.api.http.authzen.answer_cache import EvaluationAnswers
from erstwhile.api.http.errors import Handler, unmatched
from erstwhile.api.http.limiting import admit, limited_by_address, limited_by_token
from erstwhile.api.http.observing import observed
from erstwhile.api.http.openapi import document
from erstwhile.api.http.routes import ROUTES
from erstwhile.api.runtime.following import FollowingRuntime
from erstwhile.api.runtime.readiness import Readiness
from erstwhile.api.serving.access_log import AccessLog
from erstwhile.api.serving.families import Family
from erstwhile.api.serving.numbers import Numbers
from erstwhile.api.serving.rate_limits import Buckets
from erstwhile.api.serving.serve_settings import ServeSettings
from erstwhile.api.serving.siblings import Siblings
from erstwhile.api.serving.worker import WorkerPlace
from erstwhile.api.support.edge_key import EDGE
from erstwhile.api.support.off_loop import Apart
from erstwhile.api.support.proxies import Edge

if TYPE_CHECKING:
    from erstwhile.api.serving.tracing import Tracing


def make_app(
    runtime: FollowingRuntime,
    aws: AwsEndpoint | None = None,
    edge: Edge | None = None,
    decision_log: DecisionLog | None = None,
    access_log: AccessLog | None = None,
    place: WorkerPlace | None = None,
    settings: ServeSettings | None = None,
    traces: Tracing | None = None,
) -> web.Application:
    """The application over a runtime, with AWS's protocol at / where an endpoint is given; the caller closes the
    runtime. `edge`: how callers reach it; `decision_log`: where decisions are recorded; `access_log`: where requests
    are; `place`: where this is one of several processes; `settings`: limits; `traces`: where
    requests are traced."""
    settings = settings or ServeSettings()
    most = settings.waiting
    app = web.Application()
    app[RUNTIME] = runtime
    app[EDGE] = edge or Edge()
    app[WAITING] = Apart(
        "the database", 16, waiting=most, seconds=60, is_away=lambda: runtime.present.age() is not None
    )
    app[STREAMING] = Apart("a stream", 4, waiting=50, seconds=3_600, is_away=lambda: runtime.present.age() is not None)
    app[READINESS] = Readiness(runtime, decision_log=decision_log)
    app[CHECKING] = Apart("the database", 2, waiting=50, seconds=6)
    app[COMPUTING] = Apart("the engine", 4, waiting=most, seconds=60)
    app[LOOKING_UP] = Apart("the database", 4, waiting=most, seconds=3)
    app[TOKENS] = tokens = Tokens()
    app[ANSWERS] = EvaluationAnswers()
    app[DECISION_LOG] = decision_log
    app[ENDING] = asyncio.Event()
    app[FOLLOWERS] = set()
    described: Callable[[], dict[str, Any]] = cache(lambda: document(ROUTES))
    app[DESCRIPTION] = described

    app[NUMBERS] = numbers = Numbers()
    app[SIBLINGS] = Siblings(place, partial(_told, app))

    by_token = None if settings.per_token is None else Buckets("token", settings.per_token)
    by_address = None if settings.per_address is None else Buckets("address", settings.per_address)

    def behind_steps(handler: Handler, method: str, path: str, scope: str, way: AuditorsWay = NO_WAY) -> Handler:
        # No middleware: aiohttp's way of calling them costs a decision a twentieth of its time (`make bench-http`).
        if scope:
            handler = limited_by_token(handler, by_token)
        handler = authenticated(handler, scope, tokens, way)
        if scope:
            handler = limited_by_address(handler, by_address)
        handler = observed(handler, numbers.route(method, path), numbers, access_log)
        return handler if traces is None else traces.request(handler, method, path)

    for route in ROUTES:
        handler = behind_steps(route.handler, route.method, route.path, route.scope, route.auditors_way)
        app.router.add_route(route.method, route.pattern, handler)
    if aws is not None:
        # Its callers sign their calls, and it answers in XML whatever happens.
        if by_address is not None:
            aws.admit = partial(admit, by_address)  # it refuses in its own protocol
        for method in ("POST", "GET"):
            handler = observed(aws.handle, numbers.route(method, "/"), numbers, access_log)
            app.router.add_route(method, "/", handler if traces is None else traces.request(handler, method, "/"))
        app.on_cleanup.append(aws.end)
    app.router.add_route("*", r"/{path:[\s\S]*}", behind_steps(unmatched, "*", "unmatched", "read"))
    app.on_shutdown.append(_end)
    app.on_cleanup.append(_close)
    return app


def metrics_app(app: web.Application) -> web.Application:
    """Tells anybody the metrics of an application, and nothing else: for an address that only Prometheus reaches."""
    from erstwhile.api.http.native.metrics import metrics

    alone = web.Application()
    alone[RUNTIME], alone[CHECKING], alone[SIBLINGS] = app[RUNTIME], app[CHECKING], app[SIBLINGS]
    alone.router.add_get("/metrics", metrics)
    return alone


def _told(app: web.Application) -> list[Family]:
    from erstwhile.api.serving.process_metrics import process_families

    queues = {
        "database": WAITING,
        "streams": STREAMING,
        "readiness": CHECKING,
        "engine": COMPUTING,
        "tokens": LOOKING_UP,
    }
    apart = {name: app[key] for name, key in queues.items()}
    return process_families(app[RUNTIME], app[NUMBERS], app[DECISION_LOG], apart)


async def _end(app: web.Application) -> None:
    app[ENDING].set()


async def _close(app: web.Application) -> None:
    for each in (WAITING, STREAMING, CHECKING, COMPUTING, LOOKING_UP):
        app[each].close()
