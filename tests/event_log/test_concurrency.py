"""Many writers, many processes: exactly one winner each, and a follower that misses nothing."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import Future
from threading import Thread
from typing import Any

import psycopg
import pytest

from erstwhile.api.commanding.completion import Committed
from erstwhile.api.commanding.provenance import SideStatement
from erstwhile.api.database.database import Database
from erstwhile.domain.commands.account import RegisterAccount
from erstwhile.domain.commands.attachments import DeleteInlinePolicy, PutInlinePolicy
from erstwhile.domain.commands.policies import CreatePolicy
from erstwhile.domain.commands.tags import Tag
from erstwhile.domain.commands.users_groups import CreateUser, DeleteUser
from erstwhile.domain.event_log.event_log import Appended, EventLog
from erstwhile.domain.events import Event
from erstwhile.domain.events.account import CommandRefused
from erstwhile.domain.events.policies import PolicyAttached, PolicyDeleted
from erstwhile.domain.vocabulary.refusals import EntityAlreadyExists, NoSuchEntity
from tests.support import event_log as workers
from tests.support.documents import ALLOW
from tests.support.given import ACCOUNT, arn
from tests.support.waiting import LONG, wait_until

RACES = 200
spawn = multiprocessing.get_context("spawn")


def test_delete_against_attach_has_one_winner_each(database: Database) -> None:
    writer = workers.writer_of(database.dsn)
    writer.execute(RegisterAccount(account=ACCOUNT))
    for number in range(20):
        writer.submit(CreateUser(account=ACCOUNT, name=f"u{number}", new_id=f"AIDA{number}"))
    done = [
        writer.submit(CreatePolicy(account=ACCOUNT, name=f"p{number}", new_id=f"ANPA{number}", document=ALLOW))
        for number in range(RACES)
    ]
    for future in done:
        future.result(30)
    # Attachments are limited to ten a user: 20 users take 200.
    writer.close()
    barrier, results = spawn.Barrier(2), spawn.Queue()
    sides = [
        spawn.Process(target=workers.race, args=(database.dsn, side, range(RACES), barrier, results))
        for side in ("delete", "attach")
    ]
    for side in sides:
        side.start()
    outcomes: dict[int, dict[str, str]] = {}
    for _ in range(2 * RACES):
        number, side_name, outcome = results.get(timeout=60)
        outcomes.setdefault(number, {})[side_name] = outcome
    for side in sides:
        side.join(30)
    assert len(outcomes) == RACES
    for number, of in outcomes.items():
        assert sorted(of.values()).count("won") == 1, (number, of)
        assert of["delete"] == "DeleteConflict" if of["attach"] == "won" else of["attach"] == "NoSuchEntity"
    with database.connect() as connection:
        events = list(EventLog.within(connection).read_after(0, EventLog.within(connection).head()))
    deleted = {each.body.arn for each in events if isinstance(each.body, PolicyDeleted)}
    attached = {each.body.policy_arn for each in events if isinstance(each.body, PolicyAttached)}
    assert not deleted & attached
    assert deleted | attached == {arn(f"policy/p{number}") for number in range(RACES)}


def test_twenty_creates_of_one_name_have_one_winner(database: Database) -> None:
    writer = workers.writer_of(database.dsn)
    writer.execute(RegisterAccount(account=ACCOUNT))
    writer.close()
    barrier, results = spawn.Barrier(4), spawn.Queue()
    processes = [
        spawn.Process(target=workers.create, args=(database.dsn, name, barrier, results))
        for name in ("ada", "Ada", "ADA", "aDA")
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    found = sorted(results.get(timeout=LONG) for _ in processes)
    assert found == ["EntityAlreadyExists"] * 3 + ["won"]

    # Twenty writers at once, on threads: twenty Directories and connections, one name.
    writers = [workers.writer_of(database.dsn) for _ in range(20)]
    futures: list[Future[Committed]] = []
    threads = [
        Thread(
            target=lambda n=n, w=w: futures.append(
                w.submit(CreateUser(account=ACCOUNT, name="bob", new_id=f"AIDAB{n}"))
            )
        )
        for n, w in enumerate(writers)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    errors = [future.exception(30) for future in futures]
    assert errors.count(None) == 1
    assert all(isinstance(error, EntityAlreadyExists) for error in errors if error is not None)
    for each in writers:
        each.close()


def test_a_follower_under_four_writers_misses_nothing(database: Database) -> None:
    seen: list[int] = []

    def handle(events: list[Event]) -> None:
        seen.extend(event.position for event in events)

    follower = database.event_log.follow(0, handle)
    follower.start()
    processes = [
        spawn.Process(target=workers.append_many, args=(database.dsn, f"w{number}", 2000)) for number in range(4)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join(120)
        assert process.exitcode == 0
    wait_until(lambda: follower.position >= 8000 or follower.failure is not None)
    follower.stop()
    follower.join(LONG)
    assert follower.failure is None
    assert seen == list(range(1, 8001))


def test_a_killed_connection_is_opened_again(database: Database) -> None:
    seen: list[int] = []
    follower = database.event_log.follow(0, lambda events: seen.extend(event.position for event in events))
    follower.start()
    workers.append_many(database.dsn, "before", 3)
    wait_until(lambda: len(seen) == 3)
    with database.owner() as owner:
        owner.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = "
            "current_database()"
        )
    workers.append_many(database.dsn, "after", 3)
    wait_until(lambda: len(seen) >= 6)
    follower.stop()
    follower.join(LONG)
    assert seen == [1, 2, 3, 4, 5, 6]


def test_one_bad_command_does_not_fail_its_batch_and_is_recorded(database: Database) -> None:
    writer = workers.writer_of(database.dsn)
    good = writer.submit(RegisterAccount(account=ACCOUNT))
    built_on_it = writer.submit(CreateUser(account=ACCOUNT, name="ada", new_id="AIDA1"))
    bad = writer.submit(DeleteUser(account=ACCOUNT, name="nobody"))
    not_json = writer.submit(CreateUser(account=ACCOUNT, name="bob", new_id="AIDA\0"))
    after = writer.submit(Tag(account=ACCOUNT, kind="user", name="ada", tags={"a": "b"}))
    assert [future.result(10).position for future in (good, built_on_it)] == [1, 2]
    with pytest.raises(NoSuchEntity):
        bad.result(10)
    assert not_json.exception(10) is not None
    assert after.result(10).position == 5
    writer.close()
    with database.connect() as connection:
        events = list(EventLog.within(connection).read_after(0, EventLog.within(connection).head()))
    refused = [event.body for event in events if isinstance(event.body, CommandRefused)]
    assert [(body.command, body.error_code) for body in refused] == [
        ("DeleteUser", "NoSuchEntity"),
        ("CreateUser", "ValidationError"),
    ]


def test_a_commit_of_unknown_outcome_is_looked_up_not_repeated(database: Database) -> None:
    """The connection breaks after COMMIT was sent: the events are in the log once."""
    writer = workers.writer_of(database.dsn)
    writer.execute(RegisterAccount(account=ACCOUNT))
    original = writer._append

    def commits_then_breaks(items: list[dict[str, Any]], side_statements: list[SideStatement]) -> Appended | None:
        original(items, side_statements)
        writer._append = original  # type: ignore[method-assign]
        raise psycopg.OperationalError("the connection broke")

    writer._append = commits_then_breaks  # type: ignore[method-assign]
    committed = writer.execute(CreateUser(account=ACCOUNT, name="ada", new_id="AIDA1"))
    assert committed.position == 2

    def breaks_before(items: list[dict[str, Any]], side_statements: list[SideStatement]) -> Appended | None:
        writer._append = original  # type: ignore[method-assign]
        raise psycopg.OperationalError("the connection broke")

    writer._append = breaks_before  # type: ignore[method-assign]
    assert writer.execute(CreateUser(account=ACCOUNT, name="bob", new_id="AIDA2")).position == 3
    writer.close()
    with database.connect() as connection:
        assert EventLog.within(connection).head() == 3


def test_a_refusal_is_given_at_the_head_of_the_log_only(database: Database) -> None:
    """What a writer does not know yet, because another made it, is no reason to refuse."""
    first, second = workers.writer_of(database.dsn), workers.writer_of(database.dsn)
    first.execute(RegisterAccount(account=ACCOUNT))
    first.execute(CreateUser(account=ACCOUNT, name="ada", new_id="AIDA1"))
    second.execute(PutInlinePolicy(account=ACCOUNT, kind="user", name="ada", policy_name="p", document=ALLOW))
    first.execute(DeleteInlinePolicy(account=ACCOUNT, kind="user", name="ada", policy_name="p"))
    with pytest.raises(NoSuchEntity):
        second.execute(DeleteInlinePolicy(account=ACCOUNT, kind="user", name="ada", policy_name="p"))
    first.close()
    second.close()
