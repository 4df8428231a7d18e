"""Late events that merely name a component, and change nothing there: an attachment names its policy, a new member its
group. All events that ever named a policy of many holders may be thousands; that the policy stood at the instant shows
in two of them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import datetime

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.events import Body, Event
from erstwhile.domain.events.slots import ref_slot
from erstwhile.domain.replay.absence import LISTED
from erstwhile.domain.vocabulary.identifiers import Ref
from erstwhile.domain.vocabulary.slots import Slot, name_slot

Around = Callable[[frozenset[str], Collection[datetime], Collection[int], int], Iterable[Event]]
"""(texts of slots, instants, positions, log position) → the events up to that log position that concern one of the
slots, and that are of one of the instants or at one of the positions."""
ABSENT = 0
"""The position of no event."""
MOST = 8
"""Events that are looked at one by one; of more, the component is sooner folded anew."""


def merely_names(event: Event, component: frozenset[Slot]) -> bool:
    """Whether the event concerns the component only by what it names beside its subject, and lists nothing."""
    body = event.body
    return type(body).slot(event.account, body) not in component and not isinstance(body, LISTED)


def changes_nothing(
    component: frozenset[Slot], events: Collection[Event], directory: Directory, around: Around, position: int
) -> bool:
    """Whether the fold of a component is the same with these events as without them: each merely names entities that
    stood at its instant, and so does every other event of the component that is of that instant, whose place among them
    it could change. `directory`: the state without them. False where it is not known."""
    begun = [by for event in events for _, by in _standing(event, component, directory)]
    if ABSENT in begun:
        return False
    instants = {event.occurred_at for event in events}
    texts = frozenset(slot.text for slot in component)
    found = {each.position: each for each in around(texts, instants, set(begun), position)}
    together = [each for each in found.values() if each.occurred_at in instants]
    return all(
        merely_names(event, component)
        and all(
            by in found and found[by].occurred_at < event.occurred_at and _has_real_id(entity, found[by].body)
            for entity, by in _standing(event, component, directory)
        )
        for event in (*events, *together)
    )


def _standing(event: Event, component: frozenset[Slot], directory: Directory) -> Iterator[tuple[Entity | None, int]]:
    """The entities of the component that an event names, each with the event that began it; `ABSENT` where none stands
    there since before the event."""
    account, body = event.account, event.body
    for ref in type(body).references(account, body):
        if ref_slot(account, ref) not in component:
            continue
        entity = directory.get(account, ref.kind, ref.id) if ref.id else directory.named(account, ref.kind, ref.name)
        existence = entity.existence if entity is not None else None
        if entity is None or existence is None or existence.since >= event.occurred_at:
            yield None, ABSENT
        else:
            is_here = name_slot(account, ref.kind, entity.name) in component
            yield entity, existence.opened_by if is_here else ABSENT


def _has_real_id(entity: Entity | None, body: Body) -> bool:
    """Whether the entity has had its id since the event that began it: else a name alone was known at first."""
    if entity is None:
        return False
    if entity.id.startswith("~"):
        return True
    named = [getattr(body, field, None) for field in ("subject", "principal", "group", "role")]
    return any(isinstance(ref, Ref) and ref.id == entity.id for ref in named)
