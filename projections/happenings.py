"""Reads the events behind facts, as the audit trail has them: a forgotten source address is not shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

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


class _Actor(msgspec.Struct, gc=False):
    arn: str | None = None
    id: str | None = None
    type: str | None = None
    access_key: str | None = None
    mfa: bool | None = None


class _Head(msgspec.Struct, gc=False):
    """Of an event without its body, what the view `audit` tells."""

    actor: _Actor | None = None
    action: str | None = None
    source: str | None = None
    evidence: str | None = None
    between: Any = None
    request_id: str | None = None
    details_sha256: str | None = None


class _Details(msgspec.Struct, gc=False):
    session: str | None = None
    source_ip: str | None = None
    user_agent: str | None = None


_head_of = msgspec.json.Decoder(_Head).decode
_details_of = msgspec.json.Decoder(_Details).decode
_NOBODY, _NO_DETAILS = _Actor(), _Details()


def _trail_event(row: tuple[Any, ...]) -> TrailEvent:
    """As the view `audit` has it."""
    position, occurred_at, recorded_at, account, event_type, data, details = row
    head = _head_of(data)
    actor = head.actor or _NOBODY
    told = _details_of(details) if details is not None else _NO_DETAILS
    return TrailEvent(
        position, occurred_at, recorded_at, account, actor.arn or "", actor.id or "", actor.type or "",
        actor.access_key or "", actor.mfa, told.session or "", told.source_ip or "", told.user_agent or "",
        details is None and head.details_sha256 is not None, event_type, head.action or "", head.source or "api",
        head.evidence or "", head.between, head.request_id or "",
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
