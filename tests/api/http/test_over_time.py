"""Questions over time by HTTP: timelines, steps, chains of grants; streams that end with their client."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import aiohttp
import orjson
import pytest

from erstwhile.api.asking.over_time import ever_questions, over_time
from erstwhile.api.http.app_keys import WAITING
from erstwhile.domain.history.timeline import spans_of
from tests.support.demonstration import BOT
from tests.support.http import Client
from tests.support.waiting import LONG

pytestmark = pytest.mark.reads

ACCOUNT = "111122223333"
SUPPORT = f"arn:aws:iam::{ACCOUNT}:user/support-sync"
DEPLOY = f"arn:aws:iam::{ACCOUNT}:policy/deploy"
READ = "action=s3:GetObject&resource=arn:aws:s3:::payroll/march.csv"
DAY = "from=2026-03-03T08:00:00Z&to=2026-03-04T00:00:00Z"


def seen(spans: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    return [(each["from"], each["to"], each["effect"]) for each in spans]


async def test_the_timeline_of_the_leaked_key(client: Client) -> None:
    status, found = await client.get(f"/v1/timeline?principal=AKIADEMOBUILDBOT0003&{READ}&{DAY}")
    assert status == 200 and found["principal"] == BOT
    assert seen(found["spans"]) == [
        ("2026-03-03T08:00:00Z", "2026-03-03T14:09:12Z", "implicit_deny"),
        ("2026-03-03T14:09:12Z", "2026-03-03T15:31:10Z", "allow"),
        ("2026-03-03T15:31:10Z", "2026-03-04T00:00:00Z", "implicit_deny"),
    ]
    [granted] = [each for each in found["spans"][1]["changed_by"] if each["attribute"] == "version"]
    assert (granted["layer"], granted["change"], granted["of"], granted["item"]) == (
        "policy version", "added", DEPLOY, "v2",
    )  # fmt: skip
    event = granted["event"]
    assert (event["occurred_at"], event["actor"], event["source_ip"], event["action"]) == (
        "2026-03-03T14:09:12Z", BOT, "203.0.113.66", "iam:CreatePolicyVersion",
    )  # fmt: skip
    assert found["spans"][0]["changed_by"] == []
    assert found["spans"][0]["without_records"][0]["from"] == "2026-03-03T08:00:00Z"
    by_name = await client.get(f"/v1/timeline?principal=build-bot&{READ}&{DAY}")
    assert by_name[1] == found


async def test_a_life_that_begins_and_ends_in_the_window(client: Client) -> None:
    _, found = await client.get(f"/v1/timeline?principal=support-sync&{READ}&{DAY}")
    assert seen(found["spans"]) == [
        ("2026-03-03T08:00:00Z", "2026-03-03T14:11:05Z", "unknown_principal"),
        ("2026-03-03T14:11:05Z", "2026-03-03T15:33:40Z", "allow"),
        ("2026-03-03T15:33:40Z", "2026-03-04T00:00:00Z", "unknown_principal"),
    ]
    [ended] = [each for each in found["spans"][2]["changed_by"] if each["attribute"] == "entity"]
    assert (ended["change"], ended["event"]["action"], ended["event"]["actor"]) == (
        "removed", "iam:DeleteUser", f"arn:aws:iam::{ACCOUNT}:user/ada",
    )  # fmt: skip


async def test_what_was_not_known_yet_is_left_out(client: Client) -> None:
    _, page = await client.get("/v1/audit?action=iam:SetDefaultPolicyVersion")
    before = page["entries"][0]["position"] - 1
    _, found = await client.get(f"/v1/timeline?principal=build-bot&{READ}&{DAY}&known_at={before}")
    assert (found["known_at"], [each["effect"] for each in found["spans"]]) == (before, ["implicit_deny"])


async def test_steps_of_what_concerns_a_user(client: Client) -> None:
    status, found = await client.get(f"/v1/moments?of=support-sync&{DAY}")
    assert status == 200 and found["of"] == SUPPORT
    told = [
        (step["at"][11:19], each["layer"], each["change"], each["event"]["action"])
        for step in found["steps"]
        for each in step["changes"]
    ]
    assert told == [
        ("14:11:05", "principal", "added", "iam:CreateUser"),
        ("14:11:05", "attachment", "added", "iam:AttachUserPolicy"),
        ("14:11:06", "credential", "added", "iam:CreateAccessKey"),
        ("15:33:40", "credential", "removed", "iam:DeleteAccessKey"),
        ("15:33:40", "principal", "removed", "iam:DeleteUser"),
        ("15:33:40", "attachment", "removed", "iam:DetachUserPolicy"),
    ]
    for words in ("policy/deploy", DEPLOY, "ANPADEMODEPLOY000001"):
        _, found = await client.get(f"/v1/moments?of={words}&{DAY}")
        assert found["of"] == DEPLOY and "2026-03-03T14:09:12Z" in [step["at"] for step in found["steps"]]


async def test_who_gave_it_and_by_which_right(client: Client) -> None:
    query = f"principal=support-sync&{READ}&as_of=2026-03-03T14:30:00Z"
    status, found = await client.get(f"/v1/provenance?{query}")
    assert status == 200 and found["effect"] == "allow"
    [grant] = found["grants"]
    assert [(each["layer"], each["of"]) for each in grant["links"]] == [
        ("policy version", "arn:aws:iam::aws:policy/AdministratorAccess"),
        ("attachment", SUPPORT),
        ("principal", SUPPORT),
    ]
    rights = {each["event"]["action"] or each["event"]["source"]: each for each in found["authorities"]}
    assert rights["iam:AttachUserPolicy"]["principal"] == BOT and rights["iam:AttachUserPolicy"]["effect"] == "allow"
    assert (rights["catalogue"]["end"], rights["snapshot"]["end"]) == ("aws", "unknown")
    _, found = await client.get(f"/v1/provenance?principal=build-bot&{READ}")
    assert (found["effect"], found["blocked_by"]) == ("implicit_deny", ["identity"])
    assert {"from": "2026-03-03T14:09:12Z", "to": "2026-03-03T15:31:10Z"} in found["allowed_at"]


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ("from=2026-03-04&to=2026-03-03", 400,
         "from 2026-03-04T00:00:00Z is not before to 2026-03-03T00:00:00Z: a window begins before it ends"),
        ("to=2026-03-01", 400,
         "nothing is known before 2026-03-03T08:00:00Z, and the window ends earlier: to 2026-03-01"),
        ("from=2999-01-01", 400, "from 2999-01-01 has not come yet"),
        ("to=2999-01-01", 400, "to 2999-01-01 has not come yet: leave it out to ask until now"),
        ("from=noon", 400, "from: 'noon' is not an instant: expected an instant such as"),
        ("from=@4711", 400, "from @4711 is beyond the head of the log, which is"),
        ("known_at=4711", 400, "known_at 4711 is beyond the head of the log, which is"),
        ("from=1800-01-01", 400, "from 1800-01-01 is before 1900: nothing is known of that time"),
    ],
)  # fmt: skip
async def test_windows_that_cannot_be_asked_about(client: Client, query: str, status: int, words: str) -> None:
    for path in (f"/v1/timeline?principal=grace&{READ}", "/v1/moments?of=grace"):
        found_status, found = await client.get(f"{path}&{query}")
        assert found_status == status and found["detail"].startswith(words), found


async def test_an_instant_before_anything_is_known_says_so(client: Client) -> None:
    early = "as_of=2019-01-01"
    for path in ("/v1/list/users", "/v1/list/keys", "/v1/list/users?account=111122223333"):
        status, page = await client.get(f"{path}{'&' if '?' in path else '?'}{early}")
        assert (status, page["notes"][0]) == (200, "nothing is known before 2026-03-03T08:00:00Z")
    _, page = await client.get(f"/v1/list/users?{early}")
    assert page["notes"][1].startswith(f"no records of {ACCOUNT} before 2026-03-03T09:10:02Z")
    assert page["notes"][2].startswith(f"known later: {ACCOUNT} was first listed at 2026-03-03T08:00:00Z")
    _, page = await client.get("/v1/list/users?as_of=2026-03-03T14:30:00Z")
    assert page["notes"] == []
    status, found = await client.get(f"/v1/provenance?principal=grace&{READ}&{early}")
    assert status == 404 and "existed from 2025-06-02T08:00:00Z" in found["detail"]  # so says a listing
    _, found = await client.get(f"/v1/provenance?principal=grace&{READ}&as_of=2026-01-01")
    assert "nothing is known before 2026-03-03T08:00:00Z" in found["notes"]
    _, found = await client.get(f"/v1/provenance?principal=grace&{READ}")
    assert found["notes"] == []


LEDGER = "arn:aws:s3:::ledger/x"
OF_BUILD_BOT = f"principal=build-bot&action=s3:GetObject&resource={LEDGER}&resource_account={ACCOUNT}"


@pytest.mark.parametrize(
    "path",
    [f"/v1/can?{OF_BUILD_BOT}&", f"/v1/can-each?{OF_BUILD_BOT}&", f"/v1/timeline?{OF_BUILD_BOT}&",
     f"/v1/ever?action=s3:GetObject&resource={LEDGER}&", f"/v1/who-can?action=s3:GetObject&resource={LEDGER}&",
     f"/v1/never?action=s3:GetObject&resource={LEDGER}&", f"/v1/provenance?{OF_BUILD_BOT}&",
     f"/v1/who-can-each?action=s3:GetObject&resource={LEDGER}&",
     "/v1/which-resources?principal=build-bot&action=s3:GetObject&"],
)  # fmt: skip
async def test_condition_keys_are_given_in_either_form(client: Client, path: str) -> None:
    now = "to=2026-03-04" if any(each in path for each in ("timeline", "ever", "never")) else "as_of=2026-03-04"
    first = await client.get(f"{path}{now}&context=aws:SourceIp=203.0.113.9&context=aws:PrincipalTag/a=1=2")
    assert first[0] == 200, first
    second = await client.get(f"{path}{now}&aws:SourceIp=203.0.113.9&aws:PrincipalTag/a=1%3D2")
    assert second == first
    for wrong in ("context=nonsense", "context=", "context=aws:SourceIp"):
        status, found = await client.get(f"{path}{now}&{wrong}")
        assert (status, found["type"]) == (400, "urn:erstwhile:problem:malformed_context"), found
        assert found["detail"].startswith("context: expected KEY=VALUE such as aws:SourceIp=203.0.113.9, not ")


@pytest.mark.parametrize(
    "path",
    [f"/v1/diff?{DAY}", "/v1/list/users?", "/v1/what-can?principal=ada", f"/v1/moments?of=ada&{DAY}", "/v1/audit?",
     f"/v1/replay?{DAY}", "/v1/reach?to_administrator=true", "/v1/find?q=ada", "/v1/watches?"],
)  # fmt: skip
async def test_a_question_that_has_no_conditions_does_not_pass_over_a_condition_key(client: Client, path: str) -> None:
    status, found = await client.get(f"{path}&aws:SourceIp=203.0.113.9")
    assert (status, found["type"]) == (400, "urn:erstwhile:problem:unknown_parameter"), found


async def test_a_window_that_begins_before_anything_is_known_says_so(client: Client) -> None:
    _, found = await client.get(f"/v1/timeline?principal=grace&{READ}&from=2020-01-01")
    assert found["notes"][0] == "nothing is known before 2026-03-03T08:00:00Z"
    _, found = await client.get(f"/v1/timeline?principal=grace&{READ}")
    assert (found["from"], found["spans"][0]["from"]) == ("2026-03-03T08:00:00Z", "2026-03-03T08:00:00Z")


async def test_principals_that_are_not_there(client: Client) -> None:
    after = "from=2026-03-03T16:00:00Z"
    status, found = await client.get(f"/v1/timeline?principal=support-sync&{READ}&{after}")
    assert status == 404 and found["detail"].endswith(
        f"there was AIDADEMOSUPPORT00004 ({SUPPORT}) from 2026-03-03T14:11:05Z to 2026-03-03T15:33:40Z: ask about a "
        "window that reaches there"
    )
    assert found["existed"] == [
        {"principal": SUPPORT, "unique_id": "AIDADEMOSUPPORT00004", "from": "2026-03-03T14:11:05Z",
         "to": "2026-03-03T15:33:40Z"},
    ]  # fmt: skip
    status, found = await client.get(f"/v1/timeline?principal=gracie&{READ}")
    assert status == 404 and found["similar"] == [f"arn:aws:iam::{ACCOUNT}:user/grace"]
    status, found = await client.get(f"/v1/timeline?principal=arn:aws:iam::1:x/ada&{READ}")
    assert status == 400 and "is not a principal" in found["detail"]


async def lines(client: Client, path: str) -> list[dict[str, Any]]:
    headers = {"Accept": "application/x-ndjson"}
    async with client.session.get(client.base + path, headers=headers) as response:
        assert response.status == 200 and response.headers["Content-Type"] == "application/x-ndjson"
        return [orjson.loads(line) for line in (await response.read()).splitlines()]


async def test_line_by_line_it_says_the_same(client: Client) -> None:
    for path, name in (
        (f"/v1/timeline?principal=build-bot&{READ}&{DAY}", "spans"),
        (f"/v1/moments?of=grace&{DAY}", "steps"),
    ):
        _, whole = await client.get(path)
        found = await lines(client, path)
        assert [each.pop("line") for each in found] == ["head", *[name] * len(whole[name]), "tail"]
        assert {**found[0], name: found[1:-1], **found[-1]} == whole


async def test_a_stream_that_cannot_begin_is_a_problem(client: Client) -> None:
    headers = {"Accept": "application/x-ndjson"}
    path = f"{client.base}/v1/timeline?principal=nobody&{READ}"
    async with client.session.get(path, headers=headers) as response:
        assert response.status == 404 and response.content_type == "application/problem+json"


async def test_what_fails_in_between_is_the_last_line(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*given: Any, **more: Any) -> Any:
        yield next(spans_of(*given, **more))
        raise LookupError("lost")

    monkeypatch.setattr(over_time, "spans_of", breaks)
    told = await lines(client, f"/v1/timeline?principal=build-bot&{READ}&{DAY}")
    assert [each["line"] for each in told] == ["head", "spans", "problem"]
    assert (told[-1]["status"], told[-1]["type"]) == (500, "urn:erstwhile:problem:internal_error")


async def test_a_client_that_goes_away_stops_the_work(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    ended = threading.Event()

    def endless(question: Any, *given: Any, **more: Any) -> Any:
        first = next(spans_of(question, *given, **more))
        try:
            while True:
                list(question.history.kinds())
                yield first
        finally:
            ended.set()

    monkeypatch.setattr(over_time, "spans_of", endless)
    path = f"{client.base}/v1/timeline?principal=build-bot&{READ}&{DAY}"
    async with (
        aiohttp.ClientSession(headers=client.session.headers) as session,
        session.get(path, headers={"Accept": "application/x-ndjson"}) as response,
    ):
        assert response.status == 200 and await response.content.readline()
    assert await asyncio.to_thread(ended.wait, 30), "the work goes on"
    ended.clear()
    with pytest.raises(TimeoutError):  # as one object it never ends: the client gives up
        async with asyncio.timeout(1), client.session.get(path):
            pass
    assert await asyncio.to_thread(ended.wait, 30), "the work goes on"


async def test_an_answer_that_takes_too_long_says_how_to_ask(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    ended = threading.Event()

    def endless(question: Any, *given: Any, **more: Any) -> Any:
        try:
            while True:
                list(question.history.kinds())
                yield from ()
        finally:
            ended.set()

    monkeypatch.setattr(over_time, "spans_of", endless)
    monkeypatch.setattr(client.app[WAITING], "_seconds", 0.2)
    status, problem = await client.get(f"/v1/timeline?principal=build-bot&{READ}&{DAY}")
    assert (status, problem["type"]) == (503, "urn:erstwhile:problem:timeout")
    assert "Accept: application/x-ndjson" in problem["detail"]
    assert await asyncio.to_thread(ended.wait, LONG), "the work goes on"


async def test_since_when_and_until_when_each_line_is_so(client: Client) -> None:
    then = "as_of=2026-03-03T14:30:00Z&lasting=true"
    _, found = await client.get(f"/v1/who-can?{READ}&{then}")
    told = {each["principal"]: each["lasting"] for each in found["allowed"]}
    assert (told[BOT]["from"], told[BOT]["to"]) == ("2026-03-03T14:09:12Z", "2026-03-03T15:31:10Z")
    assert [each["event"]["action"] for each in told[BOT]["ended"]] == ["iam:SetDefaultPolicyVersion"]
    assert (told[SUPPORT]["from"], told[SUPPORT]["to"]) == ("2026-03-03T14:11:05Z", "2026-03-03T15:33:40Z")
    assert {each["event"]["action"] for each in told[SUPPORT]["began"]} >= {"iam:CreateUser"}
    only = {"from": "2026-03-03T14:09:12Z", "to": "2026-03-03T15:31:10Z"}
    assert told[BOT]["first"] == told[BOT]["last"] == only
    _, found = await client.get(f"/v1/what-can?principal=build-bot&{then}")
    [line] = found["permissions"]
    assert line["lasting"] == {"from": "2026-03-03T14:09:12Z", "to": "2026-03-03T15:31:10Z"}
    _, found = await client.get(f"/v1/who-can?{READ}&as_of=2026-03-03T14:30:00Z")
    assert all("lasting" not in each for each in found["allowed"])


async def test_what_was_gained_and_lost(client: Client) -> None:
    hours = "from=2026-03-03T14:00:00Z&to=2026-03-03T14:30:00Z"
    status, found = await client.get(f"/v1/diff?{hours}")
    assert status == 200
    assert {(each["principal"], each["change"], each["is_whole"]) for each in found["differences"]} == {
        (SUPPORT, "gained", True), (BOT, "gained", False),
    }  # fmt: skip
    caused = {event["action"] for each in found["differences"] for event in each["events"]}
    assert caused == {"iam:CreateUser", "iam:CreatePolicyVersion"}
    for principal in ("build-bot", BOT, "AIDADEMOBUILDBOT0003"):
        _, found = await client.get(f"/v1/diff?{hours}&principal={principal}")
        assert {each["principal"] for each in found["differences"]} == {BOT}
    _, found = await client.get("/v1/diff?from=2026-03-03T14:00:00Z&to=2026-03-03T16:00:00Z")
    assert found["differences"] == []
    _, found = await client.get(
        "/v1/diff?from=2026-03-03T08:30:00Z&to=2026-03-03T09:30:00Z&resource=arn:aws:s3:::payroll/*"
    )
    [gained] = found["differences"]
    assert gained["actions"] == [{"pattern": "s3:GetObject", "also": [], "excepts": []}]
    assert (gained["before"]["effect"], gained["after"]["effect"]) == ("deny", "allow")
    _, found = await client.get(f"/v1/diff?{hours}&account={ACCOUNT}")
    assert len({each["principal"] for each in found["differences"]}) == 2
    for query, status, words in (
        ("to=2026-03-03", 400, "from is required"),
        (f"{hours}&account=999988887777", 404, f"account 999988887777 is not known; known are: {ACCOUNT}"),
        (f"{hours}&principal=gracie", 404, "no principal gracie is known between"),
        (f"{hours}&resource=bucket", 400, "'bucket' is not an ARN"),
    ):
        found_status, found = await client.get(f"/v1/diff?{query}")
        assert found_status == status and found["detail"].startswith(words), found


async def test_whose_access_one_event_changed(client: Client) -> None:
    status, found = await client.get("/v1/effect/31")
    assert status == 200 and found["event"]["action"] == "iam:CreatePolicyVersion"
    assert {(each["principal"], each["change"]) for each in found["differences"]} == {(BOT, "gained")}
    assert {(each["layer"], each["of"]) for each in found["changes"]} == {("policy version", DEPLOY)}
    _, found = await client.get("/v1/effect/@25")
    assert {(each["principal"], each["change"]) for each in found["differences"]} == {(BOT, "lost")}
    _, found = await client.get("/v1/effect/24")
    assert found["differences"] == [] and found["notes"] == [
        "the event changed no fact on which access depends, or it only showed what was there before all records"
    ]
    for path, words in (
        ("/v1/effect/4711", "the position 4711 is beyond the head of the log, which is"),
        ("/v1/effect/x", "the position: 'x' is not a log position: expected one such as @4711"),
        ("/v1/effect/31?known_at=30", "the event 31 was recorded after known_at, which is 30"),
    ):
        status, found = await client.get(path)
        assert status == 400 and found["detail"].startswith(words), found


async def test_who_could_ever_and_for_how_long(client: Client) -> None:
    status, found = await client.get(f"/v1/ever?{READ}&{DAY}")
    assert status == 200
    told = {each["principal"]: each for each in found["holders"]}
    assert told[BOT]["periods"] == [{"from": "2026-03-03T14:09:12Z", "to": "2026-03-03T15:31:10Z", "how": "allowed"}]
    assert (told[BOT]["answer"], told[BOT]["allowed_seconds"]) == ("allowed", 4918.0)
    assert told[SUPPORT]["periods"] == [
        {"from": "2026-03-03T14:11:05Z", "to": "2026-03-03T15:33:40Z", "how": "allowed"}
    ]
    assert found["states"] >= found["principals"] >= len(told) and found["without_records"]
    _, page = await client.get("/v1/audit?action=iam:CreatePolicyVersion")
    before = page["entries"][0]["position"] - 1
    _, found = await client.get(f"/v1/ever?{READ}&{DAY}&known_at={before}")
    assert BOT not in {each["principal"] for each in found["holders"]}


async def test_a_window_replayed_event_by_event(client: Client) -> None:
    window = "from=2026-03-03T14:00:00Z&to=2026-03-03T16:00:00Z"
    status, found = await client.get(f"/v1/replay?{window}")
    assert status == 200
    steps = [(each["at"][11:19], each["position"]) for each in found["steps"]]
    assert steps == sorted(steps) and len(steps) < found["events"]
    for each in found["steps"]:
        _, alone = await client.get(f"/v1/effect/{each['position']}")
        assert (each["changes"], each["differences"]) == (alone["changes"], alone["differences"])
    _, whole = await client.get(f"/v1/replay?{window}&all=true")
    assert len(whole["steps"]) == whole["events"] == found["events"]
    _, of_bot = await client.get(f"/v1/replay?{window}&principal=build-bot")
    assert {each["principal"] for step in of_bot["steps"] for each in step["differences"]} == {BOT}
    assert [step["event"]["action"] for step in of_bot["steps"]] == [
        "iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion",
    ]  # fmt: skip
    status, refused = await client.get("/v1/replay?to=2026-03-03T16:00:00Z")
    assert (status, refused["type"]) == (400, "urn:erstwhile:problem:parameter_missing")


async def test_never_holds_or_says_who_could(client: Client) -> None:
    morning = "from=2026-03-03T08:00:00Z&to=2026-03-03T14:00:00Z"
    _, found = await client.get(f"/v1/never?{READ}&{morning}")
    may = {each["principal"] for each in found["holders"]}
    assert found["holds"] is False and BOT not in may
    excepted = "".join(f"&except={each}" for each in sorted(may))
    _, found = await client.get(f"/v1/never?{READ}&{morning}{excepted}")
    assert (found["holds"], found["is_sure"], len(found["excepting"])) == (True, False, len(may))
    names = "".join(f"&except={each}" for each in ("ada", "AIDADEMOGRACE0000002", "auditor", ACCOUNT))
    _, found = await client.get(f"/v1/never?{READ}&{morning}{names}")
    assert found["holds"] is True
    assert found["excepting"] == [
        "AIDADEMOADA000000001", "AIDADEMOGRACE0000002", "AROADEMOAUDITOR00001", f"arn:aws:iam::{ACCOUNT}:root",
    ]  # fmt: skip
    status, found = await client.get(f"/v1/never?{READ}&{morning}&except=gracie")
    assert status == 404 and found["detail"].startswith("no principal gracie is known between")
    _, found = await client.get(f"/v1/never?{READ}&{DAY}{excepted}")
    assert found["holds"] is False
    assert {each["principal"] for each in found["holders"] if each["answer"] == "allowed"} == {BOT, SUPPORT}
    status, found = await client.get(f"/v1/never?action=s3:GetObject&resource=arn:aws:s3:::payroll/*&{DAY}")
    assert (status, found["detail"]) == (
        400, "'arn:aws:s3:::payroll/*' stands for many: ask about one, or about *",
    )  # fmt: skip


async def test_a_window_that_takes_too_much_says_how_much_and_what_to_narrow(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ever_questions, "MOST_STATES", 3)
    status, found = await client.get(f"/v1/ever?{READ}&{DAY}")
    assert (status, found["type"]) == (422, "urn:erstwhile:problem:too_much")
    assert found["detail"].startswith("3 states of ")
    assert found["detail"].endswith("ask about a shorter time, one account or another resource")
