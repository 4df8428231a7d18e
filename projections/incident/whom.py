"""Which credentials are meant, as a condition on recorded calls."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from msgspec import Struct

from erstwhile.projections.keys import MOST_OF_A_KEY
from erstwhile.projections.sql import Connection, instant_text

_USERS = "SELECT DISTINCT principal FROM key_use WHERE access_key = ANY (%s)"


class Whom(Struct, frozen=True, kw_only=True):
    """Access keys, principals (all of their calls), sessions by principal and name, and addresses."""

    keys: tuple[str, ...] = ()
    principals: tuple[str, ...] = ()
    sessions: tuple[tuple[str, str], ...] = ()
    addresses: tuple[str, ...] = ()

    @property
    def is_nobody(self) -> bool:
        return not (self.keys or self.principals or self.sessions or self.addresses)

    def and_also(self, more: Whom) -> Whom:
        """All of both."""
        return Whom(
            keys=(*self.keys, *more.keys), principals=(*self.principals, *more.principals),
            sessions=(*self.sessions, *more.sessions), addresses=(*self.addresses, *more.addresses),
        )  # fmt: skip


class Span(Struct, frozen=True, kw_only=True):
    """A window, as known at a log position."""

    begin: datetime
    end: datetime
    known_at: int


def read_by_index(connection: Connection, query: str, arguments: dict[str, Any]) -> list[tuple[Any, ...]]:
    """The rows of a query that must not scan all recorded calls. The planner overestimates the cost of a Bloom filter:
    it assumes that the whole table is read."""
    with connection.transaction():
        connection.execute("SET LOCAL enable_seqscan = off")
        return connection.execute(query, arguments).fetchall()


def condition(connection: Connection, whom: Whom, span: Span) -> tuple[str, dict[str, Any]]:
    """The condition on `activity a` joined with `evidence_block b`, and its arguments. A key's calls are looked for
    under the principals that used it: these have an index."""
    arguments: dict[str, Any] = {
        "begin": instant_text(span.begin), "end": instant_text(span.end), "first_day": span.begin.date(),
        "last_day": span.end.date(), "known": span.known_at,
    }  # fmt: skip
    parts = []
    if whom.keys:
        keys = [key[:MOST_OF_A_KEY] for key in whom.keys]
        arguments["keys"] = keys
        arguments["users"] = [row[0] for row in connection.execute(_USERS, (keys,)).fetchall()]
        parts.append("(a.principal = ANY (%(users)s) AND a.access_key = ANY (%(keys)s))")
    if whom.principals:
        arguments["principals"] = list(whom.principals)
        parts.append("a.principal = ANY (%(principals)s)")
    if whom.sessions:
        arguments["roles"], arguments["sessions"] = (list(each) for each in zip(*whom.sessions, strict=True))
        arguments["pairs"] = [" ".join(each) for each in whom.sessions]
        parts.append(
            "(a.principal = ANY (%(roles)s) AND a.session = ANY (%(sessions)s) "
            "AND a.principal || ' ' || a.session = ANY (%(pairs)s))"
        )
    if whom.addresses:
        arguments["addresses"] = list(whom.addresses)
        parts.append("a.source_ip = ANY (%(addresses)s)")
    sql = (
        f"({' OR '.join(parts) or 'false'}) AND a.occurred_at >= %(begin)s::timestamptz "
        "AND a.occurred_at < %(end)s::timestamptz AND a.day >= %(first_day)s AND a.day <= %(last_day)s "
        "AND b.position <= %(known)s"
    )
    return sql, arguments
