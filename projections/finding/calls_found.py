"""Sessions, addresses and access keys, as recorded calls and events show them."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, NamedTuple

from erstwhile.projections.activity_months import activity_months
from erstwhile.projections.entities import lives, of_access_key
from erstwhile.projections.finding.found import Found
from erstwhile.projections.keys import MOST_OF_A_KEY, holder_of_key, is_key
from erstwhile.projections.sql import Connection
from erstwhile.projections.trail_index.grams import Field, ranges
from erstwhile.projections.trail_index.index import TrailIndex
from erstwhile.projections.trail_index.wanted import source

_USES = (
    "SELECT a.account, a.principal, min(a.occurred_at), max(a.occurred_at) FROM activity a "
    "JOIN evidence_block b USING (block_id) WHERE a.{} = %(word)s AND a.day >= %(since)s AND a.day < %(until)s "
    "AND b.position <= %(known)s GROUP BY a.account, a.principal"
)
_DETAILS = (
    "SELECT e.account, coalesce(e.data->'actor'->>'arn', ''), min(e.occurred_at), max(e.occurred_at) "
    "FROM event_details d JOIN event e USING (position) "
    "WHERE d.details::jsonb->>'{}' = %(word)s AND d.position <= %(known)s{} GROUP BY 1, 2"
)
_ISSUED = (
    "SELECT data->'body'->>'arn', occurred_at FROM event WHERE type = 'iam.SessionIssued' "
    "AND data->'body'->>'access_key_id' = %(word)s AND position <= %(known)s "
    "UNION ALL SELECT i.principal, i.occurred_at FROM issued_key i JOIN evidence_block b USING (block_id) "
    "WHERE i.access_key = %(word)s AND b.position <= %(known)s ORDER BY 2 LIMIT 1"
)
_SHOWN = 5


class Use(NamedTuple):
    """Who used a word, from when to when."""

    account: str
    principal: str
    first: datetime
    last: datetime


def access_keys(connection: Connection, words: str, known_at: int) -> Iterator[Found]:
    """An access key: whose it is, when it existed, when it was used."""
    if not is_key(words):
        return
    holders = of_access_key(connection, words, known_at)
    owner = holder_of_key(connection, words, known_at)
    uses = _uses(connection, "access_key", words[:MOST_OF_A_KEY], known_at) if holders or owner else []
    issued = connection.execute(_ISSUED, {"word": words[:MOST_OF_A_KEY], "known": known_at}).fetchone()
    seen = _seen(uses) | ({"first_seen": issued[1]} if issued is not None else {})
    note = f"issued to {issued[0]}" if issued is not None and issued[0] else ""
    for key in holders:
        arn = lives(connection, [key], known_at)
        spans = tuple((each.begin, each.end) for each in lives(connection, [key], known_at, "access_key", words))
        of = arn[-1].arn if arn else ""
        yield Found(kind="access_key", account=key[0], name=words, of=of, lives=spans, words=note, **seen)
    if owner is not None and not holders:
        account = owner.split(":")[4] if owner.count(":") >= 5 else ""
        yield Found(kind="access_key", account=account, name=words, of=owner, words=note, **seen)


def sessions(connection: Connection, words: str, known_at: int, index: TrailIndex | None = None) -> Iterator[Found]:
    """Sessions of a name, or the one of an ARN: of which role or user, first and last seen."""
    name, role = words, ""
    if words.startswith("arn:"):
        _, found, path = words.partition(":assumed-role/")
        role, _, name = path.partition("/")
        if not found or not name:
            return
    by_owner: dict[tuple[str, str], list[Use]] = {}
    for use in (*_uses(connection, "session", name, known_at), *details(connection, "session", name, known_at, index)):
        if not role or use.principal.rsplit("/", 1)[-1] in (role, name):
            by_owner.setdefault((use.account, _role_of(use.principal)), []).append(use)
    for (account, of), uses in sorted(by_owner.items()):
        yield Found(kind="session", account=account, name=name, of=of, **_seen(uses))


def _role_of(principal: str) -> str:
    """The role of a session's ARN, as calls name it; another principal as it is."""
    before, found, path = principal.partition(":assumed-role/")
    if not found:
        return principal
    return f"{before.replace(':sts:', ':iam:')}:role/{path.split('/')[0]}"


def addresses(connection: Connection, words: str, known_at: int, index: TrailIndex | None = None) -> Iterator[Found]:
    """An IP address: who called from it, first and last."""
    try:
        address = str(ipaddress.ip_address(words))
    except ValueError:
        return
    uses: list[Use] = []
    for each in dict.fromkeys((words, address)):
        uses += _uses(connection, "source_ip", each, known_at)
        uses += details(connection, "source_ip", each, known_at, index)
    if uses:
        in_order = sorted(uses, key=lambda use: (use.first, use.principal))
        callers = list(dict.fromkeys(use.principal for use in in_order if use.principal))
        more = f" and {len(callers) - _SHOWN} more" if len(callers) > _SHOWN else ""
        note = f"used by {', '.join(callers[:_SHOWN])}{more}" if callers else ""
        accounts = {use.account for use in uses}
        account = accounts.pop() if len(accounts) == 1 else ""
        yield Found(kind="address", account=account, name=address, words=note, **_seen(uses))


def _uses(connection: Connection, column: str, word: str, known_at: int) -> list[Use]:
    """Who used a word in recorded calls, by the first and the last month of those that have it: what lies between need
    not be read to tell when it was first and last."""
    months = activity_months(connection)
    first = _first_with(connection, column, word, known_at, months)
    last = _first_with(connection, column, word, known_at, months[::-1]) if len(months) > 1 and first else []
    return [*first, *last]


def _first_with(
    connection: Connection, column: str, word: str, known_at: int, months: list[tuple[date, date]]
) -> list[Use]:
    for since, until in months:
        arguments = {"word": word, "known": known_at, "since": since, "until": until}
        rows = connection.execute(_USES.format(column), arguments).fetchall()
        if rows:
            return [Use(*row) for row in rows]
    return []


def details(
    connection: Connection, member: str, word: str, known_at: int, index: TrailIndex | None = None
) -> list[Use]:
    """Who used a word in events, as far as their details are not forgotten. `member`: `session`, or `source_ip` with an
    address."""
    arguments: dict[str, Any] = {"word": word, "known": known_at}
    among = ""
    if index is not None:
        keys = ranges(Field.SESSION, word) if member == "session" else [source(word)]
        arguments["among"] = index.few(connection, keys, known_at)
        among = " AND d.position = ANY (%(among)s::bigint[])" if arguments["among"] is not None else ""
    return [Use(*row) for row in connection.execute(_DETAILS.format(member, among), arguments).fetchall()]


def _seen(uses: list[Use]) -> dict[str, Any]:
    if not uses:
        return {}
    return {"first_seen": min(use.first for use in uses), "last_seen": max(use.last for use in uses)}
