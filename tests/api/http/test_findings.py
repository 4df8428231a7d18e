"""Findings by HTTP: what happened in the demonstration's story, and that asking again gives the same."""

from __future__ import annotations

import asyncio
from typing import Any

from erstwhile.api.asking.reviewing.exceptions import ExceptionWords
from tests.support.demonstration import BOT
from tests.support.http import Client
from tests.support.ocsf import validate

SUPPORT = "arn:aws:iam::111122223333:user/support-sync"
DAY = "from=2026-03-03T08:00:00Z&to=2026-03-04T00:00:00Z"


def told(found: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    return [(each["at"][11:19], each["kind"], each["subject"], each["severity"]) for each in found["findings"]]


async def test_what_somebody_should_look_at_in_the_story(client: Client) -> None:
    status, found = await client.get(f"/v1/findings?{DAY}")
    assert status == 200
    assert told(found) == [
        ("14:02:11", "key-from-new-network", "AKIADEMOBUILDBOT0003", "medium"),
        ("14:09:12", "administrator-outside-change-hours", BOT, "high"),
        ("14:11:05", "administrator-outside-change-hours", SUPPORT, "high"),
        ("14:17:20", "watch-tampered-with", "cloudtrail:StopLogging", "low"),
    ]
    by = found["findings"][1]["by"]
    assert (by["action"], by["actor"], by["source_ip"], by["access_key"]) == (
        "iam:CreatePolicyVersion", BOT, "203.0.113.66", "AKIADEMOBUILDBOT0003",
    )  # fmt: skip
    for each in found["findings"]:
        account, _, record = each["by"]["evidence"].partition("/")
        assert (await client.get(f"/v1/evidence/{account}/{record}"))[0] == 200
    assert (await client.get(f"/v1/findings?{DAY}"))[1] == found


async def test_a_finding_has_the_same_id_in_another_window_and_in_change_hours(client: Client) -> None:
    _, whole = await client.get(f"/v1/findings?{DAY}")
    _, part = await client.get("/v1/findings?from=2026-03-03T14:05:00Z&to=2026-03-03T15:00:00Z")
    assert [each["id"] for each in part["findings"]] == [each["id"] for each in whole["findings"][1:]]
    _, by_day = await client.get(f"/v1/findings?{DAY}&change_hours=08:00-18:00")
    assert [each["id"] for each in by_day["findings"]] == [whole["findings"][at]["id"] for at in (0, 3)]
    _, by_night = await client.get(f"/v1/findings?{DAY}&change_hours=22:00-06:00")
    assert [each["id"] for each in by_night["findings"]] == [each["id"] for each in whole["findings"]]


async def test_what_was_not_known_yet_is_left_out(client: Client) -> None:
    _, page = await client.get("/v1/audit?action=iam:CreateUser")
    before = page["entries"][0]["position"] - 1
    _, found = await client.get(f"/v1/findings?{DAY}&known_at={before}")
    assert SUPPORT not in {each["subject"] for each in found["findings"]}


async def test_a_morning_without_anything_and_questions_that_are_none(client: Client) -> None:
    status, found = await client.get("/v1/findings?from=2026-03-03T08:00:00Z&to=2026-03-03T14:00:00Z")
    assert (status, found["findings"]) == (200, [])
    _, found = await client.get(f"/v1/findings?{DAY}&account=111122223333")
    assert len(found["findings"]) == 4
    for asked, problem in (
        (f"{DAY}&change_hours=8-18", "malformed_parameter"),
        (f"{DAY}&account=999988887777", "unknown_account"),
        ("to=2026-03-04T00:00:00Z", "parameter_missing"),
    ):
        status, refused = await client.get(f"/v1/findings?{asked}")
        assert status in (400, 404) and refused["type"] == f"urn:erstwhile:problem:{problem}", refused


async def test_findings_as_events_of_ocsf(client: Client) -> None:
    _, whole = await client.get(f"/v1/findings?{DAY}")
    status, found = await client.get(f"/v1/findings/ocsf?{DAY}")
    assert status == 200
    assert [each["metadata"]["uid"] for each in found["events"]] == [each["id"] for each in whole["findings"]]
    for each in found["events"]:
        validate(each)
    assert (await client.get("/v1/findings/ocsf"))[0] == 400


async def test_what_is_excepted_is_shown_as_such(client: Client) -> None:
    commands, exceptions = client.service.commands, client.service.exceptions
    words = ExceptionWords(
        name="known", check="administrator-*", target="*:user/support-sync", owner="grace", reason="a drill",
        expires="2099-01-01",
    )  # fmt: skip
    assert exceptions.caution(words.check) == ""
    assert "did you mean watch-tampered-with" in exceptions.caution("watch-tampered")
    done = await asyncio.to_thread(lambda: commands.execute(exceptions.adding(words)))
    _, found = await client.get(f"/v1/findings?{DAY}")
    assert [each["excepted"] for each in found["findings"]] == [
        None, None, {"name": "known", "owner": "grace", "reason": "a drill", "until": "2099-01-01T00:00:00Z"}, None,
    ]  # fmt: skip
    _, before = await client.get(f"/v1/findings?{DAY}&known_at={done.position - 1}")
    assert [each["excepted"] for each in before["findings"]] == [None] * 4
    _, events = await client.get(f"/v1/findings/ocsf?{DAY}")
    assert [each["status"] for each in events["events"]] == ["New", "New", "Suppressed", "New"]
    for each in events["events"]:
        validate(each)
