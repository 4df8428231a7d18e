"""What the documents of identity policies say of an action on a resource, as numbers: whoever asks, or by the value of
one tag of the principal."""

from __future__ import annotations

from collections.abc import Hashable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from erstwhile.domain.history.clock_instants import CLOCK
from erstwhile.domain.history.wide_history import ABSENT, Ints, Speaking, WindowRows
from erstwhile.domain.policy.inputs.request import Request
from erstwhile.domain.policy.language.bearing_statement import BearingStatements, bearing_statements
from erstwhile.domain.policy.language.conditions import UnknownOperator
from erstwhile.domain.policy.language.context import Context
from erstwhile.domain.policy.language.document import MalformedDocument
from erstwhile.domain.policy.language.kleene import Kleene, kleene_or
from erstwhile.domain.questions.held_statements import follows_from_caller
from erstwhile.domain.vocabulary.context_values import ContextDict

_VALUES: tuple[Kleene, ...] = (False, None, True)
_OF_RESOURCES = ("aws:resource", "iam:resourcetag/", "resource:")
"""Beginnings of the condition keys whose values follow from the resource."""
_TAG = "aws:principaltag/"


def number_of(allows: Kleene, denies: Kleene) -> int:
    """The number of what a document says, from 0 to 8."""
    return 3 * _VALUES.index(allows) + _VALUES.index(denies)


def said_by(allows: npt.NDArray[np.bool_], denies: npt.NDArray[np.bool_]) -> Ints:
    """The numbers of what documents surely say."""
    yes, no = _VALUES.index(True), _VALUES.index(False)
    found: Ints = 3 * np.where(allows, yes, no) + np.where(denies, yes, no)
    return found


SILENT = number_of(False, False)
UNREAD = number_of(None, None)
"""It is not known what it says."""
NEVER_SEEN = 9
"""As `UNREAD`, of all policies of a principal or a group."""
PERSONAL = 10
"""It differs from caller to caller, from instant to instant, or from resource to resource."""
FIRST_TAGGED = 11
"""From here on: it differs by a tag of the principal; the place in `Readings.tagged`, further on."""


def says(number: int) -> tuple[Kleene, Kleene]:
    """(allows, denies), of the numbers up to `UNREAD`."""
    return _VALUES[number // 3], _VALUES[number % 3]


class Tagged(NamedTuple):
    """A document of which one tag of the principal decides what it says. `tag`: its key, in lower case."""

    tag: str
    about: BearingStatements


class Readings:
    """Of one request, whoever the principal is."""

    def __init__(self, request: Request) -> None:
        self._action = request.action.lower()
        self._resource = request.resource
        self._given = request.context
        self._discover = request.mode == "discover"
        self._of: dict[str, int] = {}
        self._of_alike: dict[Hashable, int] = {}
        self._by_value: dict[tuple[int, str | None], int] = {}
        self.tagged: list[Tagged] = []

    def of(self, document: str | None) -> int:
        """What a document says; None: that of one that was never seen."""
        if document is None:
            return UNREAD
        found = self._of.get(document)
        if found is None:
            found = self._of[document] = self._read(document)
        return found

    def of_values(self, rows: WindowRows, values: Ints, speaking: Speaking) -> Ints:
        """What each of some values of documents says."""
        different, places = np.unique(values, return_inverse=True)
        is_speaking, found = speaking.of(different)
        found = np.where(is_speaking, found, SILENT)
        unread = np.flatnonzero(found == ABSENT)
        found[unread] = [self._of_value(rows, value, speaking) for value in different[unread].tolist()]
        said: Ints = found[places]
        return said

    def _of_value(self, rows: WindowRows, value: int, speaking: Speaking) -> int:
        alike = speaking.alike(value)
        found = self._of_alike.get(alike)
        if found is None:
            about = speaking.statements(value)
            if about is None:
                return self.of(rows.value(value).get("document"))
            found = self._of_alike[alike] = self._says(about)
        return found

    def with_tag(self, number: int, value: str | None) -> int:
        """What a document that a tag decides about says to those whose tag has a value; None: who do not have it."""
        found = self._by_value.get((number, value))
        if found is None:
            tag, about = self.tagged[number - FIRST_TAGGED]
            keys: ContextDict = {} if value is None else {_TAG + tag: (value,)}
            found = self._by_value[number, value] = self._number(
                about, Context(self._given, keys, {}, self._discover)
            )  # fmt: skip
        return found

    def _read(self, document: str) -> int:
        try:
            return self._says(bearing_statements(document, self._action, self._resource))
        except (MalformedDocument, UnknownOperator):
            return UNREAD

    def _says(self, about: BearingStatements) -> int:
        context = Context(self._given, {}, {}, self._discover)
        opened = [each.compiled for each in about if each.compiled is not None]
        more = {key for each in opened for key in each.keys_read if self._is_open(key, context)}
        if not more:
            return self._number(about, context)
        tag = next(iter(more))
        if len(more) > 1 or not tag.startswith(_TAG):
            return PERSONAL
        self.tagged.append(Tagged(tag.removeprefix(_TAG), about))
        return FIRST_TAGGED + len(self.tagged) - 1

    def _is_open(self, key: str, context: Context) -> bool:
        """Whether the value of a condition key may follow from more than what the request brings."""
        if key in self._given:
            return False
        return key in CLOCK or key.startswith(_OF_RESOURCES) or follows_from_caller(key, self._resource, context)

    def _number(self, about: BearingStatements, context: Context) -> int:
        applies: list[tuple[bool, Kleene]] = [
            (each.allows, True if each.compiled is None else each.compiled.holds(self._resource, context))
            for each in about
        ]
        return number_of(
            kleene_or([each for allows, each in applies if allows]),
            kleene_or([each for allows, each in applies if not allows]),
        )
