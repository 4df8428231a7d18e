"""Users and roles by numbers, with the documents that they hold, as bitmaps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from pyroaring import BitMap

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.directory.facts import EntityKey
from erstwhile.domain.policy.engine.indexed_layer import IndexedLayer
from erstwhile.domain.policy.evaluation.layers import Layer
from erstwhile.domain.policy.inputs import sources
from erstwhile.domain.policy.inputs.known_keys import is_service_linked
from erstwhile.domain.policy.language.conditions import UnknownOperator
from erstwhile.domain.policy.language.document import MalformedDocument
from erstwhile.domain.policy.language.statement import CompiledDocument, compile_document

_KINDS = ("user", "role")
_Attachments = dict[tuple[str, str], list[tuple[int, datetime]]]
"""(account, policy ARN) → number of each that has it, and since when."""


class IndexedPrincipals:
    """All of a Directory; or at first those who may have something that allows an action (lower case) on a resource, as
    far as the Directory can tell that."""

    def __init__(
        self, directory: Directory, asked: tuple[str, str] | None, among: Iterable[Entity] | None = None
    ) -> None:
        """`among`: those at first, where they are known."""
        self._directory = directory
        self._is_whole = asked is None
        self._number: dict[EntityKey, int] = {}
        self.principals: list[Entity] = []
        self.accounts: dict[str, BitMap] = {}
        self.documents: dict[str, BitMap] = {}
        self.compiled: dict[str, CompiledDocument] = {}
        """The same documents: each question goes through all of them, whatever else is compiled meanwhile."""
        self.boundaries: dict[Layer, BitMap] = {}
        self.service_linked = BitMap()
        self.tags: dict[tuple[str, str], BitMap] = {}
        """By key (lower case) and value."""
        self.unsure = BitMap()
        """Those of whose policies, or existence, something is not known."""
        if among is None:
            among = self._all() if asked is None else directory.candidates(*asked)
        self._add(among)

    def _all(self) -> Iterator[Entity]:
        return (entity for entity in self._directory.of_kind(*_KINDS) if entity.exists)

    def everybody(self) -> BitMap:
        """The numbers of all users and roles of the Directory."""
        if not self._is_whole:
            self._add(entity for entity in self._all() if entity.key not in self._number)
            self._is_whole = True
        return BitMap(range(len(self.principals)))

    def named(self, name: str) -> Iterator[int]:
        """Whom a policy means by an ARN or a unique id; a session is its role's."""
        for entity in named_principals(self._directory, name):
            number = self._number_of(entity)
            if number is not None:
                yield number

    def _number_of(self, entity: Entity | None) -> int | None:
        """Of a user or role that exists."""
        if entity is None or entity.kind not in _KINDS or not entity.exists:
            return None
        if entity.key not in self._number:
            self._add((entity,))
        return self._number[entity.key]

    def _add(self, entities: Iterable[Entity]) -> None:
        members: dict[EntityKey, list[int]] = {}
        attached: _Attachments = {}
        bounded: dict[str, list[int]] = {}
        for entity in entities:
            number = self._number[entity.key] = len(self.principals)
            self.principals.append(entity)
            account = entity.account
            self.accounts.setdefault(account, BitMap()).add(number)
            for unique_id in entity.group_ids:
                members.setdefault((account, "group", unique_id), []).append(number)
            # Of keys that differ in case alone, the last one counts, as it does as a condition key.
            values = {key.lower(): fact.value["value"] for key, fact in entity.tag_facts.items()}
            for tag in values.items():
                self.tags.setdefault(tag, BitMap()).add(number)
            if not _is_known(entity):
                self.unsure.add(number)
            if entity.boundary is not None:
                bounded.setdefault(entity.boundary, []).append(number)
            if is_service_linked(entity):
                self.service_linked.add(number)
            self._add_own(entity, (number,), attached)
        for group_key, those in members.items():
            group = self._directory.get(*group_key)
            if group is None or not _is_known(group):
                self.unsure.update(those)
            if group is not None:
                self._add_own(group, those, attached)
        for (account, arn), holders in attached.items():
            begun = sources.begun(self._directory, arn)
            there = [number for number, since in holders if begun is None or begun <= since]
            if there:
                self._put(sources.managed(self._directory, arn, account).document, there)
        for those in bounded.values():
            limit = sources.boundary_source(self._directory, self.principals[those[0]])
            if limit is not None:
                self.boundaries[IndexedLayer("permissions_boundary", [limit])] = BitMap(those)

    def _add_own(self, entity: Entity, holders: Iterable[int], attached: _Attachments) -> None:
        """The policies of a principal, or of a group of many."""
        for fact in entity.inline_policies.values():
            self._put(fact.value["document"], holders)
        for arn, fact in entity.attached_policies.items():
            attached.setdefault((entity.account, arn), []).extend((number, fact.since) for number in holders)

    def _put(self, document: str | None, holders: Iterable[int]) -> None:
        held = self.unsure if document is None else self.documents.get(document)
        if held is None:
            assert document is not None
            try:
                self.compiled[document] = compile_document(document, True)
            except (MalformedDocument, UnknownOperator):
                held = self.unsure
            else:
                held = self.documents[document] = BitMap()
        held.update(holders)


def named_principals(directory: Directory, name: str) -> Iterator[Entity]:
    """The users and roles whom a policy means by an ARN or a unique id; a session is its role's."""
    entity = directory.with_arn(name)
    if entity is None or entity.kind not in _KINDS or not entity.exists:
        parts = name.split(":", 5)
        account, rest = (parts[4], parts[5].split("/")) if len(parts) == 6 else ("", [name])
        role = rest[1] if rest[0] == "assumed-role" and len(rest) > 1 else rest[-1]
        entity = directory.named(account, "role", role)
    if entity is not None and entity.kind in _KINDS and entity.exists:
        yield entity
    for kind in _KINDS:
        for account in directory.accounts_with(kind):
            by_id = directory.get(account, kind, name)
            if by_id is not None and by_id.exists:
                yield by_id


def _is_known(entity: Entity) -> bool:
    """Whether its policies were seen, and it is sure to exist."""
    return entity.is_covered and entity.vanished is None
