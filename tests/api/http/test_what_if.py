"""POST /v1/what-if: who would gain and lose what."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from tests.support.demonstration import BOT
from tests.support.documents import FULL, READ
from tests.support.http import Client

ACCOUNT = "111122223333"
QUIET = "2026-03-03T13:00:00Z"
ON = "arn:aws:s3:::payroll/*"


async def ask(client: Client, *changes: dict[str, Any], **asked: Any) -> Any:
    status, found = await client.post("/v1/what-if", {"changes": list(changes), "as_of": QUIET} | asked)
    assert status == 200, found
    return found


async def test_who_would_gain_what(client: Client) -> None:
    policy = "arn:aws:iam::aws:policy/AdministratorAccess"
    found = await ask(
        client, {"change": "attach-policy", "principal": "build-bot", "policy": policy}, resource=ON, account=ACCOUNT
    )
    assert {(each["principal"], each["change"]) for each in found["differences"]} == {(BOT, "gained")}
    assert found["differences"][0]["changes"] == [{"number": 1, "name": "change 1"}]
    assert found["changes"] == [
        {"number": 1, "name": "change 1", "change": "attach-policy", "principal": "build-bot", "policy": policy}
    ]
    assert (found["as_of"], found["unclear"], found["not_understood"]) == (QUIET, [], [])


async def test_a_document_is_an_object_or_a_text(client: Client) -> None:
    change = {"change": "put-inline-policy", "principal": BOT, "name": "own"}
    one = await ask(client, change | {"document": READ})
    other = await ask(client, change | {"document": orjson.dumps(READ).decode()})
    assert one["differences"] == other["differences"] != []


async def test_nothing_is_recorded(client: Client) -> None:
    _, before = await client.get("/v1/status")
    await ask(client, {"change": "delete", "what": "build-bot"})
    _, after = await client.get("/v1/status")
    assert before["position"] == after["position"]


async def test_a_terraform_plan(client: Client) -> None:
    attachment = {
        "address": "aws_iam_user_policy.own", "mode": "managed", "type": "aws_iam_user_policy",
        "change": {
            "actions": ["create"], "before": None, "after": {"user": "build-bot", "name": "own", "policy": FULL},
        },
    }  # fmt: skip
    plan = {"format_version": "1.2", "resource_changes": [attachment]}
    status, found = await client.post(
        "/v1/what-if", {"terraform_plan": plan, "plan_account": ACCOUNT, "as_of": QUIET, "resource": ON}
    )
    assert status == 200
    assert {each["principal"] for each in found["differences"]} == {BOT}
    assert found["differences"][0]["changes"] == [{"number": 1, "name": "aws_iam_user_policy.own"}]


async def test_a_change_set(client: Client) -> None:
    policy = {"Action": "Add", "LogicalResourceId": "Own", "ResourceType": "AWS::IAM::UserPolicy", "AfterContext": (
        '{"Properties":{"UserName":"build-bot","PolicyName":"own","PolicyDocument":' + FULL + "}}"
    )}  # fmt: skip
    change_set = {
        "StackName": "shop", "StackId": f"arn:aws:cloudformation:eu-west-1:{ACCOUNT}:stack/shop/1",
        "Changes": [{"Type": "Resource", "ResourceChange": policy}],
    }  # fmt: skip
    status, found = await client.post("/v1/what-if", {"change_set": change_set, "as_of": QUIET, "resource": ON})
    assert status == 200, found
    assert found["differences"][0]["changes"] == [{"number": 1, "name": "Own"}]


async def test_which_calls_would_have_failed(client: Client) -> None:
    detached = {"change": "detach-policy", "principal": "build-bot", "policy": "deploy"}
    asked = {"changes": [detached], "from": "2026-03-03T14:00:00Z", "to": "2026-03-03T16:00:00Z"}
    status, found = await client.post("/v1/what-if/calls", asked)
    assert status == 200, found
    assert {each["principal"] for each in found["calls"]} == {BOT}
    failed = {each["action"] for each in found["calls"] if each["how"] == "would_fail"}
    assert {"iam:CreateUser", "iam:AttachUserPolicy", "iam:CreatePolicyVersion"} <= failed
    assert found["calls"][0]["after"]["effect"] == "implicit_deny"
    assert (found["as_of"], found["undecided"]) == ("2026-03-03T14:00:00Z", 0)
    later = asked | {"as_of": "2026-03-03T15:00:00Z"}
    assert (await client.post("/v1/what-if/calls", later))[1]["calls"] == []
    ada = (await client.post("/v1/what-if/calls", asked | {"principal": "ada"}))[1]
    assert ada["calls"] == [] and 0 < ada["looked_at"] < found["looked_at"]


@pytest.mark.parametrize(
    ("body", "status", "code", "words"),
    [
        ({}, 400, "parameter_missing", "changes, terraform_plan, change_set: one must be given"),
        ({"changes": [], "change_set_template": {}}, 400, "parameter_missing", "completes a change_set"),
        ({"changes": [], "x": 1}, 400, "unknown_parameter", "x: this call takes"),
        ({"changes": {}}, 400, "malformed_change", "expected a list"),
        ({"changes": [{"change": "attach"}]}, 400, "malformed_change", "change 1: Invalid value 'attach'"),
        ({"changes": [{"change": "delete"}]}, 400, "malformed_change", "change 1: Object missing"),
        ({"changes": [{"change": "delete", "what": "x", "y": 1}]}, 400, "malformed_change", "unknown field `y`"),
        ({"changes": [{"change": "delete", "what": "x"}]}, 400, "impossible_change", "change 1 (delete): there is no"),
        ({"changes": [], "principal": 5}, 400, "malformed_body", "principal must be a string"),
        ({"changes": [], "principal": "nobody"}, 404, "unknown_principal", "nobody"),
        ({"changes": [], "account": "999999999999"}, 404, "unknown_account", "999999999999"),
        ({"changes": [], "as_of": "soon"}, 400, "malformed_instant", "soon"),
        ({"terraform_plan": {}}, 400, "malformed_plan", "terraform show -json"),
        ({"change_set": {}}, 400, "malformed_plan", "describe-change-set --include-property-values"),
        ({"changes": [{"change": "delete", "what": "x"}] * 1001}, 400, "too_many_changes", "1,001 changes"),
    ],
)  # fmt: skip
async def test_what_cannot_be_asked(client: Client, body: Any, status: int, code: str, words: str) -> None:
    found_status, found = await client.post("/v1/what-if", body)
    assert (found_status, found["type"]) == (status, f"urn:erstwhile:problem:{code}"), found
    assert words in found["detail"]
