"""The events that made an answer so: who did it, when, by which call, on which evidence."""

from __future__ import annotations

from typing import Any

from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.domain.vocabulary.instants import format_instant
from erstwhile.projections.sql import Connection


def add_granting_events(connection: Connection, answer: Any) -> None:
    """Beside each position of an answer, puts the event that stands there: `granted` (the principal got the policy)
    and `defined` (the policy got the words that decide)."""
    events = {
        event.position: {
            "event": event.type,
            "occurred_at": format_instant(event.occurred_at),
            "action": event.envelope.action,
            "actor": event.envelope.actor.arn,
            "source": event.envelope.source,
            "evidence": event.envelope.evidence,
        }
        for event in EventLog.within(connection).read_positions(sorted(_positions(answer)))
    }
    _add(answer, events)


def _add(answer: Any, events: dict[int, dict[str, Any]]) -> None:
    if isinstance(answer, dict):
        for position, event in (("granted_by", "granted"), ("defined_by", "defined")):
            if answer.get(position) in events:
                answer[event] = events[answer[position]]
        for value in answer.values():
            _add(value, events)
    elif isinstance(answer, list):
        for value in answer:
            _add(value, events)


def _positions(answer: Any) -> set[int]:
    """All positions of events that an answer names."""
    if isinstance(answer, dict):
        own = {answer[name] for name in ("granted_by", "defined_by") if answer.get(name)}
        return own.union(*(_positions(value) for value in answer.values()))
    if isinstance(answer, list):
        return set().union(*(_positions(value) for value in answer))
    return set()
