"""What an answer about an instant needs of the log, in a process that follows it: from history's columns, and from what
came since, which is read once.

Serves the row "decision" of `make bench-history`: such an answer waits for no statement."""

from __future__ import annotations

import time
from bisect import bisect_left, insort
from collections.abc import Callable, Iterable
from datetime import datetime
from threading import Lock
from typing import LiteralString

from erstwhile.domain.vocabulary.micros import NEVER, SINCE_1970, instant_of, micros_of
from erstwhile.projections.answer_ground import AnswerGround, bounds
from erstwhile.projections.columns.column_history import ColumnHistory
from erstwhile.projections.columns.reading import CHANGED_BY_RECORD
from erstwhile.projections.columns.recorded_changes import RecordedChanges, recorded_changes
from erstwhile.projections.columns.segment import Segment
from erstwhile.projections.sql import Connection

UNSEEN = 1.0
"""Seconds until it is seen that history was made anew, with other events set apart."""
_SINCE: LiteralString = (
    "SELECT e.account, (extract(epoch FROM e.occurred_at) * 1000000)::bigint, e.position FROM event e "
    f"WHERE e.position > %s AND e.position <= %s AND {CHANGED_BY_RECORD} "
    "UNION ALL SELECT '', 0, min(position) FROM set_apart"
)


class FollowedGround:
    """Any thread may ask."""

    def __init__(self, head: Callable[[], int]) -> None:
        """`head`: the log's last position that anybody has been told of, at least, if this process has come to it; 0
        where the database has to be asked."""
        self.head = head
        self._segment: Segment | None = None
        """The lowest, of which `_changes` are."""
        self._changes: RecordedChanges | None = None
        self._upto = 0
        self._since: dict[str, list[tuple[int, int]]] = {}
        """The changes after those, up to `_upto`, of each account: instant and position."""
        self._apart = NEVER
        """The position of the first event that is set apart."""
        self._looked = 0.0
        self._lock = Lock()

    def at(
        self, connection: Connection, history: ColumnHistory, accounts: Iterable[str], as_of: datetime
    ) -> AnswerGround | None:
        """Of an answer that concerns some accounts at an instant, as history is known. None where the database has to
        be asked."""
        head = self.head()
        if not head:
            return None
        known_at = history.known_at
        since, until = (micros_of(each) for each in bounds(as_of))
        with self._lock:
            self._follow(connection, history.stack[-1].segment, known_at)
            found = [self._last(account, since, until, known_at) for account in accounts]
            are_apart = self._apart <= known_at
        changed = max((each for each in found if each is not None), default=None)
        return AnswerGround(head, None if changed is None else instant_of(changed), are_apart)

    def _follow(self, connection: Connection, lowest: Segment, known_at: int) -> None:
        now = time.monotonic()
        if lowest is not self._segment:
            self._segment, self._changes, self._since = lowest, recorded_changes(lowest), {}
            self._upto = self._changes.upto
        elif known_at <= self._upto and now < self._looked + UNSEEN:
            return
        upto = max(known_at, self._upto)
        apart = None
        for account, at, position in connection.execute(_SINCE, (self._upto, upto), prepare=True).fetchall():
            if account:
                insort(self._since.setdefault(account, []), (at - SINCE_1970, position))
            else:
                apart = position
        self._apart = NEVER if apart is None else apart
        self._upto, self._looked = upto, now

    def _last(self, account: str, since: int, until: int, known_at: int) -> int | None:
        found = None if self._changes is None else self._changes.last(account, since, until, known_at)
        later = self._since.get(account)
        if later:
            place = bisect_left(later, (until,)) - 1
            while place >= 0 and later[place][0] > since and (found is None or later[place][0] > found):
                if later[place][1] <= known_at:
                    return later[place][0]
                place -= 1
        return found
