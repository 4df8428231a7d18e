"""Streams the audit trail of a window for exports: memory does not grow with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import closing
from datetime import datetime
from itertools import groupby, islice
from typing import Any, NamedTuple

import msgspec
import orjson

from erstwhile.domain.exports.trail.records import written_record
from erstwhile.domain.observed.cloudtrail.record import MalformedRecord, Record
from erstwhile.domain.observed.text import read_json
from erstwhile.projections.activity import EvidenceLines
from erstwhile.projections.log_reader import COLUMNS, told
from erstwhile.projections.sql import Connection, instant_text

_TOGETHER = 500
"""Calls whose records are looked up together."""
FILED = "CASE WHEN r.evidence ~ '^[0-9]{12}/' THEN split_part(r.evidence, '/', 1) ELSE r.account END"
"""In whose trail an event's record stands: that of a call on another account's resources is in the caller's."""
NOT_KEPT = "whose record is not kept any more"
NO_CALL = "that no call of AWS made: imports, listings, watches and the like"


class Window(msgspec.Struct, frozen=True):
    """`begin` ≤ when it happened < `end`; `account`: in whose trail, '' for all; `upto`: the last position."""

    upto: int
    begin: datetime | None = None
    end: datetime | None = None
    account: str = ""


class FiledRecord(NamedTuple):
    """A record of CloudTrail, and where it belongs."""

    account: str
    region: str
    at: datetime
    raw: bytes


def count(connection: Connection, window: Window) -> int:
    """How many events the window has."""
    where, arguments = _where(window)
    [(found,)] = connection.execute(f"SELECT count(*) FROM audit r WHERE {where}", arguments).fetchall()
    return int(found)


def events(connection: Connection, window: Window) -> Generator[dict[str, Any]]:
    """The events of a window, in the log's order. Who does not read them all closes it: it has a transaction."""
    with closing(_stream(connection, window, COLUMNS, "r.position")) as rows:
        yield from map(told, rows)


def records(connection: Connection, window: Window, left_out: Counter[str], moved: list[int]) -> Generator[FiledRecord]:
    """The records of a window, by account and time: what was imported, as it was; what was commanded here, as AWS would
    have written it. `left_out` counts events without one, by the reason; `moved[0]`: how many events were seen. Who
    does not read them all closes it: it has a transaction."""
    order = f"{FILED}, r.occurred_at, r.evidence, r.position"
    with closing(_stream(connection, window, f"{COLUMNS}, {FILED}", order)) as rows:
        yield from _records(connection, calls_of(rows), left_out, moved)


def _records(
    connection: Connection, by_call: Iterator[list[dict[str, Any]]], left_out: Counter[str], moved: list[int]
) -> Iterator[FiledRecord]:
    kept = EvidenceLines(connection)
    while calls := list(islice(by_call, _TOGETHER)):
        places = places_of(connection, [each[0]["evidence"] for each in calls])
        for call in calls:
            moved[0] += len(call)
            found = record_of(call, places, kept)
            if found is None:
                evidence = call[0]["evidence"]
                is_record = evidence[:12].isdigit() and evidence[12:13] == "/"
                left_out[NOT_KEPT if is_record else NO_CALL] += len(call)
            else:
                yield found


def record_of(
    call: list[dict[str, Any]], places: dict[str, tuple[int, int]], kept: EvidenceLines
) -> FiledRecord | None:
    """The record of a call; None where it is not kept, or where no call of AWS made the events. `places`: where records
    lie."""
    evidence, raw = call[0]["evidence"], None
    if evidence in places:
        raw = kept.line(*places[evidence])
    elif not evidence:
        record = written_record(call)
        raw = orjson.dumps(record) if record is not None else None
    return _filed(raw) if raw is not None else None


def calls_of(rows: Iterator[tuple[Any, ...]]) -> Iterator[list[dict[str, Any]]]:
    """The events of each call, which stand together; `_at` is when, as an instant."""

    def key(event: dict[str, Any]) -> tuple[Any, ...]:
        if event["evidence"]:
            return (event["evidence"],)
        request = event["request_id"]
        return ("", event["account"], event["occurred_at"], request, event["action"], request or event["position"])

    for _, call in groupby((told(row) | {"_at": row[2]} for row in rows), key):
        yield list(call)


def _filed(raw: bytes) -> FiledRecord | None:
    try:
        record = Record(read_json(raw))
    except (MalformedRecord, ValueError):
        return None
    return FiledRecord(record.account, record.region or "us-east-1", record.occurred_at, raw)


def places_of(connection: Connection, evidence: list[str]) -> dict[str, tuple[int, int]]:
    """Where records lie: block and line, by `account/record id`."""
    split = [each.partition("/")[::2] for each in evidence if each[12:13] == "/"]
    rows = connection.execute(
        "SELECT a.account || '/' || a.record_id, a.block_id, a.line "
        "FROM unnest(%s::text[], %s::text[]) AS k (account, record_id) "
        "JOIN activity a ON (a.account, a.record_id) = (k.account, k.record_id)",
        ([account for account, _ in split], [record for _, record in split]),
    )
    return {name: (block, line) for name, block, line in rows}


def _stream(connection: Connection, window: Window, columns: str, order: str) -> Generator[tuple[Any, ...]]:
    where, arguments = _where(window)
    with connection.transaction(), connection.cursor(name="trail_export") as cursor:
        cursor.itersize = 1_000
        cursor.execute(f"SELECT {columns} FROM audit r WHERE {where} ORDER BY {order}", arguments)
        yield from cursor


def _where(window: Window) -> tuple[str, dict[str, Any]]:
    where, arguments = "r.position <= %(upto)s", dict[str, Any](upto=window.upto)
    if window.begin is not None:
        where += " AND r.occurred_at >= %(begin)s::timestamptz"
        arguments["begin"] = instant_text(window.begin)
    if window.end is not None:
        where += " AND r.occurred_at < %(end)s::timestamptz"
        arguments["end"] = instant_text(window.end)
    if window.account:
        where += f" AND {FILED} = %(account)s"
        arguments["account"] = window.account
    return where, arguments
