"""The recorded calls of some credentials: one by one as far as they matter, and counted."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from erstwhile.domain.incident.calls import Call, CallGroup, Issued, PlaceGroup
from erstwhile.domain.incident.revocation import Since
from erstwhile.domain.vocabulary.instants import FOREVER
from erstwhile.projections.incident.whom import Span, Whom, condition, read_by_index
from erstwhile.projections.keys import MOST_OF_A_KEY
from erstwhile.projections.sql import Connection, instant_text

MOST_GROUPS = 20_000
MOST_CALLS = 5_000
"""Calls that are read one by one: changes, failures and calls that give out credentials first."""
MINTING = (
    "sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity", "sts:AssumeRoot",
    "sts:GetSessionToken", "sts:GetFederationToken",
)  # fmt: skip
"""Calls that give out credentials.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_request.html
"""
_FROM = "FROM activity a JOIN evidence_block b USING (block_id)"
CALL_COLUMNS = (
    "a.occurred_at, a.account, a.record_id, a.action, a.principal, a.session, a.access_key, a.source_ip, "
    "a.user_agent, a.error_code, a.class, a.block_id, a.line"
)
_GROUPS = (
    "SELECT a.access_key, a.account, a.principal, a.session, a.action, a.error_code, count(*), min(a.occurred_at), "
    f"max(a.occurred_at) {_FROM} WHERE {{}} GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 8, 1, 5 LIMIT {MOST_GROUPS + 1}"
)
_PLACES = (
    "SELECT a.access_key, a.source_ip, a.user_agent, count(*), min(a.occurred_at), max(a.occurred_at) "
    f"{_FROM} WHERE {{}} GROUP BY 1, 2, 3 ORDER BY 5, 1, 2, 3 LIMIT {MOST_GROUPS}"
)
_CALLS = (
    f"SELECT {CALL_COLUMNS} {_FROM} WHERE {{}} "
    "ORDER BY a.class = 'a' AND a.error_code = '' AND a.action <> ALL (%(first)s), a.occurred_at, a.record_id "
    f"LIMIT {MOST_CALLS}"
)
_CHANGES = (
    f"SELECT {CALL_COLUMNS} {_FROM} WHERE {{}} AND a.class = 'c' ORDER BY a.occurred_at, a.record_id LIMIT {MOST_CALLS}"
)
_ISSUED = (
    f"SELECT i.access_key, i.principal, i.session, {CALL_COLUMNS} {_FROM} "
    "JOIN issued_key i ON i.record_id = a.record_id AND i.account = a.account WHERE {} "
    f"AND a.action = ANY (%(minting)s) AND a.error_code = '' ORDER BY a.occurred_at, a.record_id LIMIT {MOST_CALLS}"
)
_BY_KEY = (
    f"SELECT i.access_key, i.principal, i.session, {CALL_COLUMNS} FROM issued_key i "
    "JOIN activity a ON a.account = i.account AND a.record_id = i.record_id AND a.day = (i.occurred_at AT TIME ZONE "
    "'UTC')::date JOIN evidence_block b ON b.block_id = a.block_id "
    "WHERE i.access_key = ANY (%(keys)s) AND b.position <= %(known)s ORDER BY a.occurred_at, a.record_id"
)
_SINCE = (
    "SELECT w.access_key, w.of, width_bucket(a.occurred_at, %(bounds)s::timestamptz[]), "
    "count(*) FILTER (WHERE a.error_code = ''), count(*) FILTER (WHERE a.error_code <> ''), max(a.occurred_at) "
    "FROM unnest(%(keys)s::text[], %(of)s::text[], %(principals)s::text[], %(begins)s::timestamptz[]) "
    "AS w (access_key, of, principal, since) JOIN activity a ON a.principal = w.principal AND a.occurred_at >= w.since "
    "JOIN evidence_block b USING (block_id) WHERE (w.access_key = '' OR a.access_key = w.access_key) "
    "AND a.occurred_at < %(end)s::timestamptz AND a.day >= %(first_day)s AND a.day <= %(last_day)s "
    "AND b.position <= %(known)s GROUP BY 1, 2, 3"
)
"""Calls by who made them and by the last of some instants that was not after them."""
_USERS = "SELECT DISTINCT access_key, principal FROM key_use WHERE access_key = ANY (%s)"
_NOT_TRANSLATED = (
    f"SELECT {CALL_COLUMNS} {_FROM} WHERE a.class = 'n' AND a.action = ANY (%(actions)s) "
    "AND a.occurred_at > %(begin)s::timestamptz AND a.occurred_at < %(end)s::timestamptz AND b.position <= %(known)s "
    "ORDER BY a.occurred_at, a.record_id LIMIT 1000"
)


def _utc(at: datetime) -> datetime:
    return at.astimezone(UTC)


def call_of_row(row: tuple[Any, ...]) -> Call:
    return Call(
        at=_utc(row[0]), account=row[1], record_id=row[2], action=row[3], principal=row[4], session=row[5],
        access_key=row[6], source_ip=row[7], user_agent=row[8], error_code=row[9], outcome=row[10], block=row[11],
        line=row[12],
    )  # fmt: skip


def groups_of(connection: Connection, whom: Whom, span: Span) -> list[CallGroup]:
    """All calls, counted by credential, action and result; one more than MOST_GROUPS where there are more."""
    sql, arguments = condition(connection, whom, span)
    return [
        CallGroup(
            access_key=key, account=account, principal=principal, session=session, action=action, error_code=error,
            calls=calls, first=_utc(first), last=_utc(last),
        )
        for key, account, principal, session, action, error, calls, first, last in read_by_index(
            connection, _GROUPS.format(sql), arguments
        )
    ]  # fmt: skip


def places_of(connection: Connection, whom: Whom, span: Span) -> list[PlaceGroup]:
    """From which addresses, with which agents."""
    sql, arguments = condition(connection, whom, span)
    return [
        PlaceGroup(access_key=key, source_ip=ip, user_agent=agent, calls=calls, first=_utc(first), last=_utc(last))
        for key, ip, agent, calls, first, last in read_by_index(connection, _PLACES.format(sql), arguments)
    ]


def calls_of(connection: Connection, whom: Whom, span: Span, first: Iterable[str]) -> list[Call]:
    """Calls one by one, at most MOST_CALLS: changes, failures and the actions of `first` before all others."""
    sql, arguments = condition(connection, whom, span)
    rows = read_by_index(connection, _CALLS.format(sql), {**arguments, "first": list(first)})
    return [call_of_row(row) for row in rows]


def changes_of(connection: Connection, whom: Whom, span: Span) -> list[Call]:
    """Those that changed access."""
    sql, arguments = condition(connection, whom, span)
    return [call_of_row(row) for row in read_by_index(connection, _CHANGES.format(sql), arguments)]


def _issued(row: tuple[Any, ...]) -> Issued:
    return Issued(access_key=row[0], principal=row[1], session=row[2], call=call_of_row(row[3:]))


def issued_to(connection: Connection, whom: Whom, span: Span) -> list[Issued]:
    """The sessions that were given out to them. A call across accounts stands in both trails: its session comes
    once."""
    sql, arguments = condition(connection, whom, span)
    rows = read_by_index(connection, _ISSUED.format(sql), {**arguments, "minting": list(MINTING)})
    return list({each.access_key: each for each in map(_issued, reversed(rows))}.values())[::-1]


def issued_as(connection: Connection, keys: Iterable[str], known_at: int) -> list[Issued]:
    """Of these keys, those that recorded calls gave out."""
    wanted = list(keys)
    if not wanted:
        return []
    rows = read_by_index(connection, _BY_KEY, {"keys": wanted, "known": known_at})
    return list({each.access_key: each for each in map(_issued, reversed(rows))}.values())


def calls_since(
    connection: Connection, wanted: Iterable[Since], end: datetime, known_at: int
) -> dict[Since, tuple[int, int, datetime | None]]:
    """How many calls succeeded from each instant until the end, how many failed, and the last one: by one query, which
    reads the calls of a key or principal once."""
    found: dict[Since, tuple[int, int, datetime | None]] = dict.fromkeys(wanted, (0, 0, None))
    first: dict[tuple[str, str], datetime] = {}
    for each in found:
        if each.when < end:
            first[_caller(each)] = min(each.when, first.get(_caller(each), FOREVER))
    if not first:
        return found
    bounds = sorted({each.when for each in found})
    callers = list(_callers(connection, first))
    rows = read_by_index(connection, _SINCE, {
        "keys": [key for key, _, _ in callers], "of": [of for _, of, _ in callers],
        "principals": [principal for _, _, principal in callers],
        "begins": [instant_text(first[key, of]) for key, of, _ in callers],
        "bounds": [instant_text(each) for each in bounds], "end": instant_text(end),
        "first_day": min(first.values()).date(), "last_day": end.date(), "known": known_at,
    })  # fmt: skip
    by_caller: dict[tuple[str, str], list[tuple[Any, ...]]] = {}
    for row in rows:
        by_caller.setdefault(row[:2], []).append(row)
    for each in found:
        place = bisect_right(bounds, each.when)
        own = [row for row in by_caller.get(_caller(each), ()) if row[2] >= place]
        if own:
            last = max(row[5] for row in own)
            found[each] = (sum(row[3] for row in own), sum(row[4] for row in own), _utc(last))
    return found


def _caller(since: Since) -> tuple[str, str]:
    return since.access_key[:MOST_OF_A_KEY], since.principal


def _callers(connection: Connection, wanted: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str, str]]:
    """Each key and principal with the ARN under which its calls are found: a key's, under those that used it."""
    keys = [key for key, _ in wanted if key]
    users = connection.execute(_USERS, (keys,)).fetchall() if keys else ()
    yield from ((key, "", principal) for key, principal in users)
    yield from (("", principal, principal) for key, principal in wanted if not key)


def not_translated(connection: Connection, actions: Iterable[str], span: Span) -> list[Call]:
    """Anybody's calls of these actions that changed access and have no translation."""
    arguments = {
        "actions": list(actions), "begin": instant_text(span.begin), "end": instant_text(span.end),
        "known": span.known_at,
    }  # fmt: skip
    return [call_of_row(row) for row in read_by_index(connection, _NOT_TRANSLATED, arguments)]
