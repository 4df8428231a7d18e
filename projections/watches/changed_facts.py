"""The facts that history got, lost or corrected between two log positions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import LiteralString

from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.facts import Interval
from erstwhile.domain.events import TYPE_NAMES
from erstwhile.domain.events.account import RecordsImported
from erstwhile.domain.history.fact_history import FactHistory
from erstwhile.domain.history.watching.affected import ChangedFact
from erstwhile.projections.history import BELIEVED
from erstwhile.projections.sql import Connection

_BLOCK = 5_000
"""Rows that are fetched together."""
_ROW: LiteralString = (
    "SELECT account, kind, entity, attribute, item, value, valid_from, valid_to, opened_by, closed_by, "
)
_CHANGED: LiteralString = (
    f"{_ROW} recorded_from FROM fact WHERE recorded_from > %(after)s AND recorded_from <= %(upto)s UNION ALL "
    f"{_ROW} recorded_to FROM fact WHERE recorded_to > %(after)s AND recorded_to <= %(upto)s "
    f"AND recorded_to < {BELIEVED}"
)


def changed_facts(connection: Connection, before: FactHistory, after: FactHistory) -> Iterator[ChangedFact]:
    """Those between the positions of two histories, in a transaction."""
    window = {"after": before.known_at, "upto": after.known_at}
    with connection.cursor("changed_facts") as cursor:
        cursor.itersize = _BLOCK
        cursor.execute(_CHANGED, window)
        for row in cursor:
            yield ChangedFact(Interval(*row[:10]), row[10])
    yield from _vanished(connection, before, after)


def _vanished(connection: Connection, before: FactHistory, after: FactHistory) -> Iterator[ChangedFact]:
    """Imported records may be a later sign of a principal of which only a listing tells that it ended: no row of
    history says so."""
    row = connection.execute(
        "SELECT EXISTS (SELECT FROM event WHERE position > %s AND position <= %s AND type = %s)",
        (before.known_at, after.known_at, TYPE_NAMES[RecordsImported]),
    ).fetchone()
    if row is None or not row[0]:
        return
    earlier, later = (
        {(*each[:3], each.valid_from, each.valid_to): each for each in history.with_attribute(attributes.VANISHED)}
        for history in (before, after)
    )
    for place in earlier.keys() ^ later.keys():
        yield ChangedFact(earlier[place] if place in earlier else later[place], after.known_at)
