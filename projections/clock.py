"""Compares the machine's clock with the log. Recorded instants never decrease, whatever the clock says: after an
instant that is years ahead, all later events have instants at least as late."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from erstwhile.domain.vocabulary.instants import BEFORE, format_instant
from erstwhile.projections.sql import Connection

TOLERATED = 300.0
"""Seconds by which clocks may differ without a warning."""


def last_recorded(connection: Connection) -> datetime | None:
    """When the last event was recorded."""
    row = connection.execute("SELECT recorded_at FROM event ORDER BY position DESC LIMIT 1").fetchone()
    return None if row is None else row[0].astimezone(UTC)


def now_at_least(connection: Connection) -> datetime:
    """Now, or the instant of the last event if that is later, so that a question about now includes all events."""
    return now_after(last_event(connection)[1])


def now_after(recorded: datetime) -> datetime:
    """Now, or the instant at which the last event was recorded, if that is later."""
    return max(datetime.now(UTC), recorded)


def last_event(connection: Connection) -> tuple[int, datetime]:
    """The position of the log's last event, and when it was recorded; 0 and BEFORE of an empty log."""
    row = connection.execute(
        "SELECT position, recorded_at FROM event ORDER BY position DESC LIMIT 1", prepare=True
    ).fetchone()
    return (0, BEFORE) if row is None else (row[0], row[1].astimezone(UTC))


def clock_state(connection: Connection) -> dict[str, Any] | None:
    """The warning about the clock; None where the clock is right."""
    last = last_recorded(connection)
    ahead = 0.0 if last is None else (last - datetime.now(UTC)).total_seconds()
    if last is None or ahead <= TOLERATED:
        return None
    return {
        "last_recorded_at": format_instant(last),
        "ahead_seconds": round(ahead),
        "detail": "the last event was recorded at an instant that is yet to come: a machine's clock was ahead then, or "
        "is behind now; events are recorded a microsecond after one another until the clock has caught up",
    }
