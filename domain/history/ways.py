"""The ways of a history to its entities, for what has other facts and the same ways."""

from __future__ import annotations

from collections.abc import Iterable

from erstwhile.domain.directory.facts import EntityKey
from erstwhile.domain.history.fact_history import FactHistory


class SameWays:
    """Finds every entity where a history finds it."""

    def __init__(self, history: FactHistory) -> None:
        self._history = history

    def with_arn(self, arn: str) -> Iterable[EntityKey]:
        return self._history.with_arn(arn)

    def has_alone(self, key: EntityKey, arn: str) -> bool:
        return list(self.with_arn(arn)) == [key]

    def with_access_key(self, access_key_id: str) -> Iterable[EntityKey]:
        return self._history.with_access_key(access_key_id)

    def with_name(self, account: str, kind: str, name: str) -> Iterable[EntityKey]:
        return self._history.with_name(account, kind, name)

    def of_kind(self, kind: str, account: str = "") -> Iterable[EntityKey]:
        return self._history.of_kind(kind, account)

    def holders(self, account: str, attribute: str, item: str) -> Iterable[EntityKey]:
        return self._history.holders(account, attribute, item)

    def having(self, attribute: str) -> Iterable[EntityKey]:
        return self._history.having(attribute)

    def vpc_endpoints(self) -> Iterable[EntityKey]:
        return self._history.vpc_endpoints()

    def secrets_called(self, arn: str) -> Iterable[EntityKey]:
        return self._history.secrets_called(arn)

    def kinds(self) -> Iterable[tuple[str, str]]:
        return self._history.kinds()
