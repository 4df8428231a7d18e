"""Who is let in where: every route of the HTTP API, against every kind of caller. A new route needs a line here."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from inspect import iscoroutinefunction

import aiohttp
import pytest

from erstwhile.api.database import tokens
from erstwhile.api.database.database import Database
from erstwhile.api.database.tokens import Period
from erstwhile.api.http.late_handlers import LateHandler
from erstwhile.api.http.routes import ROUTES, Route
from tests.support.http import Client, serving

WITHOUT_A_TOKEN = """
    check_health check_readiness get_description get_authzen_configuration get_issuer_configuration get_issuer_keys
"""
READERS = """
    get_status evaluate evaluate_many search_subjects search_resources search_actions list_resources get_resource
    who_can what_can which_resources can can_each who_can_each get_reach get_timeline list_moments list_holders_ever
    prove_never get_diff get_effect replay list_findings list_ocsf_findings get_provenance list_unused propose_policy
    check_policies ask_what_if get_incident list_controls attest_control attest_own_control list_reports get_report
    ask_report list_approvals get_approval_of_event get_approval_of_grant list_exceptions list_watches get_watch
    list_notices_of_watch list_notices list_calls_that_would_fail find list_entities validate_policy list_changes
    list_events list_calls list_decisions get_checkpoint get_entries get_tile get_receipt prove_consistency
    prove_can prove_who_can
    list_like_use get_decisions_checkpoint get_decisions_tile
    list_ledger_keys get_evidence check_revoked_lines
"""
READERS_AND_REVIEWERS = "list_reviews get_review list_review_lines"
REVIEWERS = "decide_review_lines delegate_review_lines import_review_decisions"
IMPORTERS = "import_cloudtrail"
ADMINISTRATORS = """
    put_resource delete_resource open_review change_review remind_reviewers export_review import_approvals
    add_exception remove_exception add_watch put_watch remove_watch
"""
LET_IN = {
    name: scopes
    for names, scopes in (
        (WITHOUT_A_TOKEN, {"", "read", "import", "review", "audit", "metrics", "admin"}),
        (READERS, {"read", "admin"}),
        (READERS_AND_REVIEWERS, {"read", "review", "admin"}),
        (REVIEWERS, {"review", "admin"}),
        (IMPORTERS, {"import", "admin"}),
        ("get_metrics", {"metrics", "admin"}),
        (ADMINISTRATORS, {"admin"}),
    )
    for name in names.split()
}
AUDITORS_AT_AN_INSTANT = """
    list_resources get_resource who_can what_can which_resources can can_each who_can_each get_reach get_provenance
    list_unused list_like_use propose_policy list_entities get_approval_of_grant get_report
    prove_can prove_who_can
"""
AUDITORS_ABOUT_A_WINDOW = """
    get_timeline list_moments list_holders_ever prove_never get_diff replay list_findings list_ocsf_findings
    get_incident attest_control
"""
AUDITORS_SINCE_AND_UNTIL = "list_changes list_calls list_decisions"
AUDITORS_OF_THE_PERIOD = "list_reports list_reviews get_review list_review_lines check_revoked_lines"
"""The call gives no more than what the token's period has."""
AUDITORS = {
    name: query
    for names, query in (
        (AUDITORS_AT_AN_INSTANT, "as_of={0}"),
        (AUDITORS_ABOUT_A_WINDOW, "from={0}&to={1}"),
        (AUDITORS_SINCE_AND_UNTIL, "since={0}&until={1}"),
        (AUDITORS_OF_THE_PERIOD, ""),
    )
    for name in names.split()
}
"""What an auditor has to say of the time of a call, for those calls that auditors may make."""
WITHIN, BEYOND = (("2026-03-03", "2026-03-04"), ("2025-03-03", "2025-03-04"))
PERIOD = Period(datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC))


@pytest.fixture
async def client(database: Database) -> AsyncIterator[Client]:
    async with serving(database, ("read",)) as client:
        yield client


def bearers(client: Client) -> dict[str, dict[str, str]]:
    """The headers of every kind of caller, by the scope of its token; '' has none."""
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    found: dict[str, dict[str, str]] = {"": {}}
    with client.database.connect() as connection:
        for scope in tokens.SCOPES:
            period, until = (PERIOD, tomorrow) if scope == "audit" else (None, None)
            token = tokens.create(connection, f"with {scope}", [scope], until, period)
            found[scope] = {"Authorization": f"Bearer {token}"}
    return found


async def asked(client: Client, route: Route, query: str, headers: dict[str, str]) -> int:
    """The status of a call that says nothing but what time it is about: 401 and 403 come before all else."""
    path = re.sub(r"\{[^}]+\}", "1", route.path)
    async with (
        aiohttp.ClientSession() as session,
        session.request(route.method, f"{client.base}{path}?{query}", headers=headers) as response,
    ):
        return response.status


async def test_each_caller_at_each_route(client: Client) -> None:
    assert {route.id for route in ROUTES} == set(LET_IN), "say here who is let in"
    callers = bearers(client)
    wrong = []
    for route in ROUTES:
        for scope, headers in callers.items():
            if scope == "audit" and route.scope:
                continue  # see below
            status = await asked(client, route, "", headers)
            expected = "let in" if scope in LET_IN[route.id] else 403 if scope else 401
            if (status if status in (401, 403) else "let in") != expected:
                wrong.append((route.id, scope, status))
    assert not wrong


async def test_tokens_that_are_none_open_nothing(client: Client) -> None:
    reader = bearers(client)["read"]["Authorization"]
    with client.database.connect() as connection:
        revoked = tokens.create(connection, "revoked", ["admin"])
        tokens.revoke(connection, "revoked")
        expired = tokens.create(connection, "expired", ["admin"], datetime.now(UTC) + timedelta(hours=1))
        connection.execute("UPDATE api_token SET expires_at = now() - interval '1 s' WHERE name = 'expired'")
    none = (
        f"Bearer {revoked}", f"Bearer {expired}", "Bearer erst_", "Bearer ", "Bearer", "Basic YWRtaW46YWRtaW4=",
        reader.removeprefix("Bearer "), f"{reader}x", reader[:-1], reader.upper(), f"{reader}, {reader}",
    )  # fmt: skip
    wrong = [
        (route.id, header)
        for route in ROUTES
        if route.scope
        for header in none
        if await asked(client, route, "", {"Authorization": header}) != 401
    ]
    assert not wrong


async def test_an_auditor_at_each_route(client: Client) -> None:
    auditor = bearers(client)["audit"]
    wrong = []
    for route in ROUTES:
        if not route.scope:
            continue
        said = AUDITORS.get(route.id)
        asks = {"": 403 if said != "" else "let in"}
        if said:
            asks |= {said.format(*WITHIN): "let in", said.format(*BEYOND): 403}
            asks[f"{said.format(*WITHIN)}&{said.format(*BEYOND)}"] = "refused"
        else:
            asks |= {} if said == "" else {"as_of=2026-03-03&from=2026-03-03&to=2026-03-04": 403}
        for query, expected in asks.items():
            status = await asked(client, route, query, auditor)
            is_right = status in (400, 403) if expected == "refused" else (status in (401, 403)) == (expected == 403)
            if not is_right:
                wrong.append((route.id, query, status))
    assert not wrong


async def test_a_path_that_is_nearly_one_is_none(client: Client) -> None:
    """Other spellings of a path lead to no handler that asks for no token, or for another scope."""
    callers = bearers(client)
    for path in ("/v1//status", "/v1/./status", "//v1/status", "/V1/STATUS", "/v1/status/", "/healthz/../v1/status",
                 "/healthz/%2e%2e/v1/status", "/healthz;/v1/status", "/v1/status%00"):  # fmt: skip
        for scope in ("", "import"):
            async with (
                aiohttp.ClientSession() as session,
                session.get(f"{client.base}{path}", headers=callers[scope], allow_redirects=False) as response,
            ):
                assert response.status in (401, 403, 404), (path, scope)


def test_a_late_handler_is_in_its_module() -> None:
    late = [route.handler for route in ROUTES if isinstance(route.handler, LateHandler)]
    assert len(late) > 50
    for handler in late:
        assert iscoroutinefunction(handler.load())
