"""Reads the log page by page in the order of positions, as the audit trail shows events: what streams, webhooks and
exports pass on."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from erstwhile.domain.vocabulary.identifiers import Arn, MalformedArn
from erstwhile.domain.vocabulary.instants import format_instant
from erstwhile.projections.filters import like_exactly
from erstwhile.projections.sql import Connection

LOOKED_AT = 5_000
"""Positions that one page looks at, at the most: a filter that nothing passes costs no more."""
COLUMNS = (
    "r.position, r.event_id::text, r.occurred_at, r.recorded_at, r.account, r.actor, r.actor_id, r.actor_type, "
    "r.access_key, r.mfa, r.session, r.source_ip, r.user_agent, r.details_forgotten, r.action, r.event_type, "
    "r.targets, r.outcome, r.error_code, r.source, r.evidence, coalesce(r.data->>'request_id', ''), "
    "r.data->'between', r.data->'body'"
)
"""Of the view `audit` as r: what `told` takes."""
_NAMES = ("session", "source_ip", "user_agent", "details_forgotten", "action", "event", "targets", "outcome",
          "error_code", "source", "evidence", "request_id", "between", "body")  # fmt: skip
_SESSION_OF_ROLE = re.compile(r"role/(?:.*/)?([^/]+)")


class Wanted(msgspec.Struct, frozen=True):
    """Which events. `account`: whose; `types`: names of types, * stands for any characters; `principal`: who did
    something, or to whom it was done: an ARN, a unique id or an access key id. What is empty leaves nothing out."""

    account: str = ""
    types: tuple[str, ...] = ()
    principal: str = ""


class LogPage(msgspec.Struct, frozen=True):
    """Some events. `position`: up to where the log was looked at: the next page begins after it; `head`: where the log
    ended."""

    events: list[dict[str, Any]]
    position: int
    head: int


def read_page(connection: Connection, wanted: Wanted, after: int, limit: int, upto: int | None = None) -> LogPage:
    """The next events after a position, and no more than `limit`. `upto`: the position at which the log is taken to
    end."""
    [(last,)] = connection.execute("SELECT coalesce(max(position), 0) FROM event").fetchall()
    head = last if upto is None else min(upto, last)
    end = min(head, after + LOOKED_AT)
    if end <= after:
        return LogPage([], after, head)
    where, arguments = _where(wanted)
    rows = connection.execute(
        f"SELECT {COLUMNS} FROM audit r WHERE r.position > %(after)s AND r.position <= %(end)s{where} "
        "ORDER BY r.position LIMIT %(limit)s",
        {"after": after, "end": end, "limit": limit, **arguments},
    ).fetchall()
    events = [told(row) for row in rows]
    return LogPage(events, events[-1]["position"] if len(events) == limit else end, head)


def log_name(connection: Connection) -> str:
    """What CloudEvents name as their source: the log, by its first event."""
    row = connection.execute("SELECT event_id::text FROM event ORDER BY position LIMIT 1").fetchone()
    return f"urn:uuid:{row[0]}" if row is not None else "urn:erstwhile:empty-log"


def _where(wanted: Wanted) -> tuple[str, dict[str, Any]]:
    where, arguments = "", dict[str, Any]()
    if wanted.account:
        where += " AND r.account = %(account)s"
        arguments["account"] = wanted.account
    if wanted.types:
        where += " AND r.event_type LIKE ANY (%(types)s)"
        arguments["types"] = [like_exactly(each) for each in wanted.types]
    if wanted.principal:
        clauses = ["%(principal)s IN (r.actor, r.actor_id, r.access_key)", "%(principal)s = ANY (r.targets)"]
        arguments["principal"] = wanted.principal
        try:
            arn = Arn.parse(wanted.principal)
        except MalformedArn:
            pass
        else:
            kind, _, _ = arn.resource.partition("/")
            name = arn.resource.rpartition("/")[2]
            clauses.append("r.account = %(of)s AND %(named)s = ANY (r.targets)")
            arguments |= {"of": arn.account, "named": f"{kind}/{name}"}
            role = _SESSION_OF_ROLE.fullmatch(arn.resource)
            if role is not None:
                clauses.append("r.actor LIKE %(sessions)s")
                sessions = f"arn:{arn.partition}:sts::{arn.account}:assumed-role/{role[1]}/*"
                arguments["sessions"] = like_exactly(sessions)
        where += f" AND ({' OR '.join(clauses)})"
    return where, arguments


def told(row: tuple[Any, ...]) -> dict[str, Any]:
    """An event, from the columns of its row."""
    return {
        "position": row[0],
        "event_id": row[1],
        "occurred_at": format_instant(row[2]),
        "recorded_at": format_instant(row[3]),
        "account": row[4],
        "actor": dict(zip(("arn", "id", "type", "access_key", "mfa"), row[5:10], strict=True)),
        **dict(zip(_NAMES, row[10:24], strict=True)),
    }
