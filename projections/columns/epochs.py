"""The facts of entities that every question reads, organisations and accounts: the same from one change of them to the
next, however many instants are asked about.

Serves the rows "decision" and "provenance" of `make bench-history`."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from erstwhile.domain.directory.fact_source import Facts
from erstwhile.domain.vocabulary.bounded import Bounded

KINDS = ("account", "organization")
MOST_POSITIONS = 4
"""Log positions, as known at which something of a segment is kept."""
MOST = 1_000
"""Entities that are kept of each."""
MOST_TIMES = 256
"""Times of each: an organisation may have thousands of accounts."""


class Epochs:
    """The times of one entity, as known at a log position, between two of its changes."""

    def __init__(self, begins: Sequence[int], ends: Sequence[int]) -> None:
        """Of its rows, in microseconds."""
        self._changes = sorted({*begins, *ends})
        self.kept: Bounded[int, Facts] = Bounded(MOST_TIMES)
        """Facts by the number of a time."""

    def number(self, at: int) -> int:
        """The number of the time in which an instant is."""
        return bisect_right(self._changes, at)
