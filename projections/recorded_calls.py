"""Reads recorded calls that succeeded, as calls that can be decided about again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from erstwhile.domain.observed.text import read_json
from erstwhile.domain.what_if.counterfactual import RecordedCall
from erstwhile.domain.what_if.recorded_call import call_of
from erstwhile.projections.activity import EvidenceLines
from erstwhile.projections.sql import Connection

_AT_ONCE = 1_000
_ROWS = (
    "SELECT r.occurred_at, r.record_id, r.account, r.block_id, r.line FROM activity r "
    "WHERE r.occurred_at >= %(begin)s AND r.occurred_at < %(end)s AND r.error_code = '' "
    "AND (%(account)s = '' OR r.account = %(account)s) AND (%(principal)s = '' OR r.principal = %(principal)s) "
    "AND (SELECT b.position FROM evidence_block b WHERE b.block_id = r.block_id) <= %(known)s "
    "AND (%(record)s = '' OR (r.occurred_at, r.record_id) > (%(at)s, %(record)s)) "
    "ORDER BY r.occurred_at, r.record_id LIMIT %(limit)s"
)


def recorded_calls(
    connection: Connection, begin: datetime, end: datetime, known_at: int, *, account: str = "", principal: str = ""
) -> Iterator[RecordedCall]:
    """The calls in [begin, end) that imports up to a log position brought, of one account or principal (a user's or
    role's ARN) or of all. `key`: ACCOUNT/RECORD. Memory does not grow with their number."""
    lines = EvidenceLines(connection)
    asked = {
        "begin": begin, "end": end, "account": account, "principal": principal, "known": known_at, "limit": _AT_ONCE,
        "at": begin, "record": "",
    }  # fmt: skip
    while True:
        rows = connection.execute(_ROWS, asked).fetchall()
        for _, record_id, owner, block, line in rows:
            raw = lines.line(block, line)
            call = call_of(read_json(raw), owner, f"{owner}/{record_id}") if raw is not None else None
            if call is not None:
                yield call
        if len(rows) < _AT_ONCE:
            return
        asked |= {"at": rows[-1][0], "record": rows[-1][1]}
