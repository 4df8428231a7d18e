"""Reports over HTTP."""

from __future__ import annotations

import hashlib
import io

import openpyxl

from tests.support.http import Client

THEN = "as_of=2026-03-03T14:30:00Z"


async def _bytes(client: Client, path: str) -> tuple[bytes, dict[str, str]]:
    async with client.session.get(client.base + path) as response:
        raw = await response.read()
        assert response.status == 200, raw
        return raw, dict(response.headers)


async def test_a_report_in_each_form_has_one_hash(client: Client) -> None:
    status, whole = await client.get(f"/v1/reports/entitlement-review?{THEN}&known_at=37")
    assert status == 200
    assert whole["header"]["position"] == 37
    [section] = whole["sections"]
    assert {each["principal"].rpartition("/")[2] for each in section["rows"]} >= {"ada", "grace", "build-bot"}
    path = f"/v1/reports/entitlement-review?{THEN}&known_at=37&format="
    lines, headers = await _bytes(client, f"{path}ndjson")
    assert hashlib.sha256(lines).hexdigest() == whole["content_hash"] == headers["Erstwhile-Content-Hash"]
    book, headers = await _bytes(client, f"{path}xlsx")
    assert headers["Content-Disposition"] == 'attachment; filename="entitlement-review.xlsx"'
    assert openpyxl.load_workbook(io.BytesIO(book))["Access"].max_row == len(section["rows"]) + 1
    for form, begin in (("csv", b"principal,"), ("pdf", b"%PDF-"), ("html", b"<!doctype html>")):
        raw, _ = await _bytes(client, path + form)
        assert raw.startswith(begin)


async def test_what_cannot_be_asked_is_said(client: Client) -> None:
    for path, status, code, words in (
        ("mfaa", 404, "unknown_report", "did you mean mfa?"),
        (f"mfa?{THEN}&account=999999999999", 404, "unknown_account", "known are: 111122223333"),
        ("mfa?as_of=2020-01-01T00:00:00Z", 400, "nothing_known", "nothing is known before"),
        ("mfa?from=2026-03-03", 400, "malformed_parameter", "about an instant"),
        ("root-use?as_of=2026-03-03", 400, "malformed_parameter", "about a window"),
        ("root-use?from=2026-04-01&to=2026-04-02", 422, "outside_coverage", "there are records of 111122223333"),
        ("root-use?from=2020-04-01&to=2020-04-02", 400, "nothing_known", "nothing is known before"),
        (f"mfa?{THEN}&format=docx", 400, "unknown_output", "there are: csv, xlsx"),
        (f"mfa?{THEN}&days=3", 400, "unknown_option", "has no option 'days'"),
        (f"key-age?{THEN}&days=-3", 400, "malformed_option", "a number of days"),
        (f"mfa?{THEN}&format=csv&section=nothing", 400, "unknown_section", "there are: users"),
        (f"mfa?{THEN}&resource=*", 400, "malformed_parameter", "takes no resource"),
    ):
        found, problem = await client.get(f"/v1/reports/{path}")
        assert (found, problem["type"].rpartition(":")[2]) == (status, code), (path, problem)
        assert words in problem["detail"], (path, problem)


async def test_options_may_come_in_the_body(client: Client) -> None:
    status, by_body = await client.post("/v1/reports/key-age", {"as_of": "2026-03-03T14:30:00Z", "known_at": "37"})
    assert status == 200
    assert by_body == (await client.get(f"/v1/reports/key-age?{THEN}&known_at=37"))[1]
    rules = {"from": "2026-03-03T09:30:00Z", "to": "2026-03-03T15:00:00Z", "options": {"people": "name\n"}}
    status, problem = await client.post("/v1/reports/key-age", rules)
    assert status == 400 and "about an instant" in problem["detail"]
    status, problem = await client.post("/v1/reports/key-age", {"since": "2026"})
    assert status == 400 and "since" in problem["detail"]
