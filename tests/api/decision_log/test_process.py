"""The process that records decisions: it is as good as the server's own threads, however it, the server or a connection
ends."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
import psycopg
import pytest

from erstwhile.api.database.database import WORK, Database
from erstwhile.api.decision_log.log import DecisionLog
from erstwhile.api.decision_log.process import Abandoned, ProcessEnded, RecordingFailed, RecordingProcess
from erstwhile.api.decision_log.settings import DecisionLogSettings
from erstwhile.api.support.channel import list_of
from erstwhile.projections.decision_rows import DecisionFilters, Logged, page
from erstwhile.projections.ledger import decisions_taken_in
from erstwhile.projections.ledger.broken import LedgerBroken
from tests.support.databases import Server
from tests.support.recording import packed
from tests.support.waiting import wait_until

ALLOWED = b'{"decision":true}'
MASKED = ("app:*",)


@pytest.fixture(scope="module")
def shared(embedded_server: Server) -> Iterator[Database]:
    database = embedded_server.fresh()
    yield database
    embedded_server.drop(database)


@pytest.fixture
def database(shared: Database) -> Database:
    """Without decisions."""
    with shared.owner() as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("TRUNCATE decision, decision_leaf, decision_tile, decision_checkpoint")
    return shared


@pytest.fixture
def process(database: Database) -> Iterator[RecordingProcess]:
    made = RecordingProcess(database.dsn, WORK, MASKED)
    yield made
    made.abandon()


@pytest.fixture
def decision_log(process: RecordingProcess) -> DecisionLog:
    return DecisionLog(process, DecisionLogSettings(masked=MASKED))


def question(**context: Any) -> dict[str, Any]:
    return {
        "subject": {"type": "user", "id": "ada"}, "action": {"name": "read"}, "resource": {"type": "file", "id": "a"},
        "context": context,
    }  # fmt: skip


class Progress:
    def __init__(self) -> None:
        self.left_out = self.last = 0

    def leave_out(self, count: int) -> None:
        self.left_out = count

    def begin_commit(self, last: int) -> None:
        self.last = last


def entries(count: int, first: int = 0, **members: Any) -> list[bytes]:
    asked = orjson.dumps(question(**members))
    return [
        packed((1_790_000_000_000_000 + number, "shop", asked, ALLOWED, number, 0.001))
        for number in range(first, count)
    ]


def note(decision_log: DecisionLog, number: int) -> None:
    decision_log.note("shop", orjson.dumps(question()), ALLOWED, number, time.perf_counter())


def recorded(database: Database) -> list[Logged]:
    with database.connect() as connection:
        return list(reversed(page(connection, DecisionFilters(), 1_000)[0]))


def revisions(database: Database) -> list[int]:
    return [each.revision for each in recorded(database)]


def kill(process: RecordingProcess, number: signal.Signals = signal.SIGKILL) -> None:
    assert process.pid is not None
    os.kill(process.pid, number)


@contextmanager
def held_at_commit(database: Database) -> Iterator[psycopg.Connection[Any]]:
    """Who records waits, within the commit, until the block's connection lets go of lock 1."""
    with psycopg.connect(database.owner_dsn, autocommit=True) as owner:
        owner.execute(
            "CREATE OR REPLACE FUNCTION held_at_commit() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN PERFORM pg_advisory_xact_lock_shared(1); RETURN NULL; END $$"
        )
        owner.execute(
            "CREATE CONSTRAINT TRIGGER held AFTER INSERT ON decision DEFERRABLE INITIALLY DEFERRED "
            "FOR EACH ROW EXECUTE FUNCTION held_at_commit()"
        )
        owner.execute("SELECT pg_advisory_lock(1)")
        try:
            yield owner
        finally:
            owner.execute("SELECT pg_advisory_unlock_all()")
            owner.execute("DROP TRIGGER held ON decision")


def waits(owner: psycopg.Connection[Any], statement: str) -> bool:
    """Whether a process of the database waits with this statement."""
    owner.execute("SELECT pg_stat_clear_snapshot()")  # a transaction sees the same again and again
    row = owner.execute(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE %s", (statement,)
    ).fetchone()
    return row != (0,)


def test_what_is_recorded_by_the_process_is_what_was_noted(database: Database, process: RecordingProcess) -> None:
    progress = Progress()
    odd = orjson.dumps(question() | {"subject": {"type": "user", "id": "a\tb\\c\nd\0é"}})
    process.record(
        [
            *entries(1),
            *entries(2, 1, **{"app:secret": "s3cr3t"}),
            packed((1_790_000_000_000_002, "shop\0", odd, b'{"decision":false}', 2, 0.5)),
            packed((1_790_000_000_000_003, "shop", b'{"context": 5}', ALLOWED, 3, 0.0)),
            packed((1_790_000_000_000_004, "shop", b"", ALLOWED, 4, 0.0)),
            packed((1_790_000_000_000_005, "shop", b"\xff", ALLOWED, 5, 0.0)),
        ],
        0,
        progress,
    )
    found = recorded(database)
    assert (progress.left_out, progress.last) == (3, found[-1].id)
    assert [(each.revision, each.masked, each.effect) for each in found] == [
        (0, False, "allow"), (1, True, "allow"), (2, False, "implicit_deny"),
    ]  # fmt: skip
    assert "s3cr3t" not in found[1].question
    assert (found[2].subject, found[2].asked_by, found[2].latency_us) == ("a\tb\\c\nd\ufffdé", "shop\ufffd", 500_000)


def test_nothing_secret_is_on_its_command_line(database: Database, process: RecordingProcess) -> None:
    process.record(entries(1), 0, Progress())
    command = Path(f"/proc/{process.pid}/cmdline").read_bytes().split(b"\0")
    assert command[1:4] == [b"-P", b"-m", b"erstwhile.api.decision_log.program"]
    assert all(each.isdigit() for each in command[4:-1])


def test_a_process_that_was_killed_is_started_anew_and_nothing_is_lost_or_doubled(
    database: Database, process: RecordingProcess, decision_log: DecisionLog
) -> None:
    for number in range(6):
        note(decision_log, number)
        decision_log.attempt()
        if number % 2:
            kill(process)
            note(decision_log, 100 + number)
            decision_log.attempt()  # may see that it is gone, or not yet
    while decision_log.waiting:
        decision_log.attempt()
    assert sorted(revisions(database)) == [0, 1, 2, 3, 4, 5, 101, 103, 105]
    assert (decision_log.written, decision_log.dropped) == (9, 0)


@pytest.mark.parametrize("is_committed", [True, False])
def test_a_process_that_is_killed_within_a_commit_neither_loses_nor_doubles_the_batch(
    database: Database, process: RecordingProcess, decision_log: DecisionLog, is_committed: bool
) -> None:
    for number in range(3):
        note(decision_log, number)
    with held_at_commit(database) as owner:
        attempt = threading.Thread(target=decision_log.attempt)
        attempt.start()
        wait_until(lambda: waits(owner, "COMMIT%"))
        kill(process)
        attempt.join()
        assert isinstance(decision_log.failure, ProcessEnded)
        assert (decision_log.waiting, decision_log.written) == (3, 0)
        if not is_committed:
            owner.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'COMMIT%'")
        else:
            again = threading.Thread(target=decision_log.attempt)
            again.start()
            wait_until(lambda: waits(owner, "SELECT pg_advisory_xact_lock(hashtext%"))
            owner.execute("SELECT pg_advisory_unlock(1)")  # now the first attempt is committed, long after its end
            again.join()
        owner.execute("SELECT pg_advisory_unlock_all()")
        decision_log.attempt()
    assert revisions(database) == [0, 1, 2]
    assert (decision_log.waiting, decision_log.written) == (0, 3)


def test_it_ends_with_its_server_even_while_it_waits_for_the_database(
    database: Database, process: RecordingProcess
) -> None:
    process.record(entries(1), 0, Progress())
    running = process._running
    assert running is not None
    with psycopg.connect(database.owner_dsn) as owner:
        owner.execute("LOCK TABLE decision IN ACCESS EXCLUSIVE MODE")
        running.channels[0].send((list_of(entries(1)), 0))
        wait_until(lambda: waits(owner, "COPY%"))
        for channel in running.channels:  # as the end of the server does, whatever its kind
            channel.close()
        assert running.process.wait(30) == 0


def test_signals_for_all_processes_of_a_server_are_none_for_it(database: Database, process: RecordingProcess) -> None:
    process.record(entries(1), 0, Progress())
    pid = process.pid
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        kill(process, number)
    process.record(entries(2, 1), 0, Progress())
    assert (process.pid, revisions(database)) == (pid, [0, 1])
    assert os.getsid(process.pid or 0) == pid


def test_a_process_that_says_nothing_is_replaced(
    database: Database, process: RecordingProcess, decision_log: DecisionLog
) -> None:
    note(decision_log, 0)
    decision_log.attempt()
    assert process._running is not None
    process._running.channels[0]._socket.settimeout(0.2)  # of this process alone: the next one may be slow to start
    kill(process, signal.SIGSTOP)
    os.waitid(os.P_PID, process._running.process.pid, os.WSTOPPED | os.WNOWAIT)  # each thread of it has stopped
    note(decision_log, 1)
    decision_log.attempt()
    assert isinstance(decision_log.failure, ProcessEnded) and "said nothing for" in str(decision_log.failure)
    decision_log.attempt()
    assert revisions(database) == [0, 1]


def test_an_end_that_finds_the_database_locked_does_not_wait_for_ever(
    database: Database, process: RecordingProcess, decision_log: DecisionLog, caplog: pytest.LogCaptureFixture
) -> None:
    decision_log._patience = 0.5
    decision_log.start()
    note(decision_log, 0)
    wait_until(lambda: decision_log.written == 1)
    with psycopg.connect(database.owner_dsn) as owner:
        owner.execute("LOCK TABLE decision IN ACCESS EXCLUSIVE MODE")
        note(decision_log, 1)
        wait_until(lambda: waits(owner, "COPY%"))
        note(decision_log, 2)
        decision_log.close()
        decision_log._thread.join(60)  # it is free, and ends as soon as the machine lets it
    assert (decision_log.written, decision_log.dropped, process.pid) == (1, 2, None)
    assert "the server ends, and 2 decisions are not recorded" in caplog.text
    assert "ended by signal" not in caplog.text
    with pytest.raises(Abandoned):
        process.record(entries(1), 0, Progress())


def test_an_end_records_what_waits_even_if_the_process_was_killed(
    database: Database, process: RecordingProcess, decision_log: DecisionLog
) -> None:
    decision_log.start()
    note(decision_log, 0)
    wait_until(lambda: decision_log.written == 1)
    kill(process)
    note(decision_log, 1)
    decision_log.close()
    assert (revisions(database), decision_log.dropped, decision_log.waiting) == ([0, 1], 0, 0)


class Ending:
    """In place of the process: it ends whatever it has to record."""

    pid = None

    def __init__(self) -> None:
        self.attempts = 0

    def record(self, entries: object, before: int, progress: object) -> None:
        self.attempts += 1
        raise ProcessEnded("it ended")

    def abandon(self) -> None:
        """There is nothing that waits."""


def test_a_batch_that_ends_the_process_again_and_again_is_dropped_and_the_pauses_grow() -> None:
    recording = Ending()
    decision_log = DecisionLog(recording, DecisionLogSettings())
    note(decision_log, 0)
    pauses = [decision_log.attempt() for _ in range(9)]
    assert pauses == [0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0, 5.0, 5.0]
    assert (decision_log.waiting, decision_log.dropped) == (1, 0)
    decision_log.attempt()
    assert (recording.attempts, decision_log.waiting, decision_log.dropped, decision_log._bytes) == (10, 0, 1, 0)


def test_a_process_that_cannot_be_started_is_named_and_tried_again(
    database: Database, process: RecordingProcess, decision_log: DecisionLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    note(decision_log, 0)
    with monkeypatch.context() as patched:
        patched.setattr(sys, "executable", "/nowhere/python")
        decision_log.attempt()
        assert "cannot be started" in str(decision_log.failure)
        assert decision_log.waiting == 1
        patched.setattr(sys, "executable", "/bin/false")
        decision_log.attempt()
        assert "ended with status 1" in str(decision_log.failure)
    decision_log.attempt()
    assert revisions(database) == [0]


def test_what_the_database_refuses_is_told_apart_from_its_absence(
    database: Database, process: RecordingProcess
) -> None:
    with pytest.raises(RecordingFailed, match="NumericValueOutOfRange"):
        process.record([packed((0, "shop", orjson.dumps(question()), ALLOWED, 1 << 63, 0.0))], 0, Progress())
    gone = RecordingProcess("host=/nowhere dbname=x", WORK, ())
    with pytest.raises(psycopg.OperationalError):
        gone.record(entries(1), 0, Progress())
    gone.abandon()
    process.record(entries(1), 0, Progress())
    assert revisions(database) == [0]


def test_it_takes_what_it_recorded_into_the_tree(database: Database, process: RecordingProcess) -> None:
    progress = Progress()
    process.record(entries(300), 0, progress)
    with psycopg.connect(database.owner_dsn, autocommit=True) as owner:
        owner.execute("BEGIN")
        owner.execute(decisions_taken_in.LOCK)
        assert process.take_in(False) is None
        owner.execute("ROLLBACK")
        assert process.take_in(False) == progress.last
        assert decisions_taken_in.size(owner) == 300
        assert process.take_in(False) == progress.last
        owner.execute("SET session_replication_role = replica")
        owner.execute("DELETE FROM decision_tile")
        process.record(entries(301, 300), 0, progress)
        with pytest.raises(LedgerBroken, match="the tree of decisions"):
            process.take_in(False)
