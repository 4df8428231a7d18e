"""Appending: batches of commands' events, each on its condition, in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import orjson
import psycopg

from erstwhile.domain.event_log.new_events import EncodedAppend
from erstwhile.domain.events import BareEvent, Body

_LOCK = "hashtext('erstwhile.event')"
"""The advisory lock that append_events() takes."""


class Appended(msgspec.Struct, frozen=True):
    """For each command the position of its last event, None where its condition failed; the position before the first
    event (`head`); and when the first was recorded: each other is recorded a microsecond after the one before it."""

    positions: list[int | None]
    head: int
    stamp: datetime

    def bare_events(self, commands: Iterable[tuple[str, Iterable[Body]]]) -> list[BareEvent]:
        """The appended events, from each command's (account, bodies). Call only if every command succeeded and none set
        `occurred_at`."""
        stamp, microsecond = self.stamp.astimezone(UTC), timedelta(microseconds=1)
        bodies = [(account, body) for account, of_one in commands for body in of_one]
        return [
            BareEvent(self.head + number + 1, stamp + number * microsecond, account, body)
            for number, (account, body) in enumerate(bodies)
        ]


def send_batch(connection: psycopg.Connection[Any], batch: Sequence[EncodedAppend], whole: bool) -> Appended:
    """Appends within the connection's transaction, which must be READ COMMITTED. `whole`: nothing is appended unless
    everything is."""
    [row] = connection.execute(
        "SELECT positions, head, stamp FROM append_events(%s::jsonb, %s)", (orjson.dumps(batch).decode(), whole),
        prepare=True,
    ).fetchall()  # fmt: skip
    return Appended(*row)


@contextmanager
def locked(connection: psycopg.Connection[Any]) -> Iterator[None]:
    """No other connection appends during the block."""
    connection.execute(f"SELECT pg_advisory_lock({_LOCK})")
    try:
        yield
    finally:
        if not connection.closed:
            connection.execute(f"SELECT pg_advisory_unlock({_LOCK})")
