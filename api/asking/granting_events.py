"""The events that made an answer so: who did it, when, by which call, on which evidence."""

from __future__ import annotations

from collections.abc import Iterable
from threading import Lock
from typing import Any

from erstwhile.domain.vocabulary.bounded import Bounded
from erstwhile.domain.vocabulary.instants import format_instant
from erstwhile.projections.answer_ground import LoggedEvent

_NAMES = ("event", "occurred_at", "action", "actor", "source", "evidence")
_BESIDE = (("granted_by", "granted"), ("defined_by", "defined"))
_KEPT = 10_000


class GrantingEvents:
    """Keeps the events that were told last: events never change. Any thread may use it."""

    def __init__(self) -> None:
        self._kept: Bounded[int, dict[str, Any]] = Bounded(_KEPT)
        self._lock = Lock()

    def of(self, answer: Any, more: Iterable[int] = ()) -> GrantingOfAnswer:
        """What an answer names, and what is known of that. `more`: further positions."""
        found = GrantingOfAnswer(_with_positions(answer), more)
        with self._lock:
            kept = self._kept.entries
            found.events = {position: kept[position] for position in found.positions if position in kept}
        return found

    def keep(self, read: Iterable[LoggedEvent]) -> dict[int, dict[str, Any]]:
        """Events as answers have them, by their positions."""
        fresh = {
            each.position: dict(zip(_NAMES, (each.type, format_instant(each.occurred_at), *each[3:]), strict=True))
            for each in read
        }
        with self._lock:
            for position, event in fresh.items():
                self._kept.keep(position, event)
        return fresh


class GrantingOfAnswer:
    """The parts of an answer that name positions of events."""

    def __init__(self, parts: list[tuple[dict[str, Any], str, str]], more: Iterable[int]) -> None:
        self._parts = parts
        self.positions = {part[name] for part, name, _ in parts} | set(more)
        self.events: dict[int, dict[str, Any]] = {}
        """Those that are known."""

    @property
    def missing(self) -> list[int]:
        """The positions of those that are not known yet."""
        return sorted(self.positions - self.events.keys())

    def tell(self) -> None:
        """Beside each position, puts the event that stands there: `granted` (the principal got the policy) and
        `defined` (the policy got the words that decide)."""
        for part, name, beside in self._parts:
            if part[name] in self.events:
                part[beside] = self.events[part[name]]


def _with_positions(answer: Any) -> list[tuple[dict[str, Any], str, str]]:
    """The parts of an answer that name the position of an event, in which member, and which the event belongs into.
    What stands in an answer more than once is looked at once."""
    found: list[tuple[dict[str, Any], str, str]] = []
    waiting: list[Any] = [answer]
    met: set[int] = set()
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            for name, beside in _BESIDE:
                if part.get(name):
                    found.append((part, name, beside))
        for value in part.values() if isinstance(part, dict) else part:
            # Most are texts: a table of paths has half a million.
            if value.__class__ is not str and isinstance(value, (dict, list)) and id(value) not in met:
                met.add(id(value))
                waiting.append(value)
    return found
