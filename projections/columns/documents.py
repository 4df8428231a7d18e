"""The documents of identity policies in a segment, by the actions that they allow."""

from __future__ import annotations

from collections.abc import Iterator
from weakref import WeakKeyDictionary

import numpy as np
import orjson

from erstwhile.domain.directory import attributes
from erstwhile.domain.history.at_once.spans import ranges
from erstwhile.domain.policy.language.conditions import UnknownOperator
from erstwhile.domain.policy.language.document import MalformedDocument
from erstwhile.domain.policy.language.statement import CompiledDocument, CompiledStatement, compile_document
from erstwhile.domain.questions.asked import is_pattern
from erstwhile.domain.questions.held_statements import may_meet
from erstwhile.domain.vocabulary.bounded import Bounded
from erstwhile.projections.columns.segment import Segment
from erstwhile.projections.columns.texts import Codes

MOST_ACTIONS = 500
"""Actions whose documents are kept: questions may make them up."""
_About = tuple[int, list[CompiledStatement] | None]
"""A value, and its statements about an action; None where it cannot be read."""
_kept: WeakKeyDictionary[Segment, Documents] = WeakKeyDictionary()


class Documents:
    """Of inline policies, and of the versions of managed ones, at whatever instant."""

    def __init__(self, segment: Segment) -> None:
        inline = segment.of_attribute(attributes.INLINE)
        values = segment.value[inline]
        order = np.argsort(values, kind="stable")
        self._inline: Codes = inline[order]
        self._inline_values: Codes = values[order]
        codes = np.unique(np.concatenate((values, segment.value[segment.of_attribute(attributes.VERSION)])))
        self._codes: Codes = codes
        self._compiled = [_compiled(segment, code) for code in codes.tolist()]
        self._speaking: Bounded[str, Codes] = Bounded(MOST_ACTIONS)
        self._allowing: Bounded[str, list[_About]] = Bounded(MOST_ACTIONS)
        self._about: Bounded[str, list[_About]] = Bounded(MOST_ACTIONS)

    def allowing(self, action: str, resource: str) -> Codes:
        """The values whose documents may allow an action (lower case) on a resource, or on one that a pattern matches:
        those that do under some conditions, and those that cannot be read. In order."""
        found = self._allowing.get(action)
        if found is None:
            found = [
                (code, None if each is None else [s for s in each.about(action) if s.allows])
                for code, each in self._read()
            ]
            found = self._allowing.keep(action, [each for each in found if each[1] != []])
        reaches = may_meet if is_pattern(resource) else CompiledStatement.may_cover
        codes = [code for code, those in found if those is None or any(reaches(each, resource) for each in those)]
        return np.array(codes, dtype=np.int32)

    def bearing(self, action: str, resource: str) -> Codes:
        """The values whose documents may allow or deny an action (lower case) on a resource, or cannot be read. In
        order."""
        found = self._about.get(action)
        if found is None:
            about = [(code, None if each is None else list(each.about(action))) for code, each in self._read()]
            found = self._about.keep(action, [each for each in about if each[1] != []])
        codes = []
        for code, those in found:
            for each in those or ():
                if each.may_cover(resource):
                    codes.append(code)
                    break
            else:
                if those is None:
                    codes.append(code)
        return np.array(codes, dtype=np.int32)

    def _read(self) -> Iterator[tuple[int, CompiledDocument | None]]:
        return zip(self._codes.tolist(), self._compiled, strict=True)

    def speaking(self, action: str) -> Codes:
        """The values whose documents speak of an action (lower case), or cannot be read. In order."""
        found = self._speaking.get(action)
        if found is None:
            speak = [each is None or bool(each.about(action)) for each in self._compiled]
            found = self._speaking.keep(action, self._codes[np.array(speak, dtype=bool)])
        return found

    def inline_rows(self, values: Codes) -> Codes:
        """The rows of inline policies that have one of some values."""
        begins = np.searchsorted(self._inline_values, values, "left")
        return self._inline[ranges(begins, np.searchsorted(self._inline_values, values, "right"))]


def _compiled(segment: Segment, code: int) -> CompiledDocument | None:
    """None for what was never seen, or is no policy."""
    text = orjson.loads(segment.values.raw(code)).get("document")
    if text is None:
        return None
    try:
        return compile_document(text, True)
    except (MalformedDocument, UnknownOperator):
        return None


def documents_of(segment: Segment) -> Documents:
    """Made once for each segment."""
    found = _kept.get(segment)
    if found is None:
        found = _kept[segment] = Documents(segment)
    return found
