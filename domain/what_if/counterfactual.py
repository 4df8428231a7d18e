"""Which recorded calls would have failed if changes had been made at an instant: "had this guardrail stood then".

A call that succeeded was allowed, whatever is known of it. It would have failed where the decision with the changes is
a deny, and the one without them is none: what is wrong or missing in our knowledge of it is no effect of the changes.

Only calls that the changes may concern (`concern`) are decided; of the others it is only asked whether the principal
was known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Literal

import msgspec

from erstwhile.domain.history.wide_history import WideHistory
from erstwhile.domain.policy.inputs.request import Decision
from erstwhile.domain.vocabulary.context_values import ContextValues
from erstwhile.domain.vocabulary.instants import FOREVER
from erstwhile.domain.what_if.calls import PassedCalls, RecordedCall, Wanted
from erstwhile.domain.what_if.changes import AnyChange
from erstwhile.domain.what_if.concern import Concern
from erstwhile.domain.what_if.deciding import Decisions, PlainDecisions, decisions_over
from erstwhile.domain.what_if.sightings import Sightings
from erstwhile.domain.what_if.supposed import SupposedHistory

How = Literal["would_fail", "may_fail"]


class AffectedCall(msgspec.Struct, frozen=True, kw_only=True):
    """A call that would have failed, or may have failed (on a condition that no record settles), on this resource, and
    both decisions."""

    call: RecordedCall
    how: How
    resource: str
    before: Decision
    after: Decision


class Counterfactual(Wanted):
    """Of changes that would have been made at an instant; what happened since, happened all the same. `until`: no later
    call is asked about. Raises ImpossibleChange."""

    def __init__(
        self, history: WideHistory, instant: datetime, changes: Sequence[AnyChange], until: datetime = FOREVER
    ) -> None:
        supposed = self._supposed = SupposedHistory(history, instant, changes, goes_on=True)
        self._since = supposed.made_at
        self._concern = Concern(history, supposed)
        real = Decisions(history, window=(instant, until))
        self._real: PlainDecisions | Decisions = real
        self._changed: PlainDecisions | Decisions = decisions_over(supposed, real)
        self._sightings = Sightings(supposed, history, frozenset(supposed.changed_keys), self._since)
        self.looked_at = 0
        self.undecided = 0
        """Calls whose principal cannot be asked about, or was not known at their time."""

    def speaks_of(self, action: str) -> bool:
        return self._concern.speaks_of(action)

    def may_concern(self, principal: str, action: str, context: ContextValues) -> bool:
        about = self._concern.about(principal, action)
        return bool(about) and self._concern.is_possible(about, context)

    def words_of(self, action: str) -> tuple[bytes, ...] | None:
        return self._concern.words_of(action)

    def bears_on(self, principal: str, action: str, resources: Iterable[str], context: ContextValues) -> bool:
        about = self._concern.about(principal, action)
        return bool(about) and any(self._concern.is_on(about, each, context) for each in resources)

    def affected(self, calls: Iterable[RecordedCall | PassedCalls]) -> Iterator[AffectedCall]:
        """The calls that would or may have failed, in the order in which they come."""
        for call in calls:
            if isinstance(call, PassedCalls):
                self._pass(call)
                continue
            self.looked_at += 1
            if call.at < self._since:
                continue
            resources = self._concerned(call)
            if resources:
                found = self._affected(call, resources)
                if found is not None:
                    yield found
            elif not self._sightings.is_known(call.principal, call.at):
                self.undecided += 1

    def _pass(self, calls: PassedCalls) -> None:
        """Counts calls whose decisions stay as they are."""
        self.looked_at += len(calls.instants)
        begin = end = self._since
        is_known = True
        for at in calls.instants:
            if at < self._since:
                continue
            if not begin <= at < end:
                begin, end, is_known = self._sightings.span(calls.principal, at)
            self.undecided += not is_known

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
