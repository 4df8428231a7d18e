"""What the concurrency tests run in processes of their own."""

from __future__ import annotations

import uuid
from typing import Any

import psycopg

from erstwhile.api.commanding.speculation import Speculative
from erstwhile.api.commanding.writer import CommandWriter
from erstwhile.api.support.event_ids import new_event_id
from erstwhile.domain.commands.attachments import AttachPolicy
from erstwhile.domain.commands.policies import DeletePolicy
from erstwhile.domain.commands.users_groups import CreateUser
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.domain.event_log.new_events import Append, NewEvent
from erstwhile.domain.events.principals import Tagged
from erstwhile.domain.vocabulary.identifiers import Ref
from erstwhile.domain.vocabulary.refusals import Refusal
from tests.support.given import ACCOUNT, arn


def writer_of(dsn: str) -> CommandWriter:
    """A running writer that knows the log so far."""

    def connect() -> psycopg.Connection[Any]:
        return psycopg.connect(dsn, autocommit=True)

    speculative = Speculative(Directory())
    with connect() as connection:
        top = EventLog.within(connection).head()
        for event in EventLog.within(connection).read_after(0, top):
            speculative.learn(event)
    speculative.keep(top)
    writer = CommandWriter(connect, speculative.directory)
    writer.start()
    return writer


def race(dsn: str, side: str, numbers: range, barrier: Any, results: Any) -> None:
    """One side of delete against attach, over and over."""
    writer = writer_of(dsn)
    for number in numbers:
        policy = arn(f"policy/p{number}")
        command = (
            DeletePolicy(account=ACCOUNT, arn=policy)
            if side == "delete"
            else AttachPolicy(account=ACCOUNT, kind="user", name=f"u{number % 20}", policy_arn=policy)
        )
        barrier.wait()
        try:
            writer.execute(command)
            results.put((number, side, "won"))
        except Refusal as refusal:
            results.put((number, side, refusal.code))
    writer.close()


def create(dsn: str, name: str, barrier: Any, results: Any) -> None:
    """One of many that create the same name."""
    writer = writer_of(dsn)
    barrier.wait()
    try:
        writer.execute(CreateUser(account=ACCOUNT, name=name, new_id=f"AIDA{uuid.uuid4().hex[:16].upper()}"))
        results.put("won")
    except Refusal as refusal:
        results.put(refusal.code)
    writer.close()


def append_many(dsn: str, mark: str, count: int) -> None:
    """Appends one event a transaction."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        for number in range(count):
            body = Tagged(subject=Ref("user", f"{mark}"), tags={"n": str(number)})
            with connection.transaction():
                EventLog.within(connection).append_batch(
                    [Append((NewEvent(event_id=new_event_id(), account=ACCOUNT, body=body),))]
                )
