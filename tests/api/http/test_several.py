"""Several principals, actions and resources in one question, patterns too."""

from __future__ import annotations

import pytest

from erstwhile.api.asking import several
from erstwhile.api.asking.whole_lines import LISTS, WholeLines
from erstwhile.domain.directory.view import DirectoryView
from tests.support.demonstration import BOT, GRACE
from tests.support.http import Client

pytestmark = pytest.mark.reads

MARCH, ALL = "arn:aws:s3:::payroll/march.csv", "arn:aws:s3:::payroll/*"
THEN = "as_of=2026-03-03T14:30:00Z"
SUPPORT = "arn:aws:iam::111122223333:user/support-sync"


async def test_each_combination_is_what_the_question_alone_says(client: Client) -> None:
    query = f"principal=grace&principal=build-bot&action=s3:GetObject&action=s3:PutObject&resource={MARCH}&{THEN}"
    status, found = await client.get(f"/v1/can-each?{query}")
    assert status == 200 and found["as_of"] == "2026-03-03T14:30:00Z"
    assert [(each["principal"], each["action"], each["effect"]) for each in found["answers"]] == [
        (GRACE, "s3:GetObject", "allow"),
        (GRACE, "s3:PutObject", "implicit_deny"),
        (BOT, "s3:GetObject", "allow"),
        (BOT, "s3:PutObject", "allow"),
    ]
    for each in found["answers"]:
        query = f"principal={each['principal']}&action={each['action']}&resource={MARCH}&{THEN}"
        _, alone = await client.get(f"/v1/can?{query}")
        assert (each["effect"], each["determining"]) == (alone["effect"], alone["determining"])


async def test_patterns_stand_for_all_that_they_match(client: Client) -> None:
    query = f"principal=user/*b*&principal=grace&action=s3:GetObject&resource={ALL}&resource={MARCH}&{THEN}"
    _, found = await client.get(f"/v1/can-each?{query}")
    told = {(each["principal"], each["resource"]): each.get("extent") or each["effect"] for each in found["answers"]}
    assert told == {(BOT, ALL): "all", (BOT, MARCH): "allow", (GRACE, ALL): "all", (GRACE, MARCH): "allow"}
    _, found = await client.get(
        f"/v1/can-each?principal=arn:aws:iam::*:user/s*&action=s3:Get*Acl&resource={MARCH}&{THEN}"
    )
    assert {each["principal"] for each in found["answers"]} == {SUPPORT}
    assert {each["action"] for each in found["answers"]} == {
        "s3:GetBucketAcl", "s3:GetObjectAcl", "s3:GetObjectVersionAcl",
    }  # fmt: skip


async def test_who_can_each(client: Client) -> None:
    query = f"action=s3:GetObject&action=s3:PutObject&resource={MARCH}&resource={ALL}&{THEN}"
    status, found = await client.get(f"/v1/who-can-each?{query}")
    assert status == 200 and len(found["answers"]) == 4
    assert list(found["events"]) == sorted(found["events"], key=int)
    lines = [line for each in found["answers"] for name in LISTS for line in each[name]]
    named = dict.fromkeys(number for line in lines for number in line["determining"])
    assert list(named) == list(range(len(found["statements"]))) and len(named) < len(lines)
    for each in found["answers"]:
        _, alone = await client.get(f"/v1/who-can?action={each['action']}&resource={each['resource']}&{THEN}")
        for name in LISTS:
            assert WholeLines(found).of(each[name]) == WholeLines(alone).of(alone[name])


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        (f"principal=user/x*&action=s3:GetObject&resource={MARCH}&{THEN}", 404,
         "no user or role matches user/x* as of 2026-03-03T14:30:00Z"),
        (f"principal=grace&action=s3:Xyz*&resource={MARCH}", 400, "'s3:Xyz*' stands for no action of s3"),
        (f"principal=grace&action=*&resource={MARCH}", 400, "'*': a pattern is of one service, such as s3:Get*"),
        (f"principal=grace&resource={MARCH}", 400, "action is required"),
        (f"principal=grace&action=s3:GetObject&resource={MARCH}&as_of=@1&as_of=@2", 400, "as_of is given twice"),
        (f"principal=grace&action=s3:GetObject&resource={MARCH}&who=1", 400,
         "who: this call takes principal, action, resource, as_of, known_at, resource_account, context"),
    ],
)  # fmt: skip
async def test_bad_input_is_explained(client: Client, query: str, status: int, words: str) -> None:
    found_status, found = await client.get(f"/v1/can-each?{query}")
    assert (found_status, found["detail"]) == (status, words)


async def test_too_many_at_once_are_refused_with_how_many_there_are(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(several, "MOST", 3)
    query = f"principal=grace&principal=ada&action=s3:GetObject&action=s3:PutObject&resource={MARCH}"
    status, found = await client.get(f"/v1/can-each?{query}")
    assert (status, found["type"]) == (422, "urn:erstwhile:problem:too_much")
    assert found["detail"] == (
        "these are 4 questions (2 principals × 2 actions × 1 resources), and one call takes 3: name fewer of them"
    )


async def test_nobody_is_read_whom_a_pattern_cannot_mean(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[str] = []
    monkeypatch.setattr(DirectoryView, "loaded", lambda _, entity: loaded.append(entity.name))
    query = f"principal=USER/gra*&action=s3:GetObject&resource={MARCH}&as_of=2026-03-03T14:30:01Z"
    status, found = await client.get(f"/v1/can-each?{query}")
    assert status == 200 and [each["principal"] for each in found["answers"]] == [GRACE]
    assert "grace" in loaded and "ada" not in loaded


async def test_a_pattern_that_means_too_many_says_so(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(several, "MOST", 2)
    status, found = await client.get(f"/v1/can-each?principal=user/*&action=s3:GetObject&resource={MARCH}&{THEN}")
    assert (status, found["type"]) == (422, "urn:erstwhile:problem:too_much")
    assert (
        found["detail"]
        == "user/* stands for more than 2 principals, and one call takes 2 questions: name fewer of them"
    )
