"""A projection that throws, and connections that are all taken: what is concerned stops and says so, the rest goes on,
and nobody has to help afterwards."""

from __future__ import annotations

import logging
from contextlib import ExitStack

import pytest

from erstwhile.api.applications.names import DEFAULT_ACCOUNT
from erstwhile.api.database.database import Database
from erstwhile.api.problems import Problem
from erstwhile.api.runtime.following import FollowingRuntime
from erstwhile.api.runtime.readiness import Readiness
from erstwhile.domain.commands.users_groups import CreateUser
from erstwhile.projections import projector
from erstwhile.projections.boot import checkpoint
from tests.support.http import serving
from tests.support.waiting import wait_until

USER = f"arn:aws:iam::{DEFAULT_ACCOUNT}:user/u1"


def user(service: FollowingRuntime, number: int) -> int:
    command = CreateUser(account=DEFAULT_ACCOUNT, name=f"u{number}", new_id=f"AIDAU{number}")
    return service.commands.execute(command).position


def test_a_projection_that_throws_stops_at_its_position_and_goes_on_once_it_is_mended(
    any_database: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    service = FollowingRuntime(any_database)
    try:
        readiness = Readiness(service)
        before = user(service, 1)
        assert service.projector.wait_for(before, 30)
        with monkeypatch.context() as broken, caplog.at_level(logging.ERROR, "erstwhile"):

            def throw(*_: object) -> None:
                raise OSError("the projection cannot write")

            broken.setattr(projector, "AuditWriter", throw)
            last = user(service, 2)
            wait_until(lambda: service.projecting.failure is not None)
            # Commands and what is in memory go on; the event is no reason to set anything apart.
            last = user(service, 3)
            service.present.wait_for(last)
            with service.connection() as connection:
                assert checkpoint(connection) == before
                assert connection.execute("SELECT count(*) FROM set_apart").fetchone() == (0,)
            with pytest.raises(Problem, match="read models no longer follow"):
                readiness.check()
        assert "the read models do not follow the log" in caplog.text and "cannot write" in caplog.text
        user(service, 4)  # what comes wakes it
        wait_until(lambda: service.projecting.failure is None)
        assert service.projector.wait_for(last, 30)
        assert readiness.check()["status"] == "ok"
    finally:
        service.close()


async def test_connections_that_are_all_taken(any_database: Database) -> None:
    async with serving(any_database, ("admin",)) as client:
        position = user(client.service, 1)
        client.service.present.wait_for(position)
        question = {
            "subject": {"type": "user", "id": USER}, "action": {"name": "s3:GetObject"},
            "resource": {"type": "object", "id": "arn:aws:s3:::a/b"},
        }  # fmt: skip
        # The token is known from now on, and the server believes so while it cannot ask.
        assert (await client.post("/access/v1/evaluation", question))[0] == 200
        with ExitStack() as taken:
            for _ in range(8):
                taken.enter_context(client.service.connection())
            status, told = await client.get("/v1/who-can?action=s3:GetObject&resource=*")
            assert status == 503 and "come again" in told["detail"]
            assert (await client.post("/access/v1/evaluation", question))[0] == 200
            # The writer has a connection of its own.
            position = user(client.service, 2)
        assert (await client.get("/v1/who-can?action=s3:GetObject&resource=*"))[0] == 200
        assert (await client.get("/readyz"))[1]["position"] >= position
