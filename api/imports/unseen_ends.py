"""Ends that nobody logged: of those that a listing lacks, each with the last instant at which it was there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.events import Body
from erstwhile.projections.sql import Connection, instant_text


def unseen_ends(
    connection: Connection, gone: list[tuple[Entity, Body]], before: datetime | None, taken_at: datetime
) -> Iterator[tuple[Body, datetime]]:
    """The events of the ends, and since when each may have come: `before` is the instant of the listing before this.
    An entity that later records alone tell of has no end here: it began after the listing, as the fold finds."""
    for entity, body in gone:
        last = _last_word(connection, entity, taken_at)
        if last is not None:
            yield body, max(last, before or last)


def _last_word(connection: Connection, entity: Entity, before: datetime) -> datetime | None:
    """The instant of the last event that a fact of the entity rests on and that came before an instant; None where all
    of its facts rest on later ones."""
    positions = [fact.opened_by for fact in entity.all_facts()]
    row = connection.execute(
        "SELECT max(occurred_at) FROM event WHERE position = ANY (%s) AND occurred_at < %s::timestamptz",
        (positions, instant_text(before)),
    ).fetchone()
    return row[0] if row is not None else None
