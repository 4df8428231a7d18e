"""The events that made an answer so: who did it, when, by which call, on which evidence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from threading import Lock
from typing import Any

from erstwhile.domain.vocabulary.bounded import Bounded
from erstwhile.domain.vocabulary.instants import format_instant
from erstwhile.projections.sql import Connection

_SELECT = (
    "SELECT position, type, occurred_at, coalesce(data->>'action', ''), coalesce(data->'actor'->>'arn', ''), "
    "coalesce(data->>'source', 'api'), coalesce(data->>'evidence', '') FROM event WHERE position = ANY (%s)"
)
_NAMES = ("event", "occurred_at", "action", "actor", "source", "evidence")
_BESIDE = (("granted_by", "granted"), ("defined_by", "defined"))
_KEPT = 10_000


class GrantingEvents:
    """Keeps the events that were told last: events never change. Any thread may use it."""

    def __init__(self) -> None:
        self._kept: Bounded[int, dict[str, Any]] = Bounded(_KEPT)
        self._lock = Lock()

    def add(self, connection: Connection, answer: Any) -> None:
        """Beside each position of an answer, puts the event that stands there: `granted` (the principal got the policy)
        and `defined` (the policy got the words that decide)."""
        found = list(_with_positions(answer))
        events = self._read(connection, {each[name] for each, name, _ in found})
        for each, name, beside in found:
            if each[name] in events:
                each[beside] = events[each[name]]

    def _read(self, connection: Connection, positions: Iterable[int]) -> dict[int, dict[str, Any]]:
        with self._lock:
            found = {position: self._kept.entries.get(position) for position in positions}
        missing = sorted(position for position, event in found.items() if event is None)
        events = {position: event for position, event in found.items() if event is not None}
        if missing:
            for position, kind, at, *rest in connection.execute(_SELECT, (missing,)).fetchall():
                events[position] = dict(zip(_NAMES, (kind, format_instant(at), *rest), strict=True))
            with self._lock:
                for position in missing:
                    if position in events:
                        self._kept.keep(position, events[position])
        return events


def _with_positions(answer: Any) -> Iterator[tuple[dict[str, Any], str, str]]:
    """The parts of an answer that name the position of an event, in which member, and which the event belongs into."""
    if isinstance(answer, dict):
        for name, beside in _BESIDE:
            if answer.get(name):
                yield answer, name, beside
        for value in answer.values():
            if isinstance(value, dict | list):
                yield from _with_positions(value)
    elif isinstance(answer, list):
        for value in answer:
            if isinstance(value, dict | list):
                yield from _with_positions(value)
