"""Traces of requests, questions and statements."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind

from erstwhile.api.database.database import Database
from erstwhile.api.database.settings import MalformedSetting
from erstwhile.api.serving import tracing
from erstwhile.api.serving.tracing import Tracing
from tests.support.http import serving

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


@pytest.fixture
def exported() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def traces(exported: InMemorySpanExporter) -> Iterator[Tracing]:
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exported))
    found = Tracing(provider)
    found.start()
    yield found
    found.close()


async def test_a_request_a_question_and_its_statements_are_one_trace(
    database: Database, traces: Tracing, exported: InMemorySpanExporter
) -> None:
    async with serving(database, traces=traces) as client:
        exported.clear()
        parent = {"traceparent": f"00-{TRACE}-{PARENT}-01"}
        assert (await client.get("/v1/status", **parent))[0] == 200
        assert (await client.get("/v1/ledger/keys", traceparent="nonsense"))[0] == 200
        token = client.session.headers["Authorization"].split()[1]
    spans: list[ReadableSpan] = list(exported.get_finished_spans())
    ours = [each for each in spans if each.context is not None and f"{each.context.trace_id:032x}" == TRACE]
    [request] = [each for each in ours if each.kind is SpanKind.SERVER]
    assert request.name == "GET /v1/status" and request.parent is not None
    assert f"{request.parent.span_id:016x}" == PARENT
    assert request.attributes is not None and request.attributes["http.response.status_code"] == 200
    below = {each.context.span_id: each for each in ours if each.context is not None}
    questions = [each for each in ours if each.name == "question of the database"]
    assert questions and all(each.parent is not None and below[each.parent.span_id] is request for each in questions)
    statements = [each for each in ours if each.kind is SpanKind.CLIENT]
    assert statements and all(
        each.parent is not None and below[each.parent.span_id] in questions for each in statements
    )
    # A trace of its own, where the caller's is none.
    [other] = [each for each in spans if each.name == "GET /v1/ledger/keys"]
    assert other.parent is None
    assert token not in "".join(each.to_json() for each in spans)


def test_without_a_collector_nothing_is_traced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ERSTWHILE_OTEL_ENDPOINT", raising=False)
    assert tracing.from_environment() is None


def test_a_collector_gets_what_waits_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    got: list[tuple[str, int]] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append((self.path, len(self.rfile.read(int(self.headers["Content-Length"])))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Collector) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("ERSTWHILE_OTEL_ENDPOINT", f"http://127.0.0.1:{server.server_port}/")
        found = tracing.from_environment()
        assert found is not None
        found.start()
        assert found._question("the database", lambda: 17)() == 17
        found.close()
        server.shutdown()
    [(path, size)] = got
    assert path == "/v1/traces" and size > 100


def test_without_the_extra_the_setting_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ERSTWHILE_OTEL_ENDPOINT", "http://localhost:4318")
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)
    with pytest.raises(MalformedSetting, match=r"erstwhile\[otel\]"):
        tracing.from_environment()


@pytest.mark.parametrize(("name", "value"), [("ENDPOINT", "localhost:4318"), ("SHARE", "2"), ("SHARE", "half")])
def test_a_setting_that_is_none_is_refused(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ERSTWHILE_OTEL_ENDPOINT", "http://localhost:4318")
    monkeypatch.setenv(f"ERSTWHILE_OTEL_{name}", value)
    with pytest.raises(MalformedSetting, match=f"ERSTWHILE_OTEL_{name}"):
        tracing.from_environment()
