"""The Directory of any instant, as known at any log position: a view of history's columns."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from datetime import datetime
from threading import Lock, RLock

from erstwhile.domain.directory.deciding_view import DecidingView
from erstwhile.domain.directory.fact_source import Facts, FactSource
from erstwhile.domain.directory.facts import EntityKey
from erstwhile.domain.directory.held import Held
from erstwhile.domain.directory.numbered_principals import NumberedPrincipals
from erstwhile.domain.directory.view import DirectoryView
from erstwhile.domain.history.provenance import MOST_RIGHTS, Rights
from erstwhile.domain.policy.inputs.caller import Caller
from erstwhile.domain.vocabulary.bounded import Bounded
from erstwhile.domain.vocabulary.identifiers import AWS_MANAGED
from erstwhile.projections.columns.column_history import ColumnHistory
from erstwhile.projections.columns.current_facts import CurrentFacts
from erstwhile.projections.columns.documents import documents_of
from erstwhile.projections.columns.facts_at import ColumnFacts
from erstwhile.projections.columns.policy_lines import policy_lines
from erstwhile.projections.columns.stack import Stack
from erstwhile.projections.columns.store import ColumnStore

UNSEEN = 1.0
"""Seconds until a question sees that history was rebuilt."""
_KEPT = 16
_MOST_ENTITIES = 20_000
"""Entities that the kept views have made, in all."""


class Past:
    """Keeps the last few views, with what was made from them, until something new is on record: each would hold all
    columns of its time. Any thread may ask."""

    def __init__(self, columns: ColumnStore) -> None:
        self._columns = columns
        self._kept: OrderedDict[tuple[str | None, datetime | None, int, bool], DirectoryView] = OrderedDict()
        self.rights: Rights = Bounded(MOST_RIGHTS)
        """What `provenance` found for earlier questions."""
        self._made_from: Stack = ()
        self._last: ColumnHistory | None = None
        self._lock = Lock()

    def history(self, known_at: int) -> ColumnHistory:
        """History as known at a log position that it has reached."""
        history = self._columns.history(known_at, UNSEEN)
        with self._lock:
            self._last = history
            if self._made_from is not history.stack:
                self._kept.clear()
                if not self._made_from or self._made_from[-1].segment is not history.stack[-1].segment:
                    self.rights.clear()  # the rows were made anew
                self._made_from = history.stack
        return history

    def forget(self) -> None:
        """What was read of single entities, after a question about very many."""
        with self._lock:
            last = self._last
        if last is not None:
            last.forget()

    def directory(self, as_of: datetime, known_at: int, account: str | None = None) -> DirectoryView:
        """The Directory of an instant, as known at a log position that history has reached; with `account`, of that
        account and AWS's managed policies alone."""
        return self._view(account, as_of, known_at)

    def deciding(self, as_of: datetime, known_at: int) -> DirectoryView:
        """The Directory of an instant for decisions alone: of managed policies it has but what is in force."""
        return self._view(None, as_of, known_at, True)

    def read_ahead(self, position: int) -> None:
        """Makes what every decision about the past reads, at a log position that history has reached."""
        for layer in self.history(position).stack:
            policy_lines(layer.segment, position)
            documents_of(layer.segment)

    def counts(self, as_of: datetime, known_at: int) -> dict[tuple[str, str], int]:
        """How many entities each account has of each kind at an instant: none of them is made for it."""
        return ColumnFacts(self.history(known_at), as_of).counts()

    def present(self, position: int) -> DirectoryView:
        """The Directory of now, at a log position that history has reached."""
        return self._view(None, None, position)

    def _view(
        self, account: str | None, as_of: datetime | None, known_at: int, in_force: bool = False
    ) -> DirectoryView:
        history = self.history(known_at)
        key = (account, as_of, known_at, in_force)
        with self._lock:
            view = self._kept.pop(key, None)
            if view is None:
                facts = CurrentFacts(history) if as_of is None else ColumnFacts(history, as_of)
                view = _view_of(facts, known_at, as_of, account, in_force)
            self._kept[key] = view
            while len(self._kept) > _KEPT or (self._entities() > _MOST_ENTITIES and len(self._kept) > 1):
                self._kept.popitem(last=False)
        return view

    def _entities(self) -> int:
        return sum(len(view.entities) for view in self._kept.values())


def _view_of(
    facts: ColumnFacts, known_at: int, as_of: datetime | None, account: str | None, in_force: bool
) -> DirectoryView:
    if in_force and account is None:
        return DecidingView(facts.in_force(), known_at, as_of, RLock())
    source: FactSource = facts if account is None else OfAccount(facts, account)
    return DirectoryView(source.in_force() if in_force else source, known_at, as_of, RLock())


class OfAccount:
    """A `FactSource`: what another has of one account, and of AWS's managed policies."""

    def __init__(self, whole: FactSource, account: str) -> None:
        self._whole = whole
        self._accounts = (account, AWS_MANAGED)

    def _of_these(self, keys: Iterable[EntityKey]) -> list[EntityKey]:
        return [key for key in keys if key[0] in self._accounts]

    def facts_of(self, key: EntityKey) -> Facts | None:
        return self._whole.facts_of(key) if key[0] in self._accounts else None

    def with_arn(self, arn: str) -> Iterable[EntityKey]:
        return self._of_these(self._whole.with_arn(arn))

    def with_access_key(self, access_key_id: str) -> Iterable[EntityKey]:
        return self._of_these(self._whole.with_access_key(access_key_id))

    def with_name(self, account: str, kind: str, name: str) -> Iterable[EntityKey]:
        return self._whole.with_name(account, kind, name) if account in self._accounts else ()

    def of_kind(self, kind: str, account: str = "") -> Iterable[EntityKey]:
        return self._of_these(self._whole.of_kind(kind, account))

    def holders(self, account: str, attribute: str, item: str) -> Iterable[EntityKey]:
        return self._whole.holders(account, attribute, item) if account in self._accounts else ()

    def having(self, attribute: str) -> Iterable[EntityKey]:
        return self._of_these(self._whole.having(attribute))

    def vpc_endpoints(self) -> Iterable[EntityKey]:
        return self._of_these(self._whole.vpc_endpoints())

    def secrets_called(self, arn: str) -> Iterable[EntityKey]:
        return self._of_these(self._whole.secrets_called(arn))

    def candidates(self, action: str, resource: str) -> Iterable[EntityKey] | None:
        found = self._whole.candidates(action, resource)
        return None if found is None else self._of_these(found)

    def held(self, action: str, resource: str) -> Held | None:
        return None

    def numbered_principals(self) -> NumberedPrincipals | None:
        return None

    def roles_trusting(self, caller: Caller) -> Iterable[EntityKey] | None:
        return None

    def principals_called(self, parts: Sequence[str]) -> Iterable[EntityKey] | None:
        found = self._whole.principals_called(parts)
        return None if found is None else self._of_these(found)

    def actions_told(self, service: str) -> Iterable[str] | None:
        return self._whole.actions_told(service)

    def about(self, action: str) -> FactSource:
        return OfAccount(self._whole.about(action), self._accounts[0])

    def in_force(self) -> FactSource:
        return OfAccount(self._whole.in_force(), self._accounts[0])

    def kinds(self) -> Iterable[tuple[str, str]]:
        return [place for place in self._whole.kinds() if place[0] in self._accounts]
