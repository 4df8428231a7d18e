"""Who may be the source of an opening at all: those that have a statement about its actions, as bitmaps. All others are
denied by the engine, too; it is asked about these alone."""

from __future__ import annotations

from pyroaring import BitMap

from erstwhile.domain.policy.inputs.known_keys import is_service_linked
from erstwhile.domain.questions.asked import is_pattern
from erstwhile.domain.questions.index import Index
from erstwhile.domain.reach.nodes import Node
from erstwhile.domain.reach.openings import Opening
from erstwhile.domain.reach.questions import Ask, Questions


class Sources:
    """The users and roles of one Directory, by numbers."""

    def __init__(self, questions: Questions) -> None:
        self.index = Index(questions.directory)
        self.everybody = BitMap()
        """Without the roles of services, by which nobody but AWS acts."""
        self._speaking: dict[str, BitMap] = {}
        self._who: dict[tuple[str, Ask], BitMap] = {}
        self._accounts: dict[str, BitMap] = {}
        for number, entity in enumerate(self.index.principals):
            if is_service_linked(entity):
                continue
            self.everybody.add(number)
            self._accounts.setdefault(entity.account, BitMap()).add(number)

    def node(self, number: int) -> Node:
        return Node(self.index.arn(number))

    def of_account(self, account: str) -> BitMap:
        """Those of an account."""
        return self._accounts.get(account, BitMap())

    def speaking(self, action: str) -> BitMap:
        """Those with a statement that allows an action on something, and those of whom something is not known."""
        found = self._speaking.get(action)
        if found is None:
            found = self._speaking[action] = self.index.may_within(action, "*", ()) & self.everybody
        return found

    def of(self, opening: Opening) -> BitMap:
        """Whom the engine may allow an opening."""
        if opening.family.kind == "federated":
            return BitMap()  # only outsiders
        found = self.everybody if opening.crosses_accounts else self.of_account(opening.account)
        for ask in opening.asks:
            for action in ask.actions:
                if not self._by_resource(opening):
                    found = found & self.speaking(action)
                if found and not is_pattern(ask.resource):
                    found = found & self._may(action, ask)
                if not found:
                    return found
        return found

    def _by_resource(self, opening: Opening) -> bool:
        """Whether a policy of the resource may allow it to somebody whose own policies say nothing of it."""
        return opening.crosses_accounts or opening.family.kind == "existing-service"

    def _may(self, action: str, ask: Ask) -> BitMap:
        key = (action, ask)
        found = self._who.get(key)
        if found is None:
            who = self.index.who(action, ask.resource, ask.context, ask.owner, discover=True)
            found = self._who[key] = who.allowed | who.unsettled
        return found
