"""What policies say from an instant on, whatever happens to them later."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.facts import EntityKey
from erstwhile.domain.directory.view import DirectoryView
from erstwhile.domain.history.fact_history import FactHistory
from erstwhile.domain.history.read_facts import ReadFacts
from erstwhile.domain.policy.inputs.sources import managed
from erstwhile.domain.vocabulary.instants import FOREVER

_MOST_INSTANTS = 500


class NotSure(Exception):
    """What is said at some time is not known, or not looked for."""


class SaidSince:
    """Over one history, from an instant on."""

    def __init__(self, history: FactHistory, begin: datetime) -> None:
        self._facts = ReadFacts(history)
        self._known_at = history.known_at
        self._begin = begin
        self._of_managed: dict[tuple[str, str], frozenset[str]] = {}

    def by_managed(self, arn: str, account: str) -> frozenset[str]:
        """All that a managed policy says to those of an account. Raises NotSure."""
        found = self._of_managed.get((arn, account))
        if found is None:
            documents = set()
            for directory in self._instants(lambda directory: managed(directory, arn, account)):
                document = managed(directory, arn, account).document
                if document is None:
                    raise NotSure
                documents.add(document)
            found = self._of_managed[arn, account] = frozenset(documents)
        return found

    def by_group(self, key: EntityKey) -> frozenset[str]:
        """All that a group's policies say. Raises NotSure, as where it is not there all the time."""
        documents: set[str] = set()
        attached: set[str] = set()
        for directory in self._instants(lambda directory: directory.get(*key)):
            group = directory.get(*key)
            if group is None or not group.exists or not group.is_covered or group.vanished is not None:
                raise NotSure
            for fact in group.inline_policies.values():
                if fact.value["document"] is None:
                    raise NotSure
                documents.add(fact.value["document"])
            attached |= group.attached_policies.keys()
        return frozenset(documents).union(*(self.by_managed(arn, key[0]) for arn in attached))

    def _instants(self, read: Callable[[Directory], object]) -> Iterator[Directory]:
        """The Directory at the first instant, and at each at which something changed of what is read. Raises
        NotSure."""
        at = self._begin
        for _ in range(_MOST_INSTANTS):
            self._facts.turn_to(at)
            directory = DirectoryView(self._facts, self._known_at, at)
            read(directory)
            courses = list(self._facts.read.values())
            yield directory
            at = min((each.next_change(at, frozenset()) for each in courses), default=FOREVER)
            if at == FOREVER:
                return
        raise NotSure
