"""Events in a log of a database, and the rows that the read models make of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from erstwhile.api.support.event_ids import new_event_id
from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.domain.event_log.new_events import Append, NewEvent
from erstwhile.domain.events.account import AccountRegistered
from erstwhile.domain.observed.cloudtrail.record import Record
from erstwhile.domain.observed.cloudtrail.translate import translate
from erstwhile.domain.replay import Replayer
from erstwhile.projections.projector import Projector
from erstwhile.projections.rebuild import rebuild
from erstwhile.projections.sql import Connection, with_infinity
from tests.support.records import ACCOUNT

ALL_FACTS = (
    "SELECT account, kind, entity, attribute, item, value::text, valid_from, valid_to, opened_by, closed_by, "
    "recorded_from, recorded_to FROM fact"
)

ALL_CHANGES = "SELECT position, account, kind, entity, changes::text FROM audit_change"

CLOCKS = "SELECT slot, occurred_at FROM fold_clock"

OVERLAPS = (
    "SELECT a.account, a.entity, a.attribute, a.item FROM fact a JOIN fact b "
    "USING (account, kind, entity, attribute, item) WHERE a.ctid < b.ctid "
    "AND a.valid_from < b.valid_to AND b.valid_from < a.valid_to "
    "AND a.recorded_from < b.recorded_to AND b.recorded_from < a.recorded_to"
)
"""Two values of one fact at one instant, believed at one position: there must be none."""


def rows(connection: Connection, query: str) -> list[str]:
    return sorted(map(repr, with_infinity(connection).execute(query).fetchall()))


def append(connection: Connection, records: list[dict[str, Any]]) -> None:
    for raw in records:
        record = Record(raw)
        for body in translate(record).bodies:
            event = NewEvent(
                event_id=new_event_id(), account=ACCOUNT, body=body, occurred_at=record.occurred_at,
                source="cloudtrail", evidence=record.event_id,
            )  # fmt: skip
            with connection.transaction():
                EventLog.within(connection).append_batch([Append((event,))])


def register(connection: Connection) -> None:
    event = NewEvent(event_id=new_event_id(), account=ACCOUNT, body=AccountRegistered(mode="observed"))
    with connection.transaction():
        EventLog.within(connection).append_batch([Append((event,))])


def rebuilt(projector: Projector, connect: Callable[[], Connection], name: str) -> int:
    """Beside nobody who projects."""
    projector.close()
    return rebuild(connect, name)


def state(engine: Replayer) -> list[str]:
    return sorted(
        repr((*fact[:5], sorted(fact[5].value.items()), fact[5].since, fact[5].opened_by))
        for fact in engine.directory.facts()
    )
