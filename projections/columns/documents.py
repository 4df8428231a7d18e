"""The documents of identity policies in a segment, by the actions and resources that their statements name: no question
reads a document to learn which of its statements bear on it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import orjson

from erstwhile.domain.directory import attributes
from erstwhile.domain.history.at_once.spans import ranges
from erstwhile.domain.policy.language.bearing_statement import BearingStatement, BearingStatements
from erstwhile.domain.policy.language.document import read_statement
from erstwhile.domain.policy.language.part import service_of
from erstwhile.domain.policy.language.statement import CompiledStatement
from erstwhile.domain.questions.asked import is_pattern
from erstwhile.domain.questions.held_statements import may_meet
from erstwhile.domain.vocabulary.bounded import Bounded
from erstwhile.projections.columns.compiled_statements import CompiledStatements
from erstwhile.projections.columns.document_statements import UNCONDITIONAL, DocumentStatements, statements_in
from erstwhile.projections.columns.resource_lists import ResourceLists
from erstwhile.projections.columns.segment import Segment
from erstwhile.projections.columns.texts import Codes

MOST_ACTIONS = 100
"""Actions whose statements are kept: questions may make them up."""
MOST_ACTIONS_OF_REACH = 400
"""Actions of which it is kept which documents allow them: more than `domain/reach` asks about."""
MOST_LISTS = 20
"""Actions whose lists of resources are kept by what they name: a megabyte each."""
_OPEN = 2
"""The rank of a statement with conditions or variables."""
_UNKNOWN, _VARIES, _ANY, _OTHER = -1, 0, 1, 2
"""Of a list of resources: not looked at; whether it has variables, or means every resource."""
Flags = npt.NDArray[np.bool_]
_Columns = tuple[list[int], list[int], list[int], list[bool], list[int], list[tuple[bool, int, int]]]


class Documents:
    """Of inline policies, and of the versions of managed ones, at whatever instant."""

    def __init__(self, segment: Segment) -> None:
        inline = segment.of_attribute(attributes.INLINE)
        values = segment.value[inline]
        order = np.argsort(values, kind="stable")
        self._inline: Codes = inline[order]
        self._inline_values: Codes = values[order]
        self.statements: DocumentStatements = statements_in(segment)
        actions = self.statements.action_lists
        self._actions = [_about_actions(text) for text in actions.raws(range(len(actions)))]
        self.compiled = CompiledStatements(self.statements)
        self._kinds = np.full(len(self.statements.resource_lists), _UNKNOWN, dtype=np.int8)
        self._speaking: Bounded[str, Codes] = Bounded(MOST_ACTIONS)
        self._lists_about: Bounded[str, bytes] = Bounded(MOST_ACTIONS)
        self._lists_of: Bounded[tuple[str, ...], bytes] = Bounded(MOST_ACTIONS)
        self._about: Bounded[str, Codes] = Bounded(MOST_ACTIONS)
        self._lists: Bounded[str, ResourceLists] = Bounded(MOST_LISTS)
        self._allowing: Bounded[str, Codes] = Bounded(MOST_ACTIONS_OF_REACH)

    def allowing(self, action: str, resource: str) -> Codes:
        """The values whose documents may allow an action (lower case) on a resource, or on one that a pattern matches:
        those that do under some conditions, and those that cannot be read. In order."""
        statements = self._statements_about(action)
        statements = statements[self.statements.allows[statements]]
        numbers = self.statements.resources[statements]
        if not is_pattern(resource):
            return self._with_unread(statements[self._reached(action, resource)[numbers]])
        met = np.zeros(len(self._kinds), dtype=bool)
        met[[each for each in np.unique(numbers).tolist() if may_meet(self.compiled.about(each), resource)]] = True
        return self._with_unread(statements[met[numbers]])

    def allowing_something(self, action: str) -> Codes:
        """The values whose documents can be read, and allow an action (lower case) on something under some conditions.
        In order."""
        found = self._allowing.get(action)
        if found is None:
            statements = self._statements_about(action)
            allowing = statements[self.statements.allows[statements]]
            found = self._allowing.keep(action, np.unique(self.statements.document[allowing]))
        return found

    def that_may_allow(self, action: str, resource: str) -> Codes:
        """Those of them whose statements may be about a resource, which is no pattern."""
        statements = self._statements_about(action)
        statements = statements[self.statements.allows[statements]]
        reached = self._reached(action, resource)[self.statements.resources[statements]]
        return np.unique(self.statements.document[statements[reached]])

    def bearing(self, action: str, resource: str) -> Bearing:
        """The documents that may allow or deny an action (lower case) on a resource, or cannot be read."""
        statements = self._statements_about(action)
        reached = self._reached(action, resource)
        different = np.flatnonzero(reached)
        self._look_at(different[self._kinds[different] == _UNKNOWN].tolist())
        statements = statements[reached[self.statements.resources[statements]]]
        return Bearing(self, statements, self._with_unread(statements))

    def speaking(self, action: str) -> Codes:
        """The values whose documents speak of an action (lower case), or cannot be read. In order."""
        found = self._speaking.get(action)
        if found is None:
            found = self._speaking.keep(action, self._with_unread(self._statements_about(action)))
        return found

    def are_open(self, statements: Codes) -> Flags:
        """Of some statements of `bearing`, whether a condition or a variable decides, too."""
        said = self.statements
        is_open: Flags = self._kinds[said.resources[statements]] == _VARIES
        is_open |= said.conditions[statements] != UNCONDITIONAL
        return is_open

    def ranks(self, statements: Codes) -> Codes:
        """Of some statements of `bearing`, the ranks by which an answer names them."""
        kinds = self._kinds[self.statements.resources[statements]]
        ranks: Codes = np.where(self.are_open(statements), _OPEN, np.where(kinds == _ANY, 0, 1))
        return ranks

    def told(self, statement: int, number: int, allows: bool, rank: int) -> BearingStatement:
        """One of `bearing`, and which it is of its document's."""
        sid = self.statements.sids.text(self.statements.sid.item(statement))
        deciding = None
        if rank == _OPEN:
            # A resource is among those of a list without variables: else the statement would not bear on it.
            varies = self._kinds.item(self.statements.resources.item(statement)) == _VARIES
            deciding = self.compiled.deciding(statement, varies)
        return BearingStatement(number, sid, allows, rank, deciding)

    def _statements_about(self, action: str) -> Codes:
        found = self._about.get(action)
        if found is None:
            speak = np.frombuffer(self.lists_about(action), dtype=bool)
            found = self._about.keep(action, np.flatnonzero(speak[self.statements.actions]).astype(np.int32))
        return found

    def lists_about(self, action: str) -> bytes:
        """Of each list of actions, whether a statement that has it speaks of an action (lower case)."""
        found = self._lists_about.get(action)
        if found is None:
            found = self._lists_about.keep(action, bytes([each.speaks_of(action) for each in self._actions]))
        return found

    def lists_of(self, service: tuple[str, ...]) -> bytes:
        """Of each list of actions, whether it has one of a service (`part.service_of`)."""
        found = self._lists_of.get(service)
        if found is None:
            actions = (orjson.loads(text)[1] for text in self.statements.action_lists.raws(range(len(self._actions))))
            those = bytes([any(each.lower().startswith(service) for each in several) for several in actions])
            found = self._lists_of.keep(service, those)
        return found

    def known(self, value: int) -> KnownDocument | None:
        """The document of a value of an identity policy; None of one that cannot be read."""
        first, end = self.statements.of(value)
        if first == end and value in self.statements.unread:
            return None
        return KnownDocument(self, first, end)

    def _reached(self, action: str, resource: str) -> Flags:
        """Of each list of resources, whether a statement about an action has it, and a resource is, or may be, among
        these."""
        lists = self._lists.get(action)
        if lists is None:
            numbers = np.unique(self.statements.resources[self._statements_about(action)]).tolist()
            lists = self._lists.keep(action, ResourceLists((each, self.compiled.about(each)) for each in numbers))
        found = np.zeros(len(self._kinds), dtype=bool)
        found[lists.reaching(resource)] = True
        return found

    def _look_at(self, lists: list[int]) -> None:
        for each in lists:
            about = self.compiled.about(each)
            self._kinds[each] = _VARIES if about.varies else _ANY if about.is_always else _OTHER

    def _with_unread(self, statements: Codes) -> Codes:
        return np.union1d(self.statements.document[statements], self.statements.unread)

    def inline_rows(self, values: Codes) -> Codes:
        """The rows of inline policies that have one of some values."""
        begins = np.searchsorted(self._inline_values, values, "left")
        return self._inline[ranges(begins, np.searchsorted(self._inline_values, values, "right"))]


class KnownDocument(NamedTuple):
    """A `KnownStatements`. Those of a document are neighbours."""

    documents: Documents
    first: int
    end: int

    def about(self, action: str, resource: str) -> tuple[CompiledStatement, ...]:
        said, speak = self.documents.statements, self.documents.lists_about(action)
        lists = said.actions_of[self.first : self.end]
        return self._compiled(
            [at for at, each in enumerate(lists, self.first) if speak[each] and said.is_near(at, resource)]
        )

    def near(self, action: str, resource: str) -> tuple[CompiledStatement, ...]:
        said, allow = self.documents.statements, self.documents.statements.allows.data
        speak, of_service = self.documents.lists_about(action), self.documents.lists_of(service_of(action))
        lists = said.actions_of[self.first : self.end]
        numbers = [
            at
            for at, each in enumerate(lists, self.first)
            if allow[at] and (speak[each] or (of_service[each] and said.is_near(at, resource)))
        ]
        return self._compiled(numbers)

    def _compiled(self, numbers: list[int]) -> tuple[CompiledStatement, ...]:
        return tuple([self.documents.compiled.whole(number, number - self.first) for number in numbers])


class Bearing:
    """The documents of a segment that bear on one question, or cannot be read."""

    def __init__(self, documents: Documents, statements: Codes, values: Codes) -> None:
        self._documents = documents
        self._statements = statements
        self._document_of: Codes = documents.statements.document[statements]
        self.values = values
        """In order."""
        self._columns: _Columns | None = None
        """Of each statement: its document's value, its number, which of the document's it is, whether it allows, its
        rank, and what decides what it says."""

    def statements(self, value: int) -> BearingStatements | None:
        """Those of the document of a value, in their order; None of what cannot be read, and of any other value."""
        _, numbers, indexes, allows, ranks, _ = self._read()
        told, those = self._documents.told, self._of(value)
        return tuple([told(numbers[at], indexes[at], allows[at], ranks[at]) for at in those]) or None

    def alike(self, value: int) -> tuple[tuple[bool, int, int], ...] | None:
        """Of the document of a value what decides what its statements say: whether each allows, its conditions, and its
        resources, where a condition or a variable is looked at. None where `statements` is."""
        said = self._read()[-1]
        return tuple([said[at] for at in self._of(value)]) or None

    def _of(self, value: int) -> range:
        documents = self._read()[0]
        begin = bisect_left(documents, value)
        return range(begin, bisect_right(documents, value, lo=begin))

    def _read(self) -> _Columns:
        if self._columns is None:
            said, statements = self._documents.statements, self._statements
            firsts = np.searchsorted(said.document, self._document_of)
            allows, ranks = said.allows[statements].tolist(), self._documents.ranks(statements)
            resources = np.where(ranks == _OPEN, said.resources[statements], _UNKNOWN)
            self._columns = (
                self._document_of.tolist(), statements.tolist(), (statements - firsts).tolist(), allows, ranks.tolist(),
                list(zip(allows, said.conditions[statements].tolist(), resources.tolist(), strict=True)),
            )  # fmt: skip
        return self._columns

    def surely(self) -> tuple[Flags, Flags, Flags]:
        """Of each of the values, whether statements without conditions and variables allow, or deny, and whether more
        decides: a condition, a variable, or what cannot be read."""
        documents = self._documents
        is_open, allows = documents.are_open(self._statements), documents.statements.allows[self._statements]
        places = np.searchsorted(self.values, self._document_of)

        def any_of(which: Flags) -> Flags:
            found = np.zeros(len(self.values), dtype=bool)
            found[places[which]] = True
            return found

        opened = any_of(is_open)
        opened[np.searchsorted(self.values, documents.statements.unread)] = True
        return any_of(allows & ~is_open), any_of(~allows & ~is_open), opened


def _about_actions(text: bytes) -> CompiledStatement:
    """A statement about a list of actions, and any resource."""
    is_except, actions = orjson.loads(text)
    entry = {"Effect": "Allow", "NotAction" if is_except else "Action": actions, "Resource": "*"}
    return CompiledStatement(read_statement(0, entry, False))


def documents_of(segment: Segment) -> Documents:
    """Made once for each segment."""
    return segment.once(Documents)
