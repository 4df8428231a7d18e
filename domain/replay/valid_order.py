"""The order of events: by occurred_at, and within one instant the order that preconditions allow.

CloudTrail's instants are seconds, and a script creates, attaches and deletes within one. A fixed rank
(create < modify < detach < delete) breaks delete-then-recreate, so the rank only says what to try first;
the first order in which every event's precondition holds is taken. Where none is found, the rank decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from erstwhile.domain.directory.deletion_conflicts import deletion_conflict
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.events import Event, credentials, policies, principals
from erstwhile.domain.events.base import Rank
from erstwhile.domain.events.slots import replay_slots
from erstwhile.domain.evolve import Notes, Recorder
from erstwhile.domain.replay.absence import Absence, is_complete_listing
from erstwhile.domain.replay.set_apart import applying
from erstwhile.domain.replay.within import apply_within, is_about, referred
from erstwhile.domain.vocabulary.identifiers import Ref
from erstwhile.domain.vocabulary.slots import Slot

_SEARCH_LIMIT = 500


def _allows(directory: Directory, event: Event, component: frozenset[Slot]) -> bool:
    """Whether AWS would have let this call succeed in this state, as far as the component tells."""
    body = event.body
    if any(directory.named(event.account, ref.kind, ref.name) is None for ref in referred(event, component)):
        return False
    if not is_about(event, component):
        return True
    subject = getattr(body, "subject", None) or getattr(body, "principal", None)
    if not isinstance(subject, Ref):
        return True
    live = directory.named(event.account, subject.kind, subject.name)
    if body.rank == Rank.CREATE:
        return live is None
    if body.rank == Rank.LISTING:
        return True
    if live is None or (subject.id and live.id != subject.id and not live.id.startswith("~")):
        return False
    match body:
        case policies.PolicyDetached():
            return body.policy_arn in live.attached_policies
        case policies.InlinePolicyDeleted():
            return body.policy_name in live.inline_policies
        case credentials.AccessKeyDeleted():
            return body.access_key_id in live.access_keys
        case credentials.LoginProfileDeleted():
            return live.has_password
        case principals.EntityDeleted():
            return not deletion_conflict(live)
        case policies.PolicyVersionDeleted():
            return body.version_id in live.versions
        case _:
            return True


def sort_key(event: Event) -> tuple[int, str]:
    return (event.body.rank, event.order_id)


def in_valid_order(
    events: Iterable[Event], recorder: Recorder, component: frozenset[Slot], absence: Absence
) -> Iterator[Event]:
    """Yields a component's events in valid order; of an instant, complete listings last. The caller applies each to
    `recorder.directory` before it asks for the next."""
    ordered = sorted(events, key=lambda event: (event.occurred_at, sort_key(event)))
    for at, same_instant in groupby(ordered, key=lambda event: event.occurred_at):
        happened = list(same_instant)
        listings = [event for event in happened if is_complete_listing(event)]
        if listings:
            happened = [event for event in happened if not is_complete_listing(event)]
            absence.begin(recorder, at)
        for pool in _apart(happened, component):
            yield from pool if len(pool) == 1 else order_pool(pool, recorder, component)
        yield from listings


def _apart(events: list[Event], component: frozenset[Slot]) -> list[list[Event]]:
    """The events of one instant in groups that share no slot. Each is ordered by itself: what contradicts itself in one
    slot says nothing of another, that a rename of another instant has joined with it."""
    if len(events) == 1 or len(component) == 1:
        return [events]
    parents: dict[Slot, Slot] = {}

    def root(slot: Slot) -> Slot:
        while parents.setdefault(slot, slot) != slot:
            parents[slot] = slot = parents[parents[slot]]
        return slot

    touched = [[slot for slot in replay_slots(event.account, event.body) if slot in component] for event in events]
    for first, *others in filter(None, touched):
        for other in others:
            parents[root(other)] = root(first)
    groups: dict[Slot | None, list[Event]] = {}
    for event, own in zip(events, touched, strict=True):
        groups.setdefault(root(own[0]) if own else None, []).append(event)
    return list(groups.values())


def order_pool(pool: list[Event], recorder: Recorder, component: frozenset[Slot]) -> list[Event]:
    """Orders the events of one instant, starting from the state in `recorder`."""
    ranked = sorted(pool, key=sort_key)
    if _is_feasible(ranked, _twin(recorder), component):
        return ranked  # what the search would find first
    return _search(ranked, _twin(recorder), component, [_SEARCH_LIMIT]) or ranked


def _is_feasible(ranked: list[Event], recorder: Recorder, component: frozenset[Slot]) -> bool:
    """Whether each event's precondition holds when they come in this order."""
    for event in ranked:
        if not _allows(recorder.directory, event, component):
            return False
        _evolve(recorder, event, component)
    return True


def _evolve(recorder: Recorder, event: Event, component: frozenset[Slot]) -> None:
    with applying(event):
        apply_within(recorder, event, component)


def _twin(recorder: Recorder) -> Recorder:
    directory = Directory()
    for key, entity in recorder.directory.entities.items():
        directory.entities[key] = entity.copy()
    for entity in directory.entities.values():
        directory.index(entity)
    twin = Recorder(directory, recorder.resolve, Notes.NONE)
    twin.ended, twin.borne = set(recorder.ended), set(recorder.borne)
    return twin


def _search(pool: list[Event], recorder: Recorder, component: frozenset[Slot], budget: list[int]) -> list[Event] | None:
    if not pool:
        return []
    for index, event in enumerate(pool):
        budget[0] -= 1
        if budget[0] < 0:
            return None
        if not _allows(recorder.directory, event, component):
            continue
        after = _twin(recorder)
        _evolve(after, event, component)
        rest = _search(pool[:index] + pool[index + 1 :], after, component, budget)
        if rest is not None:
            return [event, *rest]
    return None
