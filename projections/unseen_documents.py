"""Managed policies in use whose document is not known, at any instant.

To ask this of each policy that somebody has would cost every answer the size of the state. So this keeps when somebody
had a policy whose document was not known: few have such a time. The walk over all
policies in tests/support/plain_coverage.py finds the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from threading import Lock

import numpy as np

from erstwhile.domain.vocabulary.bounded import Bounded
from erstwhile.domain.vocabulary.micros import micros_of
from erstwhile.projections.columns.column_history import ColumnHistory
from erstwhile.projections.columns.policy_uses import Use
from erstwhile.projections.columns.segment import Segment
from erstwhile.projections.columns.unseen import Touched, Unseen, doubtful, unseen_times

_PAST_KEPT = 4


class _AsKnown:
    """What is known at one log position."""

    def __init__(self, history: ColumnHistory) -> None:
        lowest = history.stack[-1].segment
        self._doubtful: dict[Use, list[Unseen]] = {}
        """Uses that may have such a time, each with those that it has."""
        self.changed_at = lowest.last
        """The last position that is known to have changed something."""
        self._ask(history, doubtful(lowest, history.known_at))
        self.follow(history, lowest.last)

    def follow(self, history: ColumnHistory, after: int) -> None:
        """What came after a log position."""
        touched = Touched(history, after)
        if touched.last:
            self.changed_at = touched.last
            self._ask(history, touched.uses | self._doubtful.keys() if touched.modes else touched.uses)

    def _ask(self, history: ColumnHistory, uses: Iterable[Use]) -> None:
        for use in uses:
            found = unseen_times(history, use)
            if found is None:
                self._doubtful.pop(use, None)
            else:
                self._doubtful[use] = found
        every = [each for those in self._doubtful.values() for each in those]
        self._begins = np.array([begin for begin, _, _ in every], dtype=np.int64)
        self._ends = np.array([end for _, end, _ in every], dtype=np.int64)
        self._whys = [why for _, _, why in every]

    def at(self, at: int) -> list[str]:
        there = self._begins <= at
        there &= self._ends > at
        return sorted({self._whys[place] for place in there.nonzero()[0].tolist()})


class UnseenDocuments:
    """Keeps what is known at the last position that was asked about. Any thread may ask."""

    def __init__(self) -> None:
        self._position = 0
        self._lowest: Segment | None = None
        """Of the history that it was found in."""
        self._now: _AsKnown | None = None
        self._past: Bounded[int, _AsKnown] = Bounded(_PAST_KEPT)
        self._lock = Lock()

    def at(self, history: ColumnHistory, as_of: datetime) -> list[str]:
        """Why the documents of policies are not known that somebody had at an instant."""
        with self._lock:
            return self._as_known(history).at(micros_of(as_of))

    def _as_known(self, history: ColumnHistory) -> _AsKnown:
        lowest, known_at = history.stack[-1].segment, history.known_at
        if lowest is not self._lowest:
            self._past.clear()
            self._lowest, self._now = lowest, None
        now = self._now
        if now is None and known_at >= lowest.last:
            now = self._now = _AsKnown(history)
            self._position = known_at
        elif now is not None and known_at > self._position:
            self._now = None  # of no more use if the database fails meanwhile
            now.follow(history, self._position)
            self._now, self._position = now, known_at
        if now is not None and known_at >= now.changed_at:
            return now
        earlier = self._past.get(known_at)
        return earlier or self._past.keep(known_at, _AsKnown(history))
