"""Lines of the log: one for a request, and never a secret."""

from __future__ import annotations

import io
import logging
import re

import orjson
import pytest

from erstwhile.api.database.database import Database
from erstwhile.api.database.settings import MalformedSetting
from erstwhile.api.serving import access_log as access
from erstwhile.api.serving import logs
from erstwhile.api.serving.access_log import AccessLog, AccessSettings
from erstwhile.api.serving.redaction import redacted
from tests.support.http import serving


async def test_each_request_is_a_line_and_none_has_a_secret(database: Database) -> None:
    written = io.StringIO()
    access_log = AccessLog(AccessSettings(1.0, False), in_json=True, worker=3, to=written)
    access_log.start()
    async with serving(database, access_log=access_log) as client:
        token = client.session.headers["Authorization"].split()[1]
        await client.get("/v1/status", **{"X-Request-Id": "mine-1"})
        await client.get(f"/v1/{token}?token={token}")
        async with client.session.get(f"{client.base}/v1/nothing", headers={"X-Request-Id": "a b\tc"}) as response:
            ours = response.headers["X-Request-Id"]
        await client.get("/v1/list/users", Authorization="Bearer erst_unknown-token-of-somebody")
    access_log.close()
    lines = [orjson.loads(line) for line in written.getvalue().splitlines()]
    assert [(each["route"], each["status"], each["caller"]) for each in lines] == [
        ("/v1/status", 200, "test"), ("unmatched", 404, "test"), ("unmatched", 404, "test"),
        ("/v1/list/{kind}", 401, ""),
    ]  # fmt: skip
    assert lines[0]["request_id"] == "mine-1" and lines[0]["worker"] == 3 and lines[0]["address"] == "127.0.0.1"
    assert lines[2]["request_id"] == ours and re.fullmatch(r"[\w-]+", ours)
    assert "erst_" not in written.getvalue() and "***" in lines[1]["path"]


async def test_an_error_that_was_not_expected_is_logged_without_the_token(
    database: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async with serving(database) as client:
        header = client.session.headers["Authorization"]

        def fail() -> None:
            raise RuntimeError(f"the header was {header}")

        monkeypatch.setattr(client.service.questions, "status", fail)
        root, before = logging.getLogger(), list(logging.getLogger().handlers)
        try:
            monkeypatch.setenv("ERSTWHILE_LOG_FORMAT", "json")
            logs.set_up(worker=1)
            assert (await client.get("/v1/status"))[0] == 500
        finally:
            root.handlers[:] = before
    [line] = [orjson.loads(each) for each in capsys.readouterr().err.splitlines() if "/v1/status" in each]
    assert line["level"] == "error" and line["logger"] == "erstwhile" and line["worker"] == 1
    assert "RuntimeError" in line["exception"] and header.split()[1] not in str(line)


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("token erst_AbC-d_9 was sent", "AbC-d_9"),
        ("Authorization: Bearer abc.def", "abc.def"),
        ("GET /?X-Amz-Security-Token=IQoJb3&X-Amz-Signature=deadbeef01", "deadbeef01"),
        ("GET /?X-Amz-Security-Token=IQoJb3&X-Amz-Signature=deadbeef01", "IQoJb3"),
        ("cannot connect to postgresql://user:hunter2@host/db", "hunter2"),
        ("host=h password=hunter2 dbname=d", "hunter2"),
        ("AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG", "wJalrXUtnFEMI"),
        ("id eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl", "eyJzdWIi"),
    ],
)
def test_secrets_are_hidden(text: str, secret: str) -> None:
    assert secret not in redacted(text) and "***" in redacted(text)


def test_what_is_written_by_status_and_share() -> None:
    def wanted(settings: AccessSettings) -> list[int]:
        return [status for status in (200, 404, 503) if AccessLog(settings, False).wants(status)]

    assert wanted(AccessSettings()) == [404, 503]
    assert wanted(AccessSettings(1.0, False)) == [200, 404, 503]
    assert wanted(AccessSettings(0.0, False)) == [503]


def test_a_line_for_people_has_no_control_character() -> None:
    written = io.StringIO()
    log = AccessLog(AccessSettings(), in_json=False, to=written)
    log._waiting.append((0.0, "id", "GET", "unmatched", "/\x1b[31m\n", 404, 0.001, "::1", ""))
    log._write()
    assert written.getvalue().count("\n") == 1 and "\x1b" not in written.getvalue()
    assert "status=404" in written.getvalue() and "caller" not in written.getvalue()


@pytest.mark.parametrize("given", ["some", "sampled:2", "sampled:", "ALL"])
def test_a_setting_that_is_none_is_refused(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ERSTWHILE_ACCESS_LOG", given)
    with pytest.raises(MalformedSetting, match="ERSTWHILE_ACCESS_LOG"):
        access.from_environment()
    monkeypatch.setenv("ERSTWHILE_LOG_FORMAT", given)
    with pytest.raises(MalformedSetting, match="ERSTWHILE_LOG_FORMAT"):
        logs.is_json()
