"""The events that made an answer so: who did it, when, by which call, on which evidence."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from threading import Lock
from typing import Any

import orjson

from erstwhile.api.asking.blocks import Blocks, listed
from erstwhile.api.asking.written_granting import written_granting
from erstwhile.domain.vocabulary.bounded import Bounded
from erstwhile.domain.vocabulary.instants import format_instant
from erstwhile.domain.vocabulary.micros import instant_of
from erstwhile.projections.answer_ground import LoggedEvent
from erstwhile.projections.columns.granting import GrantingColumns, GrantingEvent

_BESIDE = (("granted_by", "granted"), ("defined_by", "defined"))
_KEPT = 10_000
_KEPT_WRITTEN = 20_000
"""An answer about everybody names thousands; some 400 bytes each."""


class GrantingEvents:
    """Keeps the events that were told last: events never change. Any thread may use it."""

    def __init__(self) -> None:
        self._kept: Bounded[int, dict[str, Any]] = Bounded(_KEPT)
        self._written: Bounded[int, bytes] = Bounded(_KEPT_WRITTEN)
        self._lock = Lock()

    def of(self, answer: Any, more: Iterable[int] = (), columns: GrantingColumns | None = None) -> GrantingOfAnswer:
        """What an answer names, and what is known of that. `more`: the positions of events that are needed as JSON.
        `columns` have most events: those that came since they were made are in the log alone."""
        found = GrantingOfAnswer(_with_positions(answer), more)
        if columns is not None and found.more:
            found.written = written_granting(columns, sorted(found.more))
        with self._lock:
            kept, written = self._kept.entries, self._written.entries
            found.events = {position: kept[position] for position in found.positions if position in kept}
            if len(found.written) < len(found.more):
                others = found.more - found.written.keys()
                found.written |= {position: written[position] for position in others if position in written}
        if columns is not None:
            told = ((position, columns.event(position)) for position in found.positions - found.events.keys())
            self._add(found, {position: _of_columns(event) for position, event in told if event is not None}, {})
        return found

    def add(self, found: GrantingOfAnswer, read: Iterable[LoggedEvent]) -> None:
        """Adds events that were read to those of an answer, and keeps them."""
        events, written = {}, {}
        for each in read:
            event = _told(each.type, each.occurred_at, each.action, each.actor, each.source, each.evidence)
            if each.position in found.positions:
                events[each.position] = event
            if each.position in found.more:
                written[each.position] = b'"%d":%b' % (each.position, orjson.dumps(event))
        self._add(found, events, written)

    def _add(self, found: GrantingOfAnswer, events: dict[int, dict[str, Any]], written: dict[int, bytes]) -> None:
        found.events |= events
        found.written |= written
        with self._lock:
            for position, told in events.items():
                self._kept.keep(position, told)
            for position, text in written.items():
                self._written.keep(position, text)


class GrantingOfAnswer:
    """The parts of an answer that name positions of events."""

    def __init__(self, parts: list[tuple[dict[str, Any], str, str]], more: Iterable[int]) -> None:
        self._parts = parts
        self.positions = {part[name] for part, name, _ in parts}
        self.more = set(more)
        self.events: dict[int, dict[str, Any]] = {}
        """Those of `positions` that are known."""
        self.written: dict[int, bytes] = {}
        """Those of `more` that are known, as members of an object."""

    @property
    def missing(self) -> list[int]:
        """The positions of those that are not known yet."""
        # Nearly always all are known, and there are thousands.
        more = self.more - self.written.keys() if len(self.written) < len(self.more) else set()
        return sorted((self.positions - self.events.keys()) | more)

    def by_position(self) -> Blocks:
        """Those of `more` that are known, as one object."""
        return listed([self.written[position] for position in sorted(self.written)], b"{", b"}")

    def tell(self) -> None:
        """Beside each position, puts the event that stands there: `granted` (the principal got the policy) and
        `defined` (the policy got the words that decide)."""
        for part, name, beside in self._parts:
            if part[name] in self.events:
                part[beside] = self.events[part[name]]


def _of_columns(found: GrantingEvent) -> dict[str, Any]:
    sort = found.sort
    return _told(sort.type, instant_of(found.occurred_at), sort.action, sort.actor, sort.source, found.evidence)


def _told(event: str, occurred_at: datetime, action: str, actor: str, source: str, evidence: str) -> dict[str, Any]:
    return {
        "event": event, "occurred_at": format_instant(occurred_at), "action": action, "actor": actor,
        "source": source, "evidence": evidence,
    }  # fmt: skip


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
