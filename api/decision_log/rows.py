"""Rows of decisions that were served, as lines for COPY.

Most questions have no backslash and no line feed: then nothing in their names needs to be escaped or replaced, and the
line is put together at once. Any other goes through `line_of`. (`make bench-http`, row "every decision recorded".)
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec

from erstwhile.api.decision_log.masking import Mask
from erstwhile.domain.vocabulary.bounded import Bounded
from erstwhile.domain.vocabulary.storable_text import storable
from erstwhile.domain.vocabulary.typed import decoder
from erstwhile.projections.copy_text import escaped
from erstwhile.projections.decision_rows import Logged, line_of
from erstwhile.projections.sql import instant_text

Entry = tuple[int, str, bytes, bytes, int, float]
"""(microseconds since 1970, the token's name, question, answer, log position, seconds that the answer took); question
and answer as AuthZEN has them, in JSON."""
_LONGEST = 2_000
"""Characters of a name in a column of its own; the question has it whole."""
_KEPT, _SMALL = 2_000, 4_000
"""So many answers of so many bytes, and names of tokens, are kept as fields: most come again and again."""
_SECOND = 1_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UNREADABLE = (ValueError, TypeError, AttributeError, RecursionError, ArithmeticError)


class _Named(msgspec.Struct, gc=False):
    id: str = ""
    name: str = ""


class _Question(msgspec.Struct, gc=False):
    subject: _Named
    action: _Named
    resource: _Named


class _Context(msgspec.Struct):
    effect: str = ""
    error: Any = None


class _Answer(msgspec.Struct):
    decision: bool
    context: _Context | None = None


_question = decoder(_Question)
_answer = decoder(_Answer)


class Rows(msgspec.Struct):
    """`lines`: for COPY; `days`: that they are of; `left_out`: how many decisions cannot be recorded, since they cannot
    be masked."""

    lines: list[str]
    days: set[date]
    left_out: int


class RowMaker:
    """Of one thread."""

    def __init__(self, mask: Mask) -> None:
        self._mask = mask
        self._answers: Bounded[bytes, tuple[str, str]] = Bounded(_KEPT)
        self._names: Bounded[str, str] = Bounded(_KEPT)
        self._second = -1
        self._day = date.min
        self._to_the_second = ""

    def rows(self, entries: Sequence[Entry]) -> Rows:
        lines: list[str] = []
        days: set[date] = set()
        left_out = 0
        mask = self._mask.applied if self._mask.names else None
        for at, asked_by, question, answer, revision, took in entries:
            try:
                asked, is_masked = (question, False) if mask is None else mask(question)
                second, micros = divmod(at, _SECOND)
                if second != self._second:
                    self._begin_second(second)
                text = asked.decode()
                if "\\" in text or "\n" in text or "\t" in text or "\r" in text or len(text) > _LONGEST:
                    line = line_of(logged(at, asked_by, asked, is_masked, answer, revision, took))
                else:
                    # No name in it needs to be escaped, replaced or cut: as `line_of` has it.
                    read = _question.decode(asked)
                    effect, told = self._answers.get(answer) or self._answer_fields(answer)
                    name = self._names.get(asked_by) or self._name_field(asked_by)
                    line = (
                        f"{name}\t{read.subject.id}\t{read.action.name}\t{read.resource.id}\t{effect}\t{text}\t{told}\t"
                        f"{self._to_the_second}.{micros:06}+00:00\t{'t' if is_masked else 'f'}\t{revision}\t"
                        f"{int(took * 1e6)}"
                    )
            except _UNREADABLE:
                left_out += 1  # unmasked it is not recorded
                continue
            lines.append(line)
            days.add(self._day)
        return Rows(lines, days, left_out)

    def _begin_second(self, second: int) -> None:
        """Instants of one second have the day and all up to the second in common."""
        at = datetime.fromtimestamp(second, UTC)
        text = instant_text(at)
        self._second, self._day = second, at.date()
        self._to_the_second = f"{text[:10]}\t{text[:19]}"

    def _answer_fields(self, answer: bytes) -> tuple[str, str]:
        found = _effect(answer), escaped(answer.decode())
        return self._answers.keep(answer, found) if len(answer) <= _SMALL else found

    def _name_field(self, name: str) -> str:
        return self._names.keep(name, escaped(storable(name)))


def logged(
    at: int, asked_by: str, question: bytes, is_masked: bool, answer: bytes, revision: int, took: float
) -> Logged:
    """The row of any decision. Raises ValueError for a question or an answer that cannot be read."""
    asked = _question.decode(question)
    names = (asked.subject.id, asked.action.name, asked.resource.id)
    subject, action, resource = (storable(name, _LONGEST) for name in names)
    return Logged(
        0, _EPOCH + timedelta(microseconds=at), storable(asked_by), subject, action, resource, _effect(answer),
        question.decode(), answer.decode(), is_masked, revision, int(took * 1e6),
    )  # fmt: skip


def _effect(answer: bytes) -> str:
    told = _answer.decode(answer)
    if told.context is not None:
        if told.context.effect:
            return told.context.effect
        if told.context.error is not None:
            return "error"
    return "allow" if told.decision else "implicit_deny"
