"""The call that gave out a session's credentials: who made it, and when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec

from erstwhile.projections.sql import Connection

_LONGEST = timedelta(hours=36)
"""How long a session lasts at most.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_request.html"""
_RECORDED = (
    "SELECT i.occurred_at, i.issued_to, a.action, i.account || '/' || i.record_id FROM issued_key i "
    "JOIN evidence_block b USING (block_id) LEFT JOIN activity a ON a.account = i.account "
    "AND a.record_id = i.record_id AND a.day = (i.occurred_at AT TIME ZONE 'UTC')::date "
    "WHERE i.principal = %(session)s AND i.occurred_at <= %(at)s AND b.position <= %(known)s "
    "ORDER BY i.occurred_at DESC, i.record_id LIMIT 1"
)
_OURS = (
    "SELECT occurred_at, coalesce(data->'actor'->>'arn', ''), coalesce(data->>'action', ''), '' FROM event "
    "WHERE type = 'iam.SessionIssued' AND data->'body'->>'arn' = %(session)s AND occurred_at <= %(at)s "
    "AND occurred_at > %(since)s AND position <= %(known)s ORDER BY occurred_at DESC, position DESC LIMIT 1"
)


class SessionCall(msgspec.Struct, frozen=True, kw_only=True):
    """`actor`: the caller's ARN; `evidence`: the record's account and id, '' where this service gave it out."""

    occurred_at: datetime
    actor: str
    action: str
    evidence: str


def session_call(connection: Connection, session: str, at: datetime, known_at: int) -> SessionCall | None:
    """The last call before an instant that gave out credentials of a session (by its ARN), as known at a log position;
    None where no record shows one."""
    asked = {"session": session, "at": at, "since": at - _LONGEST, "known": known_at}
    rows = [row for query in (_OURS, _RECORDED) if (row := connection.execute(query, asked).fetchone()) is not None]
    if not rows:
        return None
    occurred_at, actor, action, evidence = max(rows, key=lambda row: row[0])
    return SessionCall(
        occurred_at=occurred_at.astimezone(UTC), actor=actor, action=action or "sts:AssumeRole", evidence=evidence
    )
