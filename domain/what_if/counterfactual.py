"""Which recorded calls would have failed if changes had been made at an instant: "had this guardrail stood then".

A call that succeeded was allowed, whatever is known of it. It would have failed where the decision with the changes is
a deny, and the one without them is none: what is wrong or missing in our knowledge of it is no effect of the changes.

Only calls that the changes may concern (`concern`) are decided; of the others it is only asked whether the principal
was known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Literal, NamedTuple

import msgspec

from erstwhile.domain.history.fact_history import FactHistory
from erstwhile.domain.history.question import Question
from erstwhile.domain.history.read_facts import ReadFacts
from erstwhile.domain.policy.inputs.request import Decision, Request
from erstwhile.domain.vocabulary.context_values import ContextValues
from erstwhile.domain.vocabulary.identifiers import MalformedArn
from erstwhile.domain.vocabulary.instants import FOREVER
from erstwhile.domain.what_if.changes import AnyChange
from erstwhile.domain.what_if.concern import Concern
from erstwhile.domain.what_if.sightings import Sightings
from erstwhile.domain.what_if.supposed import SupposedHistory

How = Literal["would_fail", "may_fail"]
MOST_QUESTIONS = 20_000
"""Questions whose answers are kept: callers, actions and resources come again and again."""


class RecordedCall(msgspec.Struct, frozen=True, kw_only=True):
    """A call that succeeded. `resources`: the ARNs that its record names; `*` where it names none. `key`: what the
    caller knows it by."""

    key: str
    at: datetime
    principal: str
    action: str
    resources: tuple[str, ...]
    account: str
    context: ContextValues = {}


class PassedCall(msgspec.Struct, frozen=True):
    """A call that succeeded, and that the changes cannot concern, as `Counterfactual.may_concern` says."""

    at: datetime
    principal: str


class AffectedCall(msgspec.Struct, frozen=True, kw_only=True):
    """A call that would have failed, or may have failed (on a condition that no record settles), on this resource, and
    both decisions."""

    call: RecordedCall
    how: How
    resource: str
    before: Decision
    after: Decision


class _Held(NamedTuple):
    """A decision, and from when until when (exclusive) it surely is so."""

    begin: datetime
    end: datetime
    decision: Decision | None


class Counterfactual:
    """Of changes that would have been made at an instant; what happened since, happened all the same. Raises
    ImpossibleChange."""

    def __init__(self, history: FactHistory, instant: datetime, changes: Sequence[AnyChange]) -> None:
        supposed = SupposedHistory(history, instant, changes, goes_on=True)
        self._since = supposed.made_at
        self._concern = Concern(history, supposed)
        self._real, self._changed = _Decisions(history), _Decisions(supposed)
        self._sightings = Sightings(supposed)
        self.looked_at = 0
        self.undecided = 0
        """Calls whose principal cannot be asked about, or was not known at their time."""

    def may_concern(self, principal: str, action: str, context: ContextValues) -> bool:
        """Whether the changes may concern a call at all; of any other, a `PassedCall` says enough. `context`: some of
        its condition keys."""
        about = self._concern.about(principal, action)
        return bool(about) and self._concern.is_possible(about, context)

    def affected(self, calls: Iterable[RecordedCall | PassedCall]) -> Iterator[AffectedCall]:
        """The calls that would or may have failed, in the order in which they come."""
        for call in calls:
            self.looked_at += 1
            if call.at < self._since:
                continue
            resources = self._concerned(call) if isinstance(call, RecordedCall) else []
            if resources:
                assert isinstance(call, RecordedCall)
                found = self._affected(call, resources)
                if found is not None:
                    yield found
            elif not self._sightings.is_known(call.principal, call.at):
                self.undecided += 1

    def _concerned(self, call: RecordedCall) -> list[str]:
        """The resources of a call on which the changes may bear."""
        about = self._concern.about(call.principal, call.action)
        return [each for each in call.resources if self._concern.is_on(about, each, call.context)] if about else []

    def _affected(self, call: RecordedCall, resources: Sequence[str]) -> AffectedCall | None:
        maybe: AffectedCall | None = None
        for resource in resources:
            after = self._changed.decide(call, resource)
            if after is None:
                # Whether a principal is known does not depend on the resource.
                self.undecided += 1
                return None
            if after.effect == "allow":
                continue
            before = self._real.decide(call, resource)
            if before is None or before == after or before.effect.endswith("deny"):
                continue
            how: How = "would_fail" if after.effect.endswith("deny") else "may_fail"
            found = AffectedCall(call=call, how=how, resource=resource, before=before, after=after)
            if how == "would_fail":
                return found
            maybe = maybe or found
        return maybe


class _Decisions:
    """Over one history: a decision is kept as long as nothing changes on which it rests."""

    def __init__(self, history: FactHistory) -> None:
        self._history = history
        self._facts = ReadFacts(history)
        self._questions: dict[tuple[object, ...], tuple[Question, list[_Held]]] = {}

    def decide(self, call: RecordedCall, resource: str) -> Decision | None:
        """None where the principal is none that can be asked about, or was not known then."""
        key = (call.principal, call.action, resource, call.account, *sorted(call.context.items()))
        kept = self._questions.get(key)
        if kept is None:
            if len(self._questions) >= MOST_QUESTIONS:
                self._questions.clear()
                self._facts = ReadFacts(self._history)
            request = Request(
                principal=call.principal, action=call.action, resource=resource, resource_account=call.account,
                context=call.context, mode="discover",
            )  # fmt: skip
            kept = self._questions[key] = (Question(self._history, request, None, self._facts), [])
        question, held = kept
        for each in reversed(held):
            if each.begin <= call.at < each.end:
                return each.decision
        try:
            answer = question.at(call.at)
        except MalformedArn:
            held.append(_Held(call.at, FOREVER, None))
            return None
        held.append(_Held(call.at, question.until(answer), answer.decision))
        return answer.decision
