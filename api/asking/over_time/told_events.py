"""The events behind changes: who, when, from where, by which call, on which evidence."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from erstwhile.domain.vocabulary.instants import format_instant
from erstwhile.projections.sql import Connection

_EVENTS = (
    "SELECT position, account, event_type, coalesce(data->>'action', ''), occurred_at, recorded_at, actor, "
    "actor_id, mfa, session, source_ip, user_agent, source, evidence, data->'between' "
    "FROM audit WHERE position = ANY (%s)"
)


class ToldEvents:
    """Reads each event once, those of many positions together."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._known: dict[int, dict[str, Any]] = {}

    def read(self, positions: Iterable[int]) -> None:
        """Makes the events of these positions ready."""
        wanted = sorted({each for each in positions if each} - self._known.keys())
        if wanted:
            for row in self._connection.execute(_EVENTS, (wanted,)).fetchall():
                self._known[row[0]] = _told(row)

    def get(self, position: int) -> dict[str, Any] | None:
        """The event at a position that was read; None for 0, which stands for "no event"."""
        return self._known.get(position)


def _told(row: tuple[Any, ...]) -> dict[str, Any]:
    between = row[14]
    return {
        "position": row[0],
        "account": row[1],
        "event": row[2],
        "action": row[3],
        "occurred_at": format_instant(row[4]),
        "recorded_at": format_instant(row[5]),
        "actor": row[6],
        "actor_id": row[7],
        "mfa": row[8],
        "session": row[9],
        "source_ip": row[10],
        "user_agent": row[11],
        "source": row[12],
        "evidence": row[13] or None,
        "between": between if isinstance(between, list) else None,
    }
