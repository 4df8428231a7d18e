"""Replays events and passes the changes of each to the writers of history and audit trail."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta

from erstwhile.domain.events import BareEvent, Event
from erstwhile.domain.events.base import TrailBody
from erstwhile.domain.events.slots import replay_slots
from erstwhile.domain.replay import Replayer
from erstwhile.projections.audit import AuditWriter
from erstwhile.projections.history import HistoryWriter

TOGETHER = 20_000
"""The most events that are replayed as one group."""
_NEXT = timedelta(microseconds=1)
NEVER = 9223372036854775807


def is_recorded_with(event: Event | BareEvent, before: Event | BareEvent) -> bool:
    """Whether two consecutive events became known at the same moment: the events of one transaction are recorded a
    microsecond apart."""
    return (
        isinstance(event, Event)
        and isinstance(before, Event)
        and event.position == before.position + 1
        and event.recorded_at - before.recorded_at == _NEXT
    )


def together(engine: Replayer, events: Iterable[Event | BareEvent]) -> Iterator[Sequence[Event | BareEvent]]:
    """Yields groups of events that became known at the same moment, so that late events of an entity in one file are
    replayed once, at the end of their group. Events of governed accounts are groups of their own."""
    group: list[Event | BareEvent] = []
    for event in events:
        if group and (len(group) >= TOGETHER or not is_recorded_with(event, group[-1])):
            yield group
            group = []
        if engine.is_governed(event.account):
            if group:
                yield group
                group = []
            yield (event,)
        else:
            group.append(event)
    if group:
        yield group


def project(
    engine: Replayer, group: Iterable[Event | BareEvent], rows: HistoryWriter | None, trail: AuditWriter | None
) -> None:
    """Applies the events of a group and passes on what they changed."""
    for event in group:
        changes = engine.take(event)
        if trail is not None and changes:
            trail.changed(changes)
        if rows is not None:
            for change in changes:
                rows.change(change)
            if (
                not engine.is_governed(event.account)
                and not isinstance(event.body, TrailBody)
                and event.position not in engine.apart
            ):
                rows.clock(replay_slots(event.account, event.body), event.occurred_at)
    for replacement in engine.settle():
        if rows is not None:
            rows.replace(replacement)
        if trail is not None:
            trail.replace(replacement)


def write_trail(engine: Replayer, events: Iterable[Event | BareEvent], trail: AuditWriter) -> None:
    """Writes the trail of all events."""
    for group in together(engine, events):
        # Events of governed accounts are groups of their own, and nothing waits to be settled before them.
        if engine.is_governed(group[0].account):
            changes = engine.commanded(group[0])
            if changes:
                trail.changed(changes)
        else:
            project(engine, group, None, trail)
    trail.flush()


def write_history(engine: Replayer, events: Iterable[Event | BareEvent], rows: HistoryWriter) -> None:
    """Writes the history of all events. Of a governed account, only facts that end are recorded; facts that are still
    open are written from the final Directory."""
    commanded_since: dict[str, int] = {}
    for group in together(engine, events):
        event = group[0]
        since = commanded_since.get(event.account)
        if since is None:
            project(engine, group, rows, None)
            for account in {each.account for each in group}:
                if engine.is_governed(account):
                    commanded_since[account] = group[-1].position
            continue
        for change in engine.endings(event):
            assert change.before is not None
            if change.before.opened_by > since:
                rows.ended(change)
            else:
                rows.change(change)
    rows.flush()
    facts = engine.directory.facts()
    rows.still_open(fact for fact in facts if fact[5].opened_by > commanded_since.get(fact[0], NEVER))
