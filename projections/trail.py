"""Reading the audit trail and the activity: filters, newest first (or oldest first), cursors."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Any

import msgspec
import orjson

from erstwhile.domain.instants import format_instant
from erstwhile.domain.numbers import parse_number
from erstwhile.projections.sql import Connection, instant_text


class MalformedCursor(ValueError):
    """not a cursor of this trail"""


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """What to look for; empty fields do not filter. Texts match parts, without regard to case."""

    account: str = ""
    actor: str = ""
    target: str = ""
    action: str = ""
    source_ip: str = ""
    session: str = ""
    outcome: str = ""
    since: datetime | None = None
    until: datetime | None = None
    text: str = ""
    known_at: int | None = None


class Page(msgspec.Struct, frozen=True):
    """Entries in order, and the cursor of the next page ('' on the last)."""

    entries: list[dict[str, Any]]
    next_cursor: str


def encode_cursor(occurred_at: datetime, tie: str) -> str:
    return base64.urlsafe_b64encode(orjson.dumps([occurred_at.isoformat(), tie])).decode().rstrip("=")


def decode_cursor(cursor: str) -> tuple[str, str]:
    """Raises MalformedCursor for what `encode_cursor` did not make."""
    try:
        at, tie = orjson.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
        if (
            not isinstance(tie, str)
            or "\0" in tie
            or at[-6:] != "+00:00"
            or datetime.fromisoformat(at).isoformat() != at
        ):
            raise ValueError(cursor)  # what is no more than read like one (week dates, offsets of a day) is none
        return at, tie
    except (ValueError, TypeError):
        raise MalformedCursor(f"{cursor[:60]!r} is not a cursor: pass on the next_cursor of the page before") from None


def _like(text: str) -> str:
    plain = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return "%" + plain.replace("*", "%") + "%"


class _Where:
    """Conditions and their arguments."""

    def __init__(self) -> None:
        self.clauses = ["true"]
        self.arguments: dict[str, Any] = {}

    def add(self, clause: str, **arguments: Any) -> None:
        self.clauses.append(clause)
        self.arguments.update(arguments)

    @property
    def sql(self) -> str:
        return " AND ".join(f"({clause})" for clause in self.clauses)


def _common(filters: Filters) -> _Where:
    where = _Where()
    if filters.account:
        where.add("r.account = %(account)s", account=filters.account)
    if filters.action:
        where.add("r.action ILIKE %(action)s", action=_like(filters.action))
    if filters.since is not None:
        where.add("r.occurred_at >= %(since)s::timestamptz", since=instant_text(filters.since))
    if filters.until is not None:
        where.add("r.occurred_at < %(until)s::timestamptz", until=instant_text(filters.until))
    return where


def audit_page(
    connection: Connection, filters: Filters, limit: int = 50, cursor: str = "", oldest_first: bool = False
) -> Page:
    """Events that changed access or tried to. Raises MalformedCursor."""
    where = _common(filters)
    if filters.actor:
        where.add(
            "r.actor ILIKE %(actor)s OR r.actor_id ILIKE %(actor)s OR r.access_key ILIKE %(actor)s",
            actor=_like(filters.actor),
        )
    if filters.target:
        where.add("EXISTS (SELECT FROM unnest(r.targets) t WHERE t ILIKE %(target)s)", target=_like(filters.target))
    if filters.source_ip:
        where.add("r.source_ip = %(source_ip)s", source_ip=filters.source_ip)
    if filters.session:
        where.add("r.session ILIKE %(session)s", session=_like(filters.session))
    if filters.outcome:
        where.add("r.outcome = %(outcome)s", outcome=filters.outcome)
    if filters.text:
        where.add(
            "r.data::text ILIKE %(text)s OR concat_ws(' ', r.source_ip, r.user_agent, r.session) ILIKE %(text)s",
            text=_like(filters.text),
        )
    if filters.known_at is not None:
        where.add("r.position <= %(known)s", known=filters.known_at)
    beyond, order = (">", "ASC") if oldest_first else ("<", "DESC")
    if cursor:
        at, tie = decode_cursor(cursor)
        position = parse_number(tie)
        if position is None:
            raise MalformedCursor(f"{cursor[:60]!r} is a cursor of another listing")
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
    return Page(entries, encode_cursor(rows[limit - 1][1], str(rows[limit - 1][0])) if more else "")


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


def activity_page(
    connection: Connection, filters: Filters, limit: int = 50, cursor: str = "", oldest_first: bool = False
) -> Page:
    """Every call on record, those that only used access included. Raises MalformedCursor."""
    where = _common(filters)
    if filters.actor:
        where.add("r.principal ILIKE %(actor)s OR r.access_key ILIKE %(actor)s", actor=_like(filters.actor))
    if filters.source_ip:
        where.add("r.source_ip = %(source_ip)s", source_ip=filters.source_ip)
    if filters.session:
        where.add("r.session ILIKE %(session)s", session=_like(filters.session))
    if filters.outcome:
        where.add("(r.error_code = '') = %(success)s", success=filters.outcome == "success")
    if filters.text:
        where.add(
            "concat_ws(' ', r.principal, r.action, r.user_agent, r.error_code) ILIKE %(text)s", text=_like(filters.text)
        )
    if filters.known_at is not None:
        where.add(
            "(SELECT b.position FROM evidence_block b WHERE b.block_id = r.block_id) <= %(known)s",
            known=filters.known_at,
        )
    beyond, order = (">", "ASC") if oldest_first else ("<", "DESC")
    if cursor:
        at, tie = decode_cursor(cursor)
        where.add(f"(r.occurred_at, r.record_id) {beyond} (%(at)s::timestamptz, %(tie)s)", at=at, tie=tie)
    rows = connection.execute(
        "SELECT r.record_id, r.occurred_at, r.account, r.action, r.principal, r.session, r.access_key, r.source_ip, "
        f"r.user_agent, r.error_code FROM activity r WHERE {where.sql} "
        f"ORDER BY r.occurred_at {order}, r.record_id {order} LIMIT %(limit)s",
        {**where.arguments, "limit": limit + 1},
    ).fetchall()
    names = ("record_id", "occurred_at", "account", "action", "principal", "session", "access_key", "source_ip",
             "user_agent", "error_code")  # fmt: skip
    entries = [dict(zip(names, row, strict=True)) | {"occurred_at": format_instant(row[1])} for row in rows[:limit]]
    more = len(rows) > limit
    return Page(entries, encode_cursor(rows[limit - 1][1], rows[limit - 1][0]) if more else "")


def successful_call(
    connection: Connection, principal: str, action: str, before: datetime, known_at: int
) -> dict[str, str] | None:
    """The last call of an action that a principal made with success before an instant: it could, then."""
    row = connection.execute(
        "SELECT account, record_id, occurred_at FROM activity JOIN evidence_block USING (block_id) "
        "WHERE principal = %s AND lower(action) = lower(%s) AND error_code = '' AND occurred_at <= %s::timestamptz "
        "AND position <= %s ORDER BY occurred_at DESC, record_id LIMIT 1",
        (principal, action, instant_text(before), known_at),
    ).fetchone()
    if row is None:
        return None
    return {"evidence": f"{row[0]}/{row[1]}", "occurred_at": format_instant(row[2])}


def user_of_key(connection: Connection, access_key: str) -> str | None:
    """The principal that used an access key, or None when nobody did."""
    row = connection.execute(
        "SELECT principal FROM activity WHERE access_key = %s ORDER BY occurred_at DESC LIMIT 1", (access_key,)
    ).fetchone()
    return None if row is None else str(row[0])


def used_actions(connection: Connection, account: str, principals: list[str]) -> dict[str, list[tuple[str, datetime]]]:
    """Principal → (action, when it was last called with success), of an account's records."""
    rows = connection.execute(
        "SELECT principal, action, max(occurred_at) FROM activity "
        "WHERE principal = ANY(%s) AND account = %s AND error_code = '' GROUP BY principal, action",
        (principals, account),
    ).fetchall()
    found: dict[str, list[tuple[str, datetime]]] = {}
    for principal, action, at in rows:
        found.setdefault(principal, []).append((action, at))
    return found
