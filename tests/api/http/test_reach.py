"""Who can get where, over HTTP."""

from __future__ import annotations

import pytest

from tests.support.demonstration import BOT
from tests.support.http import Client

pytestmark = pytest.mark.reads

THEN = "as_of=2026-03-03T14:05:00Z"
ADA = "arn:aws:iam::111122223333:user/ada"


async def test_the_key_that_leaked_could_write_its_own_policy(client: Client) -> None:
    status, found = await client.get(f"/v1/reach?from=build-bot&to_administrator=true&{THEN}")
    assert status == 200
    assert found["from"] == BOT and found["to"] == "administrator"
    [path] = found["paths"]
    [edge] = path["edges"]
    assert (edge["family"], edge["how"], edge["target"]) == ("create-policy-version", "allow", f"{BOT} with any policy")
    [proof] = edge["proofs"]
    assert (proof["action"], proof["resource"]) == (
        "iam:CreatePolicyVersion", "arn:aws:iam::111122223333:policy/deploy"
    )  # fmt: skip
    assert proof["determining"][0]["policy"] == "arn:aws:iam::111122223333:policy/deploy"
    assert ADA in found["administrators"]
    assert found["principals"] == [{"principal": BOT, "steps": 1}]
    assert {cut["closes"] for cut in found["cuts"]} == {1}


async def test_who_became_an_administrator_is_told_and_is_no_path_that_closed(client: Client) -> None:
    query = "to_administrator=true&as_of=2026-03-03T14:30:00Z&since=2026-03-03T14:05:00Z"
    status, found = await client.get(f"/v1/reach?{query}")
    assert status == 200
    assert found["since"] == "2026-03-03T14:05:00Z"
    assert (found["opened"], found["closed"]) == ([], [])
    assert found["new_administrators"] == [BOT, "arn:aws:iam::111122223333:user/support-sync"]
    assert found["former_administrators"] == []
    _, found = await client.get("/v1/reach?to_administrator=true&as_of=2026-03-03T16:00:00Z&since=2026-03-03T14:30:00Z")
    assert (found["opened"], found["closed"]) == ([], [])
    assert BOT in found["former_administrators"]


async def test_paths_at_any_time_of_a_window_with_their_times(client: Client) -> None:
    query = "from=build-bot&to_administrator=true&as_of=2026-03-03T16:00:00Z&ever_since=2026-03-03T14:00:00Z"
    status, found = await client.get(f"/v1/reach?{query}")
    assert status == 200
    [path] = found["ever"]
    assert path["edges"][0]["family"] == "create-policy-version"
    # In between it was an administrator itself.
    assert path["periods"] == [
        {"from": "2026-03-03T14:00:00Z", "to": "2026-03-03T14:09:12Z"},
        {"from": "2026-03-03T15:31:10Z", "to": None},
    ]


async def test_a_table_has_each_step_once(client: Client) -> None:
    _, listed = await client.get(f"/v1/reach?to=auditor&{THEN}")
    status, found = await client.get(f"/v1/reach?to=auditor&table=true&{THEN}")
    assert (status, found["paths"]) == (200, [])
    table = found["table"]
    paths = [[table["edges"][number] for number in path] for path in table["paths"]]
    assert paths == [path["edges"] for path in listed["paths"]]
    assert table["count"] == len(paths) and paths
    assert found["cuts"] == listed["cuts"]
    _, none = await client.get(f"/v1/reach?from=auditor&to=build-bot&table=true&{THEN}")
    assert none["table"] == {"edges": [], "paths": [], "count": 0}


async def test_anybody_who_can_become_a_role(client: Client) -> None:
    status, found = await client.get(f"/v1/reach?to=auditor&{THEN}")
    assert status == 200
    assert {path["target"] for path in found["paths"]} == {"arn:aws:iam::111122223333:role/auditor"}
    assert ADA in {each["principal"] for each in found["principals"]}


@pytest.mark.parametrize(
    ("query", "status", "code", "words"),
    [
        ("", 400, "parameter_missing", "from whom, to whom, or to administrators"),
        ("to=ada&to_administrator=true", 400, "malformed_parameter", "not both"),
        ("from=ada&steps=0", 400, "malformed_steps", "from 1 to 8"),
        ("from=ada&steps=nine", 400, "malformed_steps", "from 1 to 8"),
        ("from=ada&limit=0", 400, "malformed_limit", "from 1 to 10000"),
        ("from=nobody-at-all", 404, "unknown_principal", "no principal nobody-at-all"),
        ("to=nobody-at-all", 404, "unknown_principal", "no principal nobody-at-all"),
        ("to_administrator=true&account=222222222222", 404, "unknown_account", "222222222222 is not known"),
        (f"from=ada&{THEN}&since=2026-03-03T15:00:00Z", 400, "malformed_parameter", "before as_of"),
        (f"from=ada&{THEN}&ever_since=2026-03-03T15:00:00Z", 400, "malformed_parameter", "ever_since must be"),
        ("from=ada&to_administrator=maybe", 400, "malformed_parameter", "true or false"),
        ("from=ada&stepps=3", 400, "unknown_parameter", "stepps"),
        (f"to=ada&table=true&{THEN}&since=2026-03-03T14:00:00Z", 400, "malformed_parameter", "without since"),
    ],
)
async def test_what_cannot_be_asked(client: Client, query: str, status: int, code: str, words: str) -> None:
    answered, found = await client.get(f"/v1/reach?{query}")
    assert answered == status, found
    assert found["type"].endswith(f":{code}") and words in found["detail"]
