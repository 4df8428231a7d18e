"""Questions about a principal that does not exist: denied, with when it existed, or with similar names."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest

from erstwhile.api.database.database import Database
from erstwhile.domain.commands import roles, users_groups
from erstwhile.domain.commands.account import RegisterAccount
from erstwhile.domain.commands.attachments import PutInlinePolicy
from tests.support.documents import trusting
from tests.support.http import Client, serving

ACCOUNT = "123456789012"
ADA, OPS = f"arn:aws:iam::{ACCOUNT}:user/ada", f"arn:aws:iam::{ACCOUNT}:role/ops"


@pytest.fixture
async def client(database: Database) -> AsyncIterator[Client]:
    async with serving(database) as client:

        def told() -> int:
            for command in (
                RegisterAccount(account=ACCOUNT),
                users_groups.CreateUser(account=ACCOUNT, name="ada", new_id="AIDA1"),
                users_groups.CreateUser(account=ACCOUNT, name="grace", new_id="AIDA2"),
                roles.CreateRole(account=ACCOUNT, name="ops", new_id="AROA1", trust_policy=trusting(ACCOUNT)),
                users_groups.DeleteUser(account=ACCOUNT, name="ada"),
                roles.DeleteRole(account=ACCOUNT, name="ops"),
            ):
                position = client.service.commands.execute(command).position
            return position

        await asyncio.to_thread(client.service.present.wait_for, await asyncio.to_thread(told))
        yield client


def ask(principal: str, **context: Any) -> dict[str, Any]:
    return {
        "subject": {"type": "user", "id": principal}, "action": {"name": "s3:GetObject"},
        "resource": {"type": "object", "id": "arn:aws:s3:::b/x"}, "context": context,
    }  # fmt: skip


async def answer(client: Client, principal: str, **context: Any) -> dict[str, Any]:
    status, found = await client.post("/access/v1/evaluation", ask(principal, **context))
    assert (status, found["decision"]) == (200, False) and found["context"]["effect"] == "implicit_deny"
    told: dict[str, Any] = found["context"]
    assert told["reason"].startswith("no such principal is known at this instant: arn:aws:")
    return told


async def test_nobody_can_assume_a_role_that_is_not_there(client: Client) -> None:
    """A governed account has no roles that are not known. Whoever could before could no longer, and whatever asks."""
    asked, root = f"action=sts:AssumeRole&resource={OPS}", f"arn:aws:iam::{ACCOUNT}:root"
    grace = f"arn:aws:iam::{ACCOUNT}:user/grace"
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:*", "Resource": "*"}]}

    def told() -> int:
        document = orjson.dumps(policy).decode()
        command = PutInlinePolicy(account=ACCOUNT, kind="user", name="grace", policy_name="p", document=document)
        return client.service.commands.execute(command).position

    await asyncio.to_thread(client.service.present.wait_for, await asyncio.to_thread(told))
    _, found = await client.get(f"/v1/can?principal=grace&{asked}")
    assert (found["effect"], found.get("unknown", [])) == ("implicit_deny", []), found
    _, found = await client.get(f"/v1/who-can?{asked}")
    assert [found[name] for name in ("allowed", "conditional", "unknown")] == [[], [], []]
    _, found = await client.get(f"/v1/ever?{asked}")
    assert found["holders"] == []
    _, found = await client.get(f"/v1/timeline?principal=grace&{asked}")
    assert {each["effect"] for each in found["spans"]} <= {"implicit_deny", "unknown_principal"}
    question = ask(grace, mode="discover") | {"action": {"name": "sts:AssumeRole"}}
    _, found = await client.post("/access/v1/evaluation", question | {"resource": {"type": "role", "id": OPS}})
    assert found["context"]["effect"] == "implicit_deny" and root not in str(found)


async def test_a_decision_of_now_asks_nobody_and_says_how_to_learn_more(client: Client) -> None:
    found = await answer(client, ADA)
    assert "context.explain" in found["reason"] and "existed" not in found


@pytest.mark.parametrize("principal", [ADA, "ada", f"arn:aws:sts::{ACCOUNT}:assumed-role/ops/night"])
async def test_when_it_existed(client: Client, principal: str) -> None:
    found = await answer(client, principal, explain=True)
    [life] = found["existed"]
    assert life["principal"] == (OPS if "ops" in principal else ADA) and found["similar"] == []
    assert f"{life['principal']} existed from {life['from']} to {life['to']}: ask again as of" in found["reason"]
    status, then = await client.post("/access/v1/evaluation", ask(principal, as_of=life["as_of"]))
    assert status == 200 and "reason" not in then["context"]
    found = await answer(client, principal, known_at=str(client.service.current.position))
    assert found["existed"] == [life]


async def test_a_root_is_there_as_long_as_its_account(client: Client) -> None:
    root = f"arn:aws:iam::{ACCOUNT}:root"
    found = await answer(client, root, as_of="2023-03-01T00:00:00Z", explain=True)
    [life] = found["existed"]
    assert (life["principal"], life["unique_id"], life["to"]) == (root, ACCOUNT, None)
    assert f"{root} existed from {life['from']} to now: ask again as of {life['as_of']}" in found["reason"]
    status, then = await client.post("/access/v1/evaluation", ask(root, as_of=life["as_of"]))
    assert status == 200 and "reason" not in then["context"]


async def test_who_is_called_alike(client: Client) -> None:
    found = await answer(client, f"{ADA[:-3]}grase", explain=True)
    assert (found["existed"], found["similar"]) == ([], [f"{ADA[:-3]}grace"])
    assert f"known are: {ADA[:-3]}grace" in found["reason"]
    found = await answer(client, f"{ADA[:-3]}zzz", explain=True)
    assert (found["existed"], found["similar"]) == ([], [])


async def test_items_of_a_batch_are_denied_from_memory(client: Client) -> None:
    body = {"evaluations": [ask(ADA), ask(ADA, explain=True)]}
    _, found = await client.post("/access/v1/evaluations", body)
    assert [each["decision"] for each in found["evaluations"]] == [False, False]
    assert all(each["context"]["reason"].endswith(ADA) for each in found["evaluations"])
