"""A `FactSource` over the facts of a Directory, by the slowest and most obvious way: it looks through all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.directory.fact_source import Facts, FactSource
from erstwhile.domain.directory.facts import EntityKey
from erstwhile.domain.directory.held import Held
from erstwhile.domain.directory.numbered_principals import NumberedPrincipals
from erstwhile.domain.policy.inputs.caller import Caller


class ScannedFacts:
    """Finds exactly what a complete Directory finds, among all claimants of an ARN or access key."""

    def __init__(self, complete: Directory) -> None:
        self._directory = complete

    def facts_of(self, key: EntityKey) -> Facts | None:
        entity = self._directory.get(*key)
        return None if entity is None else entity.copy().facts

    def _keys(self, entities: Iterable[Entity]) -> list[EntityKey]:
        return [entity.key for entity in entities]

    def with_arn(self, arn: str) -> list[EntityKey]:
        return self._keys(each for each in self._directory.all() if self._directory.arn_of(each) == arn)

    def with_access_key(self, access_key_id: str) -> list[EntityKey]:
        return self._keys(each for each in self._directory.all() if access_key_id in each.access_keys)

    def with_name(self, account: str, kind: str, name: str) -> list[EntityKey]:
        there = (each for each in self._directory.all() if (each.account, each.kind) == (account, kind))
        return self._keys(each for each in there if each.exists and each.name.lower() == name)

    def of_kind(self, kind: str, account: str = "") -> list[EntityKey]:
        return self._keys(each for each in self._directory.of_kind(kind) if account in ("", each.account))

    def holders(self, account: str, attribute: str, item: str) -> list[EntityKey]:
        there = [each for each in self._directory.all() if each.account == account]
        if attribute == attributes.BOUNDARY:
            return self._keys(each for each in there if each.boundary == item)
        return self._keys(each for each in there if item in each.facts.get(attribute, {}))

    def having(self, attribute: str) -> list[EntityKey]:
        return self._keys(each for each in self._directory.all() if attribute in each.facts)

    def vpc_endpoints(self) -> list[EntityKey]:
        return self._keys(self._directory.vpc_endpoints())

    def secrets_called(self, arn: str) -> list[EntityKey]:
        return self._keys(self._directory.secrets_called(arn))

    def candidates(self, action: str, resource: str) -> list[EntityKey] | None:
        return None

    def held(self, action: str, resource: str) -> Held | None:
        return None

    def numbered_principals(self) -> NumberedPrincipals | None:
        return None

    def roles_trusting(self, caller: Caller) -> Iterable[EntityKey] | None:
        return None

    def principals_called(self, parts: Sequence[str]) -> Iterable[EntityKey] | None:
        return None

    def actions_told(self, service: str) -> Iterable[str] | None:
        return None

    def about(self, action: str) -> FactSource:
        return self

    def in_force(self) -> FactSource:
        return self

    def kinds(self) -> set[tuple[str, str]]:
        return {(each.account, each.kind) for each in self._directory.all()}

    def count(self, account: str, kind: str) -> int:
        return len(self.names(account, kind))

    def names(self, account: str, kind: str) -> set[str]:
        there = (each for each in self._directory.of_kind(kind) if each.account == account and each.exists)
        return {each.name.lower() for each in there}

    def targets(self, account: str, attribute: str, is_other: Callable[[EntityKey], bool]) -> set[str]:
        there = (each for each in self._directory.all() if each.account == account and each.exists)
        return {item for each in there if not is_other(each.key) for item in each.facts.get(attribute, ())}
