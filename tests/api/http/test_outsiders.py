"""Outsiders, sessions, S3 URIs and principals of other times over HTTP: the native API and AuthZEN agree."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

import orjson
import pytest

from erstwhile.api.database.database import Database
from erstwhile.domain.commands.account import RegisterAccount
from erstwhile.domain.commands.resources import PutResourcePolicy
from erstwhile.domain.commands.roles import CreateRole
from erstwhile.domain.commands.users_groups import CreateUser, DeleteUser
from tests.support.documents import TRUST
from tests.support.event_log import writer_of
from tests.support.http import Client, serving

ACCOUNT, OTHER = "123456789012", "444455556666"
BUCKET, PARTNER = "arn:aws:s3:::ledger", f"arn:aws:iam::{OTHER}:role/Partner"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/App/s1"
ROOT = f"arn:aws:iam::{OTHER}:root"
OBJECT = {"type": "object", "id": f"{BUCKET}/a"}
POLICY = orjson.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"{BUCKET}/*",
     "Principal": {"AWS": [OTHER, PARTNER, SESSION], "Service": "cloudfront.amazonaws.com"}},
    {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": BUCKET, "Principal": "*"},
]}).decode()  # fmt: skip


@pytest.fixture
async def client(database: Database) -> AsyncIterator[Client]:
    commands = (
        RegisterAccount(account=ACCOUNT),
        CreateRole(account=ACCOUNT, name="App", new_id="AROAAPP", trust_policy=TRUST),
        CreateUser(account=ACCOUNT, name="grace", new_id="AIDAGRACE"),
        CreateUser(account=ACCOUNT, name="bob", new_id="AIDABOB"),
        DeleteUser(account=ACCOUNT, name="bob"),
        PutResourcePolicy(account=ACCOUNT, resource=BUCKET, document=POLICY),
    )

    def execute() -> int:
        writer = writer_of(database.dsn)
        positions = [writer.execute(command).position for command in commands]
        writer.close()
        return positions[-1]

    async with serving(database) as client:
        position = await asyncio.to_thread(execute)
        await asyncio.to_thread(client.service.present.wait_for, position)
        yield client


def body(kind: str, principal: str, action: str = "s3:GetObject", resource: Any = OBJECT) -> dict[str, Any]:
    return {"subject": {"type": kind, "id": principal}, "action": {"name": action}, "resource": resource}


async def test_who_can_can_and_searches_agree_about_outsiders(client: Client) -> None:
    status, found = await client.get(f"/v1/who-can?action=s3:GetObject&resource={quote('s3://ledger/a')}")
    assert status == 200, found
    told = {each["principal"]: each for name in ("allowed", "conditional") for each in found[name]}
    assert {name for name, each in told.items() if each.get("is_outsider")} == {
        ROOT,
        PARTNER,
        "cloudfront.amazonaws.com",
    }
    for kind, principal in (
        ("root", ROOT), ("role", PARTNER), ("service", "cloudfront.amazonaws.com"), ("session", SESSION)
    ):  # fmt: skip
        _, one = await client.get(f"/v1/can?principal={principal}&action=s3:GetObject&resource={BUCKET}/a")
        assert (one["principal"], one["effect"]) == (principal, told[principal]["effect"])
        _, decision = await client.post("/access/v1/evaluation", body(kind, principal))
        assert decision["decision"] == (one["effect"] == "allow")
        _, page = await client.post("/access/v1/search/subject", body(kind, "-") | {"subject": {"type": kind}})
        assert ({"type": kind, "id": principal} in page["results"]) == decision["decision"], page
    _, page = await client.post(
        "/access/v1/search/subject",
        body("anonymous", "*", "s3:ListBucket", {"type": "bucket", "id": BUCKET}) | {"subject": {"type": "anonymous"}},
    )
    assert page["results"] == [{"type": "anonymous", "id": "*"}]


async def test_what_is_not_there_is_told_with_ways_to_ask_again(client: Client) -> None:
    path = f"/v1/can?action=s3:GetObject&resource={BUCKET}/a&principal="
    status, found = await client.get(f"{path}bob")
    [life] = found["existed"]
    assert status == 404 and life["principal"].endswith("user/bob") and life["from"] < life["to"]
    status, again = await client.get(life["ask_again"])
    assert (status, again["principal"]) == (200, life["principal"])
    status, found = await client.get(f"{path}gracie")
    assert status == 404 and found["similar"] == [f"arn:aws:iam::{ACCOUNT}:user/grace"]
    for action, words in (("s3:Get*", "stands for"), ("s3:GetObjekt", "did you mean s3:GetObject")):
        status, found = await client.get(f"/v1/who-can?action={action}&resource=*")
        assert status == 400 and words in found["detail"]
        status, found = await client.post("/access/v1/search/subject", body("user", "-", action))
        assert status == 400 and words in found["detail"]
    status, found = await client.post("/access/v1/evaluation", body("user", "grace", "s3:Get*"))
    assert status == 400 and "stands for" in found["detail"]
