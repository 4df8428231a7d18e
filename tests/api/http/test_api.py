"""The HTTP API over a real server socket: tokens, AuthZEN, time travel, errors."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import aiohttp
import orjson

from erstwhile.api import demo as demo_data
from erstwhile.api.database import tokens
from erstwhile.api.http.openapi import document
from erstwhile.api.http.routes import ROUTES
from erstwhile.domain.commands.account import RegisterAccount
from erstwhile.domain.commands.attachments import AttachPolicy
from erstwhile.domain.commands.policies import CreatePolicy
from erstwhile.domain.commands.users_groups import CreateUser
from erstwhile.domain.vocabulary.cursors import cursor_of
from tests.support.demonstration import BOT, GRACE, ask
from tests.support.documents import ALL_OF_S3
from tests.support.event_log import writer_of
from tests.support.http import Client

DEMO = Path(demo_data.__path__[0])
GOVERNED = "999988887777"


async def test_an_evaluation_with_its_reasons(client: Client) -> None:
    status, found = await client.post("/access/v1/evaluation", ask(GRACE))
    assert status == 200 and found["decision"] is True
    [statement] = found["context"]["determining"]
    assert statement["path"] == ["user/grace", "group/finance", "inline:payroll-read"]
    assert statement["sid"] == "ReadPayroll"
    assert found["context"]["revision"] == client.service.current.position
    _, found = await client.post("/access/v1/evaluation", ask(GRACE, "s3:PutObject"))
    assert found["decision"] is False and found["context"]["effect"] == "implicit_deny"


async def test_the_past_by_as_of_and_known_at(client: Client) -> None:
    _, now = await client.post("/access/v1/evaluation", ask(BOT))
    _, then = await client.post("/access/v1/evaluation", ask(BOT, as_of="2026-03-03T14:30:00Z"))
    assert (now["decision"], then["decision"]) == (False, True)
    assert then["context"]["as_of"] == "2026-03-03T14:30:00Z"
    _, before = await client.post("/access/v1/evaluation", ask(BOT, as_of="2026-03-03T14:30:00Z", known_at="9"))
    assert before["decision"] is False
    for same in ("2026-03-03 14:30", "2026-03-03T14:30:00.000", "2026-03-03T15:30+01:00"):
        _, found = await client.post("/access/v1/evaluation", ask(BOT, as_of=same))
        assert found["context"]["as_of"] == "2026-03-03T14:30:00Z" and found["decision"] is True
    _, found = await client.post("/access/v1/evaluation", ask(BOT, as_of="2026-03-03"))
    assert found["context"]["as_of"] == "2026-03-03T00:00:00Z"
    _, page = await client.get("/v1/audit?action=iam:AttachUserPolicy")
    _, found = await client.post("/access/v1/evaluation", ask(BOT, as_of=f"@{page['entries'][0]['position']}"))
    assert found["context"]["as_of"] == page["entries"][0]["occurred_at"]


async def test_authzen_time_changes_nothing(client: Client) -> None:
    status, found = await client.post("/access/v1/evaluation", ask(BOT, time="2025-06-27T18:03-07:00"))
    assert (status, found["decision"]) == (200, False)


async def test_evaluations_defaults_semantics_and_bad_items(client: Client) -> None:
    body = ask(GRACE) | {
        "evaluations": [
            {},
            {"action": {"name": "s3:PutObject"}},
            {"action": {}},
            {"subject": {"type": "user", "id": BOT}},
        ]
    }
    status, found = await client.post("/access/v1/evaluations", body)
    assert status == 200
    assert [each["decision"] for each in found["evaluations"]] == [True, False, False, False]
    assert found["evaluations"][2]["context"]["error"]["status"] == 400
    stopped = body | {"options": {"evaluations_semantic": "deny_on_first_deny"}}
    assert len((await client.post("/access/v1/evaluations", stopped))[1]["evaluations"]) == 2
    permitted = body | {"options": {"evaluations_semantic": "permit_on_first_permit"}}
    assert len((await client.post("/access/v1/evaluations", permitted))[1]["evaluations"]) == 1
    assert (await client.post("/access/v1/evaluations", ask(GRACE)))[1]["decision"] is True
    assert (
        await client.post(
            "/access/v1/evaluations", ask(GRACE) | {"evaluations": [{}], "options": {"evaluations_semantic": "x"}}
        )
    )[0] == 400


async def test_read_your_own_writes(client: Client) -> None:
    writer = writer_of(client.database.dsn)
    ada, policy = f"arn:aws:iam::{GOVERNED}:user/ada", f"arn:aws:iam::{GOVERNED}:policy/p"

    def change() -> int:
        writer.execute(RegisterAccount(account=GOVERNED))
        writer.execute(CreateUser(account=GOVERNED, name="ada", new_id="AIDA1"))
        writer.execute(CreatePolicy(account=GOVERNED, name="p", new_id="ANPA1", document=ALL_OF_S3))
        return writer.execute(AttachPolicy(account=GOVERNED, kind="user", name="ada", policy_arn=policy)).position

    position = await asyncio.to_thread(change)
    _, found = await client.post("/access/v1/evaluation", ask(ada, at_least=position, resource_account=GOVERNED))
    assert found["decision"] is True and found["context"]["revision"] >= position
    status, found = await client.post("/access/v1/evaluation", ask(ada, at_least=position + 1000))
    assert status == 400 and "beyond the head" in found["detail"]
    await asyncio.to_thread(writer.close)


async def test_an_unknown_principal_is_denied_and_a_malformed_one_refused(client: Client) -> None:
    status, found = await client.post("/access/v1/evaluation", ask("arn:aws:iam::111122223333:user/nobody"))
    assert (status, found["decision"]) == (200, False)
    assert "no such principal" in found["context"]["reason"]
    status, found = await client.post("/access/v1/evaluation", ask("arn:aws:iam::1:x/ada"))
    assert status == 400 and "is not a principal" in found["detail"]


async def test_who_can_what_can_audit_activity_evidence_status(client: Client) -> None:
    query = "action=s3:GetObject&resource=arn:aws:s3:::payroll/march.csv&as_of=2026-03-03T14:30:00Z"
    status, found = await client.get(f"/v1/who-can?{query}")
    assert status == 200 and len(found["allowed"]) == 6
    [support] = [each for each in found["allowed"] if each["principal"].endswith("support-sync")]
    [statement] = [found["statements"][each] for each in support["determining"]]
    _, alone = await client.get(f"/v1/can?principal=support-sync&{query}")
    [whole] = alone["determining"]
    assert whole["path"] == ["user/support-sync", *statement["path"][1:]] and statement["path"][0] == "principal"
    assert whole["granted"] == found["events"][str(statement["granted_by"])]
    assert whole["defined"] == found["events"][str(statement["defined_by"])]
    _, lasting = await client.get(f"/v1/who-can?{query}&lasting=true")
    for each in lasting["allowed"]:
        assert each.pop("lasting")["from"]
    assert lasting == found
    _, found = await client.get("/v1/what-can?principal=grace")
    assert found["permissions"][0]["actions"] == ["s3:GetObject"]
    _, found = await client.get("/v1/audit?source_ip=203.0.113.66&outcome=failed")
    [entry] = found["entries"]
    account, record_id = entry["evidence"].split("/")
    status, record = await client.get(f"/v1/evidence/{account}/{record_id}")
    assert status == 200 and record["errorCode"] == "AccessDenied"
    _, found = await client.get("/v1/activity?actor=support-sync&limit=1")
    assert len(found["entries"]) == 1
    _, more = await client.get(f"/v1/activity?actor=support-sync&limit=1&cursor={found['next_cursor']}")
    assert more["entries"][0]["record_id"] != found["entries"][0]["record_id"]
    _, found = await client.get("/v1/status")
    assert found["read_models"]["history"]["lag"] == 0


# Each case by itself would take a server and a database of its own.
PROBLEMS = (
    ("/v1/who-can?action=s3:GetObject", 400, "resource is required"),
    ("/v1/who-can?action=s3:GetObject&resource=*&as_off=x", 400, "as_off: this call takes"),
    ("/v1/who-can?action=s3:GetObject&resource=*&as_of=noon", 400, "expected an instant such as"),
    ("/v1/who-can?action=s3:GetObject&resource=*&as_of=@999999", 400, "beyond the head"),
    ("/v1/audit?since=yesterday", 400, "since: 'yesterday' is not an instant"),
    ("/v1/who-can?action=s3:GetObject&resource=*&known_at=999999", 400, "beyond the head"),
    ("/v1/what-can?principal=nobody", 404, "no principal nobody"),
    ("/v1/audit?limit=0", 400, "1 to 1000"),
    ("/v1/audit?cursor=x", 400, "is not a cursor"),
    ("/v1/activity?cursor=x", 400, "is not a cursor"),
    ("/v1/resources?cursor=x", 400, "is not a cursor"),
    (f"/v1/resources?cursor={cursor_of('audit', 'x')}", 400, "of another listing"),
    ("/v1/evidence/111122223333/none", 404, "is kept"),
    ("/v1/nothing", 404, "/openapi.json"),
    ("/access/v1/evaluation", 405, "takes POST"),
)


async def test_problems_explain_themselves(client: Client) -> None:
    for path, status, words in PROBLEMS:
        found_status, found = await client.get(path)
        assert found_status == status and words in found["detail"] and found["status"] == status, (path, found)


MALFORMED_EVALUATIONS = (
    (b"{", "application/json", "not JSON"),
    (b"[]", "application/json", "must be a JSON object"),
    (b"{}", "text/plain", "Content-Type"),
    (b"{}", "application/json", "subject is required"),
    (orjson.dumps(ask(GRACE, mode="x")), "application/json", "strict or discover"),
    (orjson.dumps(ask(GRACE, at_least="x")), "application/json", "log position"),
    (orjson.dumps(ask(GRACE, as_of="2999-01-01T00:00:00Z")), "application/json", "has not come yet"),
    (orjson.dumps(ask(GRACE, "GetObject")), "application/json", "service:Operation"),
)


async def test_malformed_evaluations(client: Client) -> None:
    for body, kind, words in MALFORMED_EVALUATIONS:
        status, found = await client.post("/access/v1/evaluation", body, **{"Content-Type": kind})
        assert status == 400 and words in found["detail"], (body, kind, found)


async def test_a_broken_import_over_http(client: Client) -> None:
    status, found = await client.post("/v1/imports/cloudtrail", b"{}")
    assert status == 422 and "expected a CloudTrail file" in found["detail"]


OPEN = ("/healthz", "/readyz", "/openapi.json", "/.well-known/authzen-configuration")


async def test_everything_but_health_and_discovery_needs_a_token_of_its_scope(client: Client) -> None:
    async with aiohttp.ClientSession() as stranger:
        for route in ROUTES:
            path = re.sub(r"\{[^}]+\}", "1", route.path)
            async with stranger.request(route.method, client.base + path) as response:
                expected = 200 if path in OPEN else 404 if path.startswith("/issuers/") else 401
                assert response.status == expected, path
        async with stranger.get(client.base + "/v1/status", headers={"Authorization": "Bearer erst_wrong"}) as response:
            assert response.status == 401 and response.headers["WWW-Authenticate"] == "Bearer"
    with client.database.connect() as connection:
        reader = tokens.create(connection, "reader", ["read"])
    status, found = await client.post("/v1/imports/cloudtrail", b"{}", Authorization=f"Bearer {reader}")
    assert status == 403 and "needs the scope import" in found["detail"]


async def test_the_description_lists_every_route(client: Client) -> None:
    _, found = await client.get("/openapi.json")
    assert found["openapi"] == "3.1.0"
    described = {(method.upper(), path) for path, methods in document(ROUTES)["paths"].items() for method in methods}
    served = {(route.method, route.path) for route in ROUTES}
    assert described == served
    assert described == {(method.upper(), path) for path, methods in found["paths"].items() for method in methods}


def documented(readme: str) -> set[tuple[str, str]]:
    """(method, path) of README's list: a path without a method has that of the one before, `…/x` its beginning."""
    found: set[tuple[str, str]] = set()
    for cell in re.findall(r"^\| (`(?:GET|POST|PUT|DELETE).*?`) \|", readme, re.M):
        methods: list[str] = []
        is_whole, path = True, ""
        for word in re.findall(r"`([^`]+)`", cell):
            method, _, rest = word.partition(" ") if word[0].isalpha() else ("", "", word)
            if method:
                methods = [method] if is_whole else [*methods, method]
            is_whole = bool(rest)
            if is_whole:
                path = rest.replace("…", path.rpartition("/")[0])
                found |= {(each, path) for each in methods}
                methods = methods[-1:]
    return found


def test_the_readme_lists_every_route() -> None:
    readme = (Path(__file__).parents[3] / "README.md").read_text()
    assert documented(readme) == {(route.method, route.path) for route in ROUTES}


async def test_request_ids_come_back(client: Client) -> None:
    async with client.session.post(
        client.base + "/access/v1/evaluation", json=ask(GRACE), headers={"X-Request-ID": "abc"}
    ) as response:
        assert response.headers["X-Request-ID"] == "abc"


async def test_patterns_expansion_and_single_decisions(client: Client) -> None:
    then = "as_of=2026-03-03T14:30:00Z"
    _, found = await client.get(f"/v1/who-can?action=s3:GetObject&resource=arn:aws:s3:::payroll/*&{then}")
    extents = {holder["principal"]: holder["extent"] for holder in found["allowed"]}
    assert extents[GRACE] == "all"
    _, found = await client.get(f"/v1/what-can?principal=grace&expand=true&{then}")
    assert found["expanded"][0]["actions"][0].startswith("s3:")
    _, found = await client.get(f"/v1/which-resources?principal=grace&action=s3:GetObject&{then}")
    assert [each["how"] for each in found["resources"]] == ["all"]
    query = f"principal=grace&action=s3:PutObject&resource=arn:aws:s3:::payroll/x&{then}"
    _, found = await client.get(f"/v1/can?{query}")
    assert found["effect"] == "implicit_deny" and found["nearest"]["part"] == "action"
    status, found = await client.get("/v1/what-can?principal=grace&expand=maybe")
    assert status == 400 and "true or false" in found["detail"]


async def test_validation(client: Client) -> None:
    document = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
    status, found = await client.post("/v1/validate", {"document": document})
    assert status == 200 and found["findings"][0]["code"] == "ALLOW_ALL"
    for body, words in (
        ({}, "document is required"), ({"document": {}, "use": "x"}, "use must be one of"),
        ({"document": "x" * 30_000}, "more than 20,480"),
    ):  # fmt: skip
        status, found = await client.post("/v1/validate", body)
        assert status == 400 and words in found["detail"]


async def test_items_of_a_batch_have_a_context_only_where_there_is_something_to_say(client: Client) -> None:
    items = [ask(GRACE), ask(GRACE, "s3:PutObject"), ask(f"{GRACE}x"), {"subject": {}}, ask(GRACE, mode="discover")]
    _, found = await client.post("/access/v1/evaluations", {"evaluations": items})
    assert found["evaluations"][:2] == [{"decision": True}, {"decision": False}]
    assert "no such principal" in found["evaluations"][2]["context"]["reason"]
    assert found["evaluations"][3]["context"]["error"]["status"] == 400
    assert found["evaluations"][4]["context"]["effect"] == "allow"
