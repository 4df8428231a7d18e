"""Who points at what: the entities that have an item of an attribute, found without looking at all of them.

A Directory keeps these once somebody has asked; whoever writes to it says which entity changed, and the next question
looks at those again.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from erstwhile.domain.directory.facts import EntityKey

if TYPE_CHECKING:
    from erstwhile.domain.directory.entity import Entity

LINKED = frozenset(("attached", "boundary", "entity", "member_of", "mfa", "role", "setting"))
"""Attributes whose items point at something: a policy's ARN, a group's or role's unique id, a device's serial number;
of settings, their category. (`entity`: what has ended points at nothing.)"""
_BY_ITEM = ("attached", "member_of", "mfa", "role")

_KINDS = ("user", "group", "role")

Target = tuple[str, str, str]
"""(account, attribute, what is pointed at)"""


class Links:
    """Belongs to one Directory."""

    __slots__ = ("_changed", "_entities", "_held", "_holders")

    def __init__(self, entities: dict[EntityKey, Entity]) -> None:
        self._entities = entities
        self._holders: dict[Target, dict[EntityKey, Entity]] = {}
        self._held: dict[EntityKey, list[Target]] = {}
        self._changed: set[EntityKey] = set(entities)

    def changed(self, key: EntityKey) -> None:
        """The entity has other facts now, is new, or is gone."""
        self._changed.add(key)

    def of(self, account: str, attribute: str, item: str) -> list[Entity]:
        """The entities of an account that have the item; of `boundary` the item is a policy's ARN, of `setting` a
        category."""
        self.catch_up()
        holders = self._holders.get((account, attribute, item))
        return list(holders.values()) if holders else []

    def count(self, account: str, attribute: str, item: str) -> int:
        """How many entities of an account have the item."""
        self.catch_up()
        return len(self._holders.get((account, attribute, item), ()))

    def targets(self, account: str, attribute: str) -> list[str]:
        """All that entities of an account point at."""
        self.catch_up()
        return [item for owner, name, item in self._holders if owner == account and name == attribute]

    def catch_up(self) -> None:
        """Looks at what has changed since it was asked last."""
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
        return [(account, "setting", entity.id.partition("/")[0])] if "setting" in facts else []
    if "entity" not in facts:
        return []
    found = [(account, attribute, item) for attribute in _BY_ITEM if attribute in facts for item in facts[attribute]]
    bound = entity.value("boundary")
    if bound is not None:
        found.append((account, "boundary", str(bound["policy"])))
    return found


def in_order(found: Iterable[Entity]) -> list[Entity]:
    """Users, groups, roles, then others; each in the order of their names, as IAM's listings have it."""
    return sorted(found, key=_place)


def _place(entity: Entity) -> tuple[int, str]:
    return _KINDS.index(entity.kind) if entity.kind in _KINDS else len(_KINDS), entity.name.lower()
