"""When long-lived access keys were used last, of imports that were counted without them."""

from __future__ import annotations

from datetime import UTC, datetime

from erstwhile.projections.sql import Connection, instant_text

_POSITIONS = (
    "SELECT i.position FROM call_use_run r JOIN call_use_import i USING (run) "
    "WHERE NOT r.has_keys AND i.position <= %(known)s"
)
_LAST = (
    "SELECT a.access_key, max(a.occurred_at) FROM activity a JOIN evidence_block b USING (block_id) "
    "WHERE a.occurred_at >= %(begin)s::timestamptz AND a.occurred_at < %(end)s::timestamptz "
    "AND a.day >= %(first_day)s AND a.day <= %(last_day)s AND b.position = ANY (%(positions)s) "
    "AND a.access_key LIKE 'AKIA%%' GROUP BY a.access_key"
)


def keys_used_in_runs_without(
    connection: Connection, begin: datetime, end: datetime, known_at: int
) -> dict[str, datetime]:
    """Access key → its last recorded call in [begin, end), of runs without rows of keys: processes of the release
    before wrote these. A key that was refused was used, too."""
    positions = [position for (position,) in connection.execute(_POSITIONS, {"known": known_at}).fetchall()]
    if not positions:
        return {}
    asked = {
        "begin": instant_text(begin), "end": instant_text(end), "first_day": begin.date(), "last_day": end.date(),
        "positions": positions,
    }  # fmt: skip
    return {key: at.astimezone(UTC) for key, at in connection.execute(_LAST, asked).fetchall()}
