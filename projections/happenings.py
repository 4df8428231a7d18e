"""Reads the events behind facts, as the audit trail has them: a forgotten source address is not shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, LiteralString, NamedTuple

import msgspec

from erstwhile.domain.history.happenings import Happening
from erstwhile.domain.vocabulary.micros import SINCE_1970, instant_of
from erstwhile.domain.vocabulary.typed import decode
from erstwhile.projections.asked_ahead import Asked, ask
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


_SELECT: LiteralString = """
SELECT json_agg(json_build_array(
    e.position, (extract(epoch FROM e.occurred_at) * 1000000)::bigint,
    (extract(epoch FROM e.recorded_at) * 1000000)::bigint, e.account, e.type, e.data - 'body',
    (SELECT d.details::json FROM event_details d WHERE d.position = e.position)))::text
FROM event e WHERE e.position = ANY (string_to_array(%s, ' ')::bigint[])
"""
"""What the view `audit` says of an event, and nothing of what it is about: that may be long, and each member that the
view takes out of it unpacks the whole. Details are looked up by position: joined, all of them are read where a plan is
made for no list in particular."""


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


_Row = tuple[int, int, int, str, str, _Head, _Details | None]
_ROWS = list[_Row]
_NOBODY, _NO_DETAILS = _Actor(), _Details()


def _trail_event(row: _Row) -> TrailEvent:
    """As the view `audit` has it."""
    position, occurred, recorded, account, event_type, head, details = row
    actor, told = head.actor or _NOBODY, details or _NO_DETAILS
    return TrailEvent(
        position, instant_of(occurred - SINCE_1970), instant_of(recorded - SINCE_1970), account, actor.arn or "",
        actor.id or "", actor.type or "", actor.access_key or "", actor.mfa, told.session or "", told.source_ip or "",
        told.user_agent or "", details is None and head.details_sha256 is not None, event_type, head.action or "",
        head.source or "api", head.evidence or "", head.between, head.request_id or "",
    )  # fmt: skip


class TrailHappenings:
    """`Happenings` of one database, each event of which is read once. To be closed where events may be expected that
    nobody asked for in the end: the connection is free after that."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._read: dict[int, TrailEvent] = {}
        self._expected: Asked | None = None

    def expect(self, positions: Iterable[int]) -> None:
        """The database reads them while this process goes on."""
        self._take()
        self._expected = self._ask(positions)

    def events(self, positions: Iterable[int]) -> Mapping[int, TrailEvent]:
        """By position, those of all that were asked for so far: one query for all that are new."""
        self._take()
        self._expected = self._ask(positions)
        self._take()
        return self._read

    def event(self, position: int) -> TrailEvent | None:
        """One of those that were asked for: only where it was not read yet, what is expected is waited for. None where
        the log does not have it."""
        found = self._read.get(position)
        if found is None and position > 0:
            self._take()
            found = self._read.get(position)
        return found

    def read(self, positions: Iterable[int]) -> Mapping[int, Happening]:
        """One query for all of them."""
        wanted = list(positions)
        found = self.events(wanted)
        return {position: _happening(found[position]) for position in wanted if position in found}

    def close(self) -> None:
        """Waits for what is expected, and drops it. Raises psycopg.OperationalError where the connection is lost."""
        if self._expected is not None:
            self._expected.settle()

    def _ask(self, positions: Iterable[int]) -> Asked | None:
        wanted = sorted({position for position in positions if position > 0} - self._read.keys())
        return ask(self._connection, _SELECT, (" ".join(map(str, wanted)),)) if wanted else None

    def _take(self) -> None:
        expected, self._expected = self._expected, None
        if expected is not None:
            [(found,)] = expected.rows()
            self._read |= {row[0]: _trail_event(row) for row in (decode(found, _ROWS) if found is not None else ())}


def _happening(event: TrailEvent) -> Happening:
    return Happening(
        position=event.position, occurred_at=event.occurred_at, account=event.account, actor=event.actor,
        actor_type=event.actor_type, access_key=event.access_key, action=event.action, type=event.event_type,
        source=event.source, source_ip=event.source_ip, is_hidden=event.details_forgotten,
    )  # fmt: skip
