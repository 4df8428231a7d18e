"""A runtime is whole when it is there, and leaves nothing behind, however its start or its use ends."""

from __future__ import annotations

import threading
from contextlib import closing
from typing import Any

import pytest

from erstwhile.api.database.database import Database
from erstwhile.api.runtime import following
from erstwhile.api.runtime.following import FollowingRuntime
from erstwhile.api.runtime.runtime import ReadingRuntime
from erstwhile.domain.commands.users_groups import CreateUser

ACCOUNT = "111122223333"


def user(name: str) -> CreateUser:
    return CreateUser(account=ACCOUNT, name=name, new_id=f"AIDA{name.upper()}")


def test_what_a_command_changed_is_there_for_both(database: Database) -> None:
    with closing(FollowingRuntime(database)) as server, closing(ReadingRuntime(database)) as command:
        done = [runtime.commands.execute(user(name)) for runtime, name in ((server, "ann"), (command, "bob"))]
        server.present.wait_for(done[-1].position)
        for runtime in (server, command):
            with runtime.directory() as (directory, _):
                assert sorted(each.name for each in directory.of_kind("user")) == ["ann", "bob"]
            assert runtime.mode(ACCOUNT) == "governed"


def test_the_past_is_the_same_for_both(database: Database) -> None:
    with closing(FollowingRuntime(database)) as server, closing(ReadingRuntime(database)) as command:
        first = server.commands.execute(user("ann")).position
        server.commands.execute(user("bob"))
        for runtime in (server, command):
            with runtime.directory(known_at=f"@{first}") as (directory, clock):
                assert [each.name for each in directory.of_kind("user")] == ["ann"] and clock == {}


def test_a_start_that_fails_leaves_no_thread(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    before = set(threading.enumerate())

    def broken(*_: Any, **__: Any) -> Any:
        raise RuntimeError("the log cannot be read")

    monkeypatch.setattr(following, "CurrentDirectory", broken)
    with pytest.raises(RuntimeError, match="cannot be read"):
        FollowingRuntime(database)
    assert set(threading.enumerate()) <= before


def test_an_end_leaves_no_thread(database: Database) -> None:
    before = set(threading.enumerate())
    with closing(FollowingRuntime(database)) as server:
        server.commands.execute(user("ann"))
    assert set(threading.enumerate()) <= before
