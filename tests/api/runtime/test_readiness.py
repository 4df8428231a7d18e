"""Readiness turns when the read models do not move, and turns back when they do; a clock of the test's own passes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from erstwhile.api.database.database import Database
from erstwhile.api.problems import Problem
from erstwhile.api.runtime.following import FollowingRuntime
from erstwhile.api.runtime.readiness import HANGING, Readiness
from erstwhile.domain.commands.users_groups import CreateUser
from erstwhile.projections.boot import checkpoint

ACCOUNT = "111122223333"


@pytest.fixture
def service(database: Database) -> Iterator[FollowingRuntime]:
    service = FollowingRuntime(database)
    yield service
    service.close()


def user(service: FollowingRuntime, number: int) -> int:
    command = CreateUser(account=ACCOUNT, name=f"u{number}", new_id=f"AIDAU{number}")
    return service.commands.execute(command).position


def test_a_projector_that_hangs_turns_readiness_and_back(service: FollowingRuntime) -> None:
    now = [0.0]
    readiness = Readiness(service, lambda: now[0])
    first = user(service, 1)
    assert service.projector.wait_for(first, 30)
    assert readiness.check()["status"] == "ok"
    with service.database.owner() as owner, owner.transaction():
        # The projector's next transaction waits for these rows, and for as long as this one lasts.
        owner.execute("SELECT FROM checkpoint FOR UPDATE")
        last = user(service, 2)
        service.present.wait_for(last)  # what is in memory goes on
        now[0] += HANGING
        assert readiness.check()["status"] == "ok"
        now[0] += 0.5
        for _ in range(2):
            with pytest.raises(Problem, match=f"do not move: they are at {first}, the log is at {last}") as turned:
                readiness.check()
            assert (turned.value.status, turned.value.code) == (503, "not_ready")
    assert service.projector.wait_for(last, 30)
    assert readiness.check()["status"] == "ok" and service.projecting.failure is None
    now[0] += 10 * HANGING
    assert readiness.check()["status"] == "ok"  # nothing to do is no hanging


def test_read_models_that_are_behind_and_move_do_not_hang(service: FollowingRuntime) -> None:
    service.projecting.close()  # the test projects, step by step
    now = [0.0]
    readiness = Readiness(service, lambda: now[0])
    last = [user(service, number) for number in range(1, 6)][-1]
    for position in range(1, last + 1):
        assert readiness.check()["status"] == "ok"
        now[0] += HANGING
        assert service.projector.catch_up(position)
        with service.connection() as connection:
            assert checkpoint(connection) == position
    # The last step was seen; one that is not taken is hanging.
    user(service, 6)
    assert readiness.check()["status"] == "ok"
    now[0] += HANGING + 0.5
    with pytest.raises(Problem, match="do not move"):
        readiness.check()
    assert service.projector.catch_up()
    assert readiness.check()["status"] == "ok"
