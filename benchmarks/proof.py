"""`make bench-proof`: what the ledger costs, and how soon it proves and verifies; EVENTS=1000000 for the full size.

Targets: commands with the ledger kept beside at 0.9 or more of those without, in turns; a receipt of a random event in
2 ms or less at a million events, beside a bare read of the event; 100,000 events verified a second, beside COPY and
orjson of the same events.
"""

from __future__ import annotations

import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import orjson

from erstwhile.api.cli.console import err, out
from erstwhile.api.commanding.completion import Committed
from erstwhile.api.commanding.writer import CommandWriter
from erstwhile.api.database.database import Database
from erstwhile.api.database.settings import Settings
from erstwhile.api.ledger.keeping import LedgerThread
from erstwhile.api.ledger.keys import new_pair
from erstwhile.api.support.event_ids import new_event_id
from erstwhile.domain.commands.account import RegisterAccount
from erstwhile.domain.commands.tags import Tag
from erstwhile.domain.commands.users_groups import CreateUser
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.domain.event_log.new_events import Append, NewEvent
from erstwhile.domain.events.principals import UserCreated
from erstwhile.domain.vocabulary.identifiers import Ref
from erstwhile.projections.ledger import proving
from erstwhile.projections.ledger.keeper import LedgerKeeper
from erstwhile.projections.ledger.verifying import verify
from erstwhile.projections.sql import Connection

ACCOUNT = "555566667777"
IN_FLIGHT = 64
ROUNDS = 8
COMMANDS = 2_000
"""Of one round."""
RECEIPTS = 500
_EVERYTHING = (
    "COPY (SELECT position, event_id::text, recorded_at::text, occurred_at::text, type, account, "
    "array_to_json(tags)::text, data::text FROM event ORDER BY position) TO STDOUT (FORMAT BINARY)"
)


def main() -> None:
    events = int(os.environ.get("EVENTS", "200000"))
    signers = new_pair("bench.example/log")
    with tempfile.TemporaryDirectory(prefix="erstwhile-bench-") as folder:
        database = Database.open(Settings(home=Path(folder) / "home"))
        keeper = LedgerKeeper(database.connect, signers[0].key.name, signers, lambda: int(time.time()))
        try:
            _commands(database, keeper)
            _fill(database, events)
            started = time.perf_counter()
            size = keeper.catch_up() or 0
            out.print(f"the tree over {size:,} events: {size / (time.perf_counter() - started):,.0f} events/s")
            with database.connect() as connection:
                _receipts(connection, size)
                _verification(connection, size, [signer.key for signer in signers], database.dsn)
        finally:
            keeper.close()
            database.close()


def _commands(database: Database, keeper: LedgerKeeper) -> None:
    """Rounds with the ledger's thread and rounds without it take turns."""
    writer = CommandWriter(database.connect, Directory())
    writer.start()
    writer.execute(RegisterAccount(account=ACCOUNT))
    for number in range(1000):
        writer.submit(CreateUser(account=ACCOUNT, name=f"u{number}", new_id=f"AIDAU{number}"))
    writer.submit(CreateUser(account=ACCOUNT, name="last", new_id="AIDALAST")).result(60)
    took = {True: 0.0, False: 0.0}
    done = 0
    with database.connect() as connection:
        for turn in range(ROUNDS):
            is_kept = turn % 2 == 0
            thread = LedgerThread(keeper, lambda: EventLog.within(connection).head()) if is_kept else None
            if thread is not None:
                thread.start()
            started = time.perf_counter()
            pending: list[Future[Committed]] = []
            for _ in range(COMMANDS):
                done += 1
                pending.append(writer.submit(
                    Tag(account=ACCOUNT, kind="user", name=f"u{done % 1000}", tags={"n": str(done)})
                ))  # fmt: skip
                if len(pending) >= IN_FLIGHT:
                    pending.pop(0).result(60)
            for future in pending:
                future.result(60)
            took[is_kept] += time.perf_counter() - started
            if thread is not None:
                thread.close()
    writer.close()
    count = ROUNDS // 2 * COMMANDS
    out.print(
        f"commands, {IN_FLIGHT} in flight: {count / took[True]:,.0f}/s with the ledger, {count / took[False]:,.0f}/s "
        f"without; ratio {took[False] / took[True]:.2f} (target 0.9)"
    )


def _fill(database: Database, upto: int) -> None:
    with database.connect() as connection:
        log = EventLog.within(connection)
        for start in range(log.head(), upto, 5_000):
            events = tuple(
                NewEvent(
                    event_id=new_event_id(), account=ACCOUNT,
                    body=UserCreated(
                        subject=Ref("user", f"m{number}", f"AIDAM{number}"),
                        arn=f"arn:aws:iam::{ACCOUNT}:user/m{number}", tags={"team": "a", "cost-center": str(number)},
                    ),
                )
                for number in range(start, min(start + 5_000, upto))
            )  # fmt: skip
            with connection.transaction():
                log.append_batch([Append(events)])
            if start % 100_000 < 5_000:
                err.print(f"{start:,} events …")


def _receipts(connection: Connection, size: int) -> None:
    draw = random.Random(1)

    def bare(position: int) -> None:
        connection.execute("SELECT data::text FROM event WHERE position = %s", (position,)).fetchall()

    ours, reference = [], []
    for _ in range(RECEIPTS):
        position = draw.randint(1, size)
        ours.append(_timed(proving.receipt, connection, position))
        reference.append(_timed(bare, draw.randint(1, size)))
    out.print(
        f"receipt of a random event: median {1000 * statistics.median(ours):.2f} ms (target 2); bare read of an event "
        f"{1000 * statistics.median(reference):.2f} ms"
    )


def _verification(connection: Connection, size: int, keys: list[Any], dsn: str) -> None:
    ours = reference = 0.0
    for _ in range(2):
        started = time.perf_counter()
        verdict = verify(connection, keys, dsn=dsn)
        ours += time.perf_counter() - started
        assert verdict.tampering is None and verdict.signed == size, verdict
        started = time.perf_counter()
        with connection.cursor() as cursor, cursor.copy(_EVERYTHING) as copy:
            copy.set_types(["int8", *["text"] * 7])
            for row in copy.rows():
                orjson.loads(row[7])
        reference += time.perf_counter() - started
    out.print(
        f"verified {2 * size / ours:,.0f} events/s (target 100,000); COPY and orjson alone "
        f"{2 * size / reference:,.0f}; ratio {reference / ours:.2f}"
    )


def _timed(call: Callable[..., object], *arguments: Any) -> float:
    started = time.perf_counter()
    call(*arguments)
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
