"""The facts of one instant of a history."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from erstwhile.domain.directory.fact_source import Facts, FactSource
from erstwhile.domain.directory.facts import EntityKey, Fact
from erstwhile.domain.directory.view import DirectoryView
from erstwhile.domain.history.fact_history import FactHistory


class FactsAt:
    """A `FactSource`."""

    def __init__(self, history: FactHistory, instant: datetime) -> None:
        self._history = history
        self._instant = instant

    def facts_of(self, key: EntityKey) -> Facts | None:
        facts: Facts = {}
        for each in self._history.intervals_of(key):
            if each.valid_from <= self._instant < each.valid_to:
                facts.setdefault(each.attribute, {})[each.item] = Fact(each.value, each.valid_from, each.opened_by)
        return facts or None

    def with_arn(self, arn: str) -> Iterable[EntityKey]:
        return self._history.with_arn(arn)

    def with_access_key(self, access_key_id: str) -> Iterable[EntityKey]:
        return self._history.with_access_key(access_key_id)

    def with_name(self, account: str, kind: str, name: str) -> Iterable[EntityKey]:
        return self._history.with_name(account, kind, name)

    def of_kind(self, kind: str) -> Iterable[EntityKey]:
        return self._history.of_kind(kind)

    def holders(self, account: str, attribute: str, item: str) -> Iterable[EntityKey]:
        return self._history.holders(account, attribute, item)

    def having(self, attribute: str) -> Iterable[EntityKey]:
        return self._history.having(attribute)

    def vpc_endpoints(self) -> Iterable[EntityKey]:
        return self._history.vpc_endpoints()

    def secrets_called(self, arn: str) -> Iterable[EntityKey]:
        return self._history.secrets_called(arn)

    def candidates(self, action: str, resource: str) -> Iterable[EntityKey] | None:
        return None

    def about(self, action: str) -> FactSource:
        return self

    def kinds(self) -> Iterable[tuple[str, str]]:
        return self._history.kinds()


def directory_at(history: FactHistory, instant: datetime) -> DirectoryView:
    """The Directory of an instant, as known at the history's position."""
    return DirectoryView(FactsAt(history, instant), history.known_at, instant)
