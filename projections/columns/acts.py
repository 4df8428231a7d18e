"""Who did what, of the events behind facts, from history's columns: to follow a chain of grants, the log need not be
waited for.

Serves the row "provenance" of `make bench-history`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from erstwhile.domain.history.happenings import Happening
from erstwhile.domain.vocabulary.micros import instant_of
from erstwhile.projections.columns.granting import GrantingColumns
from erstwhile.projections.happenings import TrailHappenings


class ColumnActs:
    """`Happenings` without details: no access key and no source address. The audit trail reads the whole events
    meanwhile, for whoever tells them; it has those that came since the columns were made."""

    def __init__(self, trail: TrailHappenings, columns: GrantingColumns) -> None:
        self._trail = trail
        self._columns = columns

    def expect(self, positions: Iterable[int]) -> None:
        """Nothing has to be read ahead of a whole step of a chain."""

    def read(self, positions: Iterable[int]) -> Mapping[int, Happening]:
        wanted = list(positions)
        self._trail.expect(wanted)
        found = {position: act for position in wanted if (act := self._act(position)) is not None}
        missing = [position for position in wanted if position not in found]
        return {**found, **self._trail.read(missing)} if missing else found

    def _act(self, position: int) -> Happening | None:
        event = self._columns.event(position)
        if event is None:
            return None
        sort = event.sort
        return Happening(
            position=position, occurred_at=instant_of(event.occurred_at), account=sort.account, actor=sort.actor,
            actor_type=sort.actor_type, action=sort.action, type=sort.type, source=sort.source,
        )  # fmt: skip
