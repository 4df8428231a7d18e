"""When a log position was recorded."""

from __future__ import annotations

from datetime import UTC, datetime

from erstwhile.projections.sql import Connection


def recorded_at(connection: Connection, position: int) -> datetime | None:
    """None for position 0, before the log's first event."""
    row = connection.execute("SELECT recorded_at FROM event WHERE position = %s", (position,)).fetchone()
    return None if row is None else row[0].astimezone(UTC)
