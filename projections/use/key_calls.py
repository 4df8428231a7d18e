"""When long-lived access keys were used last."""

from __future__ import annotations

from datetime import UTC, datetime

from erstwhile.projections.sql import Connection, instant_text

_LAST = (
    "SELECT a.access_key, max(a.occurred_at) FROM activity a JOIN evidence_block b USING (block_id) "
    "WHERE a.occurred_at >= %(begin)s::timestamptz AND a.occurred_at < %(end)s::timestamptz "
    "AND a.day >= %(first_day)s AND a.day <= %(last_day)s AND b.position <= %(known)s "
    "AND a.access_key LIKE 'AKIA%%' GROUP BY a.access_key"
)


def keys_used(connection: Connection, begin: datetime, end: datetime, known_at: int) -> dict[str, datetime]:
    """Access key → its last recorded call in [begin, end), whatever came of it: a key that was refused was used."""
    asked = {
        "begin": instant_text(begin), "end": instant_text(end), "first_day": begin.date(), "last_day": end.date(),
        "known": known_at,
    }  # fmt: skip
    return {key: at.astimezone(UTC) for key, at in connection.execute(_LAST, asked).fetchall()}
