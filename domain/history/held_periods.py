"""During which periods a principal could, or that was not sure: state by state."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Literal, NamedTuple

import msgspec

from erstwhile.domain.history.question import Answer, Question
from erstwhile.domain.policy.inputs.sources import never_seen

HeldHow = Literal["allowed", "conditional", "unknown"]
"""Which of who-can's three lists has the principal."""


class Period(msgspec.Struct, frozen=True):
    """An interval [begin, end) in which a principal was on one list."""

    begin: datetime
    end: datetime
    how: HeldHow


class HeldPeriods(NamedTuple):
    """The periods, and the last ARN by which the principal could; '' where it never could."""

    periods: list[Period]
    principal: str


def held_periods(
    question: Question, begin: datetime, end: datetime, count: Callable[[], None] = lambda: None
) -> HeldPeriods:
    """The periods within [begin, end). `count` is called before each state is decided about, and may end it by an
    exception. Raises MalformedArn."""
    found: list[Period] = []
    last = ""
    at = begin
    while at < end:
        count()
        answer = question.at(at)
        until = min(question.until(answer), end)
        how = _how(question, answer)
        if how is not None:
            last = answer.principal
            if found and found[-1].end == at and found[-1].how == how:
                found[-1] = Period(found[-1].begin, until, how)
            else:
                found.append(Period(at, until, how))
        at = until
    return HeldPeriods(found, last)


def _how(question: Question, answer: Answer) -> HeldHow | None:
    if answer.effect == "allow":
        return "allowed"
    if answer.effect != "conditional":
        return None
    directory = question.directory(answer.instant)
    entity = directory.get(*answer.key) if answer.key is not None else None
    return "unknown" if entity is not None and never_seen(directory, entity) else "conditional"
