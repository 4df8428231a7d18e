"""The decision log: what was served is recorded as it was served, and comes out equal when it is asked again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from typing import Any

import msgspec
import orjson
import psycopg
import pytest

from erstwhile.api.applications.names import DEFAULT_ACCOUNT, Names
from erstwhile.api.database.database import Database
from erstwhile.api.database.settings import MalformedSetting
from erstwhile.api.decision_log import log as log_module
from erstwhile.api.decision_log.log import DecisionLog
from erstwhile.api.decision_log.masking import Mask
from erstwhile.api.decision_log.settings import DecisionLogSettings, from_environment
from erstwhile.api.http.authzen.recheck import recheck
from erstwhile.api.http.schema.decisions import DecisionPage
from erstwhile.api.problems import Problem
from erstwhile.domain.commands.attachments import DeleteInlinePolicy, PutInlinePolicy
from erstwhile.domain.commands.users_groups import CreateUser
from erstwhile.projections.decision_rows import DecisionFilters, drop_before, page
from tests.support.documents import ALLOW
from tests.support.http import Client, serving
from tests.support.program import erstwhile
from tests.support.recording import RecordingHere

ADA = f"arn:aws:iam::{DEFAULT_ACCOUNT}:user/ada"
MAY = PutInlinePolicy(account=DEFAULT_ACCOUNT, kind="user", name="ada", policy_name="read", document=ALLOW)
MAY_NOT = DeleteInlinePolicy(account=DEFAULT_ACCOUNT, kind="user", name="ada", policy_name="read")


def question(action: str = "s3:GetObject", **context: Any) -> dict[str, Any]:
    return {
        "subject": {"type": "user", "id": ADA}, "action": {"name": action},
        "resource": {"type": "object", "id": "arn:aws:s3:::ledger/a"},
        "context": {"resource_account": DEFAULT_ACCOUNT, **context},
    }  # fmt: skip


Logging = Callable[..., DecisionLog]


@pytest.fixture
def logging(database: Database) -> Iterator[Logging]:
    """Makes a log of decisions, recorded in this process, that is closed after the test."""
    made: list[DecisionLog] = []
    recordings: list[RecordingHere] = []

    def make(connect: Callable[[], Any] = database.connect, **settings: Any) -> DecisionLog:
        given = DecisionLogSettings(**settings)
        recordings.append(RecordingHere(connect, given.masked))
        made.append(DecisionLog(recordings[-1], given))
        return made[-1]

    yield make
    for each in made:
        each.close()
    for recording in recordings:
        recording.abandon()


def recorded(database: Database, decision_log: DecisionLog, **filters: Any) -> list[Any]:
    decision_log.attempt()
    with database.connect() as connection:
        return page(connection, DecisionFilters(**filters), 100)[0]


def server(database: Database, decision_log: DecisionLog) -> AbstractAsyncContextManager[Client]:
    return serving(database, ("read", "admin"), name="shop", decision_log=decision_log)


async def test_each_decision_is_recorded_as_it_was_served_and_comes_out_equal(
    database: Database, logging: Logging
) -> None:
    decision_log = logging()
    async with server(database, decision_log) as client:
        commands = client.service.commands
        commands.execute(CreateUser(account=DEFAULT_ACCOUNT, name="ada", new_id="AIDAADA"))
        for change in (MAY, MAY_NOT, MAY):
            client.service.present.wait_for(commands.execute(change).position)
            for _ in range(2):  # the second answer is one that is kept
                await client.post("/access/v1/evaluation", question())
            await client.post("/access/v1/evaluation", question("s3:PutObject"))
        await client.post(
            "/access/v1/evaluations",
            question() | {"evaluations": [{}, {"action": {"name": "s3:PutObject"}}, {"action": {}}]},
        )
        await client.post("/access/v1/evaluation", question(explain=True))
        await client.post("/access/v1/evaluation", question() | {"subject": {"type": "user", "id": ADA + "x"}})
        found = recorded(database, decision_log)
        assert [each.effect for each in reversed(found)] == [
            *["allow", "allow", "implicit_deny"], *["implicit_deny"] * 3, *["allow", "allow", "implicit_deny"],
            "allow", "implicit_deny", "allow", "implicit_deny",
        ]  # fmt: skip
        assert {each.asked_by for each in found} == {"shop"}
        assert orjson.loads(found[-1].question) == question()
        assert orjson.loads(found[-1].answer)["decision"] is True
        again = recheck(client.service.history, client.service.names, DecisionFilters(), 1_000)
        assert (again.equal, again.unequal, again.masked) == (13, [], 0)

        status, told = await client.get("/v1/decisions?effect=allow&limit=2")
        assert (status, len(told["entries"])) == (200, 2)
        assert msgspec.to_builtins(msgspec.convert(told, DecisionPage)) == told
        seen = [each["id"] for each in told["entries"]]
        while told["next_cursor"]:
            status, told = await client.get(f"/v1/decisions?effect=allow&limit=2&cursor={told['next_cursor']}")
            seen += [each["id"] for each in told["entries"]]
        assert seen == [each.id for each in found if each.effect == "allow"]
        for path in ("effect=no", "since=x", "cursor=x", "limit=0", "what=1"):
            assert (await client.get(f"/v1/decisions?{path}"))[0] == 400, path

    # Who alters the record is found out by asking again.
    with psycopg.connect(database.owner_dsn) as connection:
        connection.execute(
            "UPDATE decision SET effect = 'allow' WHERE effect = 'implicit_deny' AND action = 's3:PutObject'"
        )
    done = erstwhile(database, "decisions", "recheck", "--json")
    assert (done.returncode, orjson.loads(done.stdout)["unequal"]) == (1, 4)
    done = erstwhile(database, "decisions", "list", "--effect", "implicit_deny", "--csv", "--columns", "subject,action")
    assert done.stdout.splitlines()[:2] == ["subject,action", f"{ADA}x,s3:GetObject"]
    with database.owner() as connection:
        assert drop_before(connection, found[0].decided_at.date()) == 0
        assert connection.execute("SELECT count(*) FROM decision").fetchone() == (13,)


async def test_what_is_masked_is_not_recorded(database: Database, logging: Logging) -> None:
    decision_log = logging(masked=("aws:SourceIp", "app:*"))
    async with server(database, decision_log) as client:
        asked = question(**{"aws:sourceip": "203.0.113.9", "app:secret": "s3cr3t", "aws:UserAgent": "x"})
        asked["resource"]["properties"] = {"App:owner": "s3cr3t", "status": "open"}
        await client.post("/access/v1/evaluation", asked)
        [found] = recorded(database, decision_log)
        assert found.masked
        assert "s3cr3t" not in found.question and "203.0.113.9" not in found.question
        assert orjson.loads(found.question)["resource"]["properties"] == {"App:owner": "***", "status": "open"}
        assert recheck(client.service.history, Names(), DecisionFilters(), 10).masked == 1


def test_what_cannot_be_masked_is_dropped_and_counted(database: Database, logging: Logging) -> None:
    decision_log = logging(masked=("x",))
    decision_log.note("shop", b'{"context": 5}', b'{"decision":true}', 1, 0.0)
    decision_log.note("shop", b"\xff", b'{"decision":true}', 1, 0.0)
    assert recorded(database, decision_log) == []
    assert decision_log.dropped == 2


def test_a_question_of_a_batch_that_cannot_be_written_takes_no_other_with_it(
    database: Database, logging: Logging
) -> None:
    class Read(msgspec.Struct):
        subject: Any

    decision_log = logging()
    for asked in (Read(object()), orjson.dumps(question()), Read("\ud800")):
        decision_log.note("shop", asked, b'{"decision":true}', 1, 0.0)
    assert len(recorded(database, decision_log)) == 1
    assert (decision_log.written, decision_log.dropped, decision_log.waiting, decision_log._bytes) == (1, 2, 0, 0)


def test_odd_characters_are_recorded(database: Database, logging: Logging) -> None:
    decision_log = logging()
    asked = question() | {"subject": {"type": "user", "id": "a\tb\\c\nd\0e"}}
    decision_log.note("shop\0", orjson.dumps(asked, option=orjson.OPT_INDENT_2), b'{"decision":false}', 1, 0.0)
    [found] = recorded(database, decision_log)
    assert (found.subject, found.asked_by, found.effect) == ("a\tb\\c\nd\ufffde", "shop\ufffd", "implicit_deny")
    assert orjson.loads(found.question) == asked


def test_only_some_are_recorded_where_it_says_so(database: Database, logging: Logging) -> None:
    denied = logging(denied_only=True)
    for answer in (b'{"decision":true}', b'{"decision":false}'):
        denied.note("shop", orjson.dumps(question()), answer, 1, 0.0)
    assert denied.waiting == 1
    some = logging(share=0.1)
    for _ in range(2_000):
        some.note("shop", b"", b"", 1, 0.0)
    assert 100 < some.waiting < 320


def test_a_full_buffer_drops_or_refuses(database: Database, logging: Logging, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_module, "BUFFERED", 2)
    drops, refuses = logging(), logging(refuses=True)
    for each in (drops, refuses):
        each.require_room()
        for _ in range(3):
            each.note("shop", orjson.dumps(question()), b'{"decision":true}', 1, 0.0)
        assert (each.waiting, each.dropped) == (2, 1)
    drops.require_room()
    with pytest.raises(Problem, match="cannot be recorded now"):
        refuses.require_room()


def test_the_buffer_is_bounded_in_bytes_too(
    database: Database, logging: Logging, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = orjson.dumps(question())
    monkeypatch.setattr(log_module, "BYTES", 3 * (len(asked) + len(b'{"decision":true}')))
    decision_log = logging(refuses=True)
    for _ in range(2):
        for _ in range(4):
            decision_log.note("shop", asked, b'{"decision":true}', 1, 0.0)
        assert (decision_log.waiting, decision_log.dropped) == (3, 1)
        with pytest.raises(Problem, match="cannot be recorded now"):
            decision_log.require_room()
        decision_log.attempt()
        decision_log.require_room()
        decision_log.dropped = 0
    assert decision_log._bytes == 0


def test_decisions_wait_for_a_database_that_is_away(database: Database, logging: Logging) -> None:
    def connect() -> Any:
        if is_away:
            raise psycopg.OperationalError("connection refused")
        return database.connect()

    is_away = True
    decision_log = logging(connect)
    decision_log.note("shop", orjson.dumps(question()), b'{"decision":true}', 1, 0.0)
    assert recorded(database, decision_log) == []
    assert (decision_log.waiting, decision_log.dropped) == (1, 0)
    is_away = False
    assert len(recorded(database, decision_log)) == 1
    assert (decision_log.waiting, decision_log.failure) == (0, None)


def test_what_cannot_be_masked_is_counted_once_however_often_the_rest_is_tried(
    database: Database, logging: Logging
) -> None:
    def connect() -> Any:
        if is_away:
            raise psycopg.OperationalError("connection refused")
        return database.connect()

    is_away = True
    decision_log = logging(connect, masked=("x",))
    for asked in (b'{"context": 5}', orjson.dumps(question())):
        decision_log.note("shop", asked, b'{"decision":true}', 1, 0.0)
    for _ in range(3):
        decision_log.attempt()
    assert (decision_log.waiting, decision_log.dropped) == (1, 1)
    is_away = False
    assert len(recorded(database, decision_log)) == 1
    assert (decision_log.written, decision_log.dropped) == (1, 1)


@pytest.mark.parametrize("is_committed", [True, False])
def test_a_connection_that_is_lost_while_a_batch_is_committed_neither_loses_nor_doubles_it(
    database: Database, logging: Logging, is_committed: bool
) -> None:
    class Lost(psycopg.Connection[Any]):
        @contextmanager
        def transaction(
            self, savepoint_name: str | None = None, force_rollback: bool = False
        ) -> Iterator[psycopg.Transaction]:
            with super().transaction(savepoint_name, not is_committed) as transaction:
                yield transaction
            self.close()
            raise psycopg.OperationalError("server closed the connection unexpectedly")

    def connect() -> Any:
        return Lost.connect(database.owner_dsn, autocommit=True) if loses else database.connect()

    loses = True
    decision_log = logging(connect)
    for action in ("s3:GetObject", "s3:PutObject"):
        decision_log.note("shop", orjson.dumps(question(action)), b'{"decision":true}', 1, 0.0)
    decision_log.attempt()
    assert (decision_log.waiting, decision_log.written) == (2, 0)
    loses = False
    assert [each.action for each in recorded(database, decision_log)] == ["s3:PutObject", "s3:GetObject"]
    assert (decision_log.waiting, decision_log.written, decision_log.failure) == (0, 2, None)


def test_a_server_that_ends_without_its_database_says_how_many_are_lost(
    logging: Logging, caplog: pytest.LogCaptureFixture
) -> None:
    def connect() -> Any:
        raise psycopg.OperationalError("connection refused")

    decision_log = logging(connect)
    decision_log.start()
    decision_log.note("shop", orjson.dumps(question()), b'{"decision":true}', 1, 0.0)
    decision_log.close()
    assert decision_log.dropped == 1
    assert "the server ends, and 1 decisions are not recorded: connection refused" in caplog.text


def test_days_are_dropped_whole(database: Database, logging: Logging, monkeypatch: pytest.MonkeyPatch) -> None:
    decision_log = logging()
    with monkeypatch.context() as long_ago:
        long_ago.setattr(time, "time_ns", lambda: 86_400_000_000_000)
        decision_log.note("shop", orjson.dumps(question()), b'{"decision":true}', 1, 0.0)
    decision_log.note("shop", orjson.dumps(question()), b'{"decision":true}', 1, 0.0)
    assert len(recorded(database, decision_log)) == 2
    done = erstwhile(database, "decisions", "prune", "--before", "2026-01-01")
    assert (done.returncode, done.stdout) == (0, "1 day is dropped\n")
    assert len(recorded(database, decision_log)) == 1
    assert erstwhile(database, "decisions", "prune", "--before", "2999-01-01").returncode == 2


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", DecisionLogSettings()),
        ("denied", DecisionLogSettings(denied_only=True)),
        ("off", DecisionLogSettings(share=0.0)),
        ("sampled:0.25", DecisionLogSettings(share=0.25)),
    ],
)
def test_settings(text: str, expected: DecisionLogSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ERSTWHILE_DECISION_LOG", text)
    assert from_environment() == expected
    assert expected.is_on == (text != "off")


@pytest.mark.parametrize(
    ("name", "text"),
    [("ERSTWHILE_DECISION_LOG", "sampled:2"), ("ERSTWHILE_DECISION_LOG", "some"),
     ("ERSTWHILE_DECISION_LOG_MASK", "a b"), ("ERSTWHILE_DECISION_LOG_FULL", "wait")],
)  # fmt: skip
def test_settings_that_mean_nothing_are_refused(name: str, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, text)
    with pytest.raises(MalformedSetting, match=name):
        from_environment()


def test_a_mask_is_by_name_and_means_no_other_pattern() -> None:
    mask = Mask(["a[bc]", "d*"])
    asked = orjson.dumps({"context": {"a[bc]": 1, "ab": 2, "Dx": 3}, "subject": {"properties": None}, "action": None})
    data, is_masked = mask.applied(asked)
    assert (orjson.loads(data)["context"], is_masked) == ({"a[bc]": "***", "ab": 2, "Dx": "***"}, True)
    assert Mask([]).applied(b"x") == (b"x", False)
