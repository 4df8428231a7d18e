"""The intervals of entities that were read: those of a question's principal and policies for a while, those that all
questions read for longer, with their courses."""

from __future__ import annotations

from collections.abc import Sequence

from erstwhile.domain.directory.facts import EntityKey, Interval
from erstwhile.domain.history import kept_intervals
from erstwhile.domain.history.kept_intervals import KeptIntervals
from erstwhile.domain.vocabulary.bounded import Bounded
from erstwhile.projections.columns import epochs

MOST_READ = 500
"""Entities whose intervals are kept."""
MOST_SHARED = 50
"""Accounts and organisations."""


class ReadIntervals:
    """Of one history. Any thread may use it."""

    def __init__(self) -> None:
        self._read: Bounded[EntityKey, Sequence[Interval]] = Bounded(MOST_READ)
        self._shared: Bounded[EntityKey, KeptIntervals] = Bounded(MOST_SHARED)

    def get(self, key: EntityKey) -> Sequence[Interval] | None:
        found = self._read.entries.get(key)
        return found if found is not None else self._shared.entries.get(key)

    def keep(self, key: EntityKey, found: Sequence[Interval]) -> Sequence[Interval]:
        if key[1] in epochs.KINDS and len(found) <= kept_intervals.MOST:
            return self._shared.keep(key, KeptIntervals(found))
        return self._read.keep(key, found)

    def clear(self) -> None:
        self._read.clear()
        self._shared.clear()
