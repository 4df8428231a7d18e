"""The documents of identity policies in a segment, by the actions and resources that their statements name.

Documents are many and large, and differ little: a new version of a policy repeats most statements of the one before.
So no document is kept compiled. Each list of actions and each list of resources is kept once, and a statement is a pair
of their numbers.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import orjson

from erstwhile.domain.directory import attributes
from erstwhile.domain.history.at_once.spans import ranges
from erstwhile.domain.policy.language.common_form import entries_of
from erstwhile.domain.policy.language.conditions import UnknownOperator
from erstwhile.domain.policy.language.document import MalformedDocument, Statement, read_statement
from erstwhile.domain.policy.language.statement import CompiledStatement, compile_document
from erstwhile.domain.questions.asked import is_pattern
from erstwhile.domain.questions.held_statements import may_meet
from erstwhile.domain.vocabulary.bounded import Bounded
from erstwhile.projections.columns.resource_lists import ResourceLists
from erstwhile.projections.columns.segment import Segment
from erstwhile.projections.columns.texts import Codes, Texts, packed

MOST_ACTIONS = 100
"""Actions whose statements are kept: questions may make them up."""
MOST_LISTS = 20
"""Actions whose lists of resources are kept by what they name: a megabyte each."""
MOST_RESOURCES = 20_000
"""Lists of resources that are kept compiled."""


class Saying(NamedTuple):
    """What documents say of an action on a resource to whoever has them. `opened`: those of which a condition or a
    variable decides, too, and those that cannot be read."""

    values: Codes
    """In order."""
    allows: npt.NDArray[np.bool_]
    denies: npt.NDArray[np.bool_]
    opened: npt.NDArray[np.bool_]


class Documents:
    """Of inline policies, and of the versions of managed ones, at whatever instant."""

    def __init__(self, segment: Segment) -> None:
        inline = segment.of_attribute(attributes.INLINE)
        values = segment.value[inline]
        order = np.argsort(values, kind="stable")
        self._inline: Codes = inline[order]
        self._inline_values: Codes = values[order]
        codes = np.unique(np.concatenate((values, segment.value[segment.of_attribute(attributes.VERSION)])))
        read = _Reading(segment, codes.tolist())
        self._unread: Codes = np.array(read.unread, dtype=np.int32)
        self._document_of: Codes = np.array(read.document_of, dtype=np.int32)
        """Of each statement. In order."""
        self._actions_of: Codes = np.array(read.actions_of, dtype=np.int32)
        self._resources_of: Codes = np.array(read.resources_of, dtype=np.int32)
        self._allows = np.frombuffer(bytes(read.allows), dtype=bool)
        self._conditional = np.frombuffer(bytes(read.conditional), dtype=bool)
        """Of each statement, whether it has conditions."""
        self._actions = [_about_actions(text) for text in read.actions]
        self._resources = Texts(*packed(list(read.resources)))
        self._compiled: Bounded[int, CompiledStatement] = Bounded(MOST_RESOURCES)
        """By the number of a list of resources: a statement about these."""
        self._speaking: Bounded[str, Codes] = Bounded(MOST_ACTIONS)
        self._about: Bounded[str, Codes] = Bounded(MOST_ACTIONS)
        self._lists: Bounded[str, ResourceLists] = Bounded(MOST_LISTS)

    def allowing(self, action: str, resource: str) -> Codes:
        """The values whose documents may allow an action (lower case) on a resource, or on one that a pattern matches:
        those that do under some conditions, and those that cannot be read. In order."""
        statements = self._statements_about(action)
        statements = statements[self._allows[statements]]
        if not is_pattern(resource):
            return self._reaching(action, statements, resource)
        numbers = self._resources_of[statements]
        met = np.zeros(len(self._resources), dtype=bool)
        met[[each for each in np.unique(numbers).tolist() if may_meet(self._about_resources(each), resource)]] = True
        return self._with_unread(statements[met[numbers]])

    def bearing(self, action: str, resource: str) -> Codes:
        """The values whose documents may allow or deny an action (lower case) on a resource, or cannot be read. In
        order."""
        return self._reaching(action, self._statements_about(action), resource)

    def saying(self, action: str, resource: str) -> Saying:
        """What the documents of `bearing` say, as far as statements without conditions and variables do."""
        statements = self._statements_about(action)
        numbers = self._resources_of[statements]
        reached = self._reached(action, resource)
        there = reached[numbers]
        statements, numbers = statements[there], numbers[there]
        varies = np.zeros(len(self._resources), dtype=bool)
        different = np.flatnonzero(reached).tolist()
        varies[different] = [self._about_resources(each).varies for each in different]
        is_open = self._conditional[statements] | varies[numbers]
        allows = self._allows[statements]
        documents = self._document_of[statements]
        values = self._with_unread(statements)
        places = np.searchsorted(values, documents)

        def any_of(which: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
            found = np.zeros(len(values), dtype=bool)
            found[places[which]] = True
            return found

        opened = any_of(is_open)
        opened[np.searchsorted(values, self._unread)] = True
        return Saying(values, any_of(allows & ~is_open), any_of(~allows & ~is_open), opened)

    def speaking(self, action: str) -> Codes:
        """The values whose documents speak of an action (lower case), or cannot be read. In order."""
        found = self._speaking.get(action)
        if found is None:
            found = self._speaking.keep(action, self._with_unread(self._statements_about(action)))
        return found

    def _statements_about(self, action: str) -> Codes:
        found = self._about.get(action)
        if found is None:
            speak = np.array([each.speaks_of(action) for each in self._actions], dtype=bool)
            found = self._about.keep(action, np.flatnonzero(speak[self._actions_of]).astype(np.int32))
        return found

    def _reaching(self, action: str, statements: Codes, resource: str) -> Codes:
        return self._with_unread(statements[self._reached(action, resource)[self._resources_of[statements]]])

    def _reached(self, action: str, resource: str) -> npt.NDArray[np.bool_]:
        """Of each list of resources, whether a statement about an action has it, and a resource is, or may be, among
        these."""
        lists = self._lists.get(action)
        if lists is None:
            numbers = np.unique(self._resources_of[self._statements_about(action)]).tolist()
            lists = self._lists.keep(action, ResourceLists((each, self._about_resources(each)) for each in numbers))
        found = np.zeros(len(self._resources), dtype=bool)
        found[lists.reaching(resource)] = True
        return found

    def _about_resources(self, number: int) -> CompiledStatement:
        found = self._compiled.entries.get(number)
        if found is None:
            is_except, has_variables, resources = orjson.loads(self._resources.raw(number))
            entry = {"Effect": "Allow", "Action": "*", "NotResource" if is_except else "Resource": resources}
            found = self._compiled.keep(number, CompiledStatement(read_statement(0, entry, has_variables), True))
        return found

    def _with_unread(self, statements: Codes) -> Codes:
        return np.union1d(self._document_of[statements], self._unread)

    def inline_rows(self, values: Codes) -> Codes:
        """The rows of inline policies that have one of some values."""
        begins = np.searchsorted(self._inline_values, values, "left")
        return self._inline[ranges(begins, np.searchsorted(self._inline_values, values, "right"))]


class _Reading:
    """The statements of documents, as numbers."""

    def __init__(self, segment: Segment, codes: Iterable[int]) -> None:
        self.actions: dict[bytes, int] = {}
        self.resources: dict[bytes, int] = {}
        self.unread: list[int] = []
        """Of what was never seen, or is no policy."""
        self.document_of, self.actions_of, self.resources_of = array("i"), array("i"), array("i")
        self.allows, self.conditional = bytearray(), bytearray()
        for code in codes:
            text = orjson.loads(segment.values.raw(code)).get("document")
            if text is None or not self._read(code, text):
                self.unread.append(code)

    def _read(self, code: int, text: str) -> bool:
        """False of what is no policy."""
        found = entries_of(text)
        if found is not None:
            entries, has_variables = found
            for entry in entries:
                resources = entry["Resource"]
                resources = resources if isinstance(resources, list) else [resources]
                self.conditional.append(bool(entry.get("Condition")))
                self._add(code, entry["Effect"] == "Allow", False, entry["Action"], False, has_variables, resources)
            return True
        try:
            statements = compile_document(text, True).document.statements
        except (MalformedDocument, UnknownOperator):
            return False
        for each in statements:
            self._add_other(code, each)
        return True

    def _add_other(self, code: int, said: Statement) -> None:
        self.conditional.append(bool(said.conditions))
        actions = said.actions if said.actions is not None else said.not_actions
        resources = said.resources if said.resources is not None else said.not_resources
        self._add(
            code, said.allows, said.actions is None, actions, said.resources is None, said.has_variables, resources
        )

    def _add(
        self, code: int, allows: bool, except_actions: bool, actions: object, except_resources: bool,
        has_variables: bool, resources: object,
    ) -> None:  # fmt: skip
        self.document_of.append(code)
        self.allows.append(allows)
        self.actions_of.append(self.actions.setdefault(orjson.dumps((except_actions, actions)), len(self.actions)))
        key = orjson.dumps((except_resources, has_variables, resources))
        self.resources_of.append(self.resources.setdefault(key, len(self.resources)))


def _about_actions(text: bytes) -> CompiledStatement:
    """A statement about a list of actions, and any resource."""
    is_except, actions = orjson.loads(text)
    entry = {"Effect": "Allow", "NotAction" if is_except else "Action": actions, "Resource": "*"}
    return CompiledStatement(read_statement(0, entry, False))


def documents_of(segment: Segment) -> Documents:
    """Made once for each segment."""
    return segment.once(Documents)
