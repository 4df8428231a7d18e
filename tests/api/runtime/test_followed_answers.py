"""A process that follows the log decides about the past without a statement, and sees all that anybody was told of."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from erstwhile.api.asking.over_time.ground import WindowWords
from erstwhile.api.asking.over_time.stopping import Stop
from erstwhile.api.database.database import Database
from erstwhile.api.database.shared_head import SharedHead
from erstwhile.api.problems import Problem
from erstwhile.api.runtime.following import FollowingRuntime
from erstwhile.api.runtime.runtime import ReadingRuntime
from erstwhile.domain.commands.users_groups import CreateUser
from erstwhile.domain.vocabulary.instants import format_instant
from tests.support.sent_statements import statements

__all__ = ["statements"]

ACCOUNT = "111122223333"
ANN = f"arn:aws:iam::{ACCOUNT}:user/ann"
HEAD = "ORDER BY position DESC LIMIT 1"
BOB = f"arn:aws:iam::{ACCOUNT}:user/bob"


@pytest.fixture
def server(database: Database, tmp_path: Path) -> Iterator[FollowingRuntime]:
    """Of a home: its processes share how far the log is acknowledged."""
    database.shared_head = SharedHead(tmp_path / "head")
    with closing(FollowingRuntime(database)) as runtime:
        yield runtime
    database.shared_head.close()
    database.shared_head = None


def user(name: str) -> CreateUser:
    return CreateUser(account=ACCOUNT, name=name, new_id=f"AIDA{name.upper()}")


def execute(runtime: FollowingRuntime | ReadingRuntime, name: str) -> int:
    return runtime.commands.execute(user(name)).position


def decided(runtime: FollowingRuntime | ReadingRuntime, principal: str) -> dict[str, Any]:
    as_of = format_instant(datetime.now(UTC) - timedelta(microseconds=1))
    return runtime.questions.can(principal, "s3:GetObject", "arn:aws:s3:::ledger/a", as_of=as_of)


def settled(server: FollowingRuntime, position: int) -> None:
    assert server.current.wait_for(position, 10)


def test_no_statement_is_needed(server: FollowingRuntime, statements: list[str]) -> None:
    settled(server, execute(server, "ann"))
    first = decided(server, ANN)
    for _ in range(10):
        statements.clear()
        found = decided(server, ANN)
        if not statements:
            break  # once a second it is asked whether history was made anew
    assert not statements
    assert found["known_at"] == first["known_at"] and found["effect"] == "implicit_deny"


def test_no_connection_is_taken(server: FollowingRuntime, statements: list[str]) -> None:
    settled(server, execute(server, "ann"))
    decided(server, ANN)
    taken = []
    for _ in range(10):
        statements.clear()
        before = server.pool_stats().get("requests_num", 0)
        decided(server, ANN)
        taken.append(server.pool_stats().get("requests_num", 0) - before)
        if not statements:
            break  # once a second it is asked whether history was made anew
    assert taken[-1] == 0


def test_who_is_not_there_is_looked_for_in_the_database(server: FollowingRuntime) -> None:
    settled(server, execute(server, "ann"))
    with pytest.raises(Problem, match="no principal"):
        decided(server, BOB)
    assert decided(server, ANN)["effect"] == "implicit_deny"


def test_it_says_what_a_process_says_that_asks_the_database(server: FollowingRuntime) -> None:
    settled(server, execute(server, "ann"))
    as_of = format_instant(datetime.now(UTC) - timedelta(microseconds=1))
    asked = (ANN, "s3:GetObject", "arn:aws:s3:::ledger/a", as_of)
    with closing(ReadingRuntime(server.database)) as reading:
        assert server.questions.can(*asked) == reading.questions.can(*asked)


def test_what_another_process_has_acknowledged_is_seen_at_once(server: FollowingRuntime) -> None:
    settled(server, execute(server, "ann"))
    before = decided(server, ANN)
    with closing(ReadingRuntime(server.database)) as other:
        for name in ("bob", "cid", "dan"):
            position = execute(other, name)
            after = decided(server, f"arn:aws:iam::{ACCOUNT}:user/{name}")
            assert after["known_at"] >= position > before["known_at"]


def who_could(runtime: FollowingRuntime | ReadingRuntime) -> tuple[int, int]:
    """How far the log was known by answers about an instant, and about a window."""
    as_of = format_instant(datetime.now(UTC) - timedelta(microseconds=1))
    found = runtime.questions.who_can("s3:GetObject", "arn:aws:s3:::ledger/a", as_of=as_of)
    with runtime.over_time.timeline(ANN, "s3:GetObject", "arn:aws:s3:::ledger/a", WindowWords(), Stop()) as pieces:
        return found["known_at"], pieces.whole()["known_at"]


def test_the_head_is_not_asked_for(server: FollowingRuntime, statements: list[str]) -> None:
    settled(server, execute(server, "ann"))
    assert who_could(server)[0] == who_could(server)[1]
    statements.clear()
    who_could(server)
    assert not [each for each in statements if HEAD in each or "max(position)" in each]


def test_answers_about_many_see_what_another_process_has_acknowledged(server: FollowingRuntime) -> None:
    settled(server, execute(server, "ann"))
    who_could(server)
    with closing(ReadingRuntime(server.database)) as other:
        for name in ("bob", "cid", "dan"):
            position = execute(other, name)
            assert min(who_could(server)) >= position
        assert who_could(other)[1] >= position
