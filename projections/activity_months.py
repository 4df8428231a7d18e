"""The time that each partition of the recorded calls covers."""

from __future__ import annotations

from datetime import date

from erstwhile.projections.sql import Connection

_PARTITIONS = "SELECT relid::regclass::text FROM pg_partition_tree('activity') WHERE isleaf"


def activity_months(connection: Connection) -> list[tuple[date, date]]:
    """The first day of each partition of the recorded calls (a month's, or a day's), and the first day after it, in
    the order of time."""
    found = []
    for (name,) in connection.execute(_PARTITIONS).fetchall():
        digits = str(name).strip('"').rpartition("_")[2]
        year, month, day = int(digits[:4]), int(digits[4:6]), int(digits[6:] or 1)
        begin = date(year, month, day)
        end = date.fromordinal(begin.toordinal() + 1) if digits[6:] else date(year + month // 12, month % 12 + 1, 1)
        found.append((begin, end))
    return sorted(found)
