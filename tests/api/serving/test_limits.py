"""Requests a second of one caller, and the settings of limits."""

from __future__ import annotations

import contextlib
import re
from collections.abc import AsyncIterator

import pytest

from erstwhile.api.database.database import Database
from erstwhile.api.database.settings import MalformedSetting
from erstwhile.api.serving import serve_settings
from erstwhile.api.serving.rate_limits import Buckets, Rate, TooManyRequests, parse_rate
from erstwhile.api.serving.serve_settings import ServeSettings
from tests.support.http import Client, serving


def test_a_bucket_gives_its_burst_then_its_rate() -> None:
    now = 100.0
    buckets = Buckets("token", Rate(2.0, 3.0), lambda: now)
    for _ in range(3):
        buckets.take("a")
    with pytest.raises(TooManyRequests) as refused:
        buckets.take("a")
    assert refused.value.seconds == 1 and refused.value.status == 429
    buckets.take("b")  # another caller has a bucket of its own
    now += 0.5
    buckets.take("a")
    with pytest.raises(TooManyRequests):
        buckets.take("a")
    now += 1_000
    for _ in range(3):
        buckets.take("a")
    with pytest.raises(TooManyRequests):
        buckets.take("a")


def test_in_a_long_time_nobody_gets_more_than_the_rate() -> None:
    now = 0.0
    buckets = Buckets("token", Rate(5.0, 10.0), lambda: now)
    given = 0
    for _ in range(10_000):
        now += 0.01
        with contextlib.suppress(TooManyRequests):
            buckets.take("a")
            given += 1
    assert given == pytest.approx(10 + 100 * 5, abs=1)


def test_callers_beyond_the_most_are_forgotten_the_longest_silent_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("erstwhile.api.serving.rate_limits.MOST", 3)
    buckets = Buckets("address", Rate(1.0, 1.0), lambda: 0.0)
    for caller in "abc":
        buckets.take(caller)
    with pytest.raises(TooManyRequests):
        buckets.take("a")  # just heard of again
    buckets.take("d")
    assert set(buckets._held) == {"a", "c", "d"}


@pytest.mark.parametrize(("text", "rate"), [
    ("100", Rate(100.0, 100.0)), ("0.5", Rate(0.5, 1.0)), ("10/500", Rate(10.0, 500.0)),
    ("0", None), ("-1", None), ("1/0", None), ("ten", None), ("1e3", None), ("", None),
])  # fmt: skip
def test_rates_are_read(text: str, rate: Rate | None) -> None:
    assert parse_rate(text) == rate


@pytest.fixture
async def limited(database: Database) -> AsyncIterator[Client]:
    settings = ServeSettings(per_token=Rate(0.001, 3.0), per_address=Rate(0.001, 6.0))
    async with serving(database, ("read", "metrics"), settings=settings) as client:
        yield client


async def test_more_than_the_rate_get_429_with_a_time_to_come_again(limited: Client) -> None:
    for _ in range(3):
        assert (await limited.get("/v1/ledger/keys"))[0] == 200
    async with limited.session.get(f"{limited.base}/v1/ledger/keys") as response:
        assert response.status == 429 and int(response.headers["Retry-After"]) > 60
        assert (await response.json(content_type=None))["type"] == "urn:erstwhile:problem:too_many_requests"
    # Requests without a token are counted to their address; questions whether the server lives are not counted.
    statuses = [(await limited.get("/v1/status", Authorization="Bearer erst_none"))[0] for _ in range(4)]
    assert statuses == [401, 401, 429, 429]
    assert (await limited.get("/healthz"))[0] == 200 == (await limited.get("/readyz"))[0]


def test_settings_of_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ERSTWHILE_WORKERS", "4")
    monkeypatch.setenv("ERSTWHILE_RATE_PER_TOKEN", "10/20")
    monkeypatch.setenv("ERSTWHILE_METRICS_LISTEN", "[::1]:9100")
    found = serve_settings.from_environment(workers="2")
    assert found.workers == 2 and found.per_token == Rate(10.0, 20.0) and found.metrics_listen == ("::1", 9100)
    assert found.limits.idle == 75 and found.waiting == 500 and found.certificate is None


@pytest.mark.parametrize(("name", "value", "expected"), [
    ("WORKERS", "0", "a whole number from 1 to 256"),
    ("RATE_PER_ADDRESS", "many", "requests a second such as 100"),
    ("METRICS_LISTEN", "9100", "HOST:PORT such as 127.0.0.1:9100"),
    ("TIMEOUT_IDLE", "1.5", "a whole number"),
    ("TLS_KEY", "key.pem", "go together"),
])  # fmt: skip
def test_a_setting_that_is_none_is_refused(
    name: str, value: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"ERSTWHILE_{name}", value)
    with pytest.raises(MalformedSetting, match=f"ERSTWHILE_TLS_CERTIFICATE|ERSTWHILE_{name}.*{re.escape(expected)}"):
        serve_settings.from_environment()
