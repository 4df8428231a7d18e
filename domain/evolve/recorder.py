# mypyc: compiled
"""The recorder: the one way in which facts get into a Directory, noting each change."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import datetime

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.directory.facts import NOTHING, Change, Fact, Value
from erstwhile.domain.directory.links import LINKED
from erstwhile.domain.vocabulary.identifiers import Ref, account_in
from erstwhile.domain.vocabulary.instants import BEFORE, format_instant

Resolver = Callable[[str, str, str, datetime], str | None]
"""(account, kind, name, instant) → the unique id that bore the name then, or None."""


def provisional_id(name: str) -> str:
    """Stands for an entity whose unique id no record has told yet."""
    return f"~{name.lower()}"


class Recorder:
    """Writes the facts of one event at a time.

    `resolve` answers for names in other slots; `ended` holds the ids whose end was seen, `borne` the names that
    somebody has borne, both while `remembering` (events of accounts under commands carry unique ids); `aliases`
    maps provisional ids to the ones that later records told, for whoever wrote rows under the former. `changes`
    are noted while somebody is `listening`, and those that only begin a fact unless `only_endings`.
    """

    __slots__ = (
        "account",
        "aliases",
        "at",
        "borne",
        "changes",
        "directory",
        "ended",
        "listening",
        "only_endings",
        "position",
        "remembering",
        "resolve",
    )

    def __init__(self, directory: Directory, resolve: Resolver) -> None:
        self.directory = directory
        self.resolve = resolve
        self.account = ""
        self.at = BEFORE
        self.position = 0
        self.changes: list[Change] = []
        self.listening = True
        self.only_endings = False
        self.remembering = True
        self.ended: set[tuple[str, str]] = set()
        self.borne: set[tuple[str, str]] = set()
        self.aliases: dict[tuple[str, str], str] = {}

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
        if self.directory.engine is not None:
            self.directory.engine.forget(entity.key)
        if attribute in LINKED:
            self.directory.relink(entity.key)
        if self.listening and (before is not None or not self.only_endings):
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
        if before is not None and self.listening:
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

    def keep_only(self, entity: Entity, attribute: str, wanted: dict[str, Value]) -> None:
        """The attribute has these items and no others."""
        for item in [item for item in entity.items(attribute) if item not in wanted]:
            self.drop(entity, attribute, item)
        for item, value in wanted.items():
            self.put(entity, attribute, item, value)

    def find(self, ref: Ref) -> Entity | None:
        """The live entity that a reference means: by unique id where given, else by name."""
        if ref.id:
            return self.directory.entities.get((self.account, ref.kind, ref.id))
        return self.directory.named(self.account, ref.kind, ref.name)

    def begin(self, ref: Ref, value: Value, at: datetime | None = None) -> Entity:
        """An entity comes into being. Whoever had its name and another id must have ended unseen."""
        unique_id = ref.id or self._provisional(ref)
        holder = self.directory.named(self.account, ref.kind, ref.name)
        if holder is not None and holder.id != unique_id:
            self.end(holder)
        entity = self.directory.ensure((self.account, ref.kind, unique_id))
        self.name(entity, value, at)
        return entity

    def name(self, entity: Entity, value: Value, at: datetime | None = None) -> None:
        """Sets what an entity is called and where it stands."""
        self.directory.unindex(entity)
        self.describe(entity, value, at)
        self.directory.index(entity)
        if self.remembering:
            self.borne.add((entity.kind, value["name"].lower()))

    def describe(self, entity: Entity, value: Value, at: datetime | None = None) -> None:
        """Sets the entity's own fact. A later description keeps in mind when the entity began."""
        before = entity.items("entity").get("")
        if before is not None and before.value != value:
            value = value | {"begun": before.value.get("begun") or format_instant(before.since)}
        self.put(entity, "entity", "", value, at)

    def known(self, ref: Ref, arn: str = "", path: str = "/") -> Entity | None:
        """The entity, made known "since before" when its creation was never seen.

        None when the record names an id whose end was seen already: a straggler.
        """
        if ref.id:
            entity = self.directory.entities.get((self.account, ref.kind, ref.id))
        else:
            entity = self.directory.named(self.account, ref.kind, ref.name)
        if entity is not None:
            if arn:
                self._tell_arn(entity, arn, path)
            return entity
        if ref.id:
            if (ref.kind, ref.id) in self.ended:
                return None
            holder = self.directory.named(self.account, ref.kind, ref.name)
            if holder is not None and holder.id.startswith("~"):
                self._merge(holder, ref.id)
                self._tell_arn(holder, arn, path)
                return holder
        first = (ref.kind, ref.name.lower()) not in self.borne
        value: Value = {"name": ref.name, "arn": self.own(arn), "path": path}
        entity = self.begin(ref, value, BEFORE if first else self.at)
        self.put(entity, "coverage", "", {}, BEFORE if first else self.at)
        return entity

    def own(self, arn: str) -> str:
        """The ARN, where it is of this account: no other's is taken from it."""
        return arn if arn and account_in(arn) == self.account else ""

    def _tell_arn(self, entity: Entity, arn: str, path: str) -> None:
        """An entity that was known by name alone has its ARN told."""
        value = entity.value("entity")
        if value is not None and not value.get("arn") and self.own(arn):
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
        for attribute, items in list(entity.facts.items()):
            for item in list(items):
                self.drop(entity, attribute, item)
        if self.remembering:
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
