"""Find and list over HTTP: every meaning of a word, when it was, where to go on; what there was at an instant."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from tests.support.demonstration import BOT, GRACE
from tests.support.http import Client

pytestmark = pytest.mark.reads

ACCOUNT = "111122223333"
SUPPORT = f"arn:aws:iam::{ACCOUNT}:user/support-sync"
DELETED = "02f44daa-6735-5480-8768-3c4b225e8ecd"
"""The record of support-sync's deletion."""
REQUEST = "3bbe97c5-1e69-5634-a704-5171386c40e9"
"""The request of it."""


async def found(client: Client, words: str, **more: str) -> list[dict[str, Any]]:
    query = "".join(f"&{name}={value}" for name, value in more.items())
    status, answer = await client.get(f"/v1/find?q={quote(words)}{query}")
    assert status == 200, answer
    return list(answer["found"])


@pytest.mark.parametrize(
    ("words", "kind", "name"),
    [
        ("support-sync", "user", SUPPORT),
        ("user/support-sync", "user", SUPPORT),
        ("SUPPORT-SYNC", "user", SUPPORT),
        (SUPPORT, "user", SUPPORT),
        ("AIDADEMOSUPPORT00004", "user", SUPPORT),
        ("finance", "group", f"arn:aws:iam::{ACCOUNT}:group/finance"),
        ("auditor", "role", f"arn:aws:iam::{ACCOUNT}:role/auditor"),
        (f"arn:aws:sts::{ACCOUNT}:assumed-role/auditor/monday", "role", f"arn:aws:iam::{ACCOUNT}:role/auditor"),
        ("deploy", "policy", f"arn:aws:iam::{ACCOUNT}:policy/deploy"),
        ("arn:aws:iam::aws:policy/AdministratorAccess", "policy", "arn:aws:iam::aws:policy/AdministratorAccess"),
        ("payroll-read", "inline_policy", "payroll-read"),
        ("arn:aws:s3:::payroll", "resource", "arn:aws:s3:::payroll"),
        ("arn:aws:s3:::payroll/march.csv", "resource", "arn:aws:s3:::payroll"),
        ("AKIADEMOBUILDBOT0003", "access_key", "AKIADEMOBUILDBOT0003"),
        ("203.0.113.66", "address", "203.0.113.66"),
        (ACCOUNT, "account", ACCOUNT),
        (f"arn:aws:iam::{ACCOUNT}:root", "account", ACCOUNT),
        (f"{ACCOUNT}/{DELETED}", "record", f"{ACCOUNT}/{DELETED}"),
        ("@27", "event", "@27"),
        (REQUEST, "event", "@27"),
    ],
)
async def test_a_word_is_found(client: Client, words: str, kind: str, name: str) -> None:
    assert (kind, name) in [(each["kind"], each["name"]) for each in await found(client, words)]


async def test_when_it_was_and_where_to_go_on(client: Client) -> None:
    [user] = await found(client, "support-sync")
    assert user["lives"] == [{"from": "2026-03-03T14:11:05Z", "to": "2026-03-03T15:33:40Z"}]
    assert (user["first_seen"], user["last_seen"]) == ("2026-03-03T14:15:48Z", "2026-03-03T14:17:20Z")
    assert user["next"][0] == {
        "words": "what it could do",
        "command": f"erstwhile what-can {SUPPORT} --as-of 2026-03-03T15:33:39.999999Z",
        "path": f"/v1/what-can?principal={quote(SUPPORT, safe='')}&as_of=2026-03-03T15%3A33%3A39.999999Z",
    }
    [key] = await found(client, "AKIADEMOSUPPORT00004")
    assert (key["of"], key["lives"]) == (SUPPORT, [{"from": "2026-03-03T14:11:06Z", "to": "2026-03-03T15:33:40Z"}])


@pytest.mark.parametrize(
    "words",
    ["support-sync", "grace", "auditor", "deploy", "payroll-read", "arn:aws:s3:::payroll", "AKIADEMOBUILDBOT0003",
     "203.0.113.66", ACCOUNT, DELETED, "@27"],
)  # fmt: skip
async def test_every_next_step_can_be_taken(client: Client, words: str) -> None:
    for each in await found(client, words):
        assert each["next"]
        for step in each["next"]:
            status, answer = await client.get(step["path"])
            assert status == 200, (step, answer)


async def test_several_meanings_are_all_listed(client: Client) -> None:
    both = await found(client, DELETED)
    assert [(each["kind"], each["name"]) for each in both] == [("record", f"{ACCOUNT}/{DELETED}"), ("event", "@27")]
    assert both[1]["evidence"] == both[0]["name"]
    callers = (await found(client, "203.0.113.66"))[0]["words"]
    assert callers == f"used by {BOT}, {SUPPORT}"


async def test_what_was_learnt_later_is_not_found(client: Client) -> None:
    status, answer = await client.get("/v1/find?q=support-sync&known_at=9")
    assert (status, answer["type"]) == (404, "urn:erstwhile:problem:nothing_found")
    assert answer["detail"] == (
        "nothing here has 'support-sync' as its ARN, name, unique id, access key, session, address, event, record or "
        "request"
    )
    for words in (REQUEST, "@27", DELETED, "AKIADEMOSUPPORT00004"):
        status, _ = await client.get(f"/v1/find?q={words}&known_at=9")
        assert status == 404, words


async def test_a_listing_of_an_instant_in_pages(client: Client) -> None:
    then = "as_of=2026-03-03T14:30:00Z"
    _, whole = await client.get(f"/v1/list/users?{then}")
    assert [each["name"] for each in whole["entries"]] == ["ada", "build-bot", "grace", "support-sync"]
    assert whole["entries"][3] == {
        "kind": "user", "account": ACCOUNT, "name": "support-sync", "arn": SUPPORT,
        "unique_id": "AIDADEMOSUPPORT00004", "since": "2026-03-03T14:11:05Z",
    }  # fmt: skip
    pages, cursor = [], ""
    while True:
        _, page = await client.get(f"/v1/list/users?{then}&limit=3" + (f"&cursor={cursor}" if cursor else ""))
        pages.append([each["name"] for each in page["entries"]])
        cursor = page["next_cursor"]
        if not cursor:
            break
    assert pages == [["ada", "build-bot", "grace"], ["support-sync"]]
    _, now = await client.get("/v1/list/users")
    assert "support-sync" not in [each["name"] for each in now["entries"]]
    _, keys = await client.get(f"/v1/list/keys?{then}")
    assert [(each["name"], each["arn"], each["status"]) for each in keys["entries"]] == [
        ("AKIADEMOSUPPORT00004", SUPPORT, "Active")
    ]
    for kind, names in (
        ("roles", ["auditor"]), ("groups", ["administrators", "finance"]), ("policies", ["deploy"]),
        ("resources", ["arn:aws:s3:::payroll"]),
    ):  # fmt: skip
        _, page = await client.get(f"/v1/list/{kind}?{then}")
        assert [each["name"] for each in page["entries"]] == names
    _, page = await client.get("/v1/list/policies?account=aws&limit=2")
    assert len(page["entries"]) == 2 and page["next_cursor"]
    _, page = await client.get(f"/v1/list/users?{then}&account=999988887777")
    assert page["entries"] == []


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/v1/list/dogs", "there is no list of 'dogs'; there are: users, roles, groups, policies, keys, resources"),
        ("/v1/list/users?account=12", "account must be twelve digits, not '12'"),
        ("/v1/list/users?cursor=x", "'x' is not a cursor: pass on the one that the page before gave"),
        ("/v1/find", "q is required"),
        ("/v1/find?q=%20", "what is to be found is empty: paste an ARN, a name, an id, an address"),
    ],
)
async def test_bad_input_is_explained(client: Client, path: str, words: str) -> None:
    status, found = await client.get(path)
    assert (status, found["detail"]) == (400, words)


async def test_a_cursor_of_another_list_is_refused(client: Client) -> None:
    _, page = await client.get("/v1/list/users?limit=1")
    status, found = await client.get(f"/v1/list/roles?cursor={page['next_cursor']}")
    assert status == 400 and found["detail"].endswith("is a cursor of another listing")


async def test_one_that_exists_is_found_with_its_first_and_last_call(client: Client) -> None:
    [grace] = await found(client, GRACE)
    assert grace["lives"] == [{"from": "2025-06-02T08:00:00Z", "to": None}]  # her CreateDate, as a listing tells it
    assert grace["first_seen"] == grace["last_seen"] == "2026-03-03T09:31:40Z"
