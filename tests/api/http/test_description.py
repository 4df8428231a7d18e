"""The OpenAPI description tells the truth: real answers have exactly the members that it names, calls take exactly the
parameters that it lists."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import orjson
import pytest

from erstwhile.api.database.database import Database
from erstwhile.api.http.openapi import document
from erstwhile.api.http.routes import ROUTES, Route
from tests.support.http import Client, serving

GRACE, ADA = "arn:aws:iam::111122223333:user/grace", "arn:aws:iam::111122223333:user/ada"
BOT = "arn:aws:iam::111122223333:user/build-bot"
MARCH = "arn:aws:s3:::payroll/march.csv"
THEN = "as_of=2026-03-03T14:30:00Z"
FROZEN = {"as_of": "2026-03-03T14:30:00Z", "accounts": ["111122223333"]}


@pytest.fixture
async def client(story: Database) -> AsyncIterator[Client]:
    async with serving(story, ("admin",)) as client:
        status, found = await client.post("/v1/reviews", {"name": "17", "rules": [{"reviewers": ["linus"]}], **FROZEN})
        assert status == 200, found
        yield client


def evaluation(principal: str = GRACE, action: str = "s3:GetObject", **context: Any) -> dict[str, Any]:
    return {
        "subject": {"type": "user", "id": principal}, "action": {"name": action},
        "resource": {"type": "object", "id": MARCH}, "context": context,
    }  # fmt: skip


QUESTIONS: dict[str, list[tuple[str, Any]]] = {
    "check_health": [("", None)], "check_readiness": [("", None)], "get_status": [("", None)],
    "get_authzen_configuration": [("", None)],
    "evaluate": [
        ("", evaluation()), ("", evaluation(action="s3:PutObject", explain=True)), ("", evaluation("nobody")),
        ("", evaluation(BOT, as_of="2026-03-03T14:30:00Z")), ("", evaluation(mode="discover")),
    ],
    "evaluate_many": [
        ("", {"evaluations": [evaluation(), evaluation("nobody"), {"subject": {}}, evaluation(mode="discover")]}),
        ("", evaluation()),
    ],
    "search_subjects": [("", evaluation() | {"subject": {"type": "user"}, "page": {"limit": 1}})],
    "search_resources": [("", evaluation() | {"resource": {"type": "object"}})],
    "search_actions": [("", evaluation())],
    "put_resource": [("", {"type": "record", "tags": {"a": "b"}, "policy": None})],
    "list_resources": [("limit=1", None), (THEN, None)],
    "get_resource": [("type=record", None)],
    "delete_resource": [("type=record", None)],
    "who_can": [
        (f"action=s3:GetObject&resource={MARCH}&{THEN}", None),
        (f"action=s3:GetObject&resource=arn:aws:s3:::payroll/*&{THEN}", None),
        ("action=s3:ListBucket&resource=arn:aws:s3:::payroll", None),
        (f"action=s3:GetObject&resource={MARCH}&{THEN}&lasting=true", None),
        ("action=sts:AssumeRole&resource=arn:aws:iam::111122223333:role/support", None),
    ],
    "what_can": [("principal=grace", None), (f"principal=grace&expand=true&{THEN}", None),
                 (f"principal=grace&policy=true&{THEN}", None),
                 ("principal=build-bot", None), (f"principal=build-bot&lasting=true&{THEN}", None),
                 ("principal=arn:aws:iam::111122223333:root", None)],
    "which_resources": [(f"principal=grace&action=s3:GetObject&{THEN}", None)],
    "can": [(f"principal=grace&action=s3:PutObject&resource={MARCH}&{THEN}", None),
            (f"principal=grace&action=s3:GetObject&resource={MARCH}&{THEN}", None)],
    "can_each": [
        (f"principal=grace&principal=user/b*&action=s3:Get*&resource={MARCH}&resource=arn:aws:s3:::payroll/*", None)
    ],
    "who_can_each": [(f"action=s3:GetObject&action=s3:PutObject&resource={MARCH}&{THEN}", None)],
    "get_reach": [
        ("from=build-bot&to_administrator=true&as_of=2026-03-03T16:00:00Z&ever_since=2026-03-03T14:00:00Z", None),
        (f"to_administrator=true&{THEN}", None), ("from=build-bot", None), (f"to=auditor&{THEN}", None),
        ("to_administrator=true&as_of=2026-03-03T14:05:00Z&since=2026-03-03T13:00:00Z", None),
        ("to_administrator=true&as_of=2026-03-03T16:00:00Z&since=2026-03-03T14:05:00Z", None),
    ],
    "get_timeline": [(f"principal=build-bot&action=s3:GetObject&resource={MARCH}", None),
                     (f"principal=support-sync&action=s3:GetObject&resource={MARCH}", None)],
    "list_moments": [("of=build-bot", None), ("of=111122223333", None)],
    "list_holders_ever": [(f"action=s3:GetObject&resource={MARCH}", None)],
    "prove_never": [(f"action=s3:GetObject&resource={MARCH}&except={GRACE}&except=AIDADEMOADA000000001", None)],
    "get_diff": [
        ("from=2026-03-03T14:00:00Z&to=2026-03-03T14:30:00Z", None),
        ("from=2026-03-03T14:00:00Z&principal=build-bot&to=2026-03-03T14:30:00Z", None),
        ("from=2026-03-03T08:30:00Z&to=2026-03-03T09:30:00Z&resource=arn:aws:s3:::payroll/*", None),
    ],
    "get_effect": [("", None)],
    "get_provenance": [(f"principal=build-bot&action=s3:GetObject&resource={MARCH}&{THEN}", None),
                       (f"principal=build-bot&action=s3:PutObject&resource={MARCH}", None)],
    "list_like_use": [("days=1&as_of=2026-03-04T00:00:00Z", None)],
    "list_unused": [("days=1&as_of=2026-03-04T00:00:00Z", None), ("", None)],
    "propose_policy": [("what=build-bot&days=30&as_of=2026-03-04T00:00:00Z", None)],
    "check_policies": [
        ("", {"check": "no-new-access", "old": [{"Version": "2012-10-17", "Statement": []}], "new": [
            {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}]}),
        ("", {"check": "not-granted", "actions": ["iam:*"], "policies": [
            {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}]}),
        ("", {"check": "no-public-access", "policies": [{"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::pay/*"}]}]}),
    ],
    "ask_what_if": [("", {"changes": [{"change": "delete", "what": "build-bot"}]}), ("", {
        "changes": [{"change": "attach-policy", "principal": "build-bot", "policy": "AdministratorAccess"}],
        "resource": "arn:aws:s3:::payroll/*",
    })],
    "get_incident": [
        ("about=AKIADEMOBUILDBOT0003&from=2026-03-03T14:00:00Z", None), ("about=ada&sections=whose,did", None),
        ("about=203.0.113.66", None), ("about=ASIAQNZGKIQY56JQ7WML", None),
    ],
    "put_watch": [("", {"actions": ["s3:GetObject"], "resource": MARCH, "excepting": ["grace"]})],
    "list_watches": [("", None)], "get_watch": [("", None)], "list_notices": [("limit=1", None)],
    "list_notices_of_watch": [("after=1", None)],
    "list_events": [("limit=3", None), ("after=5&type=iam.User*,iam.RecordsImported&account=111122223333", None)],
    "add_watch": [("", {"name": "other", "actions": ["s3:Put*"], "resource": MARCH, "account": "111122223333"})],
    "remove_watch": [("", None)],
    "list_reviews": [("", None)], "get_review": [("", None)], "check_revoked_lines": [("", None)],
    "list_review_lines": [("limit=1", None), ("decision=pending", None)],
    "open_review": [("", {"name": "other", "action": "s3:GetObject", "resource": MARCH, "deadline": "2099-01-01",
                          "rules": [{"account": "111122223333", "reviewers": ["linus"]}, {"reviewers": ["root"]}]})],
    "change_review": [("", {"deadline": "2099-01-01"})],
    "decide_review_lines": [("", {"decision": "revoke", "lines": "1,6", "reviewer": "linus", "comment": "strange"})],
    "delegate_review_lines": [("", {"to": "bob", "all": True, "reviewer": "linus"})],
    "remind_reviewers": [("", {"note": "until Friday"})], "export_review": [("", {"format": "csv"}), ("", {})],
    "list_approvals": [("", None)], "get_approval_of_event": [("", None)],
    "import_approvals": [("file=a.csv", b"ticket,approved_by\nOPS-1,grace\n")],
    "get_approval_of_grant": [(f"principal=grace&action=s3:GetObject&resource={MARCH}&{THEN}", None)],
    "list_exceptions": [("all=true", None)], "remove_exception": [("reason=over", None)],
    "add_exception": [("", {"name": "17", "check": "*", "target": "*", "owner": "grace", "reason": "a test",
                            "expires": "2099-01-01"})],
    "list_calls_that_would_fail": [("", {
        "changes": [{"change": "detach-policy", "principal": "build-bot", "policy": "deploy"}],
        "from": "2026-03-03T14:00:00Z",
    })],
    "list_ocsf_findings": [("from=2026-03-03T08:00:00Z&to=2026-03-04T00:00:00Z", None)],
    "list_findings": [("from=2026-03-03T08:00:00Z&to=2026-03-04T00:00:00Z&change_hours=08:00-14:00", None)],
    "replay": [("from=2026-03-03T14:00:00Z&to=2026-03-03T16:00:00Z", None),
               ("from=2026-03-03T14:00:00Z&principal=build-bot&all=true", None)],
    "find": [("q=grace", None), ("q=AKIADEMOBUILDBOT0003", None), ("q=203.0.113.66", None), ("q=@20", None)],
    "list_controls": [("", None), ("framework=soc2", None)],
    "attest_control": [
        ("control=cis-aws/2.13&from=2026-03-03T08:00:00Z&to=2026-03-04T00:00:00Z", None),
        ("control=cis-aws/2.10&from=2026-03-03T08:00:00Z&account=111122223333", None),
    ],
    "attest_own_control": [("", {"control": "cis-aws/2.20", "from": "2026-03-03T08:00:00Z"})],
    "list_reports": [("", None)], "get_report": [(THEN, None), (f"{THEN}&account=111122223333", None)],
    "ask_report": [("", {"as_of": "2026-03-03T14:30:00Z", "accounts": ["111122223333"]})],
    "list_entities": [("limit=1", None), (THEN, None), ("account=aws&limit=3", None)],
    "validate_policy": [("", {"document": {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*"}}})],
    "list_changes": [("", None), ("limit=3&outcome=failed", None)],
    "list_calls": [("", None)],
    "import_cloudtrail": [("", b'{"Records":[]}')],
}  # fmt: skip
"""(query, body) by operation id."""
LEDGER = {
    "get_checkpoint",
    "get_decisions_checkpoint",
    "get_decisions_tile",
    "get_tile",
    "get_entries",
    "get_receipt",
    "prove_consistency",
    "prove_can",
    "prove_who_can",
    "list_ledger_keys",
}
ELSEWHERE = {
    *LEDGER,
    "list_decisions",
    "get_metrics",
    "import_review_decisions",
    "get_description",
    "get_evidence",
    "get_issuer_configuration",
    "get_issuer_keys",
}
"""Operations that are asked elsewhere: what they answer is not of our making, or needs an issuer."""


def whole(operation: Route) -> str:
    return (
        operation.path.replace("{id}", "17")
        .replace("{kind}", "keys")
        .replace("{position}", "31")
        .replace("{name}", "mfa")
    )


def told(operation: Route, answer: bytes) -> tuple[Any, Any]:
    """(what was answered, what of it the type knows)."""
    known = msgspec.json.decode(answer, type=operation.answer)
    return orjson.loads(answer), orjson.loads(msgspec.json.encode(known))


async def test_answers_have_exactly_the_members_that_are_described(client: Client) -> None:
    assert set(QUESTIONS) | ELSEWHERE == {operation.id for operation in ROUTES}
    wrong = []
    for operation in sorted(ROUTES, key=lambda each: ("PUT", "GET", "POST", "DELETE").index(each.method)):
        for query, body in QUESTIONS.get(operation.id, ()):
            path = whole(operation) + ("?" + query if query else "")
            async with client.session.request(
                operation.method, client.base + path, data=body if isinstance(body, bytes) else None,
                json=None if isinstance(body, bytes) else body,
            ) as response:  # fmt: skip
                raw = await response.read()
            assert response.status == 200, (path, raw)
            answered, known = told(operation, raw)
            if answered != known:
                wrong.append((path, answered, known))
    assert not wrong, wrong


async def test_calls_take_exactly_the_parameters_that_are_described(client: Client) -> None:
    for operation in ROUTES:
        described = {each.name for each in operation.parameters if each.place == "query"}
        if operation.method != "GET" or not described:
            continue
        _, found = await client.get(whole(operation) + "?no_such_parameter=1")
        assert set(re.findall(r"\w+", found["detail"].partition("takes ")[2])) == described, operation.path


def test_operations_have_names_that_read_well() -> None:
    names = [operation.id for operation in ROUTES]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)*", name) for name in names)


def test_every_body_and_answer_has_a_schema_of_its_own() -> None:
    for path, methods in document(ROUTES)["paths"].items():
        for method, described in methods.items():
            contents = [described["responses"]["200"]["content"], described.get("requestBody", {}).get("content", {})]
            schemas = [each["schema"] for content in contents for each in content.values()]
            open_ended = {"type": "object", "additionalProperties": True}
            assert [each for each in schemas if each == open_ended] == (
                [open_ended] if path in ("/openapi.json", "/v1/evidence/{account}/{record_id}") else []
            ), (method, path)
