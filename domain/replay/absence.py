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
from erstwhile.domain.evolve import Recorder
from erstwhile.domain.replay.event_slots import slots
from erstwhile.domain.vocabulary.identifiers import name_tag

KINDS = frozenset(("user", "group", "role", "policy", "instance-profile"))
"""What a complete listing has all of."""
LISTED = (EntityListed, PolicyListed)


def is_complete_listing(event: Event) -> bool:
    """Whether absence from this listing proves something."""
    return isinstance(event.body, SnapshotTaken) and event.body.complete


def is_shown(entity: Entity) -> bool:
    """Whether a complete listing has the entity if it exists: an instance profile is shown only with its role."""
    return entity.kind in KINDS and (entity.kind != "instance-profile" or bool(entity.role_ids))


def name_of(slot: str) -> tuple[str, str, str] | None:
    """(account, kind, lower-case name) of the slot of something that listings have; None of any other slot."""
    if not slot.startswith("name:"):
        return None
    account, kind, name = slot.removeprefix("name:").split("/", 2)
    return (account, kind, name) if kind in KINDS else None


class Absence:
    """Which names of a component the complete listings lack, and who bore them when the listing was made."""

    def __init__(self, component: frozenset[str], events: Iterable[Event]) -> None:
        self._names = [name for slot in sorted(component) if (name := name_of(slot)) is not None]
        self._listed = {
            (slot, event.occurred_at)
            for event in events
            if isinstance(event.body, LISTED)
            for slot in slots(event.account, event.body)
        }
        self._standing: list[Entity] = []

    def begin(self, recorder: Recorder, at: datetime) -> None:
        """Before the events of an instant that has a complete listing: notes who bears a name that this lacks. A name
        that has no bearer then is free: its next bearer has begun since, even where no record tells of a creation."""
        self._standing = []
        for account, kind, name in self._names:
            if self._is_listed(account, kind, name, at):
                continue
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
            is_listed = self._is_listed(entity.account, entity.kind, entity.name, recorder.at)
            if lives and is_shown(entity) and not is_listed:
                recorder.end(entity)
        self._standing = []

    def _is_listed(self, account: str, kind: str, name: str, at: datetime) -> bool:
        return (name_tag(account, kind, name), at) in self._listed
