"""`make bench-log`: the event log against raw PostgreSQL, interleaved in one run.

Targets: durable commands/s with 64 in flight at 0.9 or more of raw single-row autocommitted INSERTs; the
Directory rebuilt at 0.5, history and audit trail at 0.2 or more of the rate at which COPY and orjson read the
same events; append cost at a million events at most 1.2 times its cost at a thousand; append → visible in
another process beside a bare LISTEN/NOTIFY.
"""

from __future__ import annotations

import multiprocessing
import os
import statistics
import tempfile
import time
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection as Pipe
from pathlib import Path

import orjson
import psycopg

from erstwhile.api.cli.console import out
from erstwhile.api.commanding.completion import Committed
from erstwhile.api.commanding.writer import CommandWriter
from erstwhile.api.database.database import Database
from erstwhile.api.database.settings import Settings
from erstwhile.api.support.event_ids import new_event_id
from erstwhile.api.support.random_bytes import random_bytes
from erstwhile.domain.commands.account import RegisterAccount
from erstwhile.domain.commands.attachments import AttachPolicy
from erstwhile.domain.commands.policies import CreatePolicy
from erstwhile.domain.commands.tags import Tag
from erstwhile.domain.commands.users_groups import CreateUser
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.event_log.append_condition import Condition, QueryItem
from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.domain.event_log.new_events import SALT_LENGTH, Append, NewEvent
from erstwhile.domain.events import Actor, Body, Details
from erstwhile.domain.events.account import AccountRegistered
from erstwhile.domain.events.policies import InlinePolicyPut, PolicyAttached
from erstwhile.domain.events.principals import Tagged, UserCreated
from erstwhile.domain.replay import Replayer
from erstwhile.domain.vocabulary.identifiers import Ref
from erstwhile.domain.vocabulary.slots import id_slot, name_slot
from erstwhile.projections import audit, history
from erstwhile.projections.projector import Projector
from erstwhile.projections.rebuild import rebuild

ACCOUNT = "555566667777"
IN_FLIGHT = 64
COMMANDS = 6_000
ROUNDS = 5
DOCUMENT = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}]}'


def main() -> None:
    million = int(os.environ.get("EVENTS", "1000000"))
    with tempfile.TemporaryDirectory(prefix="erstwhile-bench-") as folder:
        database = Database.open(Settings(home=Path(folder) / "home"))
        try:
            _commands(database)
            _visibility(database)
            cost = _AppendCost(database)
            cost.measure("some thousand")
            _fill(database, million)
            cost.measure(f"{million:,}")
            cost.report()
            _rebuilds(database)
            _late(database)
        finally:
            database.close()


def _commands(database: Database) -> None:
    """Rounds of ours and of raw INSERTs take turns."""
    with database.owner() as owner:
        owner.execute("CREATE TABLE raw_insert (id bigint PRIMARY KEY, data jsonb NOT NULL)")
        owner.execute("GRANT ALL ON raw_insert TO erstwhile_service")
        fsync = owner.execute("SHOW fsync").fetchone()
    writer = CommandWriter(database.connect, Directory())
    writer.start()
    writer.execute(RegisterAccount(account=ACCOUNT))
    writer.execute(CreatePolicy(account=ACCOUNT, name="read", new_id="ANPAREAD", document=DOCUMENT))
    for number in range(1000):
        writer.submit(CreateUser(account=ACCOUNT, name=f"u{number}", new_id=f"AIDAU{number}"))
    ours = raw = 0.0
    count = COMMANDS // ROUNDS
    done = 0
    with database.connect() as connection:
        for _ in range(ROUNDS):
            started = time.perf_counter()
            pending: list[Future[Committed]] = []
            for _ in range(count):
                user = f"u{done % 1000}"
                command = (
                    Tag(account=ACCOUNT, kind="user", name=user, tags={"n": str(done)})
                    if done % 2
                    else AttachPolicy(account=ACCOUNT, kind="user", name=user, policy_arn=_policy(done))
                )
                done += 1
                pending.append(writer.submit(command))
                if len(pending) >= IN_FLIGHT:
                    pending.pop(0).exception(30)
            for future in pending:
                future.exception(30)
            ours += time.perf_counter() - started
            started = time.perf_counter()
            data = orjson.dumps({"subject": {"kind": "user", "name": "u1"}, "document": DOCUMENT}).decode()
            for number in range(count):
                connection.execute(
                    "INSERT INTO raw_insert VALUES (%s, %s)", (done * 10 + number + count * 100_000 * _, data)
                )
            raw += time.perf_counter() - started
    writer.close()
    out.print(f"fsync {fsync[0] if fsync else '?'}; {IN_FLIGHT} commands in flight: {COMMANDS / ours:,.0f} commands/s; "
              f"raw single-row INSERTs: {COMMANDS / raw:,.0f}/s; ratio {raw / ours:.2f} (target 0.9)")  # fmt: skip


def _policy(number: int) -> str:
    """Each user gets its attachments once; after that the command changes nothing and is not counted twice."""
    return f"arn:aws:iam::{ACCOUNT}:policy/read" if number < 2000 else f"arn:aws:iam::{ACCOUNT}:policy/none-{number}"


def _event(number: int) -> NewEvent:
    user = Ref("user", f"m{number // 5}", f"AIDAM{number // 5}")
    body: Body
    match number % 5:
        case 0:
            body = UserCreated(subject=user, arn=f"arn:aws:iam::{ACCOUNT}:user/{user.name}", tags={"team": "a"})
        case 1:
            body = PolicyAttached(subject=user, policy_arn=f"arn:aws:iam::aws:policy/P{number % 97}")
        case 2:
            body = PolicyAttached(subject=user, policy_arn=f"arn:aws:iam::{ACCOUNT}:policy/q{number % 89}")
        case 3:
            body = Tagged(subject=user, tags={"cost-center": str(number)})
        case _:
            body = Tagged(subject=user, tags={"team": str(number % 7)})
    return NewEvent(
        event_id=new_event_id(),
        account=ACCOUNT,
        body=body,
        actor=Actor(arn=f"arn:aws:iam::{ACCOUNT}:user/admin", id="AIDAADMIN", type="IAMUser", access_key="AKIAADMIN"),
        request_id="5f1a3c7e-0000-4000-8000-000000000000",
        action="iam:Something",
        details=Details(source_ip="198.51.100.7", user_agent="aws-cli/2.27.0") if number % 10 == 0 else None,
        salt=random_bytes(SALT_LENGTH) if number % 10 == 0 else b"",
    )


def _fill(database: Database, upto: int) -> None:
    with database.connect() as connection:
        begin = EventLog.within(connection).head()
        for start in range(begin, upto, 5_000):
            with connection.transaction():
                EventLog.within(connection).append_batch(
                    [Append(tuple(_event(n) for n in range(start, min(start + 5_000, upto))))]
                )
            if start % 100_000 < 5_000:
                out.print(f"  filled {start:,} of {upto:,} events")
    with database.owner() as owner:
        owner.execute("VACUUM ANALYZE event")
        owner.execute("VACUUM ANALYZE event_tag")


class _AppendCost:
    """The time of one conditional append, at two sizes of the log; beside it a raw INSERT, for the machine's mood."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._found: dict[str, tuple[float, float]] = {}

    def measure(self, label: str) -> None:
        ours, raw = [], []
        with self._database.connect() as connection:
            connection.execute("SET synchronous_commit = off")
            for number in range(1_500):
                after = EventLog.within(connection).head()
                user = f"cost{number}"
                condition = Condition(
                    (
                        QueryItem(
                            ("iam.UserCreated",), (name_slot(ACCOUNT, "user", user).text, id_slot("user", user).text)
                        ),
                    ),
                    0,
                )
                body = UserCreated(subject=Ref("user", f"{user}-{after}", f"{user}-{after}"))
                append = Append((NewEvent(event_id=new_event_id(), account=ACCOUNT, body=body),), condition)
                started = time.perf_counter()
                with connection.transaction():
                    EventLog.within(connection).append_batch([append])
                between = time.perf_counter()
                connection.execute("INSERT INTO raw_insert VALUES (%s, '{}')", (-after - 1,))
                raw.append(time.perf_counter() - between)
                ours.append(between - started)
        self._found[label] = (statistics.median(ours), statistics.median(raw))
        out.print(f"append at {label} events: {self._found[label][0] * 1e3:.2f} ms "
                  f"(raw INSERT beside it {self._found[label][1] * 1e3:.2f} ms)")  # fmt: skip

    def report(self) -> None:
        (small, raw_small), (large, raw_large) = self._found.values()
        out.print(f"append at the larger against the smaller log: {large / small:.2f} times, "
                  f"{(large / raw_large) / (small / raw_small):.2f} times with the machine's mood taken out "
                  "(target: at most 1.2)")  # fmt: skip


def _rebuilds(database: Database) -> None:
    """Reading by COPY and orjson, and the rebuilds, take turns."""
    with database.connect() as connection:
        top = EventLog.within(connection).head()

        def reference() -> float:
            started = time.perf_counter()
            columns = "position, recorded_at, occurred_at, type, account, data::text"
            sql = f"COPY (SELECT {columns} FROM event ORDER BY position) TO STDOUT (FORMAT BINARY)"
            with connection.cursor() as cursor, cursor.copy(sql) as copy:
                copy.set_types(["int8", "timestamptz", "timestamptz", "text", "text", "text"])
                for row in copy.rows():
                    orjson.loads(row[5])
            return time.perf_counter() - started

        def directory() -> float:
            started = time.perf_counter()
            engine = Replayer(lambda slots, upto: EventLog.within(connection).read_tagged(slots, upto))
            engine.apply_all(EventLog.within(connection).read_for_replay(0, top))
            return time.perf_counter() - started

        reads, folds = [], []
        for _ in range(3):
            reads.append(reference())
            folds.append(directory())
        read, fold = min(reads), min(folds)
        out.print(f"COPY and orjson read {top / read:,.0f} events/s; Directory rebuilt at {top / fold:,.0f}/s; "
                  f"ratio {read / fold:.2f} (target 0.5)")  # fmt: skip
        with database.connect() as mark:
            # Rebuilding begins at nothing, so the read models may as well be empty before.
            for name in (history.NAME, audit.NAME):
                mark.execute(
                    "INSERT INTO checkpoint VALUES (%s, %s) "
                    "ON CONFLICT (projection) DO UPDATE SET position = excluded.position",
                    (name, top),
                )
        for name in (history.NAME, audit.NAME):
            again = reference()
            started = time.perf_counter()
            rebuild(database.connect, name)
            took = time.perf_counter() - started
            out.print(f"{name} rebuilt at {top / took:,.0f} events/s; ratio {min(again, read) / took:.2f} (target 0.2)")


LATE = 10_000
"""Late events of one role."""


def _late(database: Database) -> None:
    """From appended to in the read models: many events of one role in one second, and newest first."""
    noon = datetime(2026, 3, 3, 12, tzinfo=UTC)
    for name, step in (("in one second", 0), ("newest first", 1)):
        account, role = f"99998888777{step}", Ref("role", "web")
        registered = NewEvent(event_id=new_event_id(), account=account, body=AccountRegistered(mode="observed"))
        events = [
            NewEvent(
                event_id=new_event_id(),
                account=account,
                body=InlinePolicyPut(subject=role, policy_name=f"p{number}", document=DOCUMENT),
                occurred_at=noon - timedelta(seconds=step * number),
                source="cloudtrail",
                evidence=f"{account}/{number:06}",
            )
            for number in range(LATE)
        ]
        projector = Projector(database.connect)
        with database.connect() as connection:
            EventLog.within(connection).append_batch([Append((registered,))])
            projector.catch_up()
            EventLog.within(connection).append_batch([Append(tuple(events))])
        started = time.perf_counter()
        projector.catch_up()
        took = time.perf_counter() - started
        projector.close()
        out.print(f"{LATE:,} events of one role {name}: in the read models after {took:.2f} s (target 5)")


def _follow(dsn: str, after: int, pipe: Pipe) -> None:
    """In another process: says when it sees each event, and each bare notification."""
    log = EventLog(lambda: psycopg.connect(dsn, autocommit=True), dsn)
    follower = log.follow(after, lambda events: pipe.send((events[-1].position, time.monotonic())))
    follower.start()
    with psycopg.connect(dsn, autocommit=True) as bare:
        bare.execute("LISTEN bench_bare")
        pipe.send("ready")
        for note in bare.notifies():
            if note.payload == "end":
                break
            pipe.send((f"bare {note.payload}", time.monotonic()))
    follower.stop()
    follower.join()


def _visibility(database: Database) -> None:
    """From append returned to visible in another process, and a bare LISTEN/NOTIFY in turn."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    with database.connect() as connection:
        after = EventLog.within(connection).head()
        process = context.Process(target=_follow, args=(database.dsn, after, there))
        process.start()
        here.recv()
        time.sleep(0.5)
        ours, bare = [], []
        for number in range(400):
            with connection.transaction():
                EventLog.within(connection).append_batch([Append((_event(number),))])
            sent = time.monotonic()
            ours.append(here.recv()[1] - sent)
            connection.execute("SELECT pg_notify('bench_bare', %s)", (str(number),))
            sent = time.monotonic()
            bare.append(here.recv()[1] - sent)
        connection.execute("NOTIFY bench_bare, 'end'")
        process.join(10)
    out.print(f"append → visible in another process: median {statistics.median(ours) * 1e3:.2f} ms; "
              f"bare LISTEN/NOTIFY: {statistics.median(bare) * 1e3:.2f} ms")  # fmt: skip


if __name__ == "__main__":
    main()
