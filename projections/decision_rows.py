"""The decision log in SQL: rows by COPY, read in pages, days dropped whole."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

import msgspec

from erstwhile.domain.vocabulary.cursors import cursor_of, not_a_cursor, place_of
from erstwhile.domain.vocabulary.instants import format_instant
from erstwhile.domain.vocabulary.numbers import parse_number
from erstwhile.projections.copy_text import escaped
from erstwhile.projections.copy_writer import copy_lines
from erstwhile.projections.sql import Connection, instant_text

EFFECTS = ("allow", "explicit_deny", "implicit_deny", "conditional", "error")
_COPIED = (
    *("asked_by", "subject", "action", "resource", "effect", "question", "answer"),
    *("day", "decided_at", "masked", "revision", "latency_us"),
)
"""The columns of a line."""
_LISTING = "decisions"
_COLUMNS = "id, decided_at, asked_by, subject, action, resource, effect, question, answer, masked, revision, latency_us"


class Logged(msgspec.Struct, frozen=True):
    """One decision that was served. `question`, `answer`: JSON; `latency_us`: microseconds."""

    id: int
    """0: of one that is to be added."""
    decided_at: datetime
    asked_by: str
    subject: str
    action: str
    resource: str
    effect: str
    question: str
    answer: str
    masked: bool
    revision: int
    latency_us: int


class DecisionFilters(msgspec.Struct, frozen=True, kw_only=True):
    """What is looked for; an empty field does not filter."""

    subject: str = ""
    action: str = ""
    resource: str = ""
    effect: str = ""
    asked_by: str = ""
    since: datetime | None = None
    until: datetime | None = None


def add(connection: Connection, rows: Iterable[Logged], days: set[date]) -> None:
    """`days`: those whose partitions are known to be there; it grows."""
    found = list(rows)
    add_lines(connection, [line_of(each) for each in found], {each.decided_at.date() for each in found}, days)


def add_lines(connection: Connection, lines: Sequence[str], of: set[date], days: set[date]) -> int:
    """Adds rows by their lines for COPY, and returns the id of the last one, 0 where there is none. `of`: the days that
    they are of; `days`: those whose partitions are known to be there; it grows."""
    for day in sorted(of - days):
        connection.execute("SELECT ensure_decision_partition(%s)", (day,))
        days.add(day)
    if not lines:
        return 0
    copy_lines(connection, "decision", _COPIED, lines)
    [(last,)] = connection.execute("SELECT currval('decision_id')").fetchall()
    return int(last)


def has_line(connection: Connection, number: int, line: str) -> bool:
    """Whether this line was recorded with this id. It waits, within its transaction, for all who write now: a
    transaction whose connection was lost may still end."""
    connection.execute("SELECT set_config('lock_timeout', '5s', true)")
    connection.execute("SELECT pg_advisory_xact_lock(hashtext('erstwhile.decisions-written'))")
    fields = dict(zip(_COPIED, line.split("\t"), strict=True))
    row = connection.execute(
        "SELECT decided_at = %(decided_at)s::timestamptz AND revision = %(revision)s AND latency_us = %(latency_us)s "
        "FROM decision WHERE day = %(day)s AND id = %(id)s",
        fields | {"id": number},
    ).fetchone()
    return row == (True,)


def line_of(each: Logged) -> str:
    """The row as a line for COPY."""
    texts = (each.asked_by, each.subject, each.action, each.resource, each.effect, each.question, each.answer)
    at = instant_text(each.decided_at)
    rest = (at[:10], at, "t" if each.masked else "f", str(each.revision), str(each.latency_us))
    return "\t".join((*map(escaped, texts), *rest))


def page(connection: Connection, filters: DecisionFilters, limit: int, cursor: str = "") -> tuple[list[Logged], str]:
    """Newest first, and the cursor of the next page ('' on the last). Raises MalformedCursor."""
    clauses, arguments = ["true"], dict[str, Any](limit=limit + 1)
    for name in ("subject", "action", "resource", "effect", "asked_by"):
        wanted = getattr(filters, name)
        if wanted:
            clauses.append(f"{name} = %({name})s")
            arguments[name] = wanted
    if filters.since is not None:
        clauses.append(
            "decided_at >= %(since)s::timestamptz AND day >= (%(since)s::timestamptz AT TIME ZONE 'UTC')::date"
        )
        arguments |= {"since": instant_text(filters.since), "first": instant_text(filters.since)[:10]}
    if filters.until is not None:
        clauses.append(
            "decided_at < %(until)s::timestamptz AND day <= (%(until)s::timestamptz AT TIME ZONE 'UTC')::date"
        )
        arguments |= {"until": instant_text(filters.until), "last_day": instant_text(filters.until)[:10]}
    if cursor:
        day, number = place_of(_LISTING, cursor, parts=2)
        last = parse_number(number, 0, (1 << 63) - 1)
        if last is None or not _is_day(day):
            raise not_a_cursor(cursor)
        clauses.append("(day, id) < (%(day)s::date, %(last)s)")
        arguments |= {"day": day, "last": last}
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM decision WHERE {' AND '.join(clauses)} ORDER BY day DESC, id DESC LIMIT %(limit)s",
        arguments,
    ).fetchall()
    found = [Logged(*row) for row in rows[:limit]]
    if len(rows) <= limit:
        return found, ""
    return found, cursor_of(_LISTING, format_instant(found[-1].decided_at)[:10], str(found[-1].id))


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def count_before(connection: Connection, day: date) -> int:
    """How many decisions the days before this one have."""
    [(found,)] = connection.execute("SELECT count(*) FROM decision WHERE day < %s", (day,)).fetchall()
    return int(found)


def drop_before(connection: Connection, day: date) -> int:
    """Drops the days before this one; returns how many. With the owner's rights."""
    row = connection.execute("SELECT drop_decisions(%s)", (day,)).fetchone()
    return int(row[0]) if row is not None else 0
