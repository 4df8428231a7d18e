"""When accounts were listed whole (snapshots): read once from the log, and kept up."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterable
from datetime import datetime
from threading import Lock

from erstwhile.projections.sql import Connection

_SINCE = (
    "SELECT account, occurred_at, position FROM event "
    "WHERE type = 'iam.SnapshotTaken' AND position > %s AND position <= %s"
)


class KnownListings:
    """The listings of all accounts. Any thread may ask."""

    def __init__(self) -> None:
        self._position = 0
        self._of: dict[str, list[tuple[datetime, int]]] = {}
        self._lock = Lock()

    def around(
        self, connection: Connection, accounts: Iterable[str], as_of: datetime, known_at: int
    ) -> list[tuple[str, datetime | None, datetime | None]]:
        """For each of the accounts that has listings, as known at a log position: the last one at or before an instant,
        and the first one after it."""
        with self._lock:
            if known_at > self._position:
                for account, at, position in connection.execute(
                    _SINCE, (self._position, known_at), prepare=True
                ).fetchall():
                    insort(self._of.setdefault(account, []), (at, position))
                self._position = known_at
            found = []
            for account in accounts:
                listed = self._of.get(account, [])
                place = bisect_right(listed, as_of, key=lambda each: each[0])
                last = next((at for at, position in reversed(listed[:place]) if position <= known_at), None)
                after = next((at for at, position in listed[place:] if position <= known_at), None)
                if last is not None or after is not None:
                    found.append((account, last, after))
            return found
