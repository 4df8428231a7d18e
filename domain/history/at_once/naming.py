"""The ARNs of users and roles, by their descriptions."""

from __future__ import annotations

from erstwhile.domain.directory import attributes as a
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.directory.facts import EntityKey, Fact, Value
from erstwhile.domain.history.fact_history import FactHistory
from erstwhile.domain.vocabulary.identifiers import is_arn_of
from erstwhile.domain.vocabulary.instants import BEFORE


class Naming:
    """As `Directory.arn_of`."""

    def __init__(self, history: FactHistory) -> None:
        self._history = history
        self._directories: dict[str, Directory] = {}

    def arn(self, key: EntityKey, described: Value) -> str:
        account, kind, _ = key
        recorded: str = described.get("arn", "")
        if is_arn_of(recorded, account, kind, described.get("name", "")):
            return recorded
        directory = self._directories.get(account)
        if directory is None:
            directory = self._directories[account] = self._directory((account, "account", account))
        entity = Entity(*key)
        entity.facts[a.ENTITY] = {"": Fact(described, BEFORE, 0)}
        return directory.arn_of(entity)

    def _directory(self, account: EntityKey) -> Directory:
        directory = Directory()
        for each in self._history.intervals_of(account):
            if each.attribute == a.MODE:
                directory.ensure(account).facts[a.MODE] = {"": Fact(each.value, each.valid_from, each.opened_by)}
        return directory
