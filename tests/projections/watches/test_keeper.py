"""Answers of watches as rows: kept up as `ever` tells, however the events come; rebuilt they are equal; each notice is
made once."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import closing

import pytest

from erstwhile.api.asking.watching.watches import WatchWords
from erstwhile.api.database.database import Database
from erstwhile.api.runtime.runtime import ReadingRuntime
from erstwhile.domain.history.watching.answers import Answer, whole_answer
from erstwhile.domain.history.watching.watch import asked_of, watches_of
from erstwhile.projections.boot import checkpoint
from erstwhile.projections.rebuild import rebuild
from erstwhile.projections.watches import keeper as keepers
from erstwhile.projections.watches import notices
from erstwhile.projections.watches.keeper import WatchKeeper
from erstwhile.projections.watches.kept import KeptRows
from tests.support.demonstration import READ
from tests.support.histories import story as records_of
from tests.support.read_models import append, register, rows

ALL_PERIODS = (
    "SELECT watch, action, account, kind, holder, unique_id, principal, is_outsider, how, valid_from, valid_to "
    "FROM watch_period"
)
ALL_NOTICES = "SELECT watch, position, gains::text FROM watch_notice"
CREATE = ("iam:CreateUser", "*")


@pytest.fixture
def runtime(any_database: Database) -> Iterator[ReadingRuntime]:
    with closing(ReadingRuntime(any_database)) as runtime:
        yield runtime


def add(runtime: ReadingRuntime, name: str, action: str, resource: str) -> int:
    runtime.projector.catch_up()
    command = runtime.watches.command(WatchWords(name=name, actions=[action], resource=resource), exists=False)
    return runtime.commands.execute(command).position


def keep_up(runtime: ReadingRuntime) -> None:
    runtime.projector.catch_up()
    runtime.watch_keeper.catch_up()


def is_what_ever_tells(runtime: ReadingRuntime) -> None:
    """The rows are the answers of `ever` at the position to which they are kept up."""
    with runtime.connection() as connection:
        history = runtime.columns.history(checkpoint(connection, keepers.NAME))
        kept = KeptRows(connection)
        for asked in asked_of(watches_of(history).values()):
            assert kept.answer(asked) == whole_answer(history, asked), asked


def answers(runtime: ReadingRuntime) -> list[str]:
    with runtime.connection() as connection:
        return rows(connection, ALL_PERIODS)


def test_it_is_kept_up_and_rebuilds_equally(runtime: ReadingRuntime) -> None:
    """Records come in any order, some at a time; watches come and go between them."""
    chance = random.Random(5)
    with runtime.database.connect() as connection:
        register(connection)
        add(runtime, "users", *CREATE)
        records = records_of(7, 80)
        while records:
            count = chance.randint(1, 12)
            append(connection, records[:count])
            records = records[count:]
            if len(records) in range(30, 50):
                runtime.commands.execute(runtime.watches.removal("users"))
                add(runtime, "users", *CREATE)
                add(runtime, f"more-{len(records)}", "s3:GetObject", "arn:aws:s3:::bucket/x")
            keep_up(runtime)
            is_what_ever_tells(runtime)
        before = answers(runtime)
        assert before
        runtime.watch_keeper.rebuild()
        assert answers(runtime) == before
        told = rows(connection, ALL_NOTICES)
        keep_up(runtime)
        assert rows(connection, ALL_NOTICES) == told


def test_what_came_while_nobody_looked_is_noticed_once(runtime: ReadingRuntime) -> None:
    with runtime.database.connect() as connection:
        register(connection)
        append(connection, records_of(3, 20))
        add(runtime, "users", *CREATE)
        keep_up(runtime)
        assert rows(connection, ALL_NOTICES) == []  # what was there before it was watched is no news
        append(connection, records_of(4, 60))
        runtime.projector.catch_up()
        with closing(WatchKeeper(runtime.database.connect, runtime.columns.history)) as other:
            other.catch_up()
        told = rows(connection, ALL_NOTICES)
        assert told
        keep_up(runtime)
        assert rows(connection, ALL_NOTICES) == told
        is_what_ever_tells(runtime)


def test_batches_make_no_difference(runtime: ReadingRuntime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keepers, "TOGETHER", 3)
    with runtime.database.connect() as connection:
        register(connection)
        add(runtime, "users", *CREATE)
        append(connection, records_of(9, 50))
        keep_up(runtime)
        is_what_ever_tells(runtime)


def test_history_that_is_made_anew_changes_nothing(runtime: ReadingRuntime) -> None:
    with runtime.database.connect() as connection:
        register(connection)
        add(runtime, "users", *CREATE)
        append(connection, records_of(11, 40))
        keep_up(runtime)
        before, told = answers(runtime), rows(connection, ALL_NOTICES)
        runtime.projector.close()
        rebuild(runtime.database.connect, "history")
        keep_up(runtime)
        assert answers(runtime) == before and rows(connection, ALL_NOTICES) == told
        is_what_ever_tells(runtime)


def test_what_a_wrong_answer_was_is_noticed_when_history_is_made_anew(runtime: ReadingRuntime) -> None:
    """A release that folds otherwise makes history anew: no event did it, and position 0 says so."""
    with runtime.database.connect() as connection:
        register(connection)
        append(connection, records_of(11, 40))
        add(runtime, "users", *CREATE)
        keep_up(runtime)
        before: list[str] = answers(runtime)
        assert before
        connection.execute("DELETE FROM watch_period")
        runtime.projector.close()
        rebuild(runtime.database.connect, "history")
        keep_up(runtime)
        assert answers(runtime) == before
        found = notices.after(connection, 0, "users", 100)
        assert found and {each.position for each in found} == {0}


def test_a_watch_that_is_removed_keeps_its_notices(runtime: ReadingRuntime) -> None:
    with runtime.database.connect() as connection:
        register(connection)
        add(runtime, "users", *CREATE)
        append(connection, records_of(11, 40))
        keep_up(runtime)
        told = rows(connection, ALL_NOTICES)
        assert told
        runtime.commands.execute(runtime.watches.removal("users"))
        keep_up(runtime)
        assert answers(runtime) == [] and rows(connection, ALL_NOTICES) == told


def test_the_answer_of_the_demonstration(story: Database) -> None:
    with closing(ReadingRuntime(story)) as runtime:
        add(runtime, "payroll", *READ)
        keep_up(runtime)
        is_what_ever_tells(runtime)
        found: Answer = {}
        with runtime.connection() as connection:
            [asked] = asked_of(watches_of(runtime.columns.history(checkpoint(connection))).values())
            found = KeptRows(connection).answer(asked)
        assert {each.principal.rpartition("/")[2] for each in found.values()} >= {"build-bot", "support-sync"}
