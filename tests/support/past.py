"""The Directory of an instant, as known at a log position, by the most obvious way: a SQL statement over all rows."""

from __future__ import annotations

from datetime import datetime

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.facts import Fact
from erstwhile.projections.sql import Connection, instant_text, with_infinity
from erstwhile.projections.vanished import vanished

_ROWS = (
    "SELECT account, kind, entity, attribute, item, value, valid_from, opened_by, "
    "CASE WHEN attribute = 'entity' AND valid_to < 'infinity' THEN closed_by END FROM fact "
    "WHERE valid_from <= %(at)s::timestamptz AND valid_to > %(at)s::timestamptz "
    "AND recorded_from <= %(known)s AND recorded_to > %(known)s"
)


def past_directory(connection: Connection, as_of: datetime, known_at: int) -> Directory:
    """`known_at`: a log position that history has reached."""
    with_infinity(connection)
    rows = connection.execute(_ROWS, {"at": instant_text(as_of), "known": known_at}).fetchall()
    facts = [(*row[:5], Fact(row[5], row[6], row[7])) for row in rows]
    facts += vanished(connection, rows, as_of, known_at)
    return Directory.from_facts(facts, position=known_at, as_of=as_of)
