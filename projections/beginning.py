"""The first instant of which anything is known."""

from __future__ import annotations

from datetime import datetime
from threading import Lock

from erstwhile.domain.vocabulary.identifiers import AWS_MANAGED, OWN
from erstwhile.projections.sql import Connection

_COUNTS = (
    "account <> %(aws)s AND account <> %(own)s AND type <> 'iam.RecordsImported' "
    "AND NOT (type = 'iam.PolicyVersionCreated' AND data->>'source' = 'snapshot') AND position <= %(known)s"
)
_FIRST = f"SELECT occurred_at FROM event WHERE {_COUNTS} ORDER BY occurred_at, position LIMIT 1"
_FIRST_OF_NEW = f"SELECT min(occurred_at) FROM event WHERE {_COUNTS} AND position > %(after)s"


class KnownBeginning:
    """When the first event occurred, as known at a log position. What was found is kept: of a later position, only the
    events since then are looked at. Any thread may ask."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._found: tuple[int, datetime] | None = None

    def at(self, connection: Connection, known_at: int) -> datetime | None:
        """None where no event is known. AWS's own policies do not count, nor do watches, nor the dates of policies'
        versions in a listing: they tell of no principal."""
        with self._lock:
            kept = self._found
        arguments = {"aws": AWS_MANAGED, "own": OWN, "known": known_at}
        if kept is not None and kept[0] == known_at:
            return kept[1]
        if kept is not None and kept[0] < known_at:
            row = connection.execute(_FIRST_OF_NEW, {**arguments, "after": kept[0]}).fetchone()
            first = kept[1] if row is None or row[0] is None else min(kept[1], row[0])
        else:
            row = connection.execute(_FIRST, arguments).fetchone()
            if row is None:
                return None
            first = row[0]
        with self._lock:
            if self._found is None or self._found[0] < known_at:
                self._found = (known_at, first)
        return first
