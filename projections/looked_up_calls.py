"""The calls of an account's trail, newest first, each with its record of CloudTrail."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple

import msgspec

from erstwhile.projections.activity import EvidenceLines
from erstwhile.projections.log_reader import COLUMNS
from erstwhile.projections.sql import Connection, instant_text
from erstwhile.projections.trail_export import FILED, FiledRecord, calls_of, places_of, record_of

_ROWS = 500
"""Events that are read together."""
_CALLS = 50
"""Calls whose records are looked up together."""


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


def calls(connection: Connection, wanted: CallsWanted) -> Iterator[LookedUp]:
    """Read as they are asked for: a caller that has enough of them stops."""
    kept = EvidenceLines(connection)
    by_call = calls_of(_rows(connection, wanted))
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


def _rows(connection: Connection, wanted: CallsWanted) -> Iterator[tuple[Any, ...]]:
    where, arguments = f"{FILED} = %(account)s", dict[str, Any](account=wanted.account, rows=_ROWS)
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
        arguments |= {"record": f"{wanted.account}/{wanted.event_id}", "id": wanted.event_id}
    if wanted.operation:
        where += " AND (r.data->>'action' IS NULL OR split_part(r.data->>'action', ':', 2) IN ('', %(operation)s))"
        arguments["operation"] = wanted.operation
    after = wanted.after
    while True:
        beyond = ""
        if after is not None:
            beyond = " AND (r.occurred_at, r.position) < (%(at)s::timestamptz, %(position)s)"
            arguments |= {"at": instant_text(after[0]), "position": after[1]}
        rows = connection.execute(
            f"SELECT {COLUMNS} FROM audit r WHERE {where}{beyond} "
            "ORDER BY r.occurred_at DESC, r.position DESC LIMIT %(rows)s",
            arguments,
        ).fetchall()
        yield from rows
        if len(rows) < _ROWS:
            return
        after = (rows[-1][2], rows[-1][0])
