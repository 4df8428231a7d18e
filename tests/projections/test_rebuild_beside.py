"""A rebuild beside a running server: it answers and writes all the while, and a rebuild may be interrupted."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from erstwhile.api.database.database import Database
from erstwhile.api.runtime.following import FollowingRuntime
from erstwhile.domain.commands.users_groups import CreateUser
from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.projections import rebuild as rebuilding
from erstwhile.projections.projector import LOCK, Projector
from erstwhile.projections.rebuild import RebuildRefused, rebuild
from erstwhile.projections.sql import Connection
from tests.support.histories import story
from tests.support.read_models import ALL_CHANGES, ALL_FACTS, CLOCKS, append, register, rows

ACCOUNT = "222233334444"


@pytest.fixture
def service(any_database: Database) -> Iterator[FollowingRuntime]:
    with any_database.connect() as connection:
        register(connection)
        append(connection, story(11, 30))
    service = FollowingRuntime(any_database)
    yield service
    service.close()


def all_rows(connection: Connection) -> list[list[str]]:
    return [rows(connection, query) for query in (ALL_FACTS, ALL_CHANGES, CLOCKS)]


def left_over(connection: Connection) -> int:
    row = connection.execute("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'erstwhile_rebuild%'").fetchone()
    assert row is not None
    return int(row[0])


def user(service: FollowingRuntime, number: int) -> int:
    command = CreateUser(account=ACCOUNT, name=f"u{number}", new_id=f"AIDAU{number}")
    return service.commands.execute(command).position


@pytest.mark.parametrize("name", ["history", "audit"])
def test_everybody_goes_on(service: FollowingRuntime, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rebuilding, "REPORTED", 5)
    stop, failures, asked, written = threading.Event(), [], [0], [0]

    def ask() -> None:
        while not stop.is_set():
            try:
                assert service.questions.status()["accounts"]
                asked[0] += 1
            except Exception as error:  # noqa: BLE001 - the test says what it was
                failures.append(error)

    def write() -> None:
        while not stop.is_set():
            try:
                service.present.wait_for(user(service, written[0]))
                written[0] += 1
                stop.wait(0.02)
            except Exception as error:  # noqa: BLE001 - the test says what it was
                failures.append(error)

    threads = [threading.Thread(target=each) for each in (ask, write)]
    for thread in threads:
        thread.start()
    told: list[tuple[int, int]] = []

    def progress(done: int, of: int) -> None:
        told.append((done, of))
        before = asked[0], written[0]
        if len(told) == 2:
            # In the middle of it: questions are answered, and commands done, before it goes on.
            while not failures and not (asked[0] > before[0] + 2 and written[0] > before[1]):
                stop.wait(0.01)

    for _ in range(2):
        rebuild(service.database.connect, name, progress)
    stop.set()
    for thread in threads:
        thread.join(60)
    assert not failures and asked[0] > 4 and written[0] > 1
    assert told[0][0] == 5 and all(done <= of for done, of in told)
    with service.connection() as connection:
        service.projector.wait_for(EventLog.within(connection).head(), 30)
        before = all_rows(connection)
        assert left_over(connection) == 0
        rebuild(service.database.connect, name)
        assert all_rows(connection) == before


def in_the_gap(monkeypatch: pytest.MonkeyPatch, before: Callable[[], None], after: Callable[[], None]) -> None:
    """`before` runs between the last catch-up and the swap, `after` between the swap and its commit."""
    replace, finish = rebuilding._replace, rebuilding._Rebuild.finish

    def replacing(*arguments: Any) -> None:
        before()
        replace(*arguments)
        after()

    def finishing(job: Any, top: int) -> None:
        finish(job, top)
        after()

    monkeypatch.setattr(rebuilding, "_replace", replacing)
    monkeypatch.setattr(rebuilding._Rebuild, "finish", finishing)


def assert_each_once(service: FollowingRuntime, positions: list[int]) -> None:
    """Each of the users whose creation stands at these positions has its rows in both read models, once."""
    with service.connection() as connection:
        facts = connection.execute(
            "SELECT opened_by, count(*) FROM fact WHERE opened_by = ANY (%s) AND attribute = 'entity' GROUP BY 1",
            (positions,),
        ).fetchall()
        changes = connection.execute(
            "SELECT position, count(*) FROM audit_change WHERE position = ANY (%s) GROUP BY 1", (positions,)
        ).fetchall()
    assert sorted(facts) == sorted(changes) == [(position, 1) for position in positions]


@pytest.mark.parametrize("name", ["history", "audit"])
def test_what_comes_before_the_swap_is_neither_lost_nor_doubled(
    service: FollowingRuntime, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    came: list[int] = []

    def come() -> None:
        came.append(user(service, len(came)))
        service.present.wait_for(came[-1])
        assert not service.projector.catch_up()  # the election is the rebuild's until it has committed

    with monkeypatch.context() as patched:
        in_the_gap(patched, come, come)
        top = rebuild(service.database.connect, name)
    assert top < came[0] and len(came) == 3
    assert service.projector.wait_for(came[-1], 30)
    assert_each_once(service, came)
    with service.connection() as connection:
        before = all_rows(connection)
        assert left_over(connection) == 0
        rebuild(service.database.connect, name)
        assert all_rows(connection) == before


@pytest.mark.parametrize("name", ["history", "audit"])
def test_a_rebuild_that_lost_the_election_changes_nothing(
    service: FollowingRuntime, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    came: list[int] = []

    def lose() -> None:
        with service.database.owner() as owner:
            ended = owner.execute(
                "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = current_database() "
                "AND query = %s",
                (f"SELECT pg_try_advisory_lock({LOCK})",),
            ).fetchall()
        assert ended == [(True,)]
        came.append(user(service, 0))
        assert service.projector.wait_for(came[0], 30)  # elected again, it goes on in the old tables

    with monkeypatch.context() as patched:
        in_the_gap(patched, lose, lambda: None)
        with pytest.raises(RebuildRefused, match="nothing is changed"):
            rebuild(service.database.connect, name)
    came.append(user(service, 1))
    assert service.projector.wait_for(came[-1], 30)
    assert_each_once(service, came)
    with service.connection() as connection:
        before = all_rows(connection)
        assert left_over(connection) == 0
        rebuild(service.database.connect, name)
        assert all_rows(connection) == before


def test_interrupted(service: FollowingRuntime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rebuilding, "REPORTED", 5)

    def interrupt(_done: int, _of: int) -> None:
        raise KeyboardInterrupt

    with service.connection() as connection:
        service.projector.wait_for(EventLog.within(connection).head(), 30)
        before = all_rows(connection)
        for name in ("history", "audit"):
            with pytest.raises(KeyboardInterrupt):
                rebuild(service.database.connect, name, interrupt)
        assert left_over(connection) == 0 and all_rows(connection) == before
    service.present.wait_for(user(service, 1))
    assert any(each["account"] == ACCOUNT for each in service.questions.status()["accounts"])


def test_one_at_a_time(service: FollowingRuntime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rebuilding, "REPORTED", 5)

    def another(_done: int, _of: int) -> None:
        with pytest.raises(RebuildRefused, match="another rebuild"):
            rebuild(service.database.connect, "audit")

    rebuild(service.database.connect, "history", another)


def test_whoever_never_hands_over_is_named(any_database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rebuilding, "_PATIENCE", 0.5)
    holder = Projector(any_database.connect)
    assert holder.catch_up()
    with pytest.raises(RebuildRefused, match="does not hand over"):
        rebuild(any_database.connect, "history")
    assert holder.catch_up()
    holder.close()
    with any_database.connect() as connection:
        assert left_over(connection) == 0
