"""Since when and until when it has been so; when it was allowed first and last: timelines that stop where they have
the answer, in either direction."""

from __future__ import annotations

from datetime import datetime

import msgspec

from erstwhile.domain.history.causes import causes
from erstwhile.domain.history.fact_changes import FactChange
from erstwhile.domain.history.question import Answer, Question
from erstwhile.domain.history.timeline import Span, spans_of
from erstwhile.domain.history.windows import TICK
from erstwhile.domain.policy.inputs.request import Decision
from erstwhile.domain.vocabulary.instants import BEFORE, FOREVER


class Lasting(msgspec.Struct, frozen=True, kw_only=True):
    """The decision of an instant, and the interval [since, until) around it in which the effect for this principal is
    the same, whatever statements it comes from. `BEFORE` and `FOREVER` stand for "as far as is known"; `since_causes`
    and `until_causes` are what changed the effect there."""

    principal: str
    unique_id: str
    decision: Decision | None
    since: datetime
    until: datetime
    since_causes: tuple[FactChange, ...] = ()
    until_causes: tuple[FactChange, ...] = ()


def lasting(question: Question, instant: datetime) -> Lasting:
    """How long it has been so, and how long it stays so. Raises MalformedArn."""
    answer = question.at(instant)
    since, since_causes = since_when(question, answer)
    until, until_causes = until_when(question, answer)
    return Lasting(
        principal=answer.principal, unique_id=answer.unique_id, decision=answer.decision, since=since, until=until,
        since_causes=since_causes, until_causes=until_causes,
    )  # fmt: skip


def since_when(question: Question, answer: Answer) -> tuple[datetime, tuple[FactChange, ...]]:
    """Since when the effect of an answer has been the same without a pause, and what made it so."""
    at = answer
    while (since := question.since(at)) > BEFORE:
        earlier = question.at(since - TICK)
        if not _is_alike(earlier, answer):
            return since, causes(question, since, earlier)
        at = earlier
    return BEFORE, ()


def until_when(question: Question, answer: Answer) -> tuple[datetime, tuple[FactChange, ...]]:
    """Until when the effect of an answer stays the same without a pause, and what ends it."""
    at = answer
    while (until := question.until(at)) < FOREVER:
        later = question.at(until)
        if not _is_alike(later, answer):
            return until, causes(question, until, later)
        at = later
    return FOREVER, ()


def _is_alike(one: Answer, other: Answer) -> bool:
    return (one.effect, one.unique_id) == (other.effect, other.unique_id)


def first(question: Question, begin: datetime, end: datetime, effect: str = "allow") -> Span | None:
    """The first interval of a window in which the decision has an effect; None where there is none.

    Raises ValueError for a window that ends before it begins, and MalformedArn."""
    return next((span for span in spans_of(question, begin, end) if span.effect == effect), None)


def last(question: Question, begin: datetime, end: datetime, effect: str = "allow") -> Span | None:
    """The last interval of a window in which the decision has an effect; None where there is none.

    Raises ValueError for a window that ends before it begins, and MalformedArn."""
    if begin >= end:
        raise ValueError("the window ends before it begins")
    until = end
    while until > begin:
        answer = question.at(until - TICK)
        if answer.effect != effect:
            until = question.since(answer)
            continue
        since, why = question.since(answer), tuple[FactChange, ...]()
        while since > begin:
            earlier = question.at(since - TICK)
            if not earlier.is_like(answer):
                why = causes(question, since, earlier)
                break
            answer, since = earlier, question.since(earlier)
        return Span(
            begin=max(since, begin), end=until, principal=answer.principal, unique_id=answer.unique_id,
            decision=answer.decision, causes=why, notes=answer.notes,
        )  # fmt: skip
    return None
