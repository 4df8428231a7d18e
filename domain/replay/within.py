"""What of an event concerns one component of slots: its subject, or what it refers to."""

from __future__ import annotations

from erstwhile.domain.events import Event
from erstwhile.domain.events.slots import ref_slot
from erstwhile.domain.evolve import Recorder
from erstwhile.domain.vocabulary.identifiers import Ref
from erstwhile.domain.vocabulary.slots import Slot


def is_about(event: Event, component: frozenset[Slot]) -> bool:
    """Whether its subject is of the component."""
    return type(event.body).slot(event.account, event.body) in component


def referred(event: Event, component: frozenset[Slot]) -> list[Ref]:
    """What of the component it refers to."""
    refs = type(event.body).references(event.account, event.body)
    return [ref for ref in refs if ref_slot(event.account, ref) in component]


def apply_within(recorder: Recorder, event: Event, component: frozenset[Slot]) -> None:
    """Applies the parts of an event that concern the component: its subject, or what it refers to."""
    recorder.turn_to(event.account, event.occurred_at, event.position)
    recorder.is_of_listing = event.envelope.source == "snapshot"
    for ref in referred(event, component):
        recorder.known(ref)
    if is_about(event, component):
        recorder.evolve(event.body)
