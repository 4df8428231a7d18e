"""Reading events out of the log, in order. Each function takes the connection that `EventLog` gives it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, LiteralString, Protocol

import msgspec
import psycopg
import psycopg.sql

from erstwhile.domain.event_log.codec import UPCASTERS, UnknownEventType, decode, decode_body
from erstwhile.domain.events import BareEvent, Event
from erstwhile.domain.replay.set_apart import reason_of
from erstwhile.domain.vocabulary.slots import stored_text

COLUMNS = "e.position, e.recorded_at, e.occurred_at, e.event_id::text, e.type, e.account, e.data::text"
_TYPES = ["int8", "timestamptz", "timestamptz", "text", "text", "text", "text"]
_HEAD: LiteralString = "SELECT coalesce(max(position), 0) FROM event"

Connection = psycopg.Connection[Any]
Unreadable = Callable[[int, str], None]
"""Takes the position of an event that this release cannot read, and why. Where there is none, reading raises."""


class Item(Protocol):
    """A query item: `QueryItem`, or the library's `DCBQueryItem`."""

    @property
    def types(self) -> Sequence[str]: ...

    @property
    def tags(self) -> Sequence[str]: ...


def head(connection: Connection) -> int:
    """The position of the last event; 0 for an empty log."""
    [(position,)] = connection.execute(_HEAD).fetchall()
    return int(position)


async def head_async(connection: psycopg.AsyncConnection[Any]) -> int:
    """As `head`, on an event loop."""
    [(position,)] = await (await connection.execute(_HEAD)).fetchall()
    return int(position)


def _decoded(rows: Iterable[tuple[Any, ...]], unreadable: Unreadable | None) -> Iterator[Event]:
    for row in rows:
        try:
            yield decode(*row)
        except (UnknownEventType, ValueError, msgspec.MsgspecError) as error:
            if unreadable is None:
                raise
            unreadable(row[0], reason_of(error))


def read_after(connection: Connection, after: int, upto: int, unreadable: Unreadable | None) -> Iterator[Event]:
    """Events with after < position ≤ upto, by COPY."""
    copy_sql = f"COPY (SELECT {COLUMNS} FROM event e WHERE position > {int(after)} AND position <= {int(upto)} ORDER BY position) TO STDOUT (FORMAT BINARY)"  # noqa: E501
    with connection.cursor() as cursor, cursor.copy(copy_sql) as copy:
        copy.set_types(_TYPES)
        yield from _decoded(copy.rows(), unreadable)


_GOVERNED: LiteralString = (
    "SELECT array_agg(DISTINCT account) FROM event WHERE type = 'iam.AccountRegistered' "
    "AND data->'body'->>'mode' = 'governed' AND position <= %s"
)


def read_for_replay(
    connection: Connection, after: int, upto: int, unreadable: Unreadable | None
) -> Iterator[Event | BareEvent]:
    """Like `read_after`, for bulk replay: skips the envelope of governed accounts' events (half the time; the row
    "Directory rebuilt" of benchmarks/event_log.py). Events that register an account come whole, and so do those of a
    type with upcasters."""
    row = connection.execute(_GOVERNED, (upto,)).fetchone()
    governed = sorted(row[0] or ()) if row is not None else []
    types = sorted({"iam.AccountRegistered", *UPCASTERS})
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


def matching_rows(
    connection: Connection,
    columns: str,
    items: Iterable[Item],
    after: int = 0,
    upto: int | None = None,
    limit: int | None = None,
) -> psycopg.Cursor[tuple[Any, ...]]:
    """The rows of events that match one of the items (any event, if there are none), in order."""
    clauses, arguments = _matching(items)
    where = [f"({' OR '.join(clauses)})"] if clauses else []
    if after:
        where.append("e.position > %s")
        arguments.append(after)
    if upto is not None:
        where.append("e.position <= %s")
        arguments.append(upto)
    limiting = "" if limit is None else f" LIMIT {int(limit)}"
    return connection.execute(
        f"SELECT {columns} FROM event e WHERE {' AND '.join(where or ['true'])} ORDER BY e.position{limiting}",
        arguments,
        prepare=True,
    )


def _matching(items: Iterable[Item]) -> tuple[list[str], list[Any]]:
    """One SQL clause for each item, and their parameters. Items that are a tag alone share a clause, and so do those
    that are types alone: replay asks for many of them."""
    clauses: list[str] = []
    arguments: list[Any] = []
    tags: list[str] = []
    types: list[str] = []
    for item in items:
        if len(item.tags) == 1 and not item.types:
            tags.append(stored_text(item.tags[0]))
        elif item.types and not item.tags:
            types += item.types
        else:
            clause = [_CARRIES] * len(item.tags)
            arguments += [[stored_text(tag)] for tag in item.tags]
            if item.types:
                clause.append(_IS_OF_TYPE)
                arguments.append(list(item.types))
            clauses.append(f"({' AND '.join(clause or ['true'])})")
    for clause_of_all, parameter in ((_CARRIES, tags), (_IS_OF_TYPE, types)):
        if parameter:
            clauses.append(clause_of_all)
            arguments.append(parameter)
    return clauses, arguments


_CARRIES = "e.position IN (SELECT t.position FROM event_tag t WHERE t.tag = ANY (%s))"
_IS_OF_TYPE = "e.type = ANY (%s)"


def read_matching(
    connection: Connection, items: Iterable[Item], upto: int, unreadable: Unreadable | None
) -> list[Event]:
    """All events up to a position that match one of the items."""
    return list(_decoded(matching_rows(connection, COLUMNS, items, upto=upto), unreadable))


_AROUND = (
    f"SELECT {COLUMNS} FROM event e WHERE (e.occurred_at = ANY (%s) OR e.position = ANY (%s)) AND e.position <= %s "
    # With its limit, this is no join: each of the few events is looked for among the thousands that may carry the tags.
    "AND (SELECT true FROM event_tag t WHERE t.tag = ANY (%s) AND t.type = e.type AND t.position = e.position LIMIT 1) "
    "ORDER BY e.position"
)


def read_around(
    connection: Connection,
    tags: Iterable[str],
    instants: Iterable[datetime],
    positions: Iterable[int],
    upto: int,
    unreadable: Unreadable | None,
) -> list[Event]:
    """The events up to a position that carry one of the tags, and that are of one of the instants or at one of the
    positions. How many carry the tags makes it no slower."""
    arguments = [list(instants), list(positions), upto, [stored_text(tag) for tag in tags]]
    return list(_decoded(connection.execute(_AROUND, arguments, prepare=True), unreadable))


def read_positions(connection: Connection, positions: Iterable[int]) -> list[Event]:
    """The events at these positions."""
    rows = connection.execute(
        f"SELECT {COLUMNS} FROM event e WHERE position = ANY (%s) ORDER BY position", (list(positions),)
    )
    return [decode(*row) for row in rows]


def find_event(connection: Connection, event_id: str) -> int | None:
    """The position of an event by its id; None where the log has no such event."""
    row = connection.execute("SELECT position FROM event WHERE event_id = %s", (event_id,)).fetchone()
    return None if row is None else int(row[0])


def position_at(connection: Connection, instant: datetime) -> int:
    """The last position that was recorded at or before an instant."""
    row = connection.execute(
        "SELECT position FROM event WHERE recorded_at <= %s ORDER BY recorded_at DESC LIMIT 1", (instant,)
    ).fetchone()
    return 0 if row is None else int(row[0])
