"""The first instant of which anything is known."""

from __future__ import annotations

from datetime import datetime

from erstwhile.domain.vocabulary.identifiers import AWS_MANAGED
from erstwhile.projections.sql import Connection

_FIRST = (
    "SELECT occurred_at FROM event WHERE account <> %(aws)s AND type <> 'iam.RecordsImported' "
    "AND NOT (type = 'iam.PolicyVersionCreated' AND data->>'source' = 'snapshot') "
    "AND position <= %(known)s ORDER BY occurred_at, position LIMIT 1"
)


def first_known(connection: Connection, known_at: int) -> datetime | None:
    """When the first event occurred; None where there is none. AWS's own policies do not count, nor do the dates of
    policies' versions in a listing: they tell of no principal."""
    row = connection.execute(_FIRST, {"aws": AWS_MANAGED, "known": known_at}).fetchone()
    return None if row is None else row[0]
