"""Statements of documents in columns, ready to be asked: those used last are kept."""

from __future__ import annotations

from typing import Any

from erstwhile.domain.policy.language.document import read_statement
from erstwhile.domain.policy.language.statement import CompiledStatement
from erstwhile.domain.vocabulary.bounded import Bounded
from erstwhile.projections.columns.document_statements import DocumentStatements

MOST_RESOURCES = 20_000
"""Lists of resources that are kept compiled."""
MOST_STATEMENTS = 2_000
"""Statements with conditions or variables that are kept compiled."""
_EVERY = -1


class CompiledStatements:
    """Any thread may ask."""

    def __init__(self, statements: DocumentStatements) -> None:
        self._statements = statements
        self._about: Bounded[int, CompiledStatement] = Bounded(MOST_RESOURCES)
        self._whole: Bounded[tuple[int, ...], CompiledStatement] = Bounded(MOST_STATEMENTS)
        """By all that a statement is made of."""
        self._deciding: Bounded[tuple[int, int, bool], CompiledStatement] = Bounded(MOST_STATEMENTS)
        """By the numbers of a list of resources (_EVERY: no matter which) and of a set of conditions, and whether
        variables count."""

    def about(self, resources: int) -> CompiledStatement:
        """A statement about a list of resources, by its number, and any action."""
        found = self._about.entries.get(resources)
        if found is None:
            found = self._about.keep(resources, _of_any_action(*self._statements.resource_list(resources)))
        return found

    def whole(self, number: int, index: int) -> CompiledStatement:
        """A statement, and which it is of its document's."""
        said = self._statements
        columns = (said.allows, said.actions, said.resources, said.conditions, said.sid)
        made_of = (index, *(int(column[number]) for column in columns))
        found = self._whole.get(made_of)
        if found is None:
            entry, has_variables = said.entry(number)
            found = self._whole.keep(made_of, CompiledStatement(read_statement(index, entry, has_variables), True))
        return found

    def deciding(self, number: int, varies: bool) -> CompiledStatement:
        """What decides about a statement, where its actions and resources fit: its conditions, and (`varies`) a list of
        resources that has variables. Statements that have these in common have one."""
        said = self._statements
        resources, conditions = said.resources.item(number), said.conditions.item(number)
        has_variables = self.about(resources).statement.has_variables
        made_of = resources if varies else _EVERY, conditions, has_variables
        found = self._deciding.get(made_of)
        if found is None:
            about = said.resource_list(resources)[0] if varies else {"Resource": "*"}
            told = about | {"Condition": said.condition_set(conditions)}
            found = self._deciding.keep(made_of, _of_any_action(told, has_variables))
        return found


def _of_any_action(told: dict[str, Any], has_variables: bool) -> CompiledStatement:
    entry = {"Effect": "Allow", "Action": "*", **told}
    return CompiledStatement(read_statement(0, entry, has_variables), True)
