"""Reads the audit trail in pages, newest first; and answers single questions from the activity."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import chain
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
from erstwhile.projections.trail_index.index import TrailIndex
from erstwhile.projections.trail_index.ordered import Positions, Span
from erstwhile.projections.trail_index.wanted import wanted

_LISTING = "audit"
"""The name of this listing in its cursors."""
_LOOKED_AT_LEAST, _LOOKED_AT_MOST = 64, 4096
"""Events of which the database is asked at once whether they pass."""


def audit_page(
    connection: Connection,
    filters: Filters,
    limit: int = 50,
    cursor: str = "",
    oldest_first: bool = False,
    index: TrailIndex | None = None,
) -> Page:
    """Returns a page of events that changed access or tried to. Events of imports and catalogues about themselves are
    left out unless the filter includes them. `index`: tells which events are worth a look; without it, all are looked
    at. Raises MalformedCursor, MalformedFilter."""
    where = _where(filters)
    after = _place(cursor) if cursor else None
    if after is not None:
        beyond = ">" if oldest_first else "<"
        where.add(f"(r.occurred_at, r.position) {beyond} (%(at)s::timestamptz, %(tie)s)", at=after[0], tie=after[1])
    rows = None
    if index is not None:
        span = Span(filters.since, filters.until, filters.known_at).beyond(after and after[0], oldest_first)
        try:
            likely = index.likely(connection, wanted(filters), span, oldest_first)
            rows = _among(connection, where, likely, oldest_first, limit + 1) if likely is not None else None
        finally:
            index.let_go()
    if rows is None:
        rows = _rows(connection, where, oldest_first, limit + 1)
    entries = [_entry(row) for row in rows[:limit]]
    more = len(rows) > limit
    return Page(entries, encode_cursor(_LISTING, rows[limit - 1][1], str(rows[limit - 1][0])) if more else "")


def _where(filters: Filters) -> Where:
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
    return where


def _place(cursor: str) -> tuple[str, int]:
    """Instant and position of the entry that a page begins after."""
    at, tie = decode_cursor(_LISTING, cursor)
    position = parse_number(tie)
    if position is None:
        raise not_a_cursor(cursor)
    return at, position


def _among(
    connection: Connection, where: Where, likely: Iterator[Positions], oldest_first: bool, most: int
) -> list[tuple[Any, ...]]:
    """The first rows that pass, of events that come in the order of the page."""
    found: list[tuple[Any, ...]] = []
    waiting: list[int] = []
    size = max(most, _LOOKED_AT_LEAST)
    for some in chain(likely, (None,)):
        waiting += some.tolist() if some is not None else ()
        while len(waiting) >= size or (some is None and waiting):
            found += _rows(connection, where.among(waiting[:size]), oldest_first, most - len(found))
            if len(found) >= most:
                return found
            waiting, size = waiting[size:], min(2 * size, _LOOKED_AT_MOST)
    return found


def _rows(connection: Connection, where: Where, oldest_first: bool, most: int) -> list[tuple[Any, ...]]:
    order = "ASC" if oldest_first else "DESC"
    by = f"r.occurred_at {order}, r.position {order}"
    if where.is_among:
        # Else the planner takes the index of that order, and goes through all of it.
        by = f"ROW(r.occurred_at, r.position) {order}"
    return connection.execute(
        "SELECT r.position, r.occurred_at, r.recorded_at, r.account, r.actor, r.actor_id, r.actor_type, r.access_key, "
        "r.mfa, r.session, r.source_ip, r.user_agent, r.details_forgotten, r.action, r.event_type, r.targets, "
        "r.outcome, r.error_code, r.source, r.evidence, r.data->'between', r.data->'body', "
        "(SELECT jsonb_agg(jsonb_build_object('kind', c.kind, 'entity', c.entity, 'changes', c.changes)) "
        " FROM audit_change c WHERE c.position = r.position) "
        "FROM audit r "
        f"WHERE {where.sql} ORDER BY {by} LIMIT %(limit)s",
        {**where.arguments, "limit": most},
    ).fetchall()


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
