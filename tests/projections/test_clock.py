"""Clocks that were set: questions about now include all that is recorded, and everybody is told."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from erstwhile.api.asking.moments import moment
from erstwhile.api.database.database import Database
from erstwhile.api.problems import Problem
from erstwhile.api.runtime.clock_watch import ClockWatch
from erstwhile.api.runtime.following import FollowingRuntime
from erstwhile.api.runtime.readiness import Readiness
from erstwhile.domain.commands.users_groups import CreateUser
from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.domain.events.account import ClockStepped
from erstwhile.domain.vocabulary.instants import format_instant
from erstwhile.projections.sql import Connection

ACCOUNT = "111122223333"


def once_years_ahead(owner: Connection) -> datetime:
    """What a machine recorded whose clock was years ahead."""
    then = datetime.now(UTC) + timedelta(days=3 * 365)
    row = (EventLog.within(owner).head() + 1, uuid.uuid4(), then, then, ACCOUNT)
    owner.execute(
        "INSERT INTO event VALUES (%s, %s, %s, %s, 'iam.RecordsImported', %s, '{}', "
        '\'{"body": {"sha256": "", "records": 0}}\')',
        row,
    )
    return then


def steps(connection: Connection) -> list[ClockStepped]:
    return [
        each.body
        for each in EventLog.within(connection).read_after(0, EventLog.within(connection).head())
        if isinstance(each.body, ClockStepped)
    ]


def test_a_clock_that_was_years_ahead_once(database: Database) -> None:
    service = FollowingRuntime(database)
    try:
        service.commands.execute(CreateUser(account=ACCOUNT, name="before", new_id="AIDA1"))
        with database.owner() as owner:
            then = once_years_ahead(owner)
        done = service.commands.execute(CreateUser(account=ACCOUNT, name="after", new_id="AIDA2"))
        service.present.wait_for(done.position)
        # All that is recorded is in what is asked about now: in history, and in memory.
        with service.connection() as connection:
            now = moment(connection, None, None)
            assert now.as_of > then and now.known_at >= done.position
            assert moment(connection, format_instant(then), None).as_of == then
            with pytest.raises(Problem, match="has not come yet"):
                moment(connection, format_instant(then + timedelta(days=1)), None)
        listed = service.questions.status()
        [account] = [each for each in listed["accounts"] if each["account"] == ACCOUNT]
        assert account["entities"]["user"] == 2
        assert listed["clock"]["ahead_seconds"] > 2 * 365 * 86_400
        assert Readiness(service).check()["clock"]["last_recorded_at"] >= format_instant(then)
    finally:
        service.close()
    with database.connect() as connection:
        events = list(EventLog.within(connection).read_after(0, EventLog.within(connection).head()))
    assert [each.recorded_at for each in events] == sorted({each.recorded_at for each in events})


def test_a_clock_that_is_right_is_not_spoken_of(database: Database) -> None:
    service = FollowingRuntime(database)
    try:
        service.commands.execute(CreateUser(account=ACCOUNT, name="ada", new_id="AIDA1"))
        assert service.questions.status()["clock"] is None and "clock" not in Readiness(service).check()
    finally:
        service.close()
    with database.connect() as connection:
        assert steps(connection) == []


def test_a_step_is_an_event_with_its_size(database: Database) -> None:
    wall, steady = [1_800_000_000.0], [5_000.0]
    watch = ClockWatch(database.connect, ACCOUNT, lambda: wall[0], lambda: steady[0])
    for passed, by in ((0, 0), (10, 10), (10, 10 + 3_600), (10, 10), (10, 10 - 7_200), (2, 2.5), (2, 200)):
        steady[0] += passed
        wall[0] += by
        watch.look()
    with database.connect() as connection:
        assert [each.seconds for each in steps(connection)] == [3_600, -7_200]
        assert (
            steps(connection)[0].before == "2027-01-15T08:00:20Z"
            and steps(connection)[0].after == "2027-01-15T09:00:20Z"
        )


def test_a_step_that_several_processes_see_is_one_event(database: Database) -> None:
    wall, steady = [1_800_000_000.0], [5_000.0]
    watches = [ClockWatch(database.connect, ACCOUNT, lambda: wall[0], lambda: steady[0]) for _ in range(3)]
    for passed, by in ((0, 0), (10, 3_600), (10, -7_200)):
        steady[0] += passed
        wall[0] += by
        for watch in watches:
            watch.look()
            wall[0] += 0.5
            steady[0] += 0.5
    with database.connect() as connection:
        assert [each.seconds for each in steps(connection)] == [3_590, -7_210]


def test_a_start_behind_the_log_is_told_once(database: Database) -> None:
    with database.owner() as owner:
        once_years_ahead(owner)
        for _ in range(3):
            ClockWatch(database.connect, ACCOUNT).look()
        [step] = steps(owner)
        assert step.seconds < -2 * 365 * 86_400
