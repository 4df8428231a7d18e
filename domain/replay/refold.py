"""Folding one component of slots anew, from all its events: what a late event asks for."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.facts import Change, EntityKey, Fact, Interval, is_kept
from erstwhile.domain.events import Event, policies
from erstwhile.domain.evolve import Recorder, Resolver
from erstwhile.domain.replay.absence import Absence, is_complete_listing
from erstwhile.domain.replay.set_apart import CannotApply, applying
from erstwhile.domain.replay.slot_states import Lifetimes
from erstwhile.domain.replay.told_creations import Doubted, Id, creations, require_alive
from erstwhile.domain.replay.valid_order import in_valid_order
from erstwhile.domain.replay.within import apply_within
from erstwhile.domain.vocabulary.instants import FOREVER
from erstwhile.domain.vocabulary.slots import Slot


class Replacement(NamedTuple):
    """What now holds of a component, for ever: all intervals of its entities, and what each event changed."""

    component: frozenset[Slot]
    intervals: list[Interval]
    effects: dict[int, list[Change]]
    directory: Directory
    position: int
    stale: frozenset[EntityKey]
    """Entities that the component had before: their rows may have to be deleted."""
    apart: dict[int, str]
    """Events that cannot be applied, and why."""


class Refolded(NamedTuple):
    """A component that was folded anew and is not in its place yet; the accounts are those of its events."""

    replacement: Replacement
    lifetimes: Lifetimes
    accounts: frozenset[str]


def refold(component: frozenset[Slot], events: Iterable[Event], resolve: Resolver, position: int) -> Replacement:
    """Folds `events` (any order) of `component`; `position` is the event that made it necessary."""
    kept, apart = list(events), dict[int, str]()
    doubted: set[Id] = set()
    while True:
        try:
            recorder = _fold(component, kept, doubted, resolve, position)
            break
        except CannotApply as error:
            apart[error.position] = error.reason
            kept = [event for event in kept if event.position != error.position]
        except Doubted as error:
            doubted.add(error.id)
    changes = [_renamed(change, recorder.aliases) for change in recorder.changes]
    effects: dict[int, list[Change]] = {}
    for change in changes:
        effects.setdefault(change.position, []).append(change)
    gone = frozenset(_aliased(recorder, changes))
    return Replacement(component, intervals_of(changes), effects, recorder.directory, position, gone, apart)


def _fold(
    component: frozenset[Slot], events: list[Event], doubted: Collection[Id], resolve: Resolver, position: int
) -> Recorder:
    """Raises CannotApply, Doubted. `doubted`: of whose creations listings are not believed."""
    recorder = Recorder(Directory(position), resolve)
    absence = Absence(component, events)
    told = creations(events, doubted)
    listings = {event.position for event in told}
    for event in in_valid_order([*_without_filled_gaps(events), *told], recorder, component, absence):
        if event.position in listings:
            require_alive(event, recorder.ended)
        with applying(event):
            apply_within(recorder, event, component)
            if is_complete_listing(event):
                absence.end(recorder)
    return recorder


def _without_filled_gaps(events: list[Event]) -> list[Event]:
    """Drops the word that versions are missing once all of them have come."""
    created = {e.body.version_id for e in events if isinstance(e.body, policies.PolicyVersionCreated)}
    return [
        event
        for event in events
        if not (isinstance(event.body, policies.PolicyVersionsMissing) and created.issuperset(event.body.versions))
    ]


def _renamed(change: Change, aliases: dict[tuple[str, str], str]) -> Change:
    unique_id = aliases.get((change.kind, change.entity))
    return change if unique_id is None else change._replace(entity=unique_id)


def _aliased(recorder: Recorder, changes: list[Change]) -> list[EntityKey]:
    accounts = {change.account for change in changes}
    return [(account, kind, old) for account in accounts for kind, old in recorder.aliases]


def intervals_of(changes: Iterable[Change]) -> list[Interval]:
    """The intervals that a sequence of changes in valid order makes; those of no length are left out but for lives."""
    open_facts: dict[tuple[str, str, str, str, str], Fact] = {}
    rows: list[Interval] = []
    for change in changes:
        key = change[:5]
        held = open_facts.pop(key, None)
        if held is not None and is_kept(change.attribute, held.since, change.at):
            rows.append(Interval(*key, held.value, held.since, change.at, held.opened_by, change.position))
        if change.after is not None:
            open_facts[key] = Fact(change.after, change.at, change.position)
    rows += [Interval(*key, fact.value, fact.since, FOREVER, fact.opened_by, None) for key, fact in open_facts.items()]
    return rows
