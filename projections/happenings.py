"""Reads the events behind facts, as the audit trail has them: a forgotten source address is not shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from erstwhile.domain.history.happenings import Happening
from erstwhile.projections.sql import Connection


class TrailEvent(NamedTuple):
    """An event of the view `audit`."""

    position: int
    occurred_at: datetime
    recorded_at: datetime
    account: str
    actor: str
    actor_id: str
    actor_type: str
    access_key: str
    mfa: bool | None
    session: str
    source_ip: str
    user_agent: str
    details_forgotten: bool
    event_type: str
    action: str
    """'' where no call made the event."""
    source: str
    evidence: str
    between: Any
    """Of what a listing only showed: the two instants it lies between."""


_ALIKE = ", ".join(TrailEvent._fields[:-4])
_SELECT = (
    f"SELECT {_ALIKE}, coalesce(data->>'action', ''), source, evidence, data->'between' "
    "FROM audit WHERE position = ANY (%s)"
)


class TrailHappenings:
    """`Happenings` of one database, each event of which is read once."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._read: dict[int, TrailEvent] = {}

    def events(self, positions: Iterable[int]) -> Mapping[int, TrailEvent]:
        """By position, those of all that were asked for so far: one query for all that are new."""
        wanted = sorted({position for position in positions if position > 0} - self._read.keys())
        if wanted:
            rows = self._connection.execute(_SELECT, (wanted,), prepare=True).fetchall()
            self._read |= {row[0]: TrailEvent(*row) for row in rows}
        return self._read

    def read(self, positions: Iterable[int]) -> Mapping[int, Happening]:
        """One query for all of them."""
        wanted = list(positions)
        found = self.events(wanted)
        return {position: _happening(found[position]) for position in wanted if position in found}


def _happening(event: TrailEvent) -> Happening:
    return Happening(
        position=event.position, occurred_at=event.occurred_at, account=event.account, actor=event.actor,
        actor_type=event.actor_type, access_key=event.access_key, action=event.action, type=event.event_type,
        source=event.source, source_ip=event.source_ip, is_hidden=event.details_forgotten,
    )  # fmt: skip
