"""The calls of an account's trail, newest first, each with its record of CloudTrail."""

from __future__ import annotations

import uuid
from collections.abc import Generator, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, NamedTuple

import msgspec

from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.projections.activity import EvidenceLines
from erstwhile.projections.log_reader import COLUMNS
from erstwhile.projections.sql import Connection, instant_text
from erstwhile.projections.trail_export import FILED, FiledRecord, calls_of, places_of, record_of
from erstwhile.projections.trail_index.index import TrailIndex
from erstwhile.projections.trail_index.ordered import Positions, Span
from erstwhile.projections.trail_index.wanted import as_written, in_trail_of

_ROWS = 500
"""Events that are read together."""
_CALLS = 50
"""Calls whose records are looked up together."""
_AT_FIRST = 64
"""Events of which the database is asked at first whether they are wanted; then twice as many, and so on."""
_IN_ORDER = "ORDER BY r.occurred_at DESC, r.position DESC"
_TICK = timedelta(microseconds=1)
_LATEST = datetime.max.replace(tzinfo=UTC)
_ANY = 1 << 62
"""After every position."""


class CallsWanted(msgspec.Struct, frozen=True):
    """Whose, and of which time: `begin` ≤ when ≤ `end`; before `after` in the order of this listing. `access_key`,
    `event_id`, `operation`: of these alone; '' for any."""

    account: str
    begin: datetime | None = None
    end: datetime | None = None
    after: tuple[datetime, int] | None = None
    access_key: str = ""
    event_id: str = ""
    operation: str = ""


class LookedUp(NamedTuple):
    """A call, and its place in the listing. `record`: None where there is none."""

    at: datetime
    position: int
    record: FiledRecord | None


def calls(connection: Connection, wanted: CallsWanted, index: TrailIndex | None = None) -> Generator[LookedUp]:
    """Read as they are asked for: a caller that has enough of them stops, and closes this. `index`: tells which events
    are worth a look; without it, all are looked at."""
    kept = EvidenceLines(connection)
    with closing(_rows(connection, wanted, index)) as rows:
        by_call = calls_of(rows)
        seen: set[str] = set()
        last: datetime | None = None
        while together := list(islice(by_call, _CALLS)):
            places = places_of(connection, [each[0]["evidence"] for each in together])
            for call in together:
                at, evidence = call[0]["_at"], call[0]["evidence"]
                if at != last:
                    seen, last = set(), at
                if evidence and evidence in seen:
                    continue  # an event of the same call, that became known by another import
                seen.add(evidence)
                yield LookedUp(at, call[-1]["position"], record_of(call[::-1], places, kept))


def _rows(connection: Connection, wanted: CallsWanted, index: TrailIndex | None) -> Generator[tuple[Any, ...]]:
    where, arguments = _where(wanted)
    if index is not None:
        try:
            likely = _likely(connection, wanted, index)
            if likely is not None:
                yield from _among(connection, where, arguments, likely)
                return
        finally:
            index.let_go()
    while True:
        rows = connection.execute(
            f"SELECT {COLUMNS} FROM audit r WHERE {where} {_IN_ORDER} LIMIT {_ROWS}", arguments
        ).fetchall()
        yield from rows
        if len(rows) < _ROWS:
            return
        where, arguments = _where(wanted, (rows[-1][2], rows[-1][0]))


def _where(wanted: CallsWanted, after: tuple[datetime, int] | None = None) -> tuple[str, dict[str, Any]]:
    where, arguments = f"{FILED} = %(account)s", dict[str, Any](account=wanted.account)
    if wanted.begin is not None:
        where += " AND r.occurred_at >= %(begin)s::timestamptz"
        arguments["begin"] = instant_text(wanted.begin)
    if wanted.end is not None:
        where += " AND r.occurred_at <= %(end)s::timestamptz"
        arguments["end"] = instant_text(wanted.end)
    if wanted.access_key:
        where += " AND r.access_key = %(key)s"
        arguments["key"] = wanted.access_key
    if wanted.event_id:
        where += " AND (r.evidence = %(record)s OR r.event_id::text = %(id)s)"
        arguments |= {"record": _evidence(wanted), "id": wanted.event_id}
    if wanted.operation:
        where += " AND split_part(r.action, ':', 2) IN ('', %(operation)s)"
        arguments["operation"] = wanted.operation
    after = after or wanted.after
    if after is not None:
        where += " AND (r.occurred_at, r.position) < (%(at)s::timestamptz, %(position)s)"
        arguments |= {"at": instant_text(after[0]), "position": after[1]}
    return where, arguments


def _evidence(wanted: CallsWanted) -> str:
    return f"{wanted.account}/{wanted.event_id}"


def _likely(connection: Connection, wanted: CallsWanted, index: TrailIndex) -> Iterator[list[int]] | None:
    """Positions of the events that may be wanted, some at a time, those of some before those of the next in the order
    of the listing; None where the index lacks too much."""
    if wanted.event_id:
        return _of_id(connection, wanted, index)
    until = min((wanted.end or _LATEST, wanted.after[0] if wanted.after else _LATEST))
    span = Span(wanted.begin, until + _TICK if until < _LATEST else None)
    words = in_trail_of(wanted.account, wanted.access_key, wanted.operation)
    found = index.likely(connection, words, span, oldest_first=False)
    return None if found is None else _together(found)


def _together(likely: Iterator[Positions]) -> Iterator[list[int]]:
    size = _AT_FIRST
    for some in likely:
        positions = some.tolist()
        while positions:
            yield positions[:size]
            positions, size = positions[size:], min(2 * size, _ROWS)


def _of_id(connection: Connection, wanted: CallsWanted, index: TrailIndex) -> Iterator[list[int]] | None:
    """All of them at once: they are few."""
    keys = as_written(_evidence(wanted))
    found = index.few(connection, keys, _ANY) if keys is not None else None
    if found is None:
        return None
    own = EventLog.within(connection).find_event(wanted.event_id) if _is_event_id(wanted.event_id) else None
    return iter([[*found, own] if own is not None else found])


def _is_event_id(words: str) -> bool:
    try:
        return str(uuid.UUID(words)) == words
    except ValueError:
        return False


def _among(
    connection: Connection, where: str, arguments: dict[str, Any], likely: Iterator[list[int]]
) -> Iterator[tuple[Any, ...]]:
    """The rows that are wanted, of events that come some at a time."""
    for positions in likely:
        # Else the planner takes the index of that order, and goes through all of it.
        yield from connection.execute(
            f"SELECT {COLUMNS} FROM audit r WHERE r.position = ANY (%(among)s::bigint[]) AND {where} "
            "ORDER BY ROW(r.occurred_at, r.position) DESC",
            arguments | {"among": positions},
        ).fetchall()
