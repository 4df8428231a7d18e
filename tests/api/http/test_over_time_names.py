"""Whom a question over time means: names that several had, that were changed, that begin and end in the window."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from erstwhile.api.database.database import Database
from erstwhile.domain.commands import users_groups
from erstwhile.domain.commands.account import RegisterAccount
from tests.support.http import Client, serving

ACCOUNT = "123456789012"
ADA = f"arn:aws:iam::{ACCOUNT}:user/ada"
ASKED = "action=s3:GetObject&resource=arn:aws:s3:::b/x"


@pytest.fixture
async def client(database: Database) -> AsyncIterator[Client]:
    """ada was deleted and created again; bob became robert."""
    async with serving(database) as client:

        def told() -> int:
            for command in (
                RegisterAccount(account=ACCOUNT),
                users_groups.CreateUser(account=ACCOUNT, name="ada", new_id="AIDA1"),
                users_groups.CreateUser(account=ACCOUNT, name="bob", new_id="AIDA2"),
                users_groups.DeleteUser(account=ACCOUNT, name="ada"),
                users_groups.CreateUser(account=ACCOUNT, name="ada", new_id="AIDA3"),
                users_groups.UpdateUser(account=ACCOUNT, name="bob", new_name="robert"),
            ):
                position = client.service.commands.execute(command).position
            return position

        await asyncio.to_thread(client.service.present.wait_for, await asyncio.to_thread(told))
        yield client


async def test_a_name_of_several_asks_which_and_a_unique_id_tells(client: Client) -> None:
    for words in ("ada", ADA, "user/ada"):
        status, found = await client.get(f"/v1/timeline?principal={words}&{ASKED}")
        assert (status, found["type"]) == (400, "urn:erstwhile:problem:ambiguous_principal")
        first, second = found["lives"]
        assert (first["unique_id"], second["unique_id"]) == ("AIDA1", "AIDA3")
        assert first["from"] < first["to"] <= second["from"] and second["to"] is None
        assert found["detail"].startswith(f"{words!r} means several between ")
        assert found["detail"].endswith(
            f": ask about one of them by its unique id: AIDA1 ({ADA}) from {first['from']} to {first['to']}; "
            f"AIDA3 ({ADA}) from {second['from']} to now"
        )
    for unique_id, effects in (
        ("AIDA1", ["unknown_principal", "implicit_deny", "unknown_principal"]),
        ("AIDA3", ["unknown_principal", "implicit_deny"]),
    ):
        status, found = await client.get(f"/v1/timeline?principal={unique_id}&{ASKED}")
        assert status == 200 and [each["effect"] for each in found["spans"]] == effects
        assert found["unique_id"] == unique_id
    status, found = await client.get("/v1/moments?of=ada")
    assert status == 400 and [each["unique_id"] for each in found["lives"]] == ["AIDA1", "AIDA3"]


async def test_a_window_in_which_one_had_the_name(client: Client) -> None:
    _, found = await client.get(f"/v1/timeline?principal=ada&{ASKED}")
    began = found["lives"][1]["from"]
    status, found = await client.get(f"/v1/timeline?principal=ada&{ASKED}&from={began}")
    assert status == 200 and found["unique_id"] == "AIDA3"
    status, found = await client.get(f"/v1/timeline?principal=ada&{ASKED}&to={began}")
    assert status == 200 and found["unique_id"] == "AIDA1"


async def test_a_renamed_user_is_followed_under_both_names(client: Client) -> None:
    for words in ("bob", "robert", "AIDA2"):
        _, found = await client.get(f"/v1/timeline?principal={words}&{ASKED}")
        assert found["unique_id"] == "AIDA2"
        assert found["spans"][-1]["to"] == found["to"] and found["spans"][-1]["effect"] == "implicit_deny"


async def test_what_differs_of_a_renamed_user(client: Client) -> None:
    """Between instants at which it had one name, the other, or none of them."""
    _, found = await client.get(f"/v1/timeline?principal=AIDA2&{ASKED}")
    _, page = await client.get("/v1/moments?of=AIDA2")
    begin, renamed = (each["at"] for each in page["steps"] if any(c["layer"] == "principal" for c in each["changes"]))
    before, after = f"from={begin}&to={renamed[:-1]}1Z", f"from={renamed}&to={found['to']}"
    for words in ("AIDA2", "bob", "robert"):
        status, whole = await client.get(f"/v1/diff?principal={words}&from={begin}&to={found['to']}")
        assert (status, whole["differences"], whole["notes"]) == (200, [], []), whole
    status, early = await client.get(f"/v1/diff?principal=AIDA2&from=2020-01-01&to={renamed}")
    assert (status, [each["change"] for each in early["differences"]]) == (200, ["gained"]), early
    status, first = await client.get(f"/v1/diff?principal=AIDA2&from=2020-01-01&to={begin}")
    assert (status, [each["change"] for each in first["differences"]]) == (200, ["gained"]), first
    for window in (before, after, f"from=2020-01-01&to={found['to']}"):
        status, told = await client.get(f"/v1/diff?principal=AIDA2&{window}")
        assert status == 200, told
    status, steps = await client.get("/v1/replay?principal=AIDA2&from=2020-01-01&all=true")
    assert status == 200 and steps["principal"].endswith("user/robert")
    gained = [each for each in steps["steps"] if each["differences"]]
    assert [each["event"]["event"] for each in gained] == ["iam.UserCreated"]
    assert gained[0]["differences"][0]["principal"].endswith("user/bob")


async def test_who_came_and_went_in_between_differs_in_nothing(client: Client) -> None:
    _, page = await client.get("/v1/moments?of=AIDA1")
    status, found = await client.get(f"/v1/diff?principal=AIDA1&from=2020-01-01&to={page['to']}")
    assert (status, found["differences"]) == (200, []), found
    assert found["notes"][-1].startswith(f"{ADA} is there at neither instant, but in between")


async def test_others_than_users_and_roles_may_be_asked_about(client: Client) -> None:
    for words in (ACCOUNT, f"arn:aws:iam::{ACCOUNT}:root", "lambda.amazonaws.com", "*"):
        status, found = await client.get(f"/v1/timeline?principal={words}&{ASKED}")
        assert status == 200 and found["spans"], found
