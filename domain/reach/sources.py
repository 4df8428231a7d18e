"""Who may be the source of an opening at all: those that have a statement that allows its actions, on its resources, as
bitmaps. All others are denied by the engine, too, or rest on what is not known alone: it is asked about these only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

from pyroaring import BitMap

from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.directory.numbered_principals import NumberedPrincipals
from erstwhile.domain.policy.inputs import sources
from erstwhile.domain.policy.inputs.caller import account_named
from erstwhile.domain.policy.inputs.known_keys import is_service_linked
from erstwhile.domain.policy.inputs.request import Request
from erstwhile.domain.policy.language.conditions import UnknownOperator
from erstwhile.domain.policy.language.document import MalformedDocument
from erstwhile.domain.policy.language.statement import CompiledDocument, CompiledStatement, compile_document
from erstwhile.domain.questions.asked import is_pattern
from erstwhile.domain.questions.indexed_principals import named_principals
from erstwhile.domain.reach.asks import Ask
from erstwhile.domain.reach.catalogue.family import Family
from erstwhile.domain.reach.nodes import Node
from erstwhile.domain.reach.openings import Opening
from erstwhile.domain.reach.questions import Questions
from erstwhile.domain.reach.read_principals import ReadPrincipals


class Sources:
    """The users and roles of one Directory, by numbers. The roles of services are among them, by which nobody but AWS
    acts, and some may not exist: `acting` leaves these out."""

    def __init__(self, questions: Questions) -> None:
        self._questions = questions
        self._directory = questions.directory
        known = self._directory.numbered_principals()
        self._numbered: NumberedPrincipals = known or ReadPrincipals(self._directory)
        self._of_account: dict[str, BitMap] = {}
        self._speaking: dict[str, BitMap] = {}
        self._may: dict[tuple[str, str], BitMap] = {}
        self._of: dict[tuple[tuple[Ask, ...], str, str], BitMap] = {}

    @cached_property
    def everybody(self) -> BitMap:
        return self._numbered.everybody

    def of_account(self, account: str) -> BitMap:
        """Those of an account."""
        found = self._of_account.get(account)
        if found is None:
            found = self._of_account[account] = self._numbered.of_account(account)
        return found

    def acting(self, those: BitMap) -> Iterator[tuple[int, Entity]]:
        """Of some, those that exist and may act."""
        for number in those:
            entity = self._directory.get(*self._numbered.key(number))
            if entity is not None and entity.exists and not is_service_linked(entity):
                yield number, entity

    def node(self, entity: Entity) -> Node:
        return Node(self._directory.arn_of(entity))

    def nodes(self, those: BitMap) -> Iterator[Node]:
        """Of some, those that exist and may act."""
        return (self.node(entity) for _, entity in self.acting(those))

    def number_of(self, node: Node) -> int | None:
        """The number of a user or role; None for anybody else, and for roles of services."""
        entity = self._directory.with_arn(node.principal)
        if entity is None or not entity.exists or self.node(entity) != node.plain or is_service_linked(entity):
            return None
        return self._number_of(entity)

    def _number_of(self, entity: Entity) -> int | None:
        return self._numbered.number_of(entity.key)

    @cached_property
    def _looked_up(self) -> list[tuple[CompiledDocument, BitMap]]:
        """Documents that had to be looked up, with those who have them."""
        found = []
        for account, arn, holders in self._numbered.untold:
            document = sources.managed(self._directory, arn, account).document
            if document is not None:
                try:
                    found.append((compile_document(document, True), holders))
                except (MalformedDocument, UnknownOperator):
                    continue  # nothing is known to follow from it
        return found

    def _allowing(self, action: str) -> Iterator[tuple[CompiledStatement, BitMap]]:
        """The statements of documents that had to be looked up by which an action (lower case) is allowed."""
        for document, holders in self._looked_up:
            yield from ((compiled, holders) for compiled in document.about(action) if compiled.allows)

    def speaking(self, action: str) -> BitMap:
        """Those with a statement that allows an action on something."""
        found = self._speaking.get(action)
        if found is None:
            lowered = action.lower()
            more = (holders for _, holders in self._allowing(lowered))
            found = self._speaking[action] = BitMap.union(self._numbered.speaking(lowered), *more)
        return found

    def having_all_of_one(self, families: Iterable[Family]) -> BitMap:
        """Those with a statement for every need of one of some families."""
        found = BitMap()
        for family in families:
            those = self.everybody
            for need in family.needs:
                those = those & self.speaking(need.action)
            found |= those
        return found

    def may(self, action: str, resource: str) -> BitMap:
        """Those with a statement that may allow an action on a resource."""
        key = (action, resource)
        found = self._may.get(key)
        if found is None:
            lowered = action.lower()
            more = (holders for compiled, holders in self._allowing(lowered) if compiled.may_cover(resource))
            found = self._may[key] = BitMap.union(self._numbered.may(lowered, resource), *more)
        return found

    def of(self, opening: Opening) -> BitMap:
        """Whom the engine may allow an opening."""
        key = (opening.asks, opening.family.kind, opening.account)
        found = self._of.get(key)
        if found is None:
            found = self._of[key] = self._find(opening)
        return found

    def _find(self, opening: Opening) -> BitMap:
        if opening.family.kind == "federated":
            return BitMap()  # only outsiders
        found = self.everybody if opening.crosses_accounts else self.of_account(opening.account)
        for ask in opening.asks:
            for action in ask.actions:
                if is_pattern(ask.resource):
                    found = found & self.speaking(action)
                elif opening.crosses_accounts:
                    accounts, named = self._named(action, ask)
                    found = found & (self.may(action, ask.resource) & accounts | named)
                elif opening.family.kind == "existing-service":
                    found = found & (self.may(action, ask.resource) | self._named(action, ask)[1])
                else:
                    found = found & self.may(action, ask.resource)
                if not found:
                    return found
        return found

    def lets_anybody_in(self, opening: Opening) -> bool:
        """Whether the policy of what is asked about names everybody, so that none of their own need allow it."""
        if opening.family.kind not in ("assume", "existing-service"):
            return False
        everybody = self.everybody
        return any(self._named(action, ask)[1] == everybody for ask in opening.asks for action in ask.actions)

    def _named(self, action: str, ask: Ask) -> tuple[BitMap, BitMap]:
        """Whom the resource's own policy may allow an action: by their account, with policies of their own; and by
        themselves, without."""
        policy = self._questions.engine.target(Request(principal="", action=action, resource=ask.resource), "").policy
        accounts, named = BitMap(), BitMap()
        if policy is None:
            return accounts, named
        for compiled, _, _ in policy.about(action.lower()):
            statement = compiled.statement
            if not compiled.allows:
                continue
            if statement.not_principals is not None or ("AWS", "*") in (statement.principals or ()):
                return self.everybody, self.everybody
            for kind, name in statement.principals or ():
                account = account_named(name) if kind == "AWS" else ""
                if account:
                    accounts |= self.of_account(account)
                elif kind == "AWS":
                    numbers = map(self._number_of, named_principals(self._directory, name))
                    named.update(each for each in numbers if each is not None)
        return accounts, named & self.everybody
