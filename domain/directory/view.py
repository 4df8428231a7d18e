# mypyc: compiled
"""A Directory that is a view of a `FactSource`: it makes an entity when it is asked for.

A question about one principal reads a dozen entities, however many there are. Everything that is found equals what a
Directory with all facts finds: `tests/laws/test_view.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime

from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.directory.fact_source import FactSource
from erstwhile.domain.directory.facts import EntityKey, is_of_service, is_vpc_endpoint
from erstwhile.domain.directory.held import Held
from erstwhile.domain.directory.links import Links, in_order
from erstwhile.domain.directory.numbered_principals import NumberedPrincipals
from erstwhile.domain.policy.inputs.caller import Caller
from erstwhile.domain.vocabulary.identifiers import secret_name

_PRINCIPALS = ("user", "role")


class DirectoryView(Directory):
    """Nothing may write to it; `WritableView` may be written to. Several threads may read it where `loading` keeps all
    but one from loading: a lock that a thread may take again."""

    def __init__(
        self,
        source: FactSource,
        position: int = 0,
        as_of: datetime | None = None,
        loading: AbstractContextManager[object] | None = None,
    ) -> None:
        super().__init__(position, as_of)
        self.source = source
        self._absent: set[EntityKey] = set()
        self._arns_read: set[str] = set()
        self._access_keys_read: set[str] = set()
        self._names_read: set[tuple[str, str, str]] = set()
        self._kinds_read: set[str] = set()
        self._of_kind: dict[str, dict[EntityKey, Entity]] = {}
        """Those that were loaded: a question asks for few kinds, and may do so for each of many actions."""
        self._has_all = False
        self._loading = nullcontext() if loading is None else loading

    def _load(self, key: EntityKey) -> Entity | None:
        entity = self.entities.get(key)
        if entity is not None or self._has_all or key in self._absent:
            return entity
        with self._loading:
            return self._load_now(key)

    def _load_now(self, key: EntityKey) -> Entity | None:
        entity = self.entities.get(key)
        if entity is not None or key in self._absent:
            return entity
        facts = self.source.facts_of(key)
        if facts is None:
            self._absent.add(key)
            return None
        entity = Entity(*key)
        entity.facts = facts
        self.entities[key] = entity
        self._of_kind.setdefault(entity.kind, {})[key] = entity
        self.index(entity)
        self.loaded(entity)
        return entity

    def remove(self, entity: Entity) -> None:
        self._of_kind.get(entity.kind, {}).pop(entity.key, None)
        super().remove(entity)

    def loaded(self, entity: Entity) -> None:
        """Notes that an entity was loaded."""

    def load_each(self, keys: Iterable[EntityKey]) -> None:
        """Loads the entities of these keys, as far as they exist."""
        for key in keys:
            self._load(key)

    def _load_all(self) -> None:
        if not self._has_all:
            self._load_kinds({kind for _, kind in self.source.kinds()})
            self._has_all = True

    def _load_kinds(self, kinds: Iterable[str]) -> None:
        for kind in kinds:
            if kind not in self._kinds_read:
                self.load_each(self.source.of_kind(kind))
                self._kinds_read.add(kind)

    def get(self, account: str, kind: str, unique_id: str) -> Entity | None:
        return self._load((account, kind, unique_id))

    def named(self, account: str, kind: str, name: str) -> Entity | None:
        place = (account, kind, name.lower())
        if place not in self._names_read and kind not in self._kinds_read:
            self.load_each(self.source.with_name(*place))
            self._names_read.add(place)
        return super().named(account, kind, name)

    def with_arn(self, arn: str) -> Entity | None:
        if arn not in self._arns_read and not self._has_all:
            self.load_each(self.source.with_arn(arn))
            self._arns_read.add(arn)
        return super().with_arn(arn)

    def with_access_key(self, access_key_id: str) -> Entity | None:
        if access_key_id not in self._access_keys_read and not self._has_all:
            self.load_each(self.source.with_access_key(access_key_id))
            self._access_keys_read.add(access_key_id)
        return super().with_access_key(access_key_id)

    def by_name(self, account: str, kind: str) -> dict[str, Entity]:
        self._load_kinds((kind,))
        return super().by_name(account, kind)

    def accounts_with(self, kind: str) -> list[str]:
        return [account for account, held in self.source.kinds() if held == kind]

    def count(self, account: str, kind: str) -> int:
        return len(self.by_name(account, kind))

    def names_in_order(self, account: str, kind: str) -> list[str]:
        self._load_kinds((kind,))
        return super().names_in_order(account, kind)

    @property
    def links(self) -> Links:
        self._load_all()
        return super().links

    def members_of(self, group: Entity) -> list[Entity]:
        keys = self.source.holders(group.account, attributes.MEMBER_OF, group.id)
        loaded = [self._load(key) for key in keys if key[1] == "user"]
        return in_order(each for each in loaded if each is not None and each.exists and group.id in each.group_ids)

    def uses_of(self, account: str, policy_arn: str) -> list[Entity]:
        found: dict[EntityKey, Entity] = {}
        for attribute in (attributes.ATTACHED, attributes.BOUNDARY):
            for key in self.source.holders(account, attribute, policy_arn):
                entity = self._load(key)
                if entity is not None and entity.exists and _uses(entity, policy_arn):
                    found[key] = entity
        return in_order(found.values())

    def having(self, attribute: str, *kinds: str) -> Iterator[Entity]:
        return self.among(self.source.having(attribute), lambda each: each.kind in kinds and attribute in each.facts)

    def candidates(self, action: str, resource: str) -> Iterable[Entity]:
        found = self.source.candidates(action, resource)
        return super().candidates(action, resource) if found is None else self.among(found, lambda each: each.exists)

    def held(self, action: str, resource: str) -> Held | None:
        return self.source.held(action, resource)

    def numbered_principals(self) -> NumberedPrincipals | None:
        return self.source.numbered_principals()

    def roles_trusting(self, caller: Caller) -> Iterable[Entity]:
        found = self.source.roles_trusting(caller)
        return super().roles_trusting(caller) if found is None else self.among(found, lambda each: each.kind == "role")

    def principals_called(self, parts: Sequence[str]) -> Iterable[Entity]:
        found = self.source.principals_called(parts)
        return (
            super().principals_called(parts)
            if found is None
            else self.among(found, lambda each: each.kind in _PRINCIPALS)
        )

    def actions_told(self, service: str) -> Iterable[str] | None:
        return self.source.actions_told(service)

    def about(self, action: str) -> Directory:
        source = self.source.about(action)
        return self if source is self.source else DirectoryView(source, self.position, self.as_of, self._loading)

    def resources_of(self, service: str) -> Iterable[Entity]:
        keys = (key for key in self.source.of_kind("resource") if is_of_service(key, service))
        return list(self.among(keys, lambda each: each.kind == "resource" and is_of_service(each.key, service)))

    def resources_after(self, arn: str) -> Iterator[Entity]:
        keys = sorted((key for key in self.source.of_kind("resource") if key[2] > arn), key=lambda key: key[2])
        return self.among(keys, lambda each: each.kind == "resource" and each.id > arn)

    def vpc_endpoints(self) -> Iterator[Entity]:
        return self.among(self.source.vpc_endpoints(), lambda each: is_vpc_endpoint(each.key))

    def secrets_called(self, arn: str) -> list[Entity]:
        return list(self.among(self.source.secrets_called(arn), lambda each: secret_name(each.arn) == arn))

    def among(self, keys: Iterable[EntityKey], fits: Callable[[Entity], bool]) -> Iterator[Entity]:
        """Of the entities that an index names, those that fit, each once. A view that is written to has others, too, of
        whatever kind: `fits` says all."""
        found = (self._load(key) for key in dict.fromkeys(keys))
        return (each for each in found if each is not None and fits(each))

    def all(self) -> Iterable[Entity]:
        self._load_all()
        return list(self.entities.values())

    def of_kind(self, *kinds: str) -> Iterator[Entity]:
        self._load_kinds(kinds)
        # A list of its own: more entities may be loaded while it is read.
        return iter([entity for kind in dict.fromkeys(kinds) for entity in list(self._of_kind.get(kind, {}).values())])

    def principals_of(self, accounts: Collection[str]) -> Iterable[Entity]:
        keys = (key for kind in _PRINCIPALS for account in accounts for key in self.source.of_kind(kind, account))
        return list(self.among(keys, lambda each: each.kind in _PRINCIPALS and each.account in accounts))


def _uses(entity: Entity, policy_arn: str) -> bool:
    return policy_arn in entity.attached_policies or entity.boundary == policy_arn
