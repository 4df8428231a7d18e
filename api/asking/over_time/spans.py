"""Intervals of a decision, and what changed it, as JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

from erstwhile.api.asking.answers import decision_json
from erstwhile.api.asking.over_time.told_events import ToldEvents
from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.facts import EntityKey
from erstwhile.domain.history.bearers import arn_of
from erstwhile.domain.history.fact_changes import FactChange
from erstwhile.domain.history.fact_history import FactHistory
from erstwhile.domain.history.moments import Step
from erstwhile.domain.history.timeline import Span
from erstwhile.domain.history.windows import Window
from erstwhile.domain.vocabulary.instants import BEFORE, FOREVER, format_instant

T = TypeVar("T")
_TOGETHER = 16
"""Intervals whose events are read together: the database does so while the next of these are found."""
UNKNOWN = "unknown_principal"
"""The effect of an interval in which no such principal was known."""


class Telling:
    """Tells what changed, with the names of entities and the events."""

    def __init__(self, history: FactHistory, events: ToldEvents) -> None:
        self._history, self.events = history, events
        self._names: dict[EntityKey, str] = {}

    def spans(self, spans: Iterable[Span]) -> Iterator[dict[str, Any]]:
        """Each interval, soon after it is found."""
        return self._with_events(spans, lambda span: span.causes, self._span)

    def _with_events(
        self, found: Iterable[T], changes_of: Callable[[T], Iterable[FactChange]], tell: Callable[[T], dict[str, Any]]
    ) -> Iterator[dict[str, Any]]:
        """Each of what is found, with the events of its changes."""
        iterator = iter(found)
        waiting: list[T] = []
        # The first one at once: whoever waits sees that something comes.
        for first in islice(iterator, 1):
            self.events.read(change.position for change in changes_of(first))
            yield tell(first)
        while some := list(islice(iterator, _TOGETHER)):
            self.events.expect(change.position for each in some for change in changes_of(each))
            yield from map(tell, waiting)
            waiting = some
        self.events.read(())
        yield from map(tell, waiting)

    def _span(self, span: Span) -> dict[str, Any]:
        return {
            "from": instant(span.begin),
            "to": instant(span.end),
            "principal": span.principal,
            "unique_id": span.unique_id,
            **({"effect": UNKNOWN, "determining": []} if span.decision is None else decision_json(span.decision)),
            "changed_by": [self.change(each) for each in in_order(span.causes)],
            "without_records": windows(span.gaps),
            "notes": list(span.notes),
        }

    def steps(self, steps: Iterable[Step]) -> Iterator[dict[str, Any]]:
        """Each instant at which something changed, with all of it."""
        return self._with_events(steps, lambda step: step.changes, self._step)

    def _step(self, step: Step) -> dict[str, Any]:
        return {"at": instant(step.at), "changes": [self.change(each) for each in in_order(step.changes)]}

    def changes(self, changes: Iterable[FactChange]) -> list[dict[str, Any]]:
        """Changes of one instant."""
        some = in_order(changes)
        self.events.read(change.position for change in some)
        return [self.change(each) for each in some]

    def change(self, change: FactChange) -> dict[str, Any]:
        """One change, whose event was read."""
        how = "added" if change.before is None else "removed" if change.after is None else "changed"
        return {
            "layer": change.layer,
            "change": how if change.layer != "clock" else "turned",
            "of": self.name(change.key) if change.kind else "",
            "attribute": change.attribute,
            "item": self.item(change.account, change.attribute, change.item),
            "before": change.before,
            "after": change.after,
            "position": change.position or None,
            "event": self.events.get(change.position),
        }

    def item(self, account: str, attribute: str, item: str) -> str:
        """The item of a fact; a group by its ARN."""
        return self.name((account, "group", item)) if attribute == attributes.MEMBER_OF else item

    def name(self, key: EntityKey) -> str:
        """The last ARN that an entity had; its unique id where it has none."""
        found = self._names.get(key)
        if found is None:
            intervals = self._history.intervals_with(key, attributes.DESCRIBING)
            rows = [row for row in intervals if row.attribute == attributes.ENTITY]
            last = max(rows, key=lambda row: (row.valid_to, row.valid_from), default=None)
            found = self._names[key] = (arn_of(self._history, last) if last is not None else "") or key[2]
        return found


def in_order(changes: Iterable[FactChange]) -> list[FactChange]:
    """The changes of one instant, by their events: an answer is the same whenever it is made."""
    return sorted(
        changes,
        key=lambda each: (each.position, *each.key, each.attribute, each.item, each.after is None),
    )


def instant(at: datetime) -> str | None:
    """An instant; None for "before all records" and "for ever"."""
    return None if at in (BEFORE, FOREVER) else format_instant(at)


def windows(found: Iterable[Window]) -> list[dict[str, str | None]]:
    return [{"from": instant(begin), "to": instant(end)} for begin, end in found]
