"""The events that calls made, and events by position, with who did them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC
from typing import Any

from erstwhile.domain.incident.calls import Call, Deed
from erstwhile.domain.incident.parts import Act
from erstwhile.projections.incident.whom import Span, Whom
from erstwhile.projections.sql import Connection, instant_text

_DEED = (
    "r.position, r.occurred_at, r.account, r.event_type, coalesce(r.data->>'action', ''), r.actor, r.access_key, "
    "r.session, r.source_ip, r.evidence"
)
_BY_POSITION = f"SELECT {_DEED} FROM audit r WHERE r.position = ANY (%s)"
_OF_CALLS = (
    f"SELECT {_DEED} FROM unnest(%(instants)s::timestamptz[], %(evidence)s::text[]) AS w (at, evidence) "
    "JOIN event e ON e.occurred_at = w.at AND e.data->>'evidence' = w.evidence "
    "JOIN audit r ON r.position = e.position WHERE e.position <= %(known)s ORDER BY r.occurred_at, r.position"
)
_BY_COMMAND = (
    f"SELECT {_DEED}, r.error_code FROM audit r WHERE r.account = ANY (%(accounts)s) AND r.source = 'api' "
    "AND r.occurred_at >= %(begin)s::timestamptz AND r.occurred_at < %(end)s::timestamptz AND r.position <= %(known)s "
    "AND (r.access_key = ANY (%(keys)s) OR r.actor = ANY (%(principals)s) OR r.source_ip = ANY (%(addresses)s)) "
    "ORDER BY r.occurred_at, r.position LIMIT 5000"
)
_SESSIONS = (
    "SELECT position, data->'body'->>'access_key_id', data->'body'->>'arn', data->'body'->>'expires_at' FROM event "
    "WHERE position = ANY (%s) AND type = 'iam.SessionIssued'"
)


class DeedReader:
    """Reads events by their positions, each once."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._known: dict[int, Deed] = {}

    def __call__(self, positions: Iterable[int]) -> Mapping[int, Deed]:
        """One query for all that are not known yet; 0 stands for no event."""
        wanted = {each for each in positions if each}
        missing = sorted(wanted - self._known.keys())
        if missing:
            for row in self._connection.execute(_BY_POSITION, (missing,)).fetchall():
                self._known[row[0]] = _deed(row)
        return {each: self._known[each] for each in wanted if each in self._known}


def _deed(row: tuple[Any, ...]) -> Deed:
    position, at, account, kind, action, actor, key, session, ip, evidence = row[:10]
    act = Act(
        at=at.astimezone(UTC), action=action, actor=actor, access_key=key, session=session, source_ip=ip,
        evidence=evidence, position=position,
    )  # fmt: skip
    return Deed(act=act, account=account, type=kind)


def deeds_of(connection: Connection, calls: Sequence[Call], known_at: int) -> list[Deed]:
    """The events that these recorded calls made, in order."""
    arguments = {
        "instants": [instant_text(call.at) for call in calls], "evidence": [call.evidence for call in calls],
        "known": known_at,
    }  # fmt: skip
    rows = connection.execute(_OF_CALLS, arguments).fetchall() if calls else []
    return list({row[0]: _deed(row) for row in rows}.values())


def deeds_by_command(connection: Connection, accounts: Sequence[str], whom: Whom, span: Span) -> list[tuple[Deed, str]]:
    """What these credentials commanded of governed accounts, or tried to; with the error code of what was refused."""
    if not accounts or whom.is_nobody:
        return []
    arguments = {
        "accounts": list(accounts), "begin": instant_text(span.begin), "end": instant_text(span.end),
        "known": span.known_at, "keys": list(whom.keys), "principals": list(whom.principals),
        "addresses": list(whom.addresses),
    }  # fmt: skip
    return [(_deed(row), row[10]) for row in connection.execute(_BY_COMMAND, arguments).fetchall()]


def sessions_issued(connection: Connection, positions: Iterable[int]) -> list[tuple[int, str, str, str]]:
    """Of the events at these positions, those that issued sessions: position, key, the session's ARN, and its end."""
    rows = connection.execute(_SESSIONS, (sorted(positions),)).fetchall()
    return [(position, key or "", arn or "", until or "") for position, key, arn, until in rows]
