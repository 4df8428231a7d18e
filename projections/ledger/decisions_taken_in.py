"""What was recorded of decisions is taken into the tree over them.

A leaf's number is given here, not when the decision is recorded: who decides waits for nothing. A decision's id is from
a sequence, and may become visible after a later one; so this takes the lock that writers share, alone and for a moment,
and reads how far the sequence is. All ids up to there are then recorded, or never will be
(functions/decisions_are_written.sql).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, LiteralString

import psycopg

from erstwhile.domain.ledger.decision_leaves import canonical_decision
from erstwhile.domain.ledger.leaves import canonical_instant
from erstwhile.projections.ledger import tiles
from erstwhile.projections.ledger.broken import LedgerBroken
from erstwhile.projections.ledger.committed import use_utc
from erstwhile.projections.ledger.growing import GrowingTiles, edge_tiles
from erstwhile.projections.sql import Connection

TOGETHER = 5_000
"""Ids of one transaction."""
COLUMNS: LiteralString = (
    "d.day::text, d.id, d.decided_at::text, d.asked_by, d.subject, d.action, d.resource, d.effect, d.question, "
    "d.answer, d.masked, d.revision, d.latency_us"
)
"""What `canonical_row` takes, in a transaction for which `use_utc` was called."""
LOCK: LiteralString = "SELECT pg_advisory_xact_lock(hashtext('erstwhile.decision-tree'))"
TRY_LOCK: LiteralString = "SELECT pg_try_advisory_xact_lock(hashtext('erstwhile.decision-tree'))"
LAST: LiteralString = "SELECT coalesce(pg_sequence_last_value('decision_id'), 0)"
_ALONE: LiteralString = "SELECT pg_advisory_xact_lock(hashtext('erstwhile.decisions-written'))"
_DAYS: LiteralString = """
SELECT array_agg(to_date(right(c.relname, 8), 'YYYYMMDD')) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
WHERE i.inhparent = 'decision'::regclass AND c.relname ~ '^decision_[0-9]{8}$'
"""
_RECENT: LiteralString = "SELECT array_agg(current_date + n) FROM generate_series(-1, 1) AS n"
_COUNT: LiteralString = "SELECT count(*) FROM decision WHERE day = ANY (%s) AND id > %s AND id <= %s"
_CANONICAL: LiteralString = """
'{"action":' || to_json(d.action) || ',"answer":' || to_json(d.answer) || ',"asked_by":' || to_json(d.asked_by)
|| ',"day":"' || d.day || '","decided_at":"'
|| to_char(d.decided_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '","effect":' || to_json(d.effect)
|| ',"id":' || d.id || ',"latency_us":' || d.latency_us || ',"masked":' || to_json(d.masked)
|| ',"question":' || to_json(d.question) || ',"resource":' || to_json(d.resource) || ',"revision":' || d.revision
|| ',"subject":' || to_json(d.subject) || '}'
"""
"""What `canonical_row` makes, made by the database: a server takes in what it decides, and the interpreter is for
deciding. (PostgreSQL escapes text as RFC 8785 does.) Verification trusts no database, and makes it itself."""
_TAKE: LiteralString = f"""
WITH taken AS (
INSERT INTO decision_leaf (number, day, id, entry)
SELECT %s + row_number() OVER (ORDER BY d.day, d.id), d.day, d.id, sha256(convert_to({_CANONICAL}, 'UTF8'))
FROM unnest(%s::date[]) AS given (day)
CROSS JOIN LATERAL (
    SELECT * FROM decision WHERE decision.day = given.day AND day = ANY (%s) AND id > %s AND id <= %s
) AS d ORDER BY d.day, d.id RETURNING number, entry
)
SELECT coalesce(string_agg(sha256('\\x00'::bytea || entry), ''::bytea ORDER BY number), ''::bytea) FROM taken
"""
"""The hashes of the leaves that were added, side by side."""


def canonical_row(row: Sequence[Any]) -> bytes:
    """The canonical JSON of a row with COLUMNS."""
    day, number, decided_at, *texts, masked, revision, latency_us = row
    return canonical_decision(day, number, canonical_instant(decided_at), tuple(texts), masked, revision, latency_us)


def size(connection: Connection) -> int:
    """How many decisions are in the tree."""
    [(found,)] = connection.execute("SELECT coalesce(max(number), 0) FROM decision_leaf").fetchall()
    return int(found)


def take_in(
    connection: Connection, seen: int, waiting: bool, progress: Callable[[int, int], None] | None = None
) -> int | None:
    """Takes in what was recorded. `seen`: all decisions up to this id are known to be taken in; returns that of now.
    While another process takes in, or writes decisions, it waits; without `waiting` it does not, and returns None.
    Raises LedgerBroken."""
    [(last,)] = connection.execute(LAST).fetchall()
    if last == seen:
        return seen
    settled = _settled(connection, waiting)
    if settled is None:
        return None
    start = seen
    while seen < settled:
        with connection.transaction():
            if connection.execute(LOCK if waiting else TRY_LOCK).fetchone() == (False,):
                return None
            use_utc(connection)
            after = max(seen, _taken_in(connection))
            upto = min(settled, after + TOGETHER)
            if upto > after:
                _extend(connection, after, upto)
        seen = upto
        if progress is not None:
            progress(seen - start, settled - start)
    return seen


def _settled(connection: Connection, waiting: bool) -> int | None:
    """All decisions with ids up to this one are recorded, or never will be. None: not to be had now."""
    try:
        with connection.transaction():
            connection.execute("SELECT set_config('lock_timeout', %s, true)", ("5s" if waiting else "1s",))
            connection.execute(_ALONE)
            [(last,)] = connection.execute(LAST).fetchall()
            return int(last)
    except psycopg.errors.LockNotAvailable:
        if waiting:
            raise
        return None


def _taken_in(connection: Connection) -> int:
    [(found,)] = connection.execute("SELECT coalesce(max(id), 0) FROM decision_leaf").fetchall()
    return int(found)


def _days(connection: Connection, after: int, upto: int) -> list[date]:
    """Days that have all decisions with after < id ≤ upto: today and beside it, where these have one for each id. Else
    each day there is is looked into, which takes 40 ms for a year."""
    [(recent,)] = connection.execute(_RECENT).fetchall()
    [(count,)] = connection.execute(_COUNT, (recent, after, upto)).fetchall()
    if count == upto - after:
        return list(recent)
    [(days,)] = connection.execute(_DAYS).fetchall()
    return list(days or ())


def _extend(connection: Connection, after: int, upto: int) -> None:
    """Adds the decisions with after < id ≤ upto."""
    days = _days(connection, after, upto)
    before = size(connection)
    [(hashes,)] = connection.execute(_TAKE, (before, days, days, after, upto), binary=True).fetchall()
    if not hashes:
        return
    try:
        growing = GrowingTiles(before, tiles.read(connection, edge_tiles(before), tiles.DECISIONS))
    except ValueError as error:
        raise LedgerBroken(f"the tree of decisions: {error}") from None
    growing.add_hashes(hashes)
    tiles.write(connection, growing.changed | growing.partial(), tiles.DECISIONS)
