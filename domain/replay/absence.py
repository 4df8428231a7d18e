"""Complete listings: a principal, group or policy that one does not have had ended by then.

The listing's event names an account, not the names that it lacks: which those are follows from the events of each
name's slot, in whatever order these arrive.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.events import Event
from erstwhile.domain.events.account import SnapshotTaken
from erstwhile.domain.events.policies import PolicyListed
from erstwhile.domain.events.principals import EntityListed
from erstwhile.domain.events.slots import replay_slots
from erstwhile.domain.evolve import Recorder
from erstwhile.domain.vocabulary.slots import NAMED, Slot, name_slot

LISTED = (EntityListed, PolicyListed)


def is_complete_listing(event: Event) -> bool:
    """Whether absence from this listing proves something."""
    return isinstance(event.body, SnapshotTaken) and event.body.complete


def is_shown(entity: Entity) -> bool:
    """Whether a complete listing has the entity if it exists: an instance profile is shown only with its role."""
    return entity.kind in NAMED and (entity.kind != "instance-profile" or bool(entity.role_ids))


class Absence:
    """Which names of a component the complete listings lack, and who bore them when the listing was made."""

    def __init__(self, component: frozenset[Slot], events: Iterable[Event]) -> None:
        self._names = [slot for slot in sorted(component) if slot.is_named]
        self._listed = {
            (slot, event.occurred_at)
            for event in events
            if isinstance(event.body, LISTED)
            for slot in replay_slots(event.account, event.body)
        }
        self._standing: list[Entity] = []

    def begin(self, recorder: Recorder, at: datetime) -> None:
        """Before the events of an instant that has a complete listing: notes who bears a name that this lacks. A name
        that has no bearer then is free: its next bearer has begun since, even where no record tells of a creation."""
        self._standing = []
        for slot in self._names:
            if (slot, at) in self._listed:
                continue
            kind, account, name = slot
            bearer = recorder.directory.named(account, kind, name)
            if bearer is not None:
                self._standing.append(bearer)
            elif kind != "instance-profile":
                recorder.borne.add((kind, name))

    def end(self, recorder: Recorder) -> None:
        """After the events of that instant: the bearers from before it have ended. A bearer that came within the
        instant may have come after the listing was made."""
        for entity in self._standing:
            lives = recorder.directory.entities.get(entity.key) is entity
            is_listed = (name_slot(entity.account, entity.kind, entity.name), recorder.at) in self._listed
            if lives and is_shown(entity) and not is_listed:
                recorder.end(entity)
        self._standing = []
