"""A server writes a line for each notice, once: those too that were made while none ran."""

from __future__ import annotations

import logging
import threading
import time
from contextlib import closing

import pytest

from erstwhile.api.asking.watching.watches import WatchWords
from erstwhile.api.database.database import Database
from erstwhile.api.runtime.following import FollowingRuntime
from erstwhile.api.runtime.runtime import ReadingRuntime, Runtime
from erstwhile.domain.commands.attachments import PutInlinePolicy
from erstwhile.domain.commands.users_groups import CreateUser
from tests.support.documents import allow

ACCOUNT = "111122223333"
JOBS = WatchWords(
    name="jobs", actions=["sqs:SendMessage"], resource=f"arn:aws:sqs:eu-west-1:{ACCOUNT}:jobs", note="ask Ada"
)


def grant(runtime: Runtime, name: str) -> None:
    runtime.commands.execute(CreateUser(account=ACCOUNT, name=name, new_id=f"AIDA{name.upper()}"))
    document = allow("sqs:SendMessage")
    runtime.commands.execute(
        PutInlinePolicy(account=ACCOUNT, kind="user", name=name, policy_name="send", document=document)
    )


def lines(caplog: pytest.LogCaptureFixture, count: int) -> list[str]:
    """The lines that were written, once there are so many."""
    deadline = time.monotonic() + 60
    while True:
        found = [each.getMessage() for each in caplog.records if each.name == "erstwhile.watch"]
        if len(found) >= count or time.monotonic() > deadline:
            return found
        time.sleep(0.05)


def test_a_line_for_each_notice(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, "erstwhile.watch")
    with closing(ReadingRuntime(database)) as command:
        command.commands.execute(command.watches.command(JOBS, exists=False))
        grant(command, "ann")
        command.projector.catch_up()
        assert len(command.watches.notices("jobs", 0, 10)["notices"]) == 1
    assert lines(caplog, 0) == []
    with closing(FollowingRuntime(database)) as server:
        assert len(found := lines(caplog, 1)) == 1
        assert found[0].startswith(f"watch jobs: arn:aws:iam::{ACCOUNT}:user/ann gained sqs:SendMessage (allowed) from")
        grant(server, "bob")
        assert "user/bob gained sqs:SendMessage" in lines(caplog, 2)[1]
    with closing(FollowingRuntime(database)) as server:
        grant(server, "eve")
        found = lines(caplog, 3)
    assert [f"user/{name} gained" in line for name, line in zip(("ann", "bob", "eve"), found, strict=True)] == [
        True
    ] * 3


def test_who_waits_is_woken(database: Database) -> None:
    with closing(FollowingRuntime(database)) as server:
        done = server.commands.execute(server.watches.command(JOBS, exists=False))
        server.present.wait_for(done.position)
        woken = threading.Event()
        with server.watching.waking(woken.set):
            grant(server, "ann")
            assert woken.wait(60)
        assert [each["position"] for each in server.watches.made_since("jobs", 0, 10)] == [server.current.position]


def test_two_servers_make_a_notice_once(database: Database) -> None:
    with closing(FollowingRuntime(database)) as one, closing(FollowingRuntime(database)) as other:
        one.commands.execute(one.watches.command(JOBS, exists=False))
        for name in ("ann", "bob"):
            grant(one, name)
        found = other.watches.notices("jobs", 0, 100)["notices"]
        assert [len(each["changes"]) for each in found] == [1, 1]
        assert one.watches.notices("jobs", 0, 100)["notices"] == found
