"""A reverse index: finds the entities that refer to an item, without a search through all entities.

A Directory builds the index at the first question. Writers report the entity that they change; the next question then
reads only these entities again.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.facts import EntityKey

if TYPE_CHECKING:
    from erstwhile.domain.directory.entity import Entity

LINKED = frozenset(("attached", "boundary", "entity", "member_of", "mfa", "role", "setting"))
"""Attributes that the index depends on. Their items refer to a policy's ARN, a group's or role's unique id, or a
device's serial number; a setting is indexed by its category. (`entity`: a deleted entity refers to nothing.)"""
_BY_ITEM = ("attached", "member_of", "mfa", "role")

_KINDS = ("user", "group", "role")

Target = tuple[str, str, str]
"""(account, attribute, item that an entity refers to)"""


class Links:
    """The reverse index of one Directory."""

    __slots__ = ("_changed", "_entities", "_held", "_holders")

    def __init__(self, entities: dict[EntityKey, Entity]) -> None:
        self._entities = entities
        self._holders: dict[Target, dict[EntityKey, Entity]] = {}
        self._held: dict[EntityKey, list[Target]] = {}
        self._changed: set[EntityKey] = set(entities)

    def changed(self, key: EntityKey) -> None:
        """Reports that an entity's facts changed, or that it was added or removed."""
        self._changed.add(key)

    def of(self, account: str, attribute: str, item: str) -> list[Entity]:
        """The entities of an account that have the item. For `boundary` the item is a policy's ARN, for `setting` a
        category."""
        self.catch_up()
        holders = self._holders.get((account, attribute, item))
        return list(holders.values()) if holders else []

    def count(self, account: str, attribute: str, item: str) -> int:
        """How many entities of an account have the item."""
        self.catch_up()
        return len(self._holders.get((account, attribute, item), ()))

    def targets(self, account: str, attribute: str) -> list[str]:
        """All items of an attribute that entities of an account refer to."""
        self.catch_up()
        return [item for owner, name, item in self._holders if owner == account and name == attribute]

    def catch_up(self) -> None:
        """Reads the changed entities again."""
        if not self._changed:
            return
        for key in self._changed:
            for target in self._held.pop(key, ()):
                holders = self._holders[target]
                del holders[key]
                if not holders:
                    del self._holders[target]
            entity = self._entities.get(key)
            targets = _targets(entity) if entity is not None else None
            if entity is not None and targets:
                self._held[key] = targets
                for target in targets:
                    self._holders.setdefault(target, {})[key] = entity
        self._changed.clear()


def _targets(entity: Entity) -> list[Target]:
    account, facts = entity.account, entity.facts
    if entity.kind == "setting":
        return [(account, "setting", entity.id.partition("/")[0])] if attributes.SETTING in facts else []
    if attributes.ENTITY not in facts:
        return []
    found = [(account, attribute, item) for attribute in _BY_ITEM if attribute in facts for item in facts[attribute]]
    boundary = entity.boundary
    if boundary is not None:
        found.append((account, "boundary", boundary))
    return found


def in_order(found: Iterable[Entity]) -> list[Entity]:
    """Sorts like IAM's listings: users, groups, roles, then others; each by name."""
    return sorted(found, key=_place)


def _place(entity: Entity) -> tuple[int, str]:
    return _KINDS.index(entity.kind) if entity.kind in _KINDS else len(_KINDS), entity.name.lower()
