# mypyc: compiled
"""The Directory: the whole access state at one instant. The past has the same type as the present."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from datetime import datetime

from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.account_modes import NOT_YET
from erstwhile.domain.directory.derived import Derived
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.directory.facts import IAM_KINDS, NOTHING, EntityKey, Fact, Value
from erstwhile.domain.directory.links import Links, in_order
from erstwhile.domain.directory.name_order import NameOrder
from erstwhile.domain.directory.ownership import Owned
from erstwhile.domain.directory.ways_by_kind import WaysByKind
from erstwhile.domain.vocabulary.identifiers import AWS_MANAGED, account_in, entity_arn, is_arn_of
from erstwhile.domain.vocabulary.instants import FOREVER


class Directory(WaysByKind):
    """Entities by key, with the indexes that questions need. Only `evolve` and `from_facts` write to it.

    An ARN belongs to the account that it names. An access key id, or an ARN without an account, that several accounts
    claim belongs to the governed one, else to the one that has had it for longest."""

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
        self._arns = Owned(self.by_arn)
        self.key_owners = Owned(self.by_access_key)
        self.engine: Derived | None = None
        """What decides over it; `policy.engine.attached` attaches it. No part of the value."""
        self.kept_links: Links | None = None  # once they were asked for
        self._orders: dict[tuple[str, str], NameOrder] = {}

    @classmethod
    def from_facts(
        cls, facts: Iterable[tuple[str, str, str, str, str, Fact]], position: int = 0, as_of: datetime | None = None
    ) -> Directory:
        """Builds a Directory from (account, kind, unique id, attribute, item, fact) tuples."""
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
        """Adds an entity that was built elsewhere or has a new id."""
        self.entities[entity.key] = entity
        self.index(entity)
        self.relink(entity.key)
        self.report(entity.key)

    def index(self, entity: Entity) -> None:
        """Adds an entity's name, ARN and access keys to the indexes."""
        described = entity.facts.get(attributes.ENTITY)
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
            held[name if lowered == name else lowered] = entity  # share one string where both are equal
            arn = self._arn_of(entity, value)
            may_have = kind in IAM_KINDS or (arn and account_in(arn) in ("", account))
            if may_have and self.by_arn.setdefault(arn, entity) is not entity and name:
                self._arns.enter(arn, entity, self.precedence)
        keys = entity.facts.get(attributes.ACCESS_KEY)
        if keys:
            self._index_keys(entity, keys)

    def _index_keys(self, entity: Entity, access_keys: Iterable[str]) -> None:
        for access_key in access_keys:
            if self.by_access_key.setdefault(access_key, entity) is not entity:
                self.key_owners.enter(access_key, entity, self.precedence)

    def precedence(self, entity: Entity) -> tuple[bool, bool, datetime, EntityKey]:
        """The lowest has what several claim. A resource never stands before a principal or policy."""
        is_resource = entity.kind not in IAM_KINDS
        return (is_resource, self.mode(entity.account) != "governed", entity.begun or FOREVER, entity.key)

    def remove(self, entity: Entity) -> None:
        """Removes an entity and its index entries."""
        self.entities.pop(entity.key, None)
        self.unindex(entity)
        self.relink(entity.key)
        self.report(entity.key)

    def unindex(self, entity: Entity) -> None:
        value = entity.description
        if value:
            held = self.names.get((entity.account, entity.kind), {})
            name = value["name"].lower()
            if held.get(name) is entity:
                del held[name]
                if (entity.account, entity.kind) in self._orders:
                    self._orders[entity.account, entity.kind].removed()
            self._arns.leave(self.arn_of(entity), entity, self.precedence)
        for access_key in entity.access_keys:
            self.key_owners.leave(access_key, entity, self.precedence)

    def arn_of(self, entity: Entity) -> str:
        """The ARN by which questions name an entity: the recorded one; of a user, group, role, policy or instance
        profile where that is missing or does not fit the name, one of its name, or of its unique id."""
        return self._arn_of(entity, entity.description)

    def _arn_of(self, entity: Entity, value: Value) -> str:
        arn: str = value.get("arn", "")
        name: str = value.get("name", "")
        if entity.kind not in IAM_KINDS or is_arn_of(arn, entity.account, entity.kind, name):
            return arn
        partition = self.partition(entity.account)
        return entity_arn(entity.account, entity.kind, entity.path if name else "/", name or entity.id, partition)

    def partition(self, account: str) -> str:
        """The partition of an account; `aws` where it is unknown."""
        return str(self._mode(account).get("partition") or "aws")

    def get(self, account: str, kind: str, unique_id: str) -> Entity | None:
        return self.entities.get((account, kind, unique_id))

    def named(self, account: str, kind: str, name: str) -> Entity | None:
        held = self.names.get((account, kind))
        return None if held is None else held.get(name.lower())

    def with_arn(self, arn: str) -> Entity | None:
        """The entity that has an ARN."""
        return self.by_arn.get(arn)

    def with_access_key(self, access_key_id: str) -> Entity | None:
        """The entity that has an access key."""
        return self.by_access_key.get(access_key_id)

    def at(self, key: EntityKey) -> Entity:
        """The entity of a key. Raises KeyError."""
        return _there(self.get(*key), key)

    def at_arn(self, arn: str) -> Entity:
        """The entity that has an ARN. Raises KeyError."""
        return _there(self.with_arn(arn), arn)

    def at_access_key(self, access_key_id: str) -> Entity:
        """The entity that has an access key. Raises KeyError."""
        return _there(self.with_access_key(access_key_id), access_key_id)

    def by_name(self, account: str, kind: str) -> dict[str, Entity]:
        """The entities of a kind in an account, by lower-case name. Callers must not change it."""
        return self.names.get((account, kind)) or {}

    def accounts_with(self, kind: str) -> list[str]:
        """The accounts that have entities of a kind."""
        return [account for account, held in self.names if held == kind]

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
        """Updates the links and orders for listings, so that the next listing need not do it first."""
        if self.kept_links is not None:
            self.kept_links.catch_up()
        for order in self._orders.values():
            order.names()

    def names_in_order(self, account: str, kind: str) -> list[str]:
        """The lower-case names of a kind, in order. Callers must not change the list."""
        if (account, kind) not in self._orders:
            if (account, kind) not in self.names:
                return []
            self._orders[account, kind] = NameOrder(self.names[account, kind])
        return self._orders[account, kind].names()

    def members_of(self, group: Entity) -> list[Entity]:
        """The users in a group, in the order of their names."""
        users = self.links.of(group.account, attributes.MEMBER_OF, group.id)
        return in_order(user for user in users if user.kind == "user")

    def uses_of(self, account: str, policy_arn: str) -> list[Entity]:
        """The users, groups and roles that a managed policy is attached to or bounds, in order of kind and name."""
        links = self.links
        entities = [
            *links.of(account, attributes.ATTACHED, policy_arn),
            *links.of(account, attributes.BOUNDARY, policy_arn),
        ]
        return in_order({entity.key: entity for entity in entities}.values())

    def all(self) -> Iterable[Entity]:
        """All entities."""
        return self.entities.values()

    def of_kind(self, *kinds: str) -> Iterator[Entity]:
        return (entity for entity in self.entities.values() if entity.kind in kinds)

    def about(self, action: str) -> Directory:
        """A Directory that answers questions about one action (lower case) as this does; it may lack attachments of
        policies that do not speak of it."""
        return self

    def mode(self, account: str) -> str | None:
        """`governed`, `observed`, `account_modes.NOT_YET`, or None for an account of which nothing is known."""
        return self._mode(account).get("mode")

    def _mode(self, account: str) -> Value:
        entity = self.get(account, "account", account)
        return entity.mode if entity is not None else NOTHING

    def accounts(self) -> list[str]:
        """The ids of all accounts that are there, in order, without AWS's pseudo-account."""
        return sorted({e.id for e in self.of_kind("account") if e.mode.get("mode") != NOT_YET} - {AWS_MANAGED})

    def facts(self) -> Iterator[tuple[str, str, str, str, str, Fact]]:
        for entity in self.all():
            for attribute, items in entity.facts.items():
                for item, fact in items.items():
                    yield entity.account, entity.kind, entity.id, attribute, item, fact


def _there(entity: Entity | None, name: object) -> Entity:
    if entity is None:
        raise KeyError(name)
    return entity
