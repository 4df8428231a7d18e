"""The events of the log as commitments, read as text: what the database keeps, not what is decoded of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, LiteralString

import orjson

from erstwhile.domain.ledger.leaves import canonical_event, canonical_instant, entry_of
from erstwhile.projections.sql import Connection

TOGETHER = 4_096
"""Events that are read together: half the time of COPY, which waits for each row."""
COLUMNS: LiteralString = (
    "position, event_id::text, recorded_at::text, occurred_at::text, type, account, "
    "array_to_json(tags)::text, data::text"
)
"""What `canonical_row` takes."""
_READ: LiteralString = f"SELECT {COLUMNS} FROM event WHERE position > %s AND position <= %s ORDER BY position"


def use_utc(connection: Connection) -> None:
    """Instants are read as text, in UTC, until the end of the transaction."""
    connection.execute("SELECT set_config('TimeZone', 'UTC', true), set_config('DateStyle', 'ISO', true)")


def canonical_events(connection: Connection, after: int, upto: int) -> Iterator[tuple[int, bytes]]:
    """(position, canonical JSON) of the events with after < position ≤ upto, in order, in a transaction for
    which `use_utc` was called."""
    for start in range(after, upto, TOGETHER):
        rows = connection.execute(_READ, (start, min(upto, start + TOGETHER)), binary=True).fetchall()
        yield from map(canonical_row, rows)


def canonical_row(row: tuple[Any, ...]) -> tuple[int, bytes]:
    """(position, canonical JSON) of a row with COLUMNS."""
    position, event_id, recorded_at, occurred_at, event_type, account, tags, data = row
    return position, canonical_event(
        event_id, canonical_instant(recorded_at), canonical_instant(occurred_at), event_type, account,
        orjson.loads(tags), orjson.loads(data),
    )  # fmt: skip


def entries(connection: Connection, after: int, upto: int) -> Iterator[tuple[int, bytes]]:
    """(position, entry of the tree) of these events."""
    for position, canonical in canonical_events(connection, after, upto):
        yield position, entry_of(canonical)
