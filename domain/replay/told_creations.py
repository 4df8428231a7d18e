"""When entities were created of whose creation no record tells: a listing that shows one later tells it.

Such an entity begins at that instant, as if a record told of its creation, and of nothing that it was created with.
Where records contradict that, they count: it was called otherwise then, or the instant of the listing is wrong.
"""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

import msgspec

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.events import Event
from erstwhile.domain.events.policies import PolicyCreated, PolicyListed
from erstwhile.domain.events.principals import EntityCreated, EntityListed
from erstwhile.domain.events.slots import ref_slot
from erstwhile.domain.evolve.creations import CreationTold
from erstwhile.domain.vocabulary.identifiers import Ref
from erstwhile.domain.vocabulary.instants import parse_instant
from erstwhile.domain.vocabulary.slots import Slot

Id = tuple[str, str]
"""(kind, unique id)"""


class Listed(NamedTuple):
    """What a listing shows."""

    id: Id
    body: EntityListed | PolicyListed
    created: datetime
    """When it was created."""
    event: Event

    def creation(self, name: str) -> Event:
        """Its creation, as an event of the listing; `name`: what it was called then."""
        body = self.body
        known = name == body.subject.name
        told = CreationTold(
            subject=Ref(body.subject.kind, name, body.subject.id), arn=body.arn if known else "",
            path=body.path if known else "/", created_at=body.created_at,
        )  # fmt: skip
        envelope = msgspec.structs.replace(self.event.envelope, body=told)
        return msgspec.structs.replace(self.event, occurred_at=self.created, envelope=envelope)


def listed_in(event: Event) -> Listed | None:
    """What an event shows of which it tells that it was created by then."""
    body = event.body
    if not isinstance(body, (EntityListed, PolicyListed)) or not body.subject.id or not body.created_at:
        return None
    created = parse_instant(body.created_at)
    return Listed((body.subject.kind, body.subject.id), body, created, event) if created <= event.occurred_at else None


def creation_untold(event: Event, component: frozenset[Slot], directory: Directory) -> Event | None:
    """The creation that an event tells of, if nothing before it did: neither a record nor another listing."""
    listed = listed_in(event)
    if listed is None or ref_slot(event.account, listed.body.subject) not in component:
        return None
    known = directory.get(event.account, *listed.id)
    if known is not None and known.description.get("created_at") == listed.body.created_at:
        return None
    return listed.creation(listed.body.subject.name)


def creations(events: Collection[Event], doubted: Collection[Id]) -> list[Event]:
    """The creations of which listings alone tell, among the events of a component; but those that are doubted."""
    told: dict[Id, Listed] = {}
    for event in events:
        listed = listed_in(event)
        if listed is not None and listed.id not in doubted:
            other = told.get(listed.id)
            if other is None or _order(event) < _order(other.event):
                told[listed.id] = listed
    if not told:
        return []
    named = [(each, ref) for each in events for ref in _refs(each)]
    found = []
    for listed in told.values():
        name = _first_name(listed, named)
        if name and not _is_taken(listed, name, named):
            found.append(listed.creation(name))
    return found


class Doubted(Exception):
    """by the records, it was not there any more when a listing showed it"""

    def __init__(self, who: Id) -> None:
        super().__init__(self.__doc__)
        self.id = who


def require_alive(event: Event, ended: Container[Id]) -> None:
    """Raises Doubted where a listing shows whoever has ended since the creation that it told of."""
    listed = listed_in(event)
    if listed is not None and listed.id in ended:
        raise Doubted(listed.id)


def _order(event: Event) -> tuple[datetime, str]:
    return event.occurred_at, event.order_id


def _refs(event: Event) -> Iterator[Ref]:
    """The entities that an event names."""
    body = event.body
    subject = getattr(body, "subject", None) or getattr(body, "principal", None)
    if isinstance(subject, Ref):
        yield subject
    yield from type(body).references(event.account, body)


def _first_name(listed: Listed, named: Iterable[tuple[Event, Ref]]) -> str:
    """What the first record calls it that tells of it by its id. Nothing where a record tells of its creation, or of it
    at an instant before that. What comes after the listing says nothing of the time before."""
    first: tuple[datetime, int, str] | None = None
    for event, ref in named:
        if (ref.kind, ref.id) != listed.id or event.occurred_at > listed.event.occurred_at:
            continue
        if _is_recorded_creation(event) or event.occurred_at < listed.created:
            return ""
        place = (event.occurred_at, int(event.body.rank), ref.name)
        first = place if first is None else min(first, place)
    return first[2] if first is not None else listed.body.subject.name


def _is_taken(listed: Listed, name: str, named: Iterable[tuple[Event, Ref]]) -> bool:
    """Whether records tell of another one of its name, between its creation and the listing; or of the creation of one
    whose id they do not tell."""
    kind, unique_id = listed.id
    begin, end = listed.created, listed.event.occurred_at
    return any(
        ref.kind == kind
        and ref.name.lower() == name.lower()
        and (
            ref.id != unique_id and begin < event.occurred_at < end
            if ref.id
            else begin <= event.occurred_at <= end and _is_recorded_creation(event)
        )
        for event, ref in named
    )


def _is_recorded_creation(event: Event) -> bool:
    return isinstance(event.body, (EntityCreated, PolicyCreated)) and event.envelope.source != "snapshot"
