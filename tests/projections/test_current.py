"""The current Directory: what this process appended is applied without being read back, and is what the log says."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from threading import Condition
from typing import Any

import psycopg
import pytest

from erstwhile.api.applications.names import Names
from erstwhile.api.database.database import Database
from erstwhile.api.runtime.following import FollowingRuntime
from erstwhile.domain.commands.account import RegisterAccount
from erstwhile.domain.commands.attachments import PutInlinePolicy
from erstwhile.domain.commands.tags import Tag
from erstwhile.domain.commands.users_groups import CreateUser, DeleteUser, UpdateUser
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.domain.events import Event
from erstwhile.domain.replay.replayer import Loader, Replayer
from erstwhile.domain.vocabulary.refusals import Refusal
from erstwhile.projections.current import CurrentDirectory
from erstwhile.projections.sql import Connection
from tests.support.documents import ALL_OF_S3
from tests.support.histories import at
from tests.support.read_models import append, register
from tests.support.records import create_user, record
from tests.support.waiting import LONG, wait_until

ACCOUNT = "111122223333"


def _facts(directory: Directory) -> list[Any]:
    return sorted(directory.facts(), key=lambda each: each[:5])


def _folded(database: Database) -> Directory:
    with database.connect() as connection:
        engine = Replayer(lambda _slots, _upto: ())
        engine.apply_all(list(EventLog.within(connection).read_after(0, EventLog.within(connection).head())))
    return engine.directory


def _commands(chance: random.Random) -> Any:
    name = f"u{chance.randrange(12)}"
    return chance.choice(
        (
            CreateUser(account=ACCOUNT, name=name, new_id=f"AIDA{chance.getrandbits(60)}", tags={"team": "blue"}),
            DeleteUser(account=ACCOUNT, name=name),
            Tag(account=ACCOUNT, kind="user", name=name, tags={"k": str(chance.random())}),
            UpdateUser(account=ACCOUNT, name=name, new_name=f"u{chance.randrange(12)}", new_path="/a/"),
            PutInlinePolicy(account=ACCOUNT, kind="user", name=name, policy_name="p", document=ALL_OF_S3),
        )
    )


def _wait(service: FollowingRuntime, position: int) -> None:
    assert service.current.wait_for(position, LONG), (service.current.position, position)


def test_what_was_offered_is_what_the_log_says(database: Database) -> None:
    services = [FollowingRuntime(database, Names()) for _ in range(2)]
    chance = random.Random(3)
    services[0].commands.execute(RegisterAccount(account=ACCOUNT))
    offered = 0
    for number in range(400):
        service = services[0] if number < 200 else chance.choice(services)
        waiting = [service.commands.submit(_commands(chance)) for _ in range(chance.randrange(1, 5))]
        for future in waiting:
            try:
                committed = future.result(LONG)
            except Refusal:
                continue
            offered += service.current.position >= committed.position
    with database.connect() as connection:
        top = EventLog.within(connection).head()
    expected = _facts(_folded(database))
    for service in services:
        _wait(service, top)
        assert service.current.failure is None
        assert _facts(service.current.directory) == expected
    assert offered > 200  # most are there when their command is answered
    for service in services:
        service.close()


def test_an_event_that_cannot_be_applied_is_said_and_fails_no_command(database: Database) -> None:
    service = FollowingRuntime(database, Names())
    service.commands.execute(RegisterAccount(account=ACCOUNT))
    current = service.current
    _wait(service, 1)

    def broken(_event: object) -> None:
        raise RuntimeError("no such event")

    current._engine.apply = broken  # type: ignore[assignment, method-assign]
    created = service.commands.execute(CreateUser(account=ACCOUNT, name="ada", new_id="AIDA1"))
    assert created.position == 2
    wait_until(lambda: current.failure is not None)
    assert isinstance(current.failure, RuntimeError)
    service.close()


def _late_rename(connection: Connection) -> None:
    """The log of a group whose rename is learnt late: its member joined it under the new name, and is folded anew."""
    group = {"groupName": "ops", "groupId": "AGPA1", "arn": f"arn:aws:iam::{ACCOUNT}:group/ops", "path": "/"}
    register(connection)
    append(connection, [
        create_user("eve", "AIDA1", at(1)),
        record("CreateGroup", {"groupName": "ops"}, {"group": group}, at=at(0)),
        record("AddUserToGroup", {"groupName": "team", "userName": "eve"}, at=at(20)),
        record("UpdateGroup", {"groupName": "ops", "newGroupName": "team"}, at=at(10)),
    ])  # fmt: skip


def _refolded(database: Database, load: Callable[[Loader], Loader]) -> list[Any]:
    """The facts of a Directory that follows the log of the late rename, reading through `load`."""
    service = FollowingRuntime(database, Names())
    current = service.current
    current._engine.load_with(load(current._load))
    try:
        with database.connect() as connection:
            _late_rename(connection)
            _wait(service, EventLog.within(connection).head())
        assert current.failure is None
        eve = current.directory.named(ACCOUNT, "user", "eve")
        assert eve is not None and list(eve.group_ids) == ["AGPA1"]
        return _facts(current.directory)
    finally:
        service.close()


def test_nobody_waits_for_the_log_that_is_read_to_fold_anew(database: Database) -> None:
    """A slow database is no reason for decisions of now to wait: the Directory is free while the log is read."""
    read: dict[str, bool] = {}

    def watched(load: Loader) -> Loader:
        def ask(changed: Condition) -> bool:
            free = changed.acquire(timeout=LONG)
            if free:
                changed.release()
            return free

        def slow(slots: frozenset[str], upto: int) -> Iterable[Event]:
            current: CurrentDirectory = load.__self__  # type: ignore[attr-defined]
            with ThreadPoolExecutor(1) as somebody:
                free = somebody.submit(ask, current._changed).result()
            read.update((slot, free and read.get(slot, True)) for slot in slots)
            return load(slots, upto)

        return slow

    _refolded(database, watched)
    assert {f"name:{ACCOUNT}/group/ops", f"name:{ACCOUNT}/group/team", f"name:{ACCOUNT}/user/eve"} <= set(read)
    assert all(read.values()), read


@pytest.mark.parametrize("kind", ["group", "user"])
def test_what_could_not_be_read_to_fold_anew_is_read_again(database: Database, kind: str) -> None:
    failed: list[int] = []

    def failing(load: Loader) -> Loader:
        def once(slots: frozenset[str], upto: int) -> Iterable[Event]:
            if any(slot.startswith(f"name:{ACCOUNT}/{kind}/") for slot in slots) and upto not in failed:
                failed.append(upto)
                raise psycopg.OperationalError("the server went away")
            return load(slots, upto)

        return once

    found = _refolded(database, failing)
    assert failed
    with database.connect() as connection:
        log = EventLog.within(connection)
        engine = Replayer(log.read_tagged)
        engine.apply_all(list(log.read_after(0, log.head())))
        assert found == _facts(engine.directory)


def test_a_long_question_sees_one_state_and_nothing_waits_for_it(database: Database) -> None:
    service = FollowingRuntime(database, Names())
    service.commands.execute(RegisterAccount(account=ACCOUNT))
    _wait(service, 1)

    def users(directory: Directory) -> tuple[list[str], list[str]]:
        before = sorted(each.name for each in directory.of_kind("user"))
        name = f"u{directory.position}"
        made = service.commands.execute(CreateUser(account=ACCOUNT, name=name, new_id=f"AIDA{directory.position}"))
        _wait(service, made.position)
        assert directory.position < made.position and directory.named(ACCOUNT, "user", name) is None
        return before, sorted(each.name for each in directory.of_kind("user"))

    asked = [service.present.ask(lambda directory, _: users(directory)) for _ in range(3)]
    assert asked == [([], []), (["u1"], ["u1"]), (["u1", "u2"], ["u1", "u2"])]
    with pytest.raises(ZeroDivisionError):
        service.present.ask(lambda _directory, _clock: [1 // 0])
    service.close()
