"""The decision about one question over time: the intervals in which it is the same, and what changed it between them.

The method: the answer of an instant notes which entities it read. The next instant at which it may differ is the next
one at which a fact of these begins or ends, or a condition on the clock turns. What was not read cannot change it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Literal

import msgspec

from erstwhile.domain.directory.facts import EntityKey
from erstwhile.domain.history.causes import causes
from erstwhile.domain.history.fact_changes import FactChange
from erstwhile.domain.history.fact_history import FactHistory
from erstwhile.domain.history.question import Answer, Question
from erstwhile.domain.history.windows import Window, within
from erstwhile.domain.policy.inputs.request import Decision, Request
from erstwhile.domain.vocabulary.context_values import ContextValues


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """An interval [begin, end) in which the decision is the same, with all that it rests on.

    `decision` None: no such principal was known. `unique_id` is the principal's, '' for those that have none: several
    lives under one name are told apart by it. `causes` made the decision what it is at `begin`; the first interval of
    a timeline has none, for it begins where the question does. `gaps` are the parts without records, as the caller gave
    them."""

    begin: datetime
    end: datetime
    principal: str
    unique_id: str = ""
    decision: Decision | None
    causes: tuple[FactChange, ...] = ()
    gaps: tuple[Window, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def effect(self) -> str:
        """The decision's effect; '' where no such principal was known."""
        return "" if self.decision is None else self.decision.effect


class Timeline(msgspec.Struct, frozen=True, kw_only=True):
    """The intervals follow one another without a pause, from the begin of the window to its end."""

    action: str
    resource: str
    spans: tuple[Span, ...]
    known_at: int


def timeline(
    history: FactHistory,
    principal: str | EntityKey,
    action: str,
    resource: str,
    begin: datetime,
    end: datetime,
    *,
    context: ContextValues | None = None,
    resource_account: str | None = None,
    session_policies: tuple[str, ...] | None = None,
    mode: Literal["strict", "discover"] = "discover",
    gaps: Iterable[Window] = (),
) -> Timeline:
    """The decision about a question from `begin` (`BEFORE` for the first that is known) until `end` (exclusive).

    A principal that is a key is followed under all names that it had; an ARN means whoever had it at each instant.
    `gaps` are the parts of the window without records. Raises ValueError for a window that ends before it begins, and
    MalformedArn for a principal that cannot be asked about."""
    question = question_of(
        history, principal, action, resource, context=context, resource_account=resource_account,
        session_policies=session_policies, mode=mode,
    )  # fmt: skip
    spans = tuple(spans_of(question, begin, end, tuple(gaps)))
    return Timeline(action=action, resource=resource, spans=spans, known_at=history.known_at)


def question_of(
    history: FactHistory,
    principal: str | EntityKey,
    action: str,
    resource: str,
    *,
    context: ContextValues | None = None,
    resource_account: str | None = None,
    session_policies: tuple[str, ...] | None = None,
    mode: Literal["strict", "discover"] = "discover",
) -> Question:
    """The question whose answers a timeline consists of."""
    follow = None if isinstance(principal, str) else principal
    request = Request(
        principal=principal if isinstance(principal, str) else "", action=action, resource=resource,
        resource_account=resource_account, context=context or {}, session_policies=session_policies, mode=mode,
    )  # fmt: skip
    return Question(history, request, follow)


def spans_of(question: Question, begin: datetime, end: datetime, gaps: Sequence[Window] = ()) -> Iterator[Span]:
    """The intervals one by one, each as soon as its end is known: a caller that has enough stops asking."""
    if begin >= end:
        raise ValueError("the window ends before it begins")
    first = answer = question.at(begin)
    since = begin
    why: tuple[FactChange, ...] = ()
    while (instant := question.until(answer)) < end:
        following = question.at(instant)
        if not following.is_like(first):
            yield _span(first, since, instant, why, gaps)
            before = question.just_before(answer, following)
            known = () if before is None else (before,)
            first, since, why = following, instant, causes(question, instant, following, *known)
        answer = following
    yield _span(first, since, end, why, gaps)


def _span(answer: Answer, begin: datetime, end: datetime, why: tuple[FactChange, ...], gaps: Sequence[Window]) -> Span:
    return Span(
        begin=begin, end=end, principal=answer.principal, unique_id=answer.unique_id, decision=answer.decision,
        causes=why, gaps=within(gaps, begin, end), notes=answer.notes,
    )  # fmt: skip
