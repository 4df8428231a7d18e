"""Traces for OpenTelemetry, where the extra `otel` is installed and a collector is named: a span for each request,
below it one for each question that a thread answers, and below that one for each statement.

A caller's trace is taken over from `traceparent` (W3C Trace Context), with its decision whether it is sampled. Spans
have routes and SQL texts, no values.
"""

from __future__ import annotations

import contextvars
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import psycopg
from aiohttp import web

from erstwhile.api.database.bounded_connection import BoundedConnection
from erstwhile.api.database.settings import MalformedSetting
from erstwhile.api.http.errors import Handler
from erstwhile.api.support.off_loop import Apart

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Tracer

T = TypeVar("T")
_LONGEST = 300
"""Characters of a statement's text in a span."""


def from_environment() -> Tracing | None:
    """ERSTWHILE_OTEL_ENDPOINT: the collector's URL, such as http://localhost:4318; ERSTWHILE_OTEL_SHARE: of the traces
    that no caller decided of, 0 to 1. None where no collector is named. Raises MalformedSetting, also where the extra
    is not installed."""
    endpoint = os.environ.get("ERSTWHILE_OTEL_ENDPOINT", "")
    if not endpoint:
        return None
    if not endpoint.startswith(("http://", "https://")):
        raise MalformedSetting(f"ERSTWHILE_OTEL_ENDPOINT must be a URL such as http://localhost:4318, not {endpoint!r}")
    given = os.environ.get("ERSTWHILE_OTEL_SHARE", "") or "1"
    try:
        share = float(given)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise MalformedSetting(f"ERSTWHILE_OTEL_SHARE must be a number from 0 to 1, not {given[:40]!r}")
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
        from opentelemetry.sdk.trace.sampling import ParentBasedTraceIdRatio
    except ImportError:
        raise MalformedSetting(
            "ERSTWHILE_OTEL_ENDPOINT needs the extra `otel`: pip install 'erstwhile[otel]'"
        ) from None
    provider = TracerProvider(
        resource=Resource.create({"service.name": "erstwhile"}), sampler=ParentBasedTraceIdRatio(share)
    )
    exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces")
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return Tracing(provider)


class Tracing:
    """Of one process. Questions and statements are traced from `start` until `close`."""

    def __init__(self, provider: TracerProvider) -> None:
        self._provider = provider
        self._tracer: Tracer = provider.get_tracer("erstwhile")

    def start(self) -> None:
        Apart.around = self._question
        BoundedConnection.cursors = _traced_cursor(self._tracer)

    def close(self) -> None:
        """Sends what waits."""
        Apart.around = None
        BoundedConnection.cursors = None
        self._provider.shutdown()

    def request(self, handler: Handler, method: str, path: str) -> Handler:
        """The handler with a span around it."""
        from opentelemetry.trace import SpanKind
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        extract, tracer, name = TraceContextTextMapPropagator().extract, self._tracer, f"{method} {path}"

        async def handle(request: web.Request) -> web.StreamResponse:
            given = {key: request.headers[key] for key in ("traceparent", "tracestate") if key in request.headers}
            about = {"http.request.method": request.method, "http.route": path}
            with tracer.start_as_current_span(name, extract(given), SpanKind.SERVER, about) as span:
                response = await handler(request)
                span.set_attribute("http.response.status_code", response.status)
                return response

        return handle

    def _question(self, name: str, call: Callable[[], T]) -> Callable[[], T]:
        """A call of another thread, in a span below that of the caller."""
        context = contextvars.copy_context()

        def traced() -> T:
            with self._tracer.start_as_current_span(f"question of {name}"):
                return call()

        return lambda: context.run(traced)


def _traced_cursor(tracer: Tracer) -> type[psycopg.Cursor[Any]]:
    from opentelemetry.trace import SpanKind

    class TracedCursor(psycopg.Cursor[Any]):
        def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
            text = query if isinstance(query, str) else ""
            about = {"db.system.name": "postgresql", "db.query.text": text[:_LONGEST]}
            with tracer.start_as_current_span(text.split(" ", 1)[0] or "SQL", None, SpanKind.CLIENT, about):
                return super().execute(query, params, **options)

    return TracedCursor
