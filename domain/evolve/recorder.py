# mypyc: compiled
"""The recorder: the one way in which facts get into a Directory, noting each change."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import datetime
from enum import Enum

from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import NO_FACTS, Entity
from erstwhile.domain.directory.facts import NOTHING, Change, Fact, Value
from erstwhile.domain.directory.links import LINKED
from erstwhile.domain.events import BareEvent, Body, Event
from erstwhile.domain.evolve.handlers import EVOLVE, EVOLVE_SUBJECT
from erstwhile.domain.policy.language.same_words import say_the_same
from erstwhile.domain.vocabulary.identifiers import Ref, account_in
from erstwhile.domain.vocabulary.instants import BEFORE, format_instant

Resolver = Callable[[str, str, str, datetime], str | None]
"""(account, kind, name, instant) → the unique id that bore the name then, or None."""


def provisional_id(name: str) -> str:
    """The id of an entity whose unique id no record has given yet."""
    return f"~{name.lower()}"


class Notes(Enum):
    """Which changes a recorder notes."""

    NONE = "none"
    ENDINGS = "endings"
    """Those that change or end a fact, not those that begin one."""
    ALL = "all"


class Recorder:
    """Writes the facts of one event at a time: `apply(event)`.

    `changes` has what was noted since it was last taken. `ended` holds the (kind, id) of the entities whose end was
    seen, `borne` the (kind, lower-case name) of the names that some entity has had; only a recorder that `remembers`
    adds to them (events of governed accounts carry unique ids, and need neither). `aliases`: provisional id → real id;
    rows written under the former must be rewritten.
    """

    __slots__ = (
        "_notes_beginnings", "_notes_endings", "_remembers", "account", "aliases", "at", "borne", "changes",
        "directory", "ended", "is_of_listing", "position", "resolve",
    )  # fmt: skip

    def __init__(
        self, directory: Directory, resolve: Resolver, notes: Notes = Notes.ALL, remembers: bool = True
    ) -> None:
        """`resolve`: the unique ids of names in other slots."""
        self.directory = directory
        self.resolve = resolve
        self.account = ""
        self.at = BEFORE
        self.position = 0
        self.is_of_listing = False
        """Whether a listing told the event: what it tells to have been made was made unseen."""
        self.changes: list[Change] = []
        self.ended: set[tuple[str, str]] = set()
        self.borne: set[tuple[str, str]] = set()
        self.aliases: dict[tuple[str, str], str] = {}
        self._notes_beginnings = notes is Notes.ALL
        self._notes_endings = notes is not Notes.NONE
        self._remembers = remembers

    def apply(self, event: Event | BareEvent) -> None:
        """Writes what an event means."""
        self.account = event.account
        self.at = event.occurred_at
        self.position = event.position
        self.evolve(event.body)

    def turn_to(self, account: str, at: datetime, position: int) -> None:
        """What is written from now on is of this account, instant and position."""
        self.account = account
        self.at = at
        self.position = position

    def evolve(self, body: Body) -> None:
        """Writes what an event means, of the account, instant and position that were set."""
        kind = type(body)
        evolve_subject = EVOLVE_SUBJECT.get(kind)
        if evolve_subject is None:
            EVOLVE[kind](self, body)
            return
        subject: Ref = body.subject  # type: ignore[attr-defined]  # `@evolves_subject` is of events that have one
        # The first thing that `known` does, without the call: bench-log, "Directory rebuilt".
        entity = self.directory.entities.get((self.account, subject.kind, subject.id)) if subject.id else None
        if entity is None:
            entity = self.known(subject)
        if entity is not None:
            evolve_subject(self, entity, body)

    def take_changes(self) -> list[Change]:
        """The changes since the last call."""
        changes, self.changes = self.changes, []
        return changes

    def put(
        self, entity: Entity, attribute: str, item: str, value: Value, at: datetime | None = None, anew: bool = False
    ) -> None:
        """The fact holds from now on (or from `at`). The same value again changes nothing, unless it counts `anew`."""
        since = self.at if at is None else at
        items = entity.facts.get(attribute)
        before = None if items is None else items.get(item)
        if before is not None and before.value == value and not (anew and since > before.since):
            return
        if before is None:
            item = sys.intern(item)  # many entities have tags of one key, policies of one ARN
        if items is None:
            entity.facts[attribute] = {item: Fact(value or NOTHING, since, self.position)}
        else:
            items[item] = Fact(value or NOTHING, since, self.position)
        directory = self.directory
        if directory.engine is not None:
            directory.engine.forget(entity.key)
        if directory.kept_links is not None and attribute in LINKED:
            directory.relink(entity.key)
        if self._notes_beginnings if before is None else self._notes_endings:
            self.changes.append(
                Change(entity.account, entity.kind, entity.id, attribute, item, before, value, since, self.position)
            )

    def drop(self, entity: Entity, attribute: str, item: str = "") -> None:
        """The fact holds no longer; nothing happens when it did not."""
        items = entity.facts.get(attribute)
        if items is None:
            return
        before = items.pop(item, None)
        if not items:
            del entity.facts[attribute]
        if self.directory.engine is not None:
            self.directory.engine.forget(entity.key)
        if attribute in LINKED:
            self.directory.relink(entity.key)
        if before is not None and self._notes_endings:
            self.changes.append(
                Change(
                    entity.account,
                    entity.kind,
                    entity.id,
                    attribute,
                    item,
                    before,
                    None,
                    self.at,
                    self.position,
                )
            )

    def items(self, entity: Entity, attribute: str) -> dict[str, Fact]:
        """The facts of an attribute, by item; empty when there are none."""
        return entity.facts.get(attribute, NO_FACTS)

    def keep_only(self, entity: Entity, attribute: str, wanted: dict[str, Value]) -> None:
        """The attribute has these items and no others."""
        for item in [item for item in self.items(entity, attribute) if item not in wanted]:
            self.drop(entity, attribute, item)
        for item, value in wanted.items():
            self.put(entity, attribute, item, value)

    def show(self, entity: Entity, attribute: str, item: str, value: Value) -> None:
        """As `put`, of what a listing shows. A document that says what the known one does is no other: who wrote that,
        and whom it named then, stays as it is."""
        before = self.items(entity, attribute).get(item)
        if before is not None and before.value.get("document") and value.get("document"):
            words = str(before.value["document"])
            if say_the_same(words, str(value["document"])):
                value = before.value | value | {"document": words}
        self.put(entity, attribute, item, value)

    def show_only(self, entity: Entity, attribute: str, wanted: dict[str, Value]) -> None:
        """As `keep_only`, of what a listing shows."""
        for item in [item for item in self.items(entity, attribute) if item not in wanted]:
            self.drop(entity, attribute, item)
        for item, value in wanted.items():
            self.show(entity, attribute, item, value)

    def begin(self, ref: Ref, value: Value, at: datetime | None = None) -> Entity:
        """An entity comes into being. If another one still has its name, its deletion was not seen: it ends now."""
        unique_id = ref.id or self._provisional(ref)
        holder = self.directory.named(self.account, ref.kind, ref.name)
        if holder is not None and holder.id != unique_id:
            self.end(holder)
        entity = self.directory.ensure((self.account, ref.kind, unique_id))
        if self.is_of_listing and at is None and (not entity.facts or entity.description.get("unseen")):
            value["unseen"] = True
        self.name(entity, value, at)
        return entity

    def name(self, entity: Entity, value: Value, at: datetime | None = None) -> None:
        """Sets what an entity is called and where it stands."""
        if entity.facts:
            self.directory.unindex(entity)
            self.describe(entity, value, at)
        else:  # it is new: no index has it, and no description came before
            self.put(entity, attributes.ENTITY, "", value, at)
        self.directory.index(entity)
        if self._remembers:
            self.borne.add((entity.kind, value["name"].lower()))

    def describe(self, entity: Entity, value: Value, at: datetime | None = None) -> None:
        """Sets the entity's own fact. A later description keeps the instant at which the entity began."""
        before = entity.existence
        if before is not None and before.value != value:
            value = value | {"begun": before.value.get("begun") or format_instant(before.since)}
        self.put(entity, attributes.ENTITY, "", value, at)

    def known(self, ref: Ref, arn: str = "", path: str = "/") -> Entity | None:
        """The entity, made known "since before" when its creation was never seen; since now, where its name was free
        before, or another's.

        None when the record names an id whose end was seen already: a straggler.
        """
        if ref.id:
            entity = self.directory.get(self.account, ref.kind, ref.id)
        else:
            entity = self.directory.named(self.account, ref.kind, ref.name)
        if entity is not None:
            if arn:
                self._add_arn(entity, arn, path)
            return entity
        if ref.id:
            if (ref.kind, ref.id) in self.ended:
                return None
            holder = self.directory.named(self.account, ref.kind, ref.name)
            if holder is not None and holder.id.startswith("~"):
                self._merge(holder, ref.id)
                self._add_arn(holder, arn, path)
                return holder
        first = (ref.kind, ref.name.lower()) not in self.borne
        value: Value = {"name": ref.name, "arn": self.own(arn), "path": path}
        if not first:
            value["unseen"] = True
        entity = self.begin(ref, value, BEFORE if first else self.at)
        self.put(entity, attributes.COVERAGE, "", {}, BEFORE if first else self.at)
        return entity

    def own(self, arn: str) -> str:
        """The ARN where it is of this account, else empty: a record cannot claim another account's ARN."""
        return arn if arn and account_in(arn) == self.account else ""

    def _add_arn(self, entity: Entity, arn: str, path: str) -> None:
        """Gives its ARN to an entity that was known by name alone."""
        value = entity.description
        if value and not value.get("arn") and self.own(arn):
            self.name(entity, {**value, "arn": arn, "path": path})

    def _provisional(self, ref: Ref) -> str:
        if (ref.kind, ref.name.lower()) in self.borne:
            return f"{provisional_id(ref.name)}@{self.at.timestamp():.6f}"
        return provisional_id(ref.name)

    def _merge(self, entity: Entity, unique_id: str) -> None:
        """A provisional identity turns out to be this unique id."""
        self.directory.remove(entity)
        self.aliases[entity.kind, entity.id] = unique_id
        entity.id = unique_id
        self.directory.adopt(entity)

    def end(self, entity: Entity) -> None:
        """The entity and all that held of it ends."""
        self.directory.remove(entity)
        # In one order, whenever and from which events it is folded.
        for attribute, items in sorted(entity.facts.items()):
            for item in sorted(items):
                self.drop(entity, attribute, item)
        if self._remembers:
            self.ended.add((entity.kind, entity.id))


def undo(directory: Directory, changes: list[Change]) -> None:
    """Takes changes back, the last first: the Directory is as it was before them."""
    for change in reversed(changes):
        entity = directory.ensure((change.account, change.kind, change.entity))
        directory.unindex(entity)
        items = entity.facts.setdefault(change.attribute, {})
        if change.before is None:
            items.pop(change.item, None)
        else:
            items[change.item] = change.before
        if not items:
            del entity.facts[change.attribute]
        directory.relink(entity.key)
        if entity.facts:
            directory.index(entity)
        else:
            directory.remove(entity)
