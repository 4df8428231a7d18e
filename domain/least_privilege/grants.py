"""Policies about principals, taken together, as what they allow."""

from __future__ import annotations

from collections.abc import Iterable

from erstwhile.domain.policy.language.conditions import UnknownOperator
from erstwhile.domain.policy.language.context import Context
from erstwhile.domain.policy.language.document import MalformedDocument
from erstwhile.domain.policy.language.statement import CompiledStatement, compile_document
from erstwhile.domain.vocabulary.context_values import ContextDict


class UnreadablePolicy(ValueError):
    """not a policy that can be compared"""


class Grants:
    """The statements of some documents. Raises UnreadablePolicy for what is no policy about a principal (a policy of a
    resource names principals)."""

    def __init__(self, documents: Iterable[str]) -> None:
        self.statements: list[CompiledStatement] = []
        for text in documents:
            try:
                self.statements += compile_document(text, completes=True).statements
            except (MalformedDocument, UnknownOperator) as error:
                raise UnreadablePolicy(str(error)) from None
        self.allowing = [each for each in self.statements if each.allows]
        self._about: dict[str, list[CompiledStatement]] = {}

    def about(self, action: str) -> list[CompiledStatement]:
        """The statements that speak of an action (lower case)."""
        found = self._about.get(action)
        if found is None:
            found = self._about[action] = [each for each in self.statements if each.speaks_of(action)]
        return found

    def allows(self, action: str, resource: str, context: ContextDict) -> bool:
        """Whether they allow a request; what it does not have is absent. Some statement allows, and none denies."""
        asked = Context(context, {}, {})
        allowed = False
        for each in self.about(action):
            if each.allows and allowed:
                continue
            if each.bears_on(resource, asked):
                if not each.allows:
                    return False
                allowed = True
        return allowed
