"""The events behind changes: who, when, from where, by which call, on which evidence."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from erstwhile.domain.vocabulary.instants import format_instant
from erstwhile.projections.happenings import TrailEvent, TrailHappenings
from erstwhile.projections.sql import Connection


class ToldEvents:
    """Reads each event once, those of many positions together."""

    def __init__(self, connection: Connection) -> None:
        self.happenings = TrailHappenings(connection)
        self._told: dict[int, dict[str, Any]] = {}

    def read(self, positions: Iterable[int]) -> None:
        """Makes the events of these positions ready."""
        self.happenings.events(positions)

    def expect(self, positions: Iterable[int]) -> None:
        """The database reads them while this process goes on; `read` waits for them."""
        self.happenings.expect(positions)

    def get(self, position: int) -> dict[str, Any] | None:
        """The event at a position that was read; None for 0, which stands for "no event"."""
        told = self._told.get(position)
        if told is None:
            event = self.happenings.event(position)
            if event is None:
                return None
            told = self._told[position] = _told(event)
        return told


def _told(event: TrailEvent) -> dict[str, Any]:
    return {
        "position": event.position,
        "account": event.account,
        "event": event.event_type,
        "action": event.action,
        "occurred_at": format_instant(event.occurred_at),
        "recorded_at": format_instant(event.recorded_at),
        "actor": event.actor,
        "actor_id": event.actor_id,
        "mfa": event.mfa,
        "session": event.session,
        "source_ip": event.source_ip,
        "user_agent": event.user_agent,
        "source": event.source,
        "evidence": event.evidence or None,
        "between": event.between if isinstance(event.between, list) else None,
    }
