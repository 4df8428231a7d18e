"""Reviews over HTTP: whose token may do what; what an auditor's token reads, and until when."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from erstwhile.api.database import tokens
from erstwhile.api.database.database import Database
from erstwhile.api.database.tokens import Period
from erstwhile.api.problems import Problem
from tests.support.http import Client, serving

AT = "2026-03-03T14:30:00Z"
MARCH = "arn:aws:s3:::payroll/march.csv"
WHO = "grace@example.com"
RULES = [{"principal": "*:user/support-sync", "reviewers": [WHO]}, {"reviewers": ["linus"]}]
YEAR = Period(datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
"""A period in which the demonstration's story is."""


@pytest.fixture
async def client(story: Database) -> AsyncIterator[Client]:
    async with serving(story, ("admin",)) as client:
        status, found = await client.post("/v1/reviews", {"name": "q1", "rules": RULES, "as_of": AT})
        assert status == 200 and found["lines"] == 6, found
        yield client


def bearer(client: Client, name: str, *scopes: str, period: Period | None = None) -> dict[str, str]:
    """The header of a new token; one of a period expires tomorrow."""
    until = datetime.now(UTC) + timedelta(days=1) if period is not None else None
    with client.database.connect() as connection:
        return {"Authorization": f"Bearer {tokens.create(connection, name, list(scopes), until, period)}"}


async def test_whose_token_may_do_what(client: Client) -> None:
    reviewer, reader = bearer(client, WHO, "review"), bearer(client, "ann", "read")
    other, importer = bearer(client, "linus", "review"), bearer(client, "ci", "import")
    decision = {"decision": "revoke", "lines": "6", "comment": "strange"}
    for path, who, status in (
        ("/v1/reviews", reviewer, 200), ("/v1/reviews", reader, 200), ("/v1/reviews", importer, 403),
        ("/v1/reviews/q1", reviewer, 200), ("/v1/reviews/q1/lines", other, 200),
        ("/v1/reviews/q1/execution", reader, 200), ("/v1/reviews/q1/execution", reviewer, 403),
        ("/v1/approvals", reviewer, 403), ("/v1/exceptions", reader, 200),
        (f"/v1/list/users?as_of={AT}", reviewer, 403),
    ):  # fmt: skip
        answered, found = await client.get(path, **who)
        assert answered == status, (path, found)
    for who, body, status, words in (
        (reader, decision, 403, "needs the scope review"),
        (other, decision, 403, "its reviewer is grace@example.com"),
        (other, decision | {"reviewer": WHO}, 403, "not for linus to decide as grace@example.com"),
        (reviewer, decision | {"comment": ""}, 400, "needs a comment"),
        (reviewer, decision | {"lines": "1-9"}, 400, "not within the lines 1 to 6"),
        (reviewer, {"decision": "approve"}, 400, "say which lines"),
        (reviewer, decision, 200, ""), (reviewer, decision, 200, ""),
    ):  # fmt: skip
        answered, found = await client.post("/v1/reviews/q1/decisions", body, **who)
        assert answered == status and words in found.get("detail", ""), found
    assert not found["changed"]  # it was so already
    for path in ("reminders", "exports"):
        assert (await client.post(f"/v1/reviews/q1/{path}", {}, **reviewer))[0] == 403
    assert (await client.post("/v1/reviews/q1", {"close": True}, **reviewer))[0] == 403
    _, found = await client.get("/v1/reviews/q1/lines", **reviewer)
    assert [(each["line"], each["decision"]["decision"]) for each in found["lines"]] == [(6, "revoke")]
    _, found = await client.get("/v1/reviews/q1/execution", **reader)
    assert found["counts"] == {"executed": 1, "open": 0, "returned": 0, "cannot know": 0}
    assert found["revoked"][0]["event"]["action"] == "iam:DetachUserPolicy"


async def test_a_file_is_handed_out_and_taken_back(client: Client) -> None:
    reviewer = bearer(client, WHO, "review")
    _, found = await client.post("/v1/reviews/q1/exports", {"format": "csv"})
    header, *rows = found["document"].splitlines()
    column = header.split(",").index("decision")
    mine = rows[5].split(",")
    mine[column] = "approve"
    document = "\r\n".join((header, *rows[:5], ",".join(mine))).encode()
    for data, status, words in (
        (document.replace(b"approve", b"aprove"), 400, "'aprove' is no decision"),
        (document.replace(b"support-sync", b"someone"), 400, "were columns sorted apart?"),
        (document.replace(b"decision,", b"verdict,", 1), 400, "the column decision is missing"),
        ("ä".join((document + b",x").decode().split("\n")).encode("latin-1"), 400, "is not in UTF-8"),
        (document, 200, ""),
    ):
        answered, told = await client.call(
            "POST", "/v1/reviews/q1/imports", data, **reviewer, **{"Content-Type": "application/octet-stream"}
        )
        assert answered == status and words in told.get("detail", ""), told
    assert told["lines"] == 1 and told["changed"]
    _, found = await client.get("/v1/reviews/q1")
    assert found["counts"]["approve"] == 1 and [each["form"] for each in found["exports"]] == ["csv"]


async def test_an_auditor_reads_one_period(client: Client) -> None:
    march = Period(datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC))
    auditor, of_the_year = (
        bearer(client, "auditor", "audit", period=march),
        bearer(client, "other", "audit", period=YEAR),
    )
    window = "from=2026-03-02T00:00:00Z&to=2026-04-01T00:00:00Z"
    for path, status, words in (
        (f"/v1/who-can?action=s3:GetObject&resource={MARCH}&as_of={AT}", 200, ""),
        (f"/v1/who-can?action=s3:GetObject&resource={MARCH}", 403, "say as_of"),
        (f"/v1/who-can?action=s3:GetObject&resource={MARCH}&as_of={AT}&lasting=true", 403, "lasting tells of other"),
        (f"/v1/who-can?action=s3:GetObject&resource={MARCH}&as_of=2026-04-01T00:00:00Z", 403, "as_of 2026-04-01"),
        (f"/v1/who-can?action=s3:GetObject&resource={MARCH}&as_of=@1", 403, "as_of @1"),
        (f"/v1/ever?action=s3:GetObject&resource={MARCH}&{window}", 200, ""),
        (f"/v1/ever?action=s3:GetObject&resource={MARCH}&from=2026-03-02T00:00:00Z", 403, "say from and to"),
        (f"/v1/incident?about=grace&{window}&as_of=2026-11-01T00:00:00Z", 403, "as_of 2026-11-01"),
        ("/v1/audit?since=2026-03-01T00:00:00Z&until=2026-03-05T00:00:00Z", 200, ""),
        ("/v1/audit", 403, "say since and until"),
        (f"/v1/reports/mfa?as_of={AT}", 200, ""),
        ("/v1/reports", 200, ""),
        ("/v1/reports/mfa", 403, "say from and to"),
        ("/v1/status", 403, "more than one period"),
        ("/v1/effect/31", 403, "more than one period"),
        ("/v1/reviews/q1", 403, "not in the token's period"),
        ("/v1/nothing", 403, "more than one period"),
    ):
        answered, found = await client.get(path, **auditor)
        assert answered == status and words in found.get("detail", ""), (path, found)
    assert (await client.get("/v1/reviews", **auditor))[1]["reviews"] == []
    assert len((await client.get("/v1/reviews", **of_the_year))[1]["reviews"]) == 1
    assert (await client.get("/v1/reviews/q1/execution", **of_the_year))[0] == 200
    assert len((await client.get("/v1/reviews/q1/lines", **of_the_year))[1]["lines"]) == 6
    assert (await client.post("/v1/reviews/q1/decisions", {"decision": "approve", "all": True}, **of_the_year))[
        0
    ] == 403


async def test_a_token_expires(client: Client) -> None:
    auditor = bearer(client, "auditor", "audit", period=YEAR)
    path = f"/v1/who-can?action=s3:GetObject&resource={MARCH}&as_of={AT}"
    assert (await client.get(path, **auditor))[0] == 200
    with client.database.connect() as connection:
        connection.execute("UPDATE api_token SET expires_at = now() - interval '1 s' WHERE name = 'auditor'")
        header = auditor["Authorization"]
        assert tokens.Tokens().look_up(connection, header, header.partition(" ")[2]) is None
    past = datetime.now(UTC) - timedelta(seconds=1)
    assert tokens.Bearer("auditor", frozenset(), YEAR, past).is_expired


def test_tokens_that_make_no_sense_are_refused(database: Database) -> None:
    backwards = Period(YEAR.end, YEAR.begin)
    wrong: list[tuple[list[str], int | None, Period | None, str]] = [
        (["audit"], None, YEAR, "says from when to when it reads, and when it expires"),
        (["audit"], 1, None, "says from when to when it reads"),
        (["audit", "read"], 1, YEAR, "stands alone"),
        (["read"], 1, YEAR, "a period is of the scope audit"),
        (["read"], -1, None, "would have expired already"),
        (["audit"], 1, backwards, "ends before it begins"),
        (["reviews"], None, None, "reviews: the scopes are read, import, review, audit, metrics, admin"),
    ]
    with database.connect() as connection:
        for scopes, days, period, words in wrong:
            until = datetime.now(UTC) + timedelta(days=days) if days is not None else None
            with pytest.raises(Problem, match=words):
                tokens.create(connection, "auditor", scopes, until, period)


async def test_a_review_that_cannot_be_opened_says_why(client: Client) -> None:
    linus = {"name": "q2", "rules": [{"reviewers": ["linus"]}]}
    wrong: list[tuple[Any, str]] = [
        (linus | {"rules": []}, "no rule names a reviewer"),
        (linus | {"accounts": ["000000000000"]}, "not known"),
        (linus | {"resource": MARCH}, "says which action is meant"),
        (linus | {"deadline": "2020-01-01"}, "is past"),
        (linus | {"kinds": ["group"]}, "kind is one of user, role"),
        (linus | {"rules": [{"tag": "owner"}]}, "no reviewer but"),
        (linus | {"days": 0}, "days must be from 1"),
        (linus | {"name": "q1"}, "never used again"),
    ]
    for body, words in wrong:
        answered, found = await client.post("/v1/reviews", body)
        assert answered in (400, 404, 409) and words in found["detail"], found
