"""Differences that another process computes: the same answers, whatever becomes of the process, the caller or the
server."""

from __future__ import annotations

import asyncio
import os
import stat
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import aiohttp
import msgspec
import orjson
import psycopg
import pytest

from erstwhile.api.applications.names import Names
from erstwhile.api.asking.long_questions.long_questions import LongQuestions
from erstwhile.api.asking.long_questions.process import PROGRAM, AnsweringProcess
from erstwhile.api.asking.long_questions.question import DiffQuestion, Ground, IsLong, Job
from erstwhile.api.asking.over_time.pieces import Pieces
from erstwhile.api.asking.over_time.stopping import Stop, Stopped
from erstwhile.api.database.database import Database
from erstwhile.api.http.app_keys import WAITING
from erstwhile.api.problems import Problem
from erstwhile.api.serving.serve_settings import ServeSettings
from erstwhile.domain.policy.knowledge import rcp_services
from tests.support.demonstration import GRACE, ask
from tests.support.documents import READ
from tests.support.http import Client, serving
from tests.support.waiting import LONG, wait_until

ACCOUNT = "111122223333"
HOURS = "from=2026-03-03T14:00:00Z&to=2026-03-03T14:30:00Z"
PLAIN: dict[str, str] = {}
NDJSON = {"Accept": "application/x-ndjson"}
ASKED = DiffQuestion(begin="2026-03-03T14:00:00Z", end="2026-03-03T14:30:00Z", known_at=31, account=None, resource=None)


def ground(database: Database) -> Ground:
    names = Names()
    return Ground(
        dsn=database.dsn, columns=None, account=names.account, partition=names.partition, templates=names.templates,
        rcp_services=rcp_services.in_force(),
    )  # fmt: skip


@pytest.fixture
async def client(story: Database) -> AsyncIterator[Client]:
    """Of a server in which every difference concerns too many."""
    async with serving(story, settings=ServeSettings(long_questions=1)) as client:
        assert client.service.long_questions is not None
        client.service.long_questions.few = 0
        yield client


def processes(client: Client) -> LongQuestions:
    assert client.service.long_questions is not None
    return client.service.long_questions


async def told(
    client: Client, path: str, headers: dict[str, str] = PLAIN, body: bytes | None = None
) -> tuple[int, bytes]:
    given = headers if body is None else headers | {"Content-Type": "application/json"}
    method = "GET" if body is None else "POST"
    async with client.session.request(method, client.base + path, data=body, headers=given) as response:
        return response.status, await response.read()


async def test_the_answers_are_those_of_the_server_byte_by_byte(client: Client) -> None:
    concern_somebody: list[tuple[str, dict[str, str]]] = [
        (f"/v1/diff?{HOURS}", {}),
        (f"/v1/diff?{HOURS}&account={ACCOUNT}", NDJSON),
        ("/v1/diff?from=2026-03-03T08:30:00Z&to=2026-03-03T09:30:00Z&resource=arn:aws:s3:::payroll/*", {}),
        ("/v1/diff?from=2026-03-03T08:30:00.123456Z&to=@31", {}),
        ("/v1/effect/@25", {}),
        ("/v1/effect/31", NDJSON),
    ]
    asked = [*concern_somebody, (f"/v1/diff?{HOURS}&known_at=20", {}), ("/v1/effect/31?known_at=31", {})]
    changes = [
        {"change": "create", "arn": f"arn:aws:iam::{ACCOUNT}:user/new", "tags": {"b": "1", "a": "2"}},
        {"change": "put-inline-policy", "principal": "build-bot", "name": "own", "document": READ},
    ]
    supposed = orjson.dumps({"changes": changes, "as_of": "2026-03-03T13:00:00Z"})
    by_process = [await told(client, path, headers) for path, headers in asked]
    by_process.append(await told(client, "/v1/what-if", body=supposed))
    processes(client).few = 10**9
    by_server = [await told(client, path, headers) for path, headers in asked]
    by_server.append(await told(client, "/v1/what-if", body=supposed))
    assert by_process == by_server
    assert (processes(client).started, processes(client).lost) == (len(concern_somebody) + 1, 0)
    assert {status for status, _ in by_process} == {200}
    assert orjson.loads(by_process[0][1])["differences"]


async def test_one_principal_and_what_is_refused_need_no_process(client: Client) -> None:
    assert (await told(client, f"/v1/diff?{HOURS}&principal={GRACE}"))[0] == 200
    assert (await told(client, f"/v1/diff?{HOURS}&account=999988887777"))[0] == 404
    assert (await told(client, "/v1/diff?from=2026-03-03T14:00:00Z&to=2026-03-03T13:00:00Z"))[0] == 400
    assert (await told(client, "/v1/effect/4711"))[0] == 400
    assert processes(client).started == 0


def script(path: Path, body: str) -> str:
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


async def test_a_process_that_cannot_start_or_ends_too_soon_is_a_problem_that_says_what_to_do(
    client: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for python, words in (
        ("/nowhere/python", "cannot be started"),
        ("/bin/false", "ended with status 1"),
        (script(tmp_path / "killed", "kill -9 $$"), "was ended by signal 9"),
    ):
        with monkeypatch.context() as patched:
            patched.setattr(sys, "executable", python)
            for headers in ({}, NDJSON):
                status, body = await told(client, f"/v1/diff?{HOURS}", headers)
                problem = orjson.loads(body)
                assert (status, problem["type"]) == (503, "urn:erstwhile:problem:answer_lost")
                assert "ask about one principal, one account or a shorter time" in problem["detail"]
        assert words in caplog.text
    assert processes(client).lost == 4
    assert (await told(client, f"/v1/diff?{HOURS}"))[0] == 200
    assert processes(client).running == 0


async def test_a_caller_who_goes_away_ends_the_process_or_leaves_the_queue(
    client: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    long, pids = processes(client), tmp_path / "pids"
    pids.write_text("")
    with monkeypatch.context() as patched:
        patched.setattr(sys, "executable", script(tmp_path / "slow", f"echo $$ >> {pids}; exec sleep 1000"))
        first = asyncio.create_task(told(client, f"/v1/diff?{HOURS}"))
        await asyncio.to_thread(wait_until, lambda: pids.read_text().count("\n") == 1)
        streamed = asyncio.create_task(told(client, f"/v1/diff?{HOURS}", NDJSON))
        await asyncio.to_thread(wait_until, lambda: long.waiting == 1)
        # Meanwhile decisions are made.
        status, found = await client.post("/access/v1/evaluation", ask(GRACE))
        assert (status, found["decision"]) == (200, True)
        streamed.cancel()
        await asyncio.to_thread(wait_until, lambda: long.waiting == 0)
        assert long.running == 1
        last = asyncio.create_task(told(client, f"/v1/diff?{HOURS}"))
        await asyncio.to_thread(wait_until, lambda: long.waiting == 1)
        [pid] = map(int, pids.read_text().split())
    first.cancel()
    assert (await last)[0] == 200
    # It was waited for, too: else it would still be there, as a zombie.
    await asyncio.to_thread(wait_until, lambda: not is_there(pid))


def is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_a_process_ends_when_its_caller_has_waited_as_long_as_a_call_may(
    client: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "executable", script(tmp_path / "slow", "exec sleep 1000"))
    client.app[WAITING]._seconds = 0.1
    status, body = await told(client, f"/v1/diff?{HOURS}")
    assert (status, orjson.loads(body)["type"]) == (503, "urn:erstwhile:problem:timeout")
    await asyncio.to_thread(wait_until, lambda: processes(client).running == 0)


async def test_what_the_process_raises_is_what_the_caller_hears(client: Client) -> None:
    processes(client)._ground = msgspec.structs.replace(ground(client.database), dsn="host=/nowhere dbname=x")
    for headers in ({}, NDJSON):
        status, body = await told(client, f"/v1/diff?{HOURS}", headers)
        assert (status, orjson.loads(body)["type"]) == (503, "urn:erstwhile:problem:database_unavailable")


async def test_metrics_tell_of_them(story: Database) -> None:
    scopes = ("read", "metrics")
    async with serving(story, scopes=scopes, settings=ServeSettings(long_questions=1)) as client:
        processes(client).few = 0
        await told(client, f"/v1/diff?{HOURS}")
        text = (await told(client, "/metrics"))[1].decode()
    assert 'erstwhile_long_questions_started_total{worker="0"} 1.0' in text
    assert 'erstwhile_long_questions_lost_total{worker="0"} 0.0' in text
    assert 'erstwhile_long_questions{state="running",worker="0"} 0.0' in text.replace(
        '{worker="0",state="running"}', '{state="running",worker="0"}'
    )


async def test_none_is_started_where_the_setting_says_so(story: Database) -> None:
    async with serving(story, settings=ServeSettings(long_questions=0)) as client:
        assert client.service.long_questions is None
        assert (await told(client, f"/v1/diff?{HOURS}"))[0] == 200


@contextmanager
def locked(database: Database) -> Iterator[None]:
    """Whoever reads the log waits."""
    with psycopg.connect(database.owner_dsn) as owner:
        owner.execute("LOCK TABLE event IN ACCESS EXCLUSIVE MODE")
        yield
        owner.rollback()


def waiting(database: Database) -> int:
    with psycopg.connect(database.owner_dsn, autocommit=True) as owner:
        [(count,)] = owner.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        ).fetchall()
    return int(count)


def test_it_ends_with_its_server_whatever_it_waits_for(story: Database) -> None:
    with locked(story):
        process = AnsweringProcess(Job(ground(story), ASKED))
        wait_until(lambda: waiting(story) > 0)
        process._channel.close()  # as the end of the server does, whatever its kind
        assert process._process.wait(LONG) == 0


def test_nothing_secret_is_on_its_command_line_and_signals_for_all_are_none_for_it(story: Database) -> None:
    with locked(story):
        process = AnsweringProcess(Job(ground(story), ASKED))
        wait_until(lambda: waiting(story) > 0)
        command = Path(f"/proc/{process._process.pid}/cmdline").read_bytes().split(b"\0")
        assert command[1:4] == [b"-P", b"-m", PROGRAM.encode()] and command[4:] == [b""]
        assert os.getsid(process._process.pid) == process._process.pid
        assert os.getpriority(os.PRIO_PROCESS, process._process.pid) > os.getpriority(os.PRIO_PROCESS, 0)
        process._process.terminate()
    assert process.receive()[0] == "head"
    process.end()


class LongHere(AbstractContextManager[Pieces]):
    """A question that the server does not answer itself."""

    def __enter__(self) -> Pieces:
        raise IsLong(ASKED)

    def __exit__(self, *_: object) -> None:
        """There is nothing to end."""


def test_the_end_of_the_server_ends_them(story: Database) -> None:
    long, raised = LongQuestions(ground(story), 1), list[Exception]()

    def asked() -> None:
        try:
            with long.answered(LongHere(), Stop()):
                raise AssertionError("it was answered")
        except Problem as error:
            raised.append(error)

    with locked(story):
        asking = [threading.Thread(target=asked) for _ in range(2)]
        for each in asking:
            each.start()
        wait_until(lambda: waiting(story) > 0 and long.waiting == 1)
        long.close()
        for each in asking:
            each.join(LONG)
            assert not each.is_alive()
    assert (len(raised), long.running, long.started) == (2, 0, 1)


def test_what_is_called_off_while_it_computes_is_stopped(story: Database) -> None:
    long, stop = LongQuestions(ground(story), 1), Stop()

    def gone() -> None:
        wait_until(lambda: waiting(story) > 0)
        stop.call_off()

    with locked(story):
        caller = threading.Thread(target=gone)
        caller.start()
        with pytest.raises(Stopped), long.answered(LongHere(), stop):
            raise AssertionError("it was answered")
        caller.join(LONG)
    assert (long.running, long.lost) == (0, 0)


def test_what_the_server_was_told_is_told_to_the_process(story: Database) -> None:
    """Words for resources are the server's, and so is the list of services under resource control policies."""
    names = Names(ACCOUNT, templates={"resource": {"record": "arn:{partition}:records::{account}:r/{id}"}})
    again = Names(names.account, names.partition, names.templates)
    assert again.resource("record", "1") == names.resource("record", "1") == f"arn:aws:records::{ACCOUNT}:r/1"
    assert (again.own_services(), again.templates) == (names.own_services(), names.templates)


async def test_a_stream_whose_caller_has_gone_stops(client: Client) -> None:
    async with aiohttp.ClientSession(headers=client.session.headers) as session:
        response = await session.get(f"{client.base}/v1/diff?{HOURS}", headers=NDJSON)
        assert b'"line":"head"' in await response.content.readline()
        response.close()
    await asyncio.to_thread(wait_until, lambda: processes(client).running == 0)
