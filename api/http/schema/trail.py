"""Entries of the audit trail and of the activity."""

from __future__ import annotations

from typing import Any

from msgspec import Struct


class AuditActor(Struct):
    arn: str
    id: str
    type: str
    access_key: str
    mfa: bool | None


class EntityChange(Struct):
    """What an event changed of one entity, before and after."""

    kind: str
    entity: str
    changes: Any


class RecordedEvent(Struct):
    """What the audit trail and the log say alike of an event."""

    position: int
    occurred_at: str
    recorded_at: str
    account: str
    actor: AuditActor
    session: str | None
    source_ip: str | None
    user_agent: str | None
    details_forgotten: bool
    action: str
    event: str
    targets: list[str]
    outcome: str
    error_code: str
    source: str
    evidence: str | None
    between: Any
    body: Any


class AuditEntry(RecordedEvent):
    """An event that changed access, or tried to."""

    changes: list[EntityChange]


class LogEvent(RecordedEvent):
    """An event of the log."""

    event_id: str
    request_id: str


class LogEventPage(Struct):
    """Events in the order of the log. `next_after`: from where to go on; `head`: the log's last position. With filters,
    a page may be empty before the log's end."""

    events: list[LogEvent]
    next_after: int
    head: int


class AuditPage(Struct):
    """Entries, newest first, and the cursor of the next page; empty on the last."""

    entries: list[AuditEntry]
    next_cursor: str


class ActivityEntry(Struct):
    """A call on record."""

    record_id: str
    occurred_at: str
    account: str
    action: str
    principal: str
    session: str
    access_key: str
    source_ip: str
    user_agent: str
    error_code: str
    resources: list[str]


class ActivityPage(Struct):
    entries: list[ActivityEntry]
    next_cursor: str
