"""The reminders of which no server has written its line: each is told once."""

from __future__ import annotations

from typing import LiteralString

from erstwhile.projections.projector import set_checkpoint
from erstwhile.projections.sql import Connection

NAME = "reviews.reminded"
"""The row of table `checkpoint` that says up to which log position reminders were told."""
_LOCK: LiteralString = "SELECT pg_try_advisory_xact_lock(hashtext('erstwhile.reviews.reminded'))"
_UNTOLD: LiteralString = (
    "SELECT e.position, e.data->'body'->>'name', e.data->'body'->>'reviewer', "
    "(e.data->'body'->>'pending')::bigint, coalesce(e.data->'body'->>'note', '') FROM event e "
    "WHERE e.type = 'review.ReviewReminded' AND e.position <= %(upto)s AND e.position > coalesce("
    "(SELECT c.position FROM checkpoint c WHERE c.projection = %(name)s), 0) ORDER BY e.position"
)


def take(connection: Connection, upto: int) -> list[str]:
    """The lines of the reminders up to a log position that were not told yet; they count as told once the transaction
    commits. Empty while another process takes them."""
    asked = {"upto": upto, "name": NAME}
    if not connection.execute(_UNTOLD, asked, prepare=True).fetchall():
        return []
    with connection.transaction():
        if connection.execute(_LOCK).fetchone() != (True,):
            return []
        found = connection.execute(_UNTOLD, asked).fetchall()
        if found:
            set_checkpoint(connection, NAME, found[-1][0])
    return [_line(*row[1:]) for row in found]


def _line(name: str, reviewer: str, pending: int, note: str) -> str:
    lines = "1 line" if pending == 1 else f"{pending:,} lines"
    return f"review {name}: {reviewer} has {lines} to decide{f': {note}' if note else ''}"
