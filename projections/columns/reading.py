"""Reads the rows of table `fact`: all of them, or those of the entities that changed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import LiteralString, NamedTuple

from erstwhile.domain.vocabulary.micros import micros_of
from erstwhile.projections.columns.builder import Builder, Listings
from erstwhile.projections.columns.file import Origin
from erstwhile.projections.columns.granting import GrantingBuilder
from erstwhile.projections.columns.recorded_changes import ChangesBuilder
from erstwhile.projections.columns.segment import Arrays, Segment
from erstwhile.projections.history import BELIEVED, NAME, REBUILT
from erstwhile.projections.sql import Connection
from erstwhile.projections.vanished import ended_by_listings

BLOCK = 5_000
"""Rows that are fetched together."""
CHANGED_BLOCK = 500
"""Of those that changed, and have come already."""
_ROW: LiteralString = (
    "account, kind, entity, attribute, item, value::text, "
    "timestamptz_send(valid_from) || timestamptz_send(valid_to) || int8send(opened_by) "
    "|| int8send(coalesce(closed_by, 0)) || int8send(recorded_from) || int8send(recorded_to)"
)
_ALL: LiteralString = f"SELECT {_ROW} FROM fact"
_CHANGED: LiteralString = (
    f"SELECT {_ROW} FROM fact JOIN ("
    "SELECT account, kind, entity FROM fact WHERE recorded_from > %(since)s UNION "
    f"SELECT account, kind, entity FROM fact WHERE recorded_to > %(since)s AND recorded_to < {BELIEVED}"
    ") AS changed USING (account, kind, entity)"
)


_GRANTING: LiteralString = (
    "SELECT e.type, coalesce(e.data->>'action', ''), coalesce(e.data->'actor'->>'arn', ''), "
    "coalesce(e.data->>'source', 'api'), e.account, coalesce(e.data->'actor'->>'type', ''), "
    "coalesce(e.data->>'evidence', ''), int8send(e.position) || timestamptz_send(e.occurred_at) "
    "FROM event e WHERE EXISTS (SELECT FROM fact f WHERE f.opened_by = e.position) ORDER BY e.position"
)
"""As `answer_ground` and the audit trail tell them."""
CHANGED_BY_RECORD: LiteralString = (
    "e.data->>'source' = 'cloudtrail' AND NOT e.data ? 'between' AND e.type NOT IN "
    "('iam.ChangeFailed', 'iam.CommandRefused', 'iam.PrincipalSeen', 'iam.ClaimSetAside', 'iam.SignedIn')"
)
"""Of an event `e`: as `answer_ground` has it."""
_CHANGES: LiteralString = (
    "SELECT e.account, int8send(e.position) || timestamptz_send(e.occurred_at) FROM event e "
    f"WHERE e.position <= %s AND {CHANGED_BY_RECORD}"
)

_STATE: LiteralString = (
    "(SELECT position FROM checkpoint WHERE projection = %(history)s) AS position, "
    "(SELECT position FROM checkpoint WHERE projection = %(rebuilt)s) AS rebuilt, 'fact'::regclass::oid::bigint AS id"
)
_SINCE: LiteralString = (
    f"SELECT state.*, since.* FROM (SELECT {_STATE}) AS state LEFT JOIN ({_CHANGED}) AS since ON true"
)
_NAMES = {"history": NAME, "rebuilt": REBUILT}


class State(NamedTuple):
    """How far the rows are; the transaction that last made them anew, and the number of the table, which a rebuild
    replaces: an earlier release does not note the transaction."""

    position: int
    rebuilt: int
    table: int

    def is_of_same_rows(self, other: State) -> bool:
        """Whether nothing was made anew between the two."""
        return self[1:] == other[1:]


@contextmanager
def standing_still(connection: Connection) -> Iterator[State]:
    """A transaction in which the rows, and how far they are, stay as they are."""
    with connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        # Before the snapshot begins: a rebuild replaces this table.
        connection.execute("LOCK TABLE fact IN ACCESS SHARE MODE")
        yield state(connection)


def state(connection: Connection) -> State:
    [(position, rebuilt, table)] = connection.execute(f"SELECT {_STATE}", _NAMES, prepare=True).fetchall()
    return State(position or 0, rebuilt or 0, table)


def event_id(connection: Connection, position: int) -> str:
    """The id of the event at a log position; nothing where there is none."""
    row = connection.execute("SELECT event_id::text FROM event WHERE position = %s", (position,)).fetchone()
    return "" if row is None else str(row[0])


def origin(connection: Connection, state: State) -> Origin:
    return Origin(*state, event_id(connection, 1), event_id(connection, state.position))


def all_rows(connection: Connection) -> Segment:
    """In a transaction."""
    builder = Builder()
    with connection.cursor("columns", binary=True) as cursor:
        cursor.execute(_ALL)
        while block := cursor.fetchmany(BLOCK):
            builder.add(block)
    return finished(connection, builder)


def granting_events(connection: Connection) -> Arrays:
    """What is told of the events that opened the rows, as columns. In a transaction."""
    builder = GrantingBuilder()
    with connection.cursor("granting", binary=True) as cursor:
        cursor.execute(_GRANTING)
        while block := cursor.fetchmany(BLOCK):
            builder.add(block)
    return builder.arrays()


def recorded_changes(connection: Connection, upto: int) -> Arrays:
    """When records told of changes, up to a log position, as columns. In a transaction."""
    builder = ChangesBuilder()
    with connection.cursor("changes", binary=True) as cursor:
        cursor.execute(_CHANGES, (upto,))
        while block := cursor.fetchmany(BLOCK):
            builder.add(block)
    return builder.arrays(upto)


def changed_rows(connection: Connection, since: int) -> tuple[State, Builder]:
    """How far the rows are; and all rows of the entities of which one came, or was corrected, after a log position. One
    statement, so that both are of one moment. Few rows at a time are Python's objects: a process keeps the memory that
    it needed once."""
    builder = Builder()
    with connection.cursor(binary=True) as cursor:
        cursor.execute(_SINCE, {"since": since} | _NAMES, prepare=True)
        first = cursor.fetchmany(1)
        position, rebuilt, table = first[0][:3]
        block = first if first[0][3] is not None else []
        while block:
            builder.add([row[3:] for row in block])
            block = cursor.fetchmany(CHANGED_BLOCK)
    return State(position or 0, rebuilt or 0, table), builder


def finished(connection: Connection, builder: Builder) -> Segment:
    positions = builder.ended_by()
    listings: Listings = {}
    if positions:
        listings = {
            position: (surely, micros_of(at)) for position, surely, at in ended_by_listings(connection, positions)
        }
    return builder.segment(listings)
