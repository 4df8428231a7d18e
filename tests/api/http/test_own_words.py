"""Applications ask in their own words: names, properties, registered resources, AuthZEN's examples and scenario."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest

from erstwhile.api.applications.names import DEFAULT_ACCOUNT, Names
from erstwhile.api.database.database import Database
from erstwhile.domain.commands import Command
from erstwhile.domain.commands.attachments import PutInlinePolicy
from erstwhile.domain.commands.tags import Tag
from erstwhile.domain.commands.users_groups import AddUserToGroup, CreateGroup, CreateUser
from tests.support.http import Client, serving

A: dict[str, Any] = {"account": DEFAULT_ACCOUNT}
TAGS = "${aws:PrincipalTag/department}"

RULES = {
    "Version": "2012-10-17",
    "Statement": [
        {"Sid": "View", "Effect": "Allow", "Action": ["record:view", "record:list_versions"], "Resource": "*",
         "Condition": {"StringEquals": {"resource:department": TAGS}}},
        {"Sid": "EditOwn", "Effect": "Allow", "Action": "record:edit", "Resource": "*",
         "Condition": {"StringEquals": {"resource:owner": "${aws:username}"}}},
        {"Sid": "Managers", "Effect": "Allow", "Action": ["record:edit", "record:delete"], "Resource": "*",
         "Condition": {"StringEquals": {"resource:department": TAGS, "subject:role": "manager"}}},
        {"Sid": "Archived", "Effect": "Deny", "Action": ["record:edit", "record:delete"], "Resource": "*",
         "Condition": {"StringEquals": {"resource:status": "archived"}}},
    ],
}  # fmt: skip
"""The certification scenario's rules as one policy document, by attributes of subject and resource."""

PEOPLE = {
    "alice": {"department": "sales", "role": "manager"},
    "bob": {"department": "sales", "role": "employee"},
    "carol": {"department": "legal", "role": "manager"},
    "dan": {"department": "legal", "role": "employee"},
}
RECORDS: dict[str, dict[str, str]] = {
    "101": {"department": "sales", "owner": "alice"},
    "102": {"department": "sales", "owner": "bob"},
    "103": {"department": "legal", "owner": "dan"},
    "104": {"department": "legal", "owner": "carol", "status": "archived"},
    "105": {"department": "sales", "owner": "dan"},
}


def may(person: str, action: str, record: str) -> bool:
    """The rules in plain words, to hold the service to."""
    subject, resource = PEOPLE[person], RECORDS[record]
    same = subject["department"] == resource["department"]
    if action == "view":
        return same
    if resource.get("status") == "archived":
        return False
    manages = same and subject["role"] == "manager"
    return manages or (action == "edit" and resource["owner"] == person)


@pytest.fixture
async def client(database: Database) -> AsyncIterator[Client]:
    async with serving(database, ("admin",)) as client:
        people: list[Command] = [CreateGroup(**A, name="staff", new_id="AGPASTAFF")]
        for name, tags in PEOPLE.items():
            path = "/people/" if name == "dan" else "/"  # a path that the application's words do not know
            people.append(CreateUser(**A, name=name, path=path, new_id=f"AIDA{name.upper()}"))
            people += [Tag(**A, kind="user", name=name, tags=tags), AddUserToGroup(**A, user=name, group="staff")]
        rules = orjson.dumps(RULES).decode()
        people.append(PutInlinePolicy(**A, kind="group", name="staff", policy_name="records", document=rules))
        for command in people:
            await asyncio.to_thread(client.service.commands.execute, command)
        for record, tags in RECORDS.items():
            status, found = await client.put(f"/v1/resources/{record}", {"type": "record", "tags": tags})
            assert (status, found["changed"]) == (200, True), found
        await asyncio.to_thread(client.service.present.wait_for, found["revision"])
        yield client


def question(person: str, action: str, record: str, **resource: Any) -> dict[str, Any]:
    return {
        "subject": {"type": "user", "id": person},
        "action": {"name": action},
        "resource": {"type": "record", "id": record} | resource,
        "context": {"time": "2025-06-27T18:03-07:00"},
    }


async def test_the_certification_scenario(client: Client) -> None:
    expected: dict[tuple[str, str], set[str]] = {}
    for person in PEOPLE:
        for action in ("view", "edit", "delete"):
            for record in RECORDS:
                status, found = await client.post("/access/v1/evaluation", question(person, action, record))
                assert (status, found["decision"]) == (200, may(person, action, record)), (person, action, record)
    batch = {
        "subject": {"type": "user", "id": "alice"}, "action": {"name": "view"},
        "evaluations": [{"resource": {"type": "record", "id": record}} for record in RECORDS],
    }  # fmt: skip
    _, found = await client.post("/access/v1/evaluations", batch)
    assert [each["decision"] for each in found["evaluations"]] == [may("alice", "view", r) for r in RECORDS]
    for record in RECORDS:
        for action in ("view", "edit", "delete"):
            body: dict[str, Any] = {"subject": {"type": "user"}, "action": {"name": action},
                                    "resource": {"type": "record", "id": record}}  # fmt: skip
            _, found = await client.post("/access/v1/search/subject", body)
            assert found["results"] == [{"type": "user", "id": p} for p in sorted(PEOPLE) if may(p, action, record)]
        for person in PEOPLE:
            _, found = await client.post(
                "/access/v1/search/action",
                {"subject": {"type": "user", "id": person}, "resource": {"type": "record", "id": record}},
            )
            names = {each["name"] for each in found["results"]} - {"list_versions"}
            assert names == {a for a in ("view", "edit", "delete") if may(person, a, record)}
    for person in PEOPLE:
        for action in ("view", "edit", "delete"):
            expected[person, action] = {r for r in RECORDS if may(person, action, r)}
            seen: list[str] = []
            token: str | None = None
            while token != "":
                page = {"limit": 2} if token is None else {"token": token}
                body = {"subject": {"type": "user", "id": person}, "action": {"name": action},
                        "resource": {"type": "record", "id": "ignored"}, "page": page}  # fmt: skip
                _, found = await client.post("/access/v1/search/resource", body)
                assert all(each["type"] == "record" for each in found["results"])
                seen += [each["id"] for each in found["results"]]
                token = found["page"]["next_token"]
            assert seen == sorted(expected[person, action])
    for kind in ("subject", "action", "resource"):
        nothing = question("nobody", "view", "999")
        status, found = await client.post(f"/access/v1/search/{kind}", nothing)
        assert (status, found["results"]) == (200, [])


async def test_the_specifications_examples(client: Client) -> None:
    """https://openid.github.io/authzen/: the requests of the text, with a policy that allows what its answers say."""
    account = {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": ["account:can_read", "account:can_write"], "Resource": "*"},
        {"Effect": "Allow", "Action": "document:can_read", "Resource": "arn:aws:document::*:boxcarring.md"},
        {"Effect": "Allow", "Action": "document:can_edit", "Resource": "*",
         "Condition": {"StringEquals": {"action:method": "PUT"}}},
    ]}  # fmt: skip
    for name in ("alice@example.com", "bob@example.com"):
        await asyncio.to_thread(client.service.commands.execute, CreateUser(**A, name=name, new_id=f"AIDA{name[:3]}"))
        done = await asyncio.to_thread(
            client.service.commands.execute,
            PutInlinePolicy(
                **A, kind="user", name=name, policy_name="authzen", document=orjson.dumps(account).decode()
            ),
        )
    await client.put("/v1/resources/123", {"type": "account"})
    await asyncio.to_thread(client.service.present.wait_for, done.position)
    alice = {"type": "user", "id": "alice@example.com"}
    target = {"type": "account", "id": "123"}
    for body, decision in (
        ({"subject": alice, "resource": target,
          "action": {"name": "can_read", "properties": {"method": "GET"}},
          "context": {"time": "1985-10-26T01:22-07:00"}}, True),
        ({"subject": alice, "resource": target, "action": {"name": "can_close"}}, False),
        ({"subject": alice | {"properties": {"department": "Sales", "ip_address": "172.217.22.14",
                                             "device_id": "8:65:ee:17:7e:0b"}},
          "resource": {"type": "book", "id": "123",
                       "properties": {"library_record": {"title": "AuthZEN in Action", "isbn": "978-0593383322"}}},
          "action": {"name": "can_read"}}, False),
    ):  # fmt: skip
        status, found = await client.post("/access/v1/evaluation", body)
        assert (status, found["decision"]) == (200, decision), found
    boxcar = {
        "subject": alice,
        "context": {"time": "2024-05-31T15:22-07:00"},
        "action": {"name": "can_read"},
        "evaluations": [
            {"resource": {"type": "document", "id": "boxcarring.md"}},
            {"resource": {"type": "document", "id": "subject-search.md"}},
            {"action": {"name": "can_edit", "properties": {"method": "PUT"}},
             "resource": {"type": "document", "id": "subject-search.md"}},
        ],
    }  # fmt: skip
    _, found = await client.post("/access/v1/evaluations", boxcar)
    assert [each["decision"] for each in found["evaluations"]] == [True, False, True]
    stops = boxcar | {"options": {"evaluations_semantic": "deny_on_first_deny"}}
    _, found = await client.post("/access/v1/evaluations", stops)
    assert [each["decision"] for each in found["evaluations"]] == [True, False]
    _, found = await client.post(
        "/access/v1/search/subject",
        {"subject": {"type": "user"}, "action": {"name": "can_read"}, "resource": target,
         "context": {"time": "2024-10-26T01:22-07:00"}},
    )  # fmt: skip
    assert [each["id"] for each in found["results"]] == ["alice@example.com", "bob@example.com"]
    _, found = await client.post(
        "/access/v1/search/resource",
        {"subject": alice, "action": {"name": "can_read"}, "resource": {"type": "account"}, "page": {"limit": 5}},
    )
    assert found["results"] == [{"type": "account", "id": "123"}] and found["page"]["next_token"] == ""
    _, found = await client.post("/access/v1/search/action", {"subject": alice, "resource": target})
    assert found["results"] == [{"name": "can_read"}, {"name": "can_write"}]


async def test_properties_of_the_request_go_before_what_is_registered(client: Client) -> None:
    _, found = await client.post("/access/v1/evaluation", question("bob", "edit", "102"))
    assert found["decision"] is True
    archived = question("bob", "edit", "102", properties={"status": "archived", "size": None, "parts": [{"x": 1}]})
    _, found = await client.post("/access/v1/evaluation", archived)
    assert (found["decision"], found["context"]["effect"]) == (False, "explicit_deny")
    status, found = await client.post("/access/v1/evaluation", question("bob", "edit", "102", properties=[]))
    assert status == 400 and "resource.properties must be object, not array" in found["detail"]
    _, found = await client.post(
        "/access/v1/evaluation", question("bob", "delete", "102") | {"context": {"explain": True}}
    )
    assert "subject:role" in found["context"]["nearest"]["words"]


async def test_resources_are_events_with_a_past(client: Client) -> None:
    arn = f"arn:aws:record::{DEFAULT_ACCOUNT}:102"
    status, found = await client.get("/v1/resources/102?type=record")
    assert (status, found["id"], found["tags"]) == (200, "102", RECORDS["102"])
    assert (await client.get(f"/v1/resources/{arn}"))[1] == found
    _, again = await client.put("/v1/resources/102", {"type": "record", "tags": RECORDS["102"]})
    assert again["changed"] is False
    _, moved = await client.put(
        "/v1/resources/102?type=record",
        {"tags": {"department": "legal"}, "policy": {"Version": "2012-10-17", "Statement": [
            {"Effect": "Deny", "Principal": "*", "Action": "record:*", "Resource": arn}]}},
    )  # fmt: skip
    assert moved["changed"] is True
    body = question("dan", "view", "102") | {"context": {"at_least": moved["revision"]}}
    _, found = await client.post("/access/v1/evaluation", body)
    assert found["context"]["effect"] == "explicit_deny"
    before = {"known_at": str(again["revision"])}
    _, found = await client.post("/access/v1/evaluation", question("bob", "view", "102") | {"context": before})
    assert found["decision"] is True
    _, found = await client.get("/v1/resources?type=record&limit=2")
    assert [each["id"] for each in found["resources"]] == ["101", "102"] and found["next_cursor"]
    _, found = await client.get(f"/v1/resources?type=record&cursor={found['next_cursor']}")
    assert [each["id"] for each in found["resources"]] == ["103", "104", "105"]
    status, gone = await client.call("DELETE", "/v1/resources/102?type=record")
    assert status == 200
    await asyncio.to_thread(client.service.present.wait_for, gone["revision"])
    assert (await client.get("/v1/resources/102?type=record"))[0] == 404
    assert (await client.call("DELETE", "/v1/resources/102?type=record"))[0] == 404
    _, trail = await client.get("/v1/audit?action=erstwhile:DeregisterResource")
    assert len(trail["entries"]) == 2  # one gone, one refused


@pytest.mark.parametrize(
    ("path", "body", "words"),
    [
        ("/v1/resources/9", {}, "type is required"),
        ("/v1/resources/9", {"type": "record", "tagz": {}}, "'tagz' is not a member"),
        ("/v1/resources/9", {"type": "record", "tags": {"a": 1}}, "object of strings"),
        ("/v1/resources/9", {"type": "record", "policy": 5}, "policy document"),
        ("/v1/resources/arn:aws:s3", {}, "not an ARN"),
        ("/v1/resources/9", {"type": "record", "account": "12"}, "twelve digits"),
        ("/v1/resources/9", {"type": "record", "account": "111122223333"}, "the ARN names"),
        ("/v1/resources/9", {"type": "record", "policy": {"Statement": []}}, "Statement must be"),
        ("/v1/resources/9", {"type": "record", "tags": {"aws:x": "1"}}, "is not valid"),
    ],
)
async def test_bad_resources(database: Database, path: str, body: dict[str, Any], words: str) -> None:
    async with serving(database, ("admin",)) as client:
        status, found = await client.put(path, body)
        assert status == 400 and words in found["detail"], found


async def test_registering_needs_an_administrators_token(database: Database) -> None:
    async with serving(database, ("read", "import")) as client:
        status, found = await client.put("/v1/resources/9", {"type": "record"})
        assert (status, found["title"]) == (403, "scope missing")


async def test_other_forms_of_names(database: Database) -> None:
    names = Names(
        templates={
            "subject": {"user": "arn:{partition}:iam::{account}:user/people/{id}"},
            "action": {"record": "crm:{name}Record"},
            "resource": {"record": "arn:{partition}:crm::{account}:record/{id}"},
        }
    )
    policy = orjson.dumps(
        {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "crm:ReadRecord",
         "Resource": f"arn:aws:crm::{DEFAULT_ACCOUNT}:record/*"}}
    ).decode()  # fmt: skip
    async with serving(database, ("admin",), names) as client:
        execute = client.service.commands.execute
        await asyncio.to_thread(execute, CreateUser(**A, name="ada", path="/people/", new_id="AIDAADA"))
        command = PutInlinePolicy(**A, kind="user", name="ada", policy_name="crm", document=policy)
        await asyncio.to_thread(execute, command)
        _, done = await client.put("/v1/resources/17", {"type": "record"})
        await asyncio.to_thread(client.service.present.wait_for, done["revision"])
        assert done["resource"] == f"arn:aws:crm::{DEFAULT_ACCOUNT}:record/17"
        _, found = await client.post("/access/v1/evaluation", question("ada", "Read", "17"))
        assert found["decision"] is True
        _, found = await client.post("/access/v1/search/subject", question("x", "Read", "17"))
        assert found["results"] == [{"type": "user", "id": "ada"}]
        _, found = await client.post("/access/v1/search/resource", question("ada", "Read", "x"))
        assert found["results"] == [{"type": "record", "id": "17"}]
        _, found = await client.post("/access/v1/search/action", question("ada", "x", "17"))
        assert found["results"] == [{"name": "read"}] or found["results"] == [{"name": "Read"}]
