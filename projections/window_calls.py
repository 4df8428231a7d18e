"""Recorded calls of a window that detections look at: those of some actions, and from where keys were used first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct

from erstwhile.domain.incident.calls import Call
from erstwhile.domain.vocabulary.instants import BEFORE
from erstwhile.projections.incident.calls import CALL_COLUMNS, call_of_row
from erstwhile.projections.incident.whom import Span, Whom, condition, read_by_index
from erstwhile.projections.sql import Connection, instant_text

MOST_USES = 20_000
"""First uses of keys from networks that are looked at in one answer."""
_AT_ONCE = 1_000
_WINDOW = (
    "a.occurred_at >= %(begin)s::timestamptz AND a.occurred_at < %(end)s::timestamptz "
    "AND a.day >= %(first_day)s AND a.day <= %(last_day)s AND b.position <= %(known)s "
    "AND (%(account)s = '' OR a.account = %(account)s)"
)
_FROM = "FROM activity a JOIN evidence_block b USING (block_id)"
_NETWORK = r"coalesce(substring(a.source_ip from '^(\d+\.\d+\.\d+)\.\d+$'), a.source_ip)"
"""The first three numbers of an IPv4 address; of any other, the text."""
_NAMED = (
    f"SELECT {CALL_COLUMNS} {_FROM} WHERE {_WINDOW} AND a.action = ANY (%(actions)s) "
    "AND (%(record)s = '' OR (a.occurred_at, a.record_id) > (%(at)s, %(record)s)) "
    "ORDER BY a.occurred_at, a.record_id LIMIT %(limit)s"
)
_USES = (
    f"SELECT DISTINCT ON (a.access_key, {_NETWORK}) {CALL_COLUMNS} {_FROM} WHERE {_WINDOW} "
    f"AND a.access_key LIKE 'AKIA%%' ORDER BY a.access_key, {_NETWORK}, a.occurred_at, a.record_id LIMIT %(limit)s"
)
_EARLIER = f"SELECT DISTINCT ON (a.access_key, {_NETWORK}) a.access_key, a.source_ip {_FROM} WHERE {{}}"
_BROUGHT = f"SELECT min(a.occurred_at), max(a.occurred_at) {_FROM} WHERE b.position > %(after)s"
_POSITIONS = "SELECT block_id, position FROM evidence_block WHERE block_id = ANY (%s)"


class FirstUses(Struct, frozen=True):
    """`calls`: of each key and network the first call of a window, in order of time; `before`: key → addresses from
    which it was used before the window, one a network. `is_cut`: there are more."""

    calls: list[Call]
    before: dict[str, list[str]]
    is_cut: bool


def _arguments(span: Span, account: str) -> dict[str, Any]:
    return {
        "begin": instant_text(span.begin), "end": instant_text(span.end), "first_day": span.begin.date(),
        "last_day": span.end.date(), "known": span.known_at, "account": account,
    }  # fmt: skip


def calls_named(connection: Connection, actions: Iterable[str], span: Span, account: str = "") -> Iterator[Call]:
    """The calls of a window of these names, in order of time. Memory does not grow with their number."""
    asked = _arguments(span, account) | {"actions": list(actions), "record": "", "at": span.begin, "limit": _AT_ONCE}
    while True:
        calls = [call_of_row(row) for row in connection.execute(_NAMED, asked).fetchall()]
        yield from calls
        if len(calls) < _AT_ONCE:
            return
        asked |= {"at": calls[-1].at, "record": calls[-1].record_id}


def first_uses(connection: Connection, span: Span, account: str = "") -> FirstUses:
    """From where long-lived keys were used in a window, and before it."""
    rows = connection.execute(_USES, _arguments(span, account) | {"limit": MOST_USES + 1}).fetchall()
    calls = sorted((call_of_row(row) for row in rows[:MOST_USES]), key=lambda each: (each.at, each.record_id))
    keys = tuple(dict.fromkeys(each.access_key for each in calls))
    before: dict[str, list[str]] = {}
    if keys:
        earlier = Span(begin=BEFORE, end=span.begin, known_at=span.known_at)
        sql, arguments = condition(connection, Whom(keys=keys), earlier)
        for key, address in read_by_index(connection, _EARLIER.format(sql), arguments):
            before.setdefault(key, []).append(address)
    return FirstUses(calls, {key: sorted(found) for key, found in before.items()}, len(rows) > MOST_USES)


def brought_after(connection: Connection, position: int) -> tuple[datetime, datetime] | None:
    """When the first and the last call occurred that imports brought after a log position."""
    [(first, last)] = connection.execute(_BROUGHT, {"after": position}).fetchall()
    return None if first is None else (first.astimezone(UTC), last.astimezone(UTC))


def positions_of_blocks(connection: Connection, blocks: Iterable[int]) -> dict[int, int]:
    """Block of evidence → the log position of the import that brought it."""
    return dict(connection.execute(_POSITIONS, (list(blocks),)).fetchall())
