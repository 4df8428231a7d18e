"""Last signs of principals of which only a listing tells that they ended: asked of the database once, and kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from erstwhile.domain.vocabulary.bounded import Bounded
from erstwhile.projections.sql import Connection
from erstwhile.projections.vanished import Ended, last_signs

MOST = 50_000
_Asked = tuple[object, ...]


class Signs:
    """Any thread may ask."""

    def __init__(self, ask: Callable[[Callable[[Connection], list[datetime | None]]], list[datetime | None]]) -> None:
        """`ask`: calls a function with a connection that nobody else uses meanwhile."""
        self._ask = ask
        self._kept: Bounded[_Asked, tuple[datetime | None]] = Bounded(MOST)

    def last(self, ended: Ended, known_at: int) -> datetime | None:
        """The last sign of a principal before it ended, as known at a log position; None where there is none."""
        return self.fetch([ended], known_at)[0]

    def fetch(self, ended: Iterable[Ended], known_at: int) -> list[datetime | None]:
        """Those of several, in their order."""
        asked: dict[_Asked, Ended] = {(each.key, each.since, each.until, known_at): each for each in ended}
        found: dict[_Asked, datetime | None] = {}
        missing: dict[_Asked, Ended] = {}
        for name, each in asked.items():
            kept = self._kept.get(name)
            if kept is not None:
                found[name] = kept[0]
            else:
                missing[name] = each
        if missing:
            those = list(missing.values())
            for name, at in zip(missing, self._ask(lambda c: last_signs(c, those, known_at)), strict=True):
                found[name] = self._kept.keep(name, (at,))[0]
        return [found[name] for name in asked]
