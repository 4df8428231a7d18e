"""Who may be the source of an opening at all: those that have a statement that allows its actions, on its resources, as
bitmaps. All others are denied by the engine, too, or rest on what is not known alone: it is asked about these only."""

from __future__ import annotations

from collections.abc import Container, Iterator

from pyroaring import BitMap

from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.policy.inputs.caller import account_named
from erstwhile.domain.policy.inputs.known_keys import is_service_linked
from erstwhile.domain.policy.inputs.request import Request
from erstwhile.domain.policy.language.match import matches
from erstwhile.domain.policy.language.statement import CompiledStatement, compile_document
from erstwhile.domain.questions.asked import is_pattern
from erstwhile.domain.questions.indexed_principals import IndexedPrincipals
from erstwhile.domain.reach.asks import Ask
from erstwhile.domain.reach.nodes import Node
from erstwhile.domain.reach.openings import Opening
from erstwhile.domain.reach.questions import Questions


class Sources:
    """The users and roles of one Directory, by numbers; or those of some accounts."""

    def __init__(self, questions: Questions, accounts: Container[str] | None = None) -> None:
        self._questions = questions
        among = None
        if accounts is not None:
            among = (each for each in questions.directory.principals_of(accounts) if each.exists)
        self._indexed = IndexedPrincipals(questions.directory, None, among)
        self.everybody = BitMap()
        """Without the roles of services, by which nobody but AWS acts."""
        self._accounts: dict[str, BitMap] = {}
        for number, entity in enumerate(self.principals):
            if not is_service_linked(entity):
                self.everybody.add(number)
                self._accounts.setdefault(entity.account, BitMap()).add(number)
        self._numbers: dict[str, int] = {}
        self._allowing: dict[str, list[tuple[CompiledStatement, BitMap]]] = {}
        self._speaking: dict[str, BitMap] = {}
        self._may: dict[tuple[str, str], BitMap] = {}
        self._of: dict[tuple[tuple[Ask, ...], str, str], BitMap] = {}
        self._exact: dict[str, list[str]] = {}
        """Documents by the actions (lower case) that their allowing statements name."""
        self._wild: dict[str, list[str]] = {}
        """Documents by the patterns of actions that they name."""
        self._all_but: list[str] = []
        """Documents that allow all actions but some."""
        for text in self._indexed.documents:
            self._index(text)

    @property
    def principals(self) -> list[Entity]:
        """By their numbers."""
        return self._indexed.principals

    def node(self, number: int) -> Node:
        return Node(self._questions.directory.arn_of(self.principals[number]))

    def number_of(self, node: Node) -> int | None:
        """The number of a user or role; None for anybody else, and for roles of services."""
        if not self._numbers:
            self._numbers = {self.node(number).principal: number for number in self.everybody}
        return self._numbers.get(node.principal)

    def of_account(self, account: str) -> BitMap:
        """Those of an account."""
        return self._accounts.get(account, BitMap())

    def _index(self, text: str) -> None:
        for compiled in compile_document(text, True).statements:
            if not compiled.allows:
                continue
            if compiled.statement.actions is None:
                self._all_but.append(text)
                continue
            for action in compiled.statement.actions:
                by_name = self._wild if "*" in action or "?" in action else self._exact
                by_name.setdefault(action.lower(), []).append(text)

    def _texts(self, action: str) -> Iterator[str]:
        """The documents that may allow an action (lower case)."""
        yield from self._exact.get(action, ())
        yield from self._all_but
        for pattern, texts in self._wild.items():
            if matches(pattern, action):
                yield from texts

    def allowing(self, action: str) -> list[tuple[CompiledStatement, BitMap]]:
        """The statements that allow an action on something, and who has each."""
        found = self._allowing.get(action)
        if found is None:
            lowered = action.lower()
            found = self._allowing[action] = [
                (compiled, self._indexed.documents[text])
                for text in dict.fromkeys(self._texts(lowered))
                for compiled in compile_document(text, True).about(lowered)
                if compiled.allows
            ]
        return found

    def speaking(self, action: str) -> BitMap:
        """Those with a statement that allows an action on something."""
        found = self._speaking.get(action)
        if found is None:
            held = (holders for _, holders in self.allowing(action))
            found = self._speaking[action] = BitMap.union(BitMap(), *held) & self.everybody
        return found

    def may(self, action: str, resource: str) -> BitMap:
        """Those with a statement that may allow an action on a resource."""
        key = (action, resource)
        found = self._may.get(key)
        if found is None:
            held = (holders for compiled, holders in self.allowing(action) if compiled.may_cover(resource))
            found = self._may[key] = BitMap.union(BitMap(), *held) & self.everybody
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
                    named.update(self._indexed.named(name))
        return accounts, named & self.everybody
