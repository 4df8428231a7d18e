# mypyc: compiled
"""The Directory: the whole access state at one instant. The past has the same type as the present."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Protocol

from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.directory.facts import NOTHING, EntityKey, Fact, Value
from erstwhile.domain.directory.links import Links, in_order
from erstwhile.domain.directory.name_order import NameOrder
from erstwhile.domain.directory.ownership import Owned
from erstwhile.domain.vocabulary.identifiers import AWS_MANAGED, account_in, entity_arn
from erstwhile.domain.vocabulary.instants import FOREVER

_OF_IAM = frozenset(("user", "group", "role", "policy", "instance-profile"))
"""Kinds whose ARNs follow from account, path and name."""


class Derived(Protocol):
    """What is made of entities and kept: it must drop what was made of one that changed."""

    def forget(self, key: EntityKey) -> None: ...


class Directory:
    """Entities by key, with the indexes that questions need. `evolve` and `from_facts` alone write to it.

    An ARN belongs to the account in it; one that names none, and an access key id, to whoever governs it, else to the
    account that has had it for longest."""

    __slots__ = (
        "_arns", "_orders", "as_of", "by_access_key", "by_arn", "engine", "entities", "kept_links", "key_owners",
        "names", "position",
    )  # fmt: skip

    def __init__(self, position: int = 0, as_of: datetime | None = None) -> None:
        self.position = position
        self.as_of = as_of  # None: now
        self.entities: dict[EntityKey, Entity] = {}
        self.names: dict[tuple[str, str], dict[str, Entity]] = {}  # (account, kind) → lower-case name → entity
        self.by_arn: dict[str, Entity] = {}
        self.by_access_key: dict[str, Entity] = {}
        self._arns = Owned(self.by_arn, self._precedence)
        self.key_owners = Owned(self.by_access_key, self._precedence)
        self.engine: Derived | None = None
        """What decides over it; `policy.engine.attached` attaches it. No part of the value."""
        self.kept_links: Links | None = None  # once they were asked for
        self._orders: dict[tuple[str, str], NameOrder] = {}

    @classmethod
    def from_facts(
        cls, facts: Iterable[tuple[str, str, str, str, str, Fact]], position: int = 0, as_of: datetime | None = None
    ) -> Directory:
        """Builds the Directory that these facts make."""
        directory = cls(position, as_of)
        for account, kind, unique_id, attribute, item, fact in facts:
            entity = directory.ensure((account, kind, unique_id))
            entity.facts.setdefault(attribute, {})[item] = fact
        for entity in directory.entities.values():
            directory.index(entity)
        return directory

    def report(self, key: EntityKey) -> None:
        """Tells the engine that an entity changed."""
        if self.engine is not None:
            self.engine.forget(key)

    def ensure(self, key: EntityKey) -> Entity:
        entity = self.entities.get(key)
        if entity is None:
            account, kind, unique_id = key
            kind = sys.intern(kind)
            entity = self.entities[account, kind, unique_id] = Entity(account, kind, unique_id)
            self.report(key)
        return entity

    def adopt(self, entity: Entity) -> None:
        """Takes in an entity that was made elsewhere, or has a new id."""
        self.entities[entity.key] = entity
        self.index(entity)
        self.relink(entity.key)
        self.report(entity.key)

    def index(self, entity: Entity) -> None:
        """Enters an entity's name, ARN and access keys."""
        described = entity.facts.get("entity")
        fact = None if described is None else described.get("")
        if fact is not None:
            account, kind, value = entity.account, entity.kind, fact.value
            held = self.names.get((account, kind))
            if held is None:
                held = self.names[account, kind] = {}
            name = value["name"]
            lowered = name.lower()
            if self._orders and lowered not in held and (account, kind) in self._orders:
                self._orders[account, kind].added(lowered)
            held[name if lowered == name else lowered] = entity  # one text where two are equal
            arn = self._arn_of(entity, value)
            if kind in _OF_IAM or (arn and account_in(arn) in ("", account)):
                holder = self.by_arn.setdefault(arn, entity)
                # A resource never stands in the place of a principal or policy.
                if holder is not entity and name and (kind in _OF_IAM or holder.kind not in _OF_IAM):
                    self._arns.enter(arn, entity)
        keys = entity.facts.get("access_key")
        if keys:
            self._index_keys(entity, keys)

    def _index_keys(self, entity: Entity, access_keys: Iterable[str]) -> None:
        for access_key in access_keys:
            if self.by_access_key.setdefault(access_key, entity) is not entity:
                self.key_owners.enter(access_key, entity)

    def _precedence(self, entity: Entity) -> tuple[bool, datetime, str]:
        return (self.mode(entity.account) != "governed", entity.begun or FOREVER, entity.account)

    def remove(self, entity: Entity) -> None:
        """Forgets an entity and what the indexes say of it."""
        self.entities.pop(entity.key, None)
        self.unindex(entity)
        self.relink(entity.key)
        self.report(entity.key)

    def unindex(self, entity: Entity) -> None:
        value = entity.value("entity")
        if value is not None:
            held = self.names.get((entity.account, entity.kind), {})
            name = value["name"].lower()
            if held.get(name) is entity:
                del held[name]
                if (entity.account, entity.kind) in self._orders:
                    self._orders[entity.account, entity.kind].removed()
            self._arns.leave(self.arn_of(entity), entity)
        for access_key in entity.items("access_key"):
            self.key_owners.leave(access_key, entity)

    def arn_of(self, entity: Entity) -> str:
        """What an entity is asked about by: its ARN as recorded. Of a user, group, role or policy that is known by name
        alone, or by another's ARN, that which follows from its name; of one without a name, from its unique id."""
        return self._arn_of(entity, entity.value("entity") or NOTHING)

    def _arn_of(self, entity: Entity, value: Value) -> str:
        arn: str = value.get("arn", "")
        name: str = value.get("name", "")
        if entity.kind not in _OF_IAM or (
            arn.endswith(f"/{name}") and name and f"::{entity.account}:{entity.kind}/" in arn
        ):
            return arn
        partition = self.partition(entity.account)
        return entity_arn(entity.account, entity.kind, entity.path if name else "/", name or entity.id, partition)

    def partition(self, account: str) -> str:
        """The partition of an account; `aws` where nobody told."""
        return str(self._mode(account).get("partition") or "aws")

    def get(self, account: str, kind: str, unique_id: str) -> Entity | None:
        return self.entities.get((account, kind, unique_id))

    def named(self, account: str, kind: str, name: str) -> Entity | None:
        held = self.names.get((account, kind))
        return None if held is None else held.get(name.lower())

    def count(self, account: str, kind: str) -> int:
        return len(self.names.get((account, kind), ()))

    @property
    def links(self) -> Links:
        if self.kept_links is None:
            self.kept_links = Links(self.entities)
        return self.kept_links

    def relink(self, key: EntityKey) -> None:
        if self.kept_links is not None:
            self.kept_links.changed(key)

    def settle(self) -> None:
        """Does now what the next listing would have to do first, where listings were asked for."""
        if self.kept_links is not None:
            self.kept_links.catch_up()
        for order in self._orders.values():
            order.names()

    def names_in_order(self, account: str, kind: str) -> list[str]:
        """The lower-case names of a kind, in order; nobody may change the list."""
        if (account, kind) not in self._orders:
            if (account, kind) not in self.names:
                return []
            self._orders[account, kind] = NameOrder(self.names[account, kind])
        return self._orders[account, kind].names()

    def members_of(self, group: Entity) -> list[Entity]:
        """The users in a group, in the order of their names."""
        users = self.links.of(group.account, "member_of", group.id)
        return in_order(user for user in users if user.kind == "user")

    def uses_of(self, account: str, policy_arn: str) -> list[Entity]:
        """Whom a managed policy is attached to, or bounds: users, groups, roles, each in the order of their names."""
        links = self.links
        found = [*links.of(account, "attached", policy_arn), *links.of(account, "boundary", policy_arn)]
        return in_order({entity.key: entity for entity in found}.values())

    def of_kind(self, *kinds: str) -> Iterator[Entity]:
        for entity in self.entities.values():
            if entity.kind in kinds:
                yield entity

    def mode(self, account: str) -> str | None:
        """`governed`, `observed`, or None for an account that was never heard of."""
        return self._mode(account).get("mode")

    def _mode(self, account: str) -> Value:
        entity = self.entities.get((account, "account", account))
        return (entity.value("mode") or NOTHING) if entity is not None else NOTHING

    def accounts(self) -> list[str]:
        """The accounts known, AWS's own pseudo-account apart."""
        return sorted(e.id for e in self.of_kind("account") if e.id != AWS_MANAGED)

    def facts(self) -> Iterator[tuple[str, str, str, str, str, Fact]]:
        for entity in self.entities.values():
            for attribute, items in entity.facts.items():
                for item, fact in items.items():
                    yield entity.account, entity.kind, entity.id, attribute, item, fact
