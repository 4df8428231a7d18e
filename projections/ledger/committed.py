"""The events of the log as commitments, read as text by COPY: what the database keeps, not what is decoded of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import LiteralString

import orjson
from psycopg import sql

from erstwhile.domain.ledger.leaves import canonical_event, canonical_instant, entry_of
from erstwhile.projections.sql import Connection

_COPY: LiteralString = (
    "COPY (SELECT position, event_id::text, recorded_at::text, occurred_at::text, type, account, "
    "array_to_json(tags)::text, data::text FROM event WHERE position > {after} AND position <= {upto} "
    "ORDER BY position) TO STDOUT (FORMAT BINARY)"
)
_TYPES = ["int8", "text", "text", "text", "text", "text", "text", "text"]


def use_utc(connection: Connection) -> None:
    """Instants are read as text, in UTC."""
    connection.execute("SELECT set_config('TimeZone', 'UTC', false), set_config('DateStyle', 'ISO', false)")


def canonical_events(connection: Connection, after: int, upto: int) -> Iterator[tuple[int, bytes]]:
    """(position, canonical JSON) of the events with after < position ≤ upto, in order. The connection is one that
    `use_utc` was called for."""
    with connection.cursor() as cursor, cursor.copy(sql.SQL(_COPY).format(after=after, upto=upto)) as copy:
        copy.set_types(_TYPES)
        for position, event_id, recorded_at, occurred_at, event_type, account, tags, data in copy.rows():
            yield position, canonical_event(
                event_id, canonical_instant(recorded_at), canonical_instant(occurred_at), event_type, account,
                orjson.loads(tags), orjson.loads(data),
            )  # fmt: skip


def entries(connection: Connection, after: int, upto: int) -> Iterator[tuple[int, bytes]]:
    """(position, entry of the tree) of these events."""
    for position, canonical in canonical_events(connection, after, upto):
        yield position, entry_of(canonical)
