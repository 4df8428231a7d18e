"""Reads the audit trail in pages, newest first; and answers single questions from the activity."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from erstwhile.domain.vocabulary.cursors import not_a_cursor
from erstwhile.domain.vocabulary.identifiers import AWS_MANAGED
from erstwhile.domain.vocabulary.instants import format_instant
from erstwhile.domain.vocabulary.numbers import parse_number
from erstwhile.projections.filters import (
    OUTCOMES,
    Filters,
    Page,
    Where,
    decode_cursor,
    encode_cursor,
    like,
    one_of,
)
from erstwhile.projections.sql import Connection, instant_text

_LISTING = "audit"
"""The name of this listing in its cursors."""


def audit_page(
    connection: Connection, filters: Filters, limit: int = 50, cursor: str = "", oldest_first: bool = False
) -> Page:
    """Returns a page of events that changed access or tried to. Events of imports and catalogues about themselves are
    left out unless the filter includes them. Raises MalformedCursor, MalformedFilter."""
    where = Where(filters)
    if not filters.everything:
        where.add("r.event_type <> 'iam.RecordsImported'")
    if not filters.everything and filters.account != AWS_MANAGED:
        where.add("r.source <> 'catalogue'")
        where.add(f"r.account <> '{AWS_MANAGED}' OR r.event_type <> 'iam.AccountRegistered'")
    if filters.actor:
        where.add(
            "r.actor ILIKE %(actor)s OR r.actor_id ILIKE %(actor)s OR r.access_key ILIKE %(actor)s",
            actor=like(filters.actor),
        )
    if filters.target:
        where.add("EXISTS (SELECT FROM unnest(r.targets) t WHERE t ILIKE %(target)s)", target=like(filters.target))
    if filters.outcome:
        where.add("r.outcome = ANY (%(outcomes)s)", outcomes=one_of(filters.outcome, OUTCOMES, "outcome"))
    if filters.text:
        where.add(
            "r.data::text ILIKE %(text)s OR concat_ws(' ', r.source_ip, r.user_agent, r.session) ILIKE %(text)s",
            text=like(filters.text),
        )
    if filters.known_at is not None:
        where.add("r.position <= %(known)s", known=filters.known_at)
    beyond, order = (">", "ASC") if oldest_first else ("<", "DESC")
    if cursor:
        at, tie = decode_cursor(_LISTING, cursor)
        position = parse_number(tie)
        if position is None:
            raise not_a_cursor(cursor)
        where.add(f"(r.occurred_at, r.position) {beyond} (%(at)s::timestamptz, %(tie)s)", at=at, tie=position)
    rows = connection.execute(
        "SELECT r.position, r.occurred_at, r.recorded_at, r.account, r.actor, r.actor_id, r.actor_type, r.access_key, "
        "r.mfa, r.session, r.source_ip, r.user_agent, r.details_forgotten, r.action, r.event_type, r.targets, "
        "r.outcome, r.error_code, r.source, r.evidence, r.data->'between', r.data->'body', "
        "(SELECT jsonb_agg(jsonb_build_object('kind', c.kind, 'entity', c.entity, 'changes', c.changes)) "
        " FROM audit_change c WHERE c.position = r.position) "
        "FROM audit r "
        f"WHERE {where.sql} ORDER BY r.occurred_at {order}, r.position {order} LIMIT %(limit)s",
        {**where.arguments, "limit": limit + 1},
    ).fetchall()
    entries = [_entry(row) for row in rows[:limit]]
    more = len(rows) > limit
    return Page(entries, encode_cursor(_LISTING, rows[limit - 1][1], str(rows[limit - 1][0])) if more else "")


def _entry(row: tuple[Any, ...]) -> dict[str, Any]:
    names = ("session", "source_ip", "user_agent", "details_forgotten", "action", "event", "targets", "outcome",
             "error_code", "source", "evidence", "between", "body")  # fmt: skip
    return {
        "position": row[0],
        "occurred_at": format_instant(row[1]),
        "recorded_at": format_instant(row[2]),
        "account": row[3],
        "actor": dict(zip(("arn", "id", "type", "access_key", "mfa"), row[4:9], strict=True)),
        **dict(zip(names, row[9:22], strict=True)),
        "changes": row[22] or [],
    }


def successful_calls(
    connection: Connection, principals: Iterable[str], action: str, before: datetime, known_at: int
) -> dict[str, dict[str, str]]:
    """The last successful call of an action by each of the principals before an instant: evidence that it could. One
    query for all of them."""
    rows = connection.execute(
        "SELECT p.arn, c.account, c.record_id, c.occurred_at FROM unnest(%s::text[]) AS p (arn), LATERAL "
        "(SELECT account, record_id, occurred_at FROM activity JOIN evidence_block USING (block_id) "
        "WHERE principal = p.arn AND lower(action) = lower(%s) AND error_code = '' AND occurred_at <= %s::timestamptz "
        "AND position <= %s ORDER BY occurred_at DESC, record_id LIMIT 1) AS c",
        (list(principals), action, instant_text(before), known_at),
    ).fetchall()
    return {
        principal: {"evidence": f"{account}/{record}", "occurred_at": format_instant(at)}
        for principal, account, record, at in rows
    }


def used_actions(connection: Connection, account: str, principals: list[str]) -> dict[str, list[tuple[str, datetime]]]:
    """Principal → (action, instant of its last successful call), from an account's records."""
    rows = connection.execute(
        "SELECT principal, action, max(occurred_at) FROM activity "
        "WHERE principal = ANY(%s) AND account = %s AND error_code = '' GROUP BY principal, action",
        (principals, account),
    ).fetchall()
    found: dict[str, list[tuple[str, datetime]]] = {}
    for principal, action, at in rows:
        found.setdefault(principal, []).append((action, at))
    return found


__all__ = ["Filters", "Page", "audit_page", "successful_calls", "used_actions"]
