"""AuthZEN's searches: their results are what single evaluations allow, in pages."""

from __future__ import annotations

from typing import Any

from tests.support.demonstration import BOT, GRACE, ask
from tests.support.http import Client

PAYROLL = {"type": "object", "id": "arn:aws:s3:::payroll/march.csv"}


async def test_subjects(client: Client) -> None:
    body: dict[str, Any] = {"subject": {"type": "user"}, "action": {"name": "s3:GetObject"}, "resource": PAYROLL,
                            "context": {"resource_account": "111122223333"}}  # fmt: skip
    status, found = await client.post("/access/v1/search/subject", body)
    assert status == 200
    names = [each["id"] for each in found["results"]]
    assert GRACE in names and found["page"]["total"] == len(names) and found["page"]["next_token"] == ""
    for principal in (GRACE, BOT):
        _, single = await client.post(
            "/access/v1/evaluation", ask(principal, "s3:GetObject", resource_account="111122223333")
        )
        assert single["decision"] == (principal in names)
    paged: list[str] = []
    token = None
    while token != "":
        page = {"limit": 1} if token is None else {"limit": 1, "token": token}
        _, found = await client.post("/access/v1/search/subject", body | {"page": page})
        paged += [each["id"] for each in found["results"]]
        token = found["page"]["next_token"]
    assert paged == names
    _, found = await client.post("/access/v1/search/subject", body | {"page": {"limit": 1}})
    elsewhere = {
        "subject": {"type": "user", "id": GRACE},
        "resource": PAYROLL,
        "page": {"token": found["page"]["next_token"]},
    }
    status, problem = await client.post("/access/v1/search/action", elsewhere)
    assert status == 400 and problem["type"] == "urn:erstwhile:problem:malformed_cursor"
    _, past = await client.post(
        "/access/v1/search/subject",
        body | {"context": {"as_of": "2026-03-03T14:30:00Z", "resource_account": "111122223333"}},
    )
    assert [each["id"] for each in past["results"]] != names


async def test_actions_and_resources(client: Client) -> None:
    status, found = await client.post(
        "/access/v1/search/action",
        {
            "subject": {"type": "user", "id": GRACE},
            "resource": PAYROLL,
            "context": {"resource_account": "111122223333"},
        },
    )
    assert status == 200 and {"name": "s3:GetObject"} in found["results"]
    for result in found["results"][:5]:
        _, single = await client.post(
            "/access/v1/evaluation", ask(GRACE, result["name"], resource_account="111122223333")
        )
        assert single["decision"] is True
    status, found = await client.post(
        "/access/v1/search/resource",
        {
            "subject": {"type": "root", "id": "arn:aws:iam::111122223333:root"},
            "action": {"name": "iam:GetUser"},
            "resource": {"type": "user"},
        },
    )
    assert status == 200 and {"type": "user", "id": GRACE} in found["results"]


async def test_what_nobody_knows_is_empty_and_what_is_malformed_refused(client: Client) -> None:
    nobody = {"type": "user", "id": "arn:aws:iam::111122223333:user/nobody"}
    status, found = await client.post("/access/v1/search/action", {"subject": nobody, "resource": PAYROLL})
    assert (status, found["results"]) == (200, [])
    status, found = await client.post(
        "/access/v1/search/subject",
        {"subject": {"type": "martian"}, "action": {"name": "s3:GetObject"}, "resource": PAYROLL},
    )
    assert (status, found["results"]) == (200, [])
    for body, words in (
        ({"subject": nobody}, "resource is required"),
        ({"subject": nobody, "resource": PAYROLL, "page": {"limit": 0}}, "page.limit"),
        ({"subject": nobody, "resource": PAYROLL, "page": {"token": "é"}}, "page.token"),
        ({"subject": nobody, "resource": PAYROLL, "page": []}, "page must be"),
        ({"subject": {"type": "service", "id": "?"}, "resource": PAYROLL}, "not a principal"),
    ):
        status, found = await client.post("/access/v1/search/action", body)
        assert status == 400 and words in found["detail"], found
