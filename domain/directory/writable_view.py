# mypyc: compiled
"""A view that may be written to: the state of a `FactSource`, and what was changed since.

An entity is loaded before it is changed; once loaded, or removed, the source is not asked about it again. So the source
may stay as it is while the Directory goes on, and memory is needed for what is asked and changed alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.directory.fact_source import CountedSource
from erstwhile.domain.directory.facts import EntityKey
from erstwhile.domain.directory.held import Held
from erstwhile.domain.directory.links import Links
from erstwhile.domain.directory.name_order import NameOrder
from erstwhile.domain.directory.named_actions import actions_of
from erstwhile.domain.directory.numbered_principals import NumberedPrincipals
from erstwhile.domain.directory.view import DirectoryView
from erstwhile.domain.directory.view_links import ViewLinks

_Place = tuple[str, str]
"""(account, kind)"""


class WritableView(DirectoryView):
    """`evolve` may write to it as to any Directory. The law: it equals one that has everything,
    `tests/laws/test_writable_view.py`."""

    def __init__(
        self,
        source: CountedSource,
        position: int = 0,
        as_of: datetime | None = None,
        loading: AbstractContextManager[object] | None = None,
    ) -> None:
        super().__init__(source, position, as_of, loading)
        self._counted = source
        self._names_loaded: dict[_Place, set[str]] = {}
        """The names (lower case) that loaded entities have in the source. What they are called now is in `names`."""

    def loaded(self, entity: Entity) -> None:
        if entity.exists:
            self._names_loaded.setdefault((entity.account, entity.kind), set()).add(entity.name.lower())
        self.relink(entity.key)

    def ensure(self, key: EntityKey) -> Entity:
        return self._load(key) or super().ensure(key)

    def remove(self, entity: Entity) -> None:
        self._absent.add(entity.key)
        super().remove(entity)

    def count(self, account: str, kind: str) -> int:
        place = (account, kind)
        unread = self._counted.count(account, kind) - len(self._names_loaded.get(place, ()))
        return unread + len(self.names.get(place, ()))

    def names_in_order(self, account: str, kind: str) -> list[str]:
        place = (account, kind)
        if place not in self._orders:
            self.names.setdefault(place, {})
            self._orders[place] = NameOrder(_Names(self, place))
        return self._orders[place].names()

    def unread_names(self, account: str, kind: str) -> Iterator[str]:
        """The names of the source's entities that were not loaded."""
        loaded = self._names_loaded.get((account, kind), ())
        return (name for name in self._counted.names(account, kind) if name not in loaded)

    # The source's holders are those of before: the links add what changed since.

    def members_of(self, group: Entity) -> list[Entity]:
        return Directory.members_of(self, group)

    def uses_of(self, account: str, policy_arn: str) -> list[Entity]:
        return Directory.uses_of(self, account, policy_arn)

    def candidates(self, action: str, resource: str) -> Iterable[Entity]:
        return Directory.candidates(self, action, resource)  # policies of the source may have changed since

    def held(self, action: str, resource: str) -> Held | None:
        return None  # policies of the source may have changed since

    def numbered_principals(self) -> NumberedPrincipals | None:
        return None  # policies of the source may have changed since

    def actions_told(self, service: str) -> Iterable[str] | None:
        found = super().actions_told(service)
        if found is None:
            return None
        # What was written since is in memory.
        since = (action for entity in list(self.entities.values()) for action in actions_of(entity))
        return dict.fromkeys([*found, *(action for action in since if action.lower().startswith(f"{service}:"))])

    def resources_after(self, arn: str) -> Iterator[Entity]:
        return iter(sorted(super().resources_after(arn), key=lambda each: each.id))

    def about(self, action: str) -> Directory:
        return self

    def among(self, keys: Iterable[EntityKey], fits: Callable[[Entity], bool]) -> Iterator[Entity]:
        self.load_each(keys)
        return iter([each for each in self.entities.values() if fits(each)])

    def of_kind(self, *kinds: str) -> Iterator[Entity]:
        self._load_kinds(kinds)
        # Some were made, and some removed, since they were loaded.
        return iter([entity for entity in list(self.entities.values()) if entity.kind in kinds])

    def _load_holders(self, account: str, attribute: str, item: str) -> None:
        self.load_each(self.source.holders(account, attribute, item))

    @property
    def links(self) -> Links:
        if self.kept_links is None:
            self.kept_links = ViewLinks(self.entities, self._load_holders, self._unread_targets)
        return self.kept_links

    def _unread_targets(self, account: str, attribute: str) -> Iterable[str]:
        if self._has_all:
            return ()
        return self._counted.targets(account, attribute, lambda key: key in self.entities or key in self._absent)


class _Names:
    """The names of a kind in an account: those of the source that were not loaded, and those of what is in memory."""

    def __init__(self, view: WritableView, place: _Place) -> None:
        self._view = view
        self._place = place
        self._unread = set(view.unread_names(*place))

    def __iter__(self) -> Iterator[str]:
        yield from self._unread
        yield from (name for name in self._view.names[self._place] if name not in self._unread)

    def __contains__(self, name: object) -> bool:
        if name in self._view.names[self._place]:
            return True
        return name in self._unread and name not in self._view._names_loaded.get(self._place, ())

    def __len__(self) -> int:
        return sum(1 for _ in self)
