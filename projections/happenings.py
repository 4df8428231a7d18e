"""Reads the events behind facts, as the audit trail has them: a forgotten source address is not shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

import orjson

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
    request_id: str = ""


_SELECT = (
    "SELECT e.position, e.occurred_at, e.recorded_at, e.account, e.type, (e.data - 'body')::text, d.details "
    "FROM event e LEFT JOIN event_details d USING (position) WHERE e.position = ANY (%s)"
)
"""What the view `audit` says of an event, and nothing of what it is about: that may be long, and each member that the
view takes out of it unpacks the whole."""


def _trail_event(row: tuple[Any, ...]) -> TrailEvent:
    """As the view `audit` has it."""
    position, occurred_at, recorded_at, account, event_type, data, details = row
    envelope = orjson.loads(data)
    actor, told = envelope.get("actor") or {}, orjson.loads(details) if details is not None else {}
    return TrailEvent(
        position=position, occurred_at=occurred_at, recorded_at=recorded_at, account=account,
        actor=actor.get("arn") or "", actor_id=actor.get("id") or "", actor_type=actor.get("type") or "",
        access_key=actor.get("access_key") or "", mfa=actor.get("mfa"), session=told.get("session") or "",
        source_ip=told.get("source_ip") or "", user_agent=told.get("user_agent") or "",
        details_forgotten=details is None and "details_sha256" in envelope, event_type=event_type,
        action=envelope.get("action") or "", source=envelope.get("source") or "api",
        evidence=envelope.get("evidence") or "", between=envelope.get("between"),
        request_id=envelope.get("request_id") or "",
    )  # fmt: skip


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
            self._read |= {row[0]: _trail_event(row) for row in rows}
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
