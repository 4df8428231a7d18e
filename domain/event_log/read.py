"""Reading events out of the log, in order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any, LiteralString

import msgspec
import psycopg
import psycopg.sql

from erstwhile.domain.event_log.codec import UPCAST_TYPES, UnknownEventType, decode, decode_body
from erstwhile.domain.events import BareEvent, Event
from erstwhile.domain.replay.event_slots import stored_tag
from erstwhile.domain.replay.set_apart import reason_of

_COLUMNS = "position, recorded_at, occurred_at, event_id::text, type, account, data::text"
_TYPES = ["int8", "timestamptz", "timestamptz", "text", "text", "text", "text"]

Connection = psycopg.Connection[Any]


_HEAD: LiteralString = "SELECT coalesce(max(position), 0) FROM event"


def head(connection: Connection) -> int:
    """The position of the last event; 0 for an empty log."""
    row = connection.execute(_HEAD).fetchone()
    assert row is not None
    return int(row[0])


async def head_async(connection: psycopg.AsyncConnection[Any]) -> int:
    """The same on an event loop."""
    row = await (await connection.execute(_HEAD)).fetchone()
    assert row is not None
    return int(row[0])


Unreadable = Callable[[int, str], None]
"""Hears of an event that this release cannot read: its position, and why. Where there is none, reading raises."""


def _decoded(rows: Iterable[tuple[Any, ...]], unreadable: Unreadable | None) -> Iterator[Event]:
    for row in rows:
        try:
            yield decode(*row)
        except (UnknownEventType, ValueError, msgspec.MsgspecError) as error:
            if unreadable is None:
                raise
            unreadable(row[0], reason_of(error))


def read_after(connection: Connection, after: int, upto: int, unreadable: Unreadable | None = None) -> Iterator[Event]:
    """Events with after < position ≤ upto, by COPY: for many."""
    copy_sql = f"COPY (SELECT {_COLUMNS} FROM event WHERE position > {int(after)} AND position <= {int(upto)} ORDER BY position) TO STDOUT (FORMAT BINARY)"  # noqa: E501
    with connection.cursor() as cursor, cursor.copy(copy_sql) as copy:
        copy.set_types(_TYPES)
        yield from _decoded(copy.rows(), unreadable)


_GOVERNED: LiteralString = (
    "SELECT array_agg(DISTINCT account) FROM event WHERE type = 'iam.AccountRegistered' "
    "AND data->'body'->>'mode' = 'governed' AND position <= %s"
)


def read_to_fold(
    connection: Connection, after: int, upto: int, unreadable: Unreadable | None = None
) -> Iterator[Event | BareEvent]:
    """The same for those who fold a long stretch of the log, in half the time: of accounts under commands, no more is
    read than is folded.

    Whole come the events that begin such an account, and types of whose bodies there were several forms.
    """
    row = connection.execute(_GOVERNED, (upto,)).fetchone()
    governed = sorted(row[0] or ()) if row is not None else []
    types = sorted({"iam.AccountRegistered", *UPCAST_TYPES})
    whole = psycopg.sql.SQL("NOT (account = ANY ({})) OR type = ANY ({})").format(governed, types)
    statement = psycopg.sql.SQL(
        "COPY (SELECT position, occurred_at, type, account, "
        "CASE WHEN {whole} THEN data ELSE data->'body' END::text, "
        "CASE WHEN {whole} THEN event_id::text END, CASE WHEN {whole} THEN recorded_at END "
        "FROM event WHERE position > {after} AND position <= {upto} ORDER BY position) TO STDOUT (FORMAT BINARY)"
    ).format(whole=whole, after=after, upto=upto)
    accounts = {account: account for account in governed}  # entities keep it: one text for all of them
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.set_types(["int8", "timestamptz", "text", "text", "text", "text", "timestamptz"])
        for position, occurred_at, event_type, account, data, event_id, recorded_at in copy.rows():
            try:
                if event_id is None:
                    yield BareEvent(position, occurred_at, accounts[account], decode_body(event_type, data))
                else:
                    yield decode(position, recorded_at, occurred_at, event_id, event_type, account, data)
            except (UnknownEventType, ValueError, msgspec.MsgspecError) as error:
                if unreadable is None:
                    raise
                unreadable(position, reason_of(error))


def read_tagged(
    connection: Connection, tags: Iterable[str], upto: int, unreadable: Unreadable | None = None
) -> list[Event]:
    """All events up to a position that carry one of the tags."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM event WHERE position IN "
        "(SELECT position FROM event_tag WHERE tag = ANY (%s)) AND position <= %s ORDER BY position",
        ([stored_tag(tag) for tag in tags], upto),
        prepare=True,
    )
    return list(_decoded(rows, unreadable))


def read_types(
    connection: Connection, types: Iterable[str], upto: int, unreadable: Unreadable | None = None
) -> list[Event]:
    """All events of some types up to a position."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM event WHERE type = ANY (%s) AND position <= %s ORDER BY position",
        (list(types), upto),
    )
    return list(_decoded(rows, unreadable))


def read_positions(connection: Connection, positions: Iterable[int]) -> list[Event]:
    """The events at these positions."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM event WHERE position = ANY (%s) ORDER BY position", (list(positions),)
    )
    return [decode(*row) for row in rows]


def find_event(connection: Connection, event_id: str) -> int | None:
    """The position of an event by its id: how to learn whether a commit of unknown outcome happened."""
    row = connection.execute("SELECT position FROM event WHERE event_id = %s", (event_id,)).fetchone()
    return None if row is None else int(row[0])


def position_at(connection: Connection, instant: datetime) -> int:
    """The last position that was recorded at or before an instant."""
    row = connection.execute(
        "SELECT position FROM event WHERE recorded_at <= %s ORDER BY recorded_at DESC LIMIT 1", (instant,)
    ).fetchone()
    return 0 if row is None else int(row[0])
