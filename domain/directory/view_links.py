"""The links of a view that may be written to: it loads the holders of what it is asked about first."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.directory.facts import EntityKey
from erstwhile.domain.directory.links import Links, Target


class ViewLinks(Links):
    """What is loaded stays loaded: each target's holders are asked for once."""

    __slots__ = ("_load_holders", "_read", "_unread_targets")

    def __init__(
        self,
        entities: dict[EntityKey, Entity],
        load_holders: Callable[[str, str, str], None],
        unread_targets: Callable[[str, str], Iterable[str]],
    ) -> None:
        """`entities`: those that are loaded; `load_holders`: loads those that may refer to an item, as `Links.of` names
        it; `unread_targets`: the items of an account and attribute that others refer to."""
        super().__init__(entities)
        self._load_holders = load_holders
        self._unread_targets = unread_targets
        self._read: set[Target] = set()

    def of(self, account: str, attribute: str, item: str) -> list[Entity]:
        self._load(account, attribute, item)
        return super().of(account, attribute, item)

    def count(self, account: str, attribute: str, item: str) -> int:
        self._load(account, attribute, item)
        return super().count(account, attribute, item)

    def targets(self, account: str, attribute: str) -> list[str]:
        return list(dict.fromkeys([*super().targets(account, attribute), *self._unread_targets(account, attribute)]))

    def _load(self, account: str, attribute: str, item: str) -> None:
        target = (account, attribute, item)
        if target not in self._read:
            self._read.add(target)
            self._load_holders(account, attribute, item)
