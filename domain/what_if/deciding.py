"""Decides recorded calls over one history, each at its instant.

A Directory goes along with the calls, and decides by its engine. Where that may not say what a Directory of the instant
says (a condition looks at the clock, or two entities had one name), the question is asked for itself, and its answer is
kept as long as nothing changes on which it rests.
"""

from __future__ import annotations

from collections.abc import Container
from datetime import datetime
from typing import NamedTuple

from erstwhile.domain.directory import attributes as a
from erstwhile.domain.directory.facts import EntityKey
from erstwhile.domain.history.clock_instants import CLOCK
from erstwhile.domain.history.fact_history import FactHistory
from erstwhile.domain.history.moving_directory import MovingDirectory
from erstwhile.domain.history.question import Question, layers_of_sides
from erstwhile.domain.history.read_facts import ReadFacts
from erstwhile.domain.history.windows import ALWAYS, Window
from erstwhile.domain.policy.engine.attached import engine_of
from erstwhile.domain.policy.evaluation.evaluate import evaluate
from erstwhile.domain.policy.evaluation.request_sides import CallerSide, ResourceSide
from erstwhile.domain.policy.inputs.principals import UnknownPrincipal
from erstwhile.domain.policy.inputs.request import Decision, Request
from erstwhile.domain.vocabulary.bounded import Bounded
from erstwhile.domain.vocabulary.identifiers import MalformedArn
from erstwhile.domain.vocabulary.instants import FOREVER
from erstwhile.domain.what_if.calls import RecordedCall
from erstwhile.domain.what_if.supposed import SupposedHistory

MOST_QUESTIONS = 20_000
"""Questions whose answers are kept: callers, actions and resources come again and again."""
_OF_GUARDRAILS = frozenset((a.GUARDRAIL, a.TARGET, a.POLICY_TYPE))
"""Attributes of an organisation that say which guardrails there are, where, and what they say."""


class _Held(NamedTuple):
    """A decision, and from when until when (exclusive) it surely is so."""

    begin: datetime
    end: datetime
    decision: Decision | None


class PlainDecisions:
    """Asks each question for itself."""

    def __init__(self, history: FactHistory) -> None:
        self._history = history
        self._facts = ReadFacts(history)
        self._questions: dict[tuple[object, ...], tuple[Question, list[_Held]]] = {}

    def decide(self, call: RecordedCall, resource: str) -> Decision | None:
        """None where the principal is none that can be asked about, or was not known then."""
        key = _key(call, resource)
        kept = self._questions.get(key)
        if kept is None:
            if len(self._questions) >= MOST_QUESTIONS:
                self._questions.clear()
                self._facts = ReadFacts(self._history)
            kept = self._questions[key] = (Question(self._history, _request(call, resource), None, self._facts), [])
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


class Decisions:
    """The answers of `PlainDecisions`."""

    def __init__(
        self,
        history: FactHistory,
        alike: Decisions | None = None,
        but: Container[EntityKey] = frozenset(),
        window: Window = ALWAYS,
    ) -> None:
        """`alike`: those over a history that is the same, `but` for some entities. `window`: no call before or after it
        is asked about."""
        self._plain = PlainDecisions(history)
        self.window = window
        self.moving: MovingDirectory = MovingDirectory(history, None if alike is None else alike.moving, but, window)
        self._kept: Bounded[tuple[object, ...], Decision | None] = Bounded(MOST_QUESTIONS)
        self._turns: tuple[int, ...] = ()

    def decide(self, call: RecordedCall, resource: str) -> Decision | None:
        """None where the principal is none that can be asked about, or was not known then."""
        if self.is_disputed:
            return self._plain.decide(call, resource)
        turns = self.turn_to(call.at)
        if self._turns != turns:
            self._turns = turns
            self._kept.clear()
        key = _key(call, resource)
        if key in self._kept:
            return self._kept.get(key)
        request, found = _request(call, resource), None
        try:
            side, target = self.sides(request)
            if _looks_at_clock(side, target, request.action.lower()):
                return self._plain.decide(call, resource)
            found = evaluate(request, side, target)
        except (UnknownPrincipal, MalformedArn):
            pass
        return self._plain.decide(call, resource) if self.is_disputed else self._kept.keep(key, found)

    @property
    def is_disputed(self) -> bool:
        """Whether the engine may not say what a Directory of the instant says."""
        return self.moving.is_disputed

    def turn_to(self, instant: datetime) -> tuple[int, ...]:
        """What is kept, counts as long as this returns the same."""
        self.moving.at(instant)
        return (self.moving.turns,)

    def sides(self, request: Request) -> tuple[CallerSide, ResourceSide]:
        """Who asks, and what is there, at the instant that was turned to. Raises MalformedArn, UnknownPrincipal."""
        engine = engine_of(self.moving.now)
        side = engine.side(request.principal)
        return side, engine.target(request, side.caller.account)


class DecisionsUnderGuardrails(Decisions):
    """Over a history in which nothing is other than in that of `real` ones but what guardrails say, and where: callers
    and resources are read once for both."""

    def __init__(self, history: FactHistory, real: Decisions) -> None:
        super().__init__(history, window=real.window)
        self._real = real

    @property
    def is_disputed(self) -> bool:
        return self.moving.is_disputed or self._real.is_disputed

    def turn_to(self, instant: datetime) -> tuple[int, ...]:
        return (*super().turn_to(instant), *self._real.turn_to(instant))

    def sides(self, request: Request) -> tuple[CallerSide, ResourceSide]:
        policies = engine_of(self.moving.now).policies
        side, target = self._real.sides(request)
        account, owner = side.caller.account, target.owner
        scp = policies.scp(account) if account else None
        under = CallerSide(side.caller, side.identity, side.boundary, scp, side.session)
        under.path_prefix = side.path_prefix
        rcp = None
        if owner is None and target.is_common:
            rcp = policies.rcp(account)
        elif owner is not None and policies.place(owner) is not None:
            rcp = policies.rcp(owner)
        there = ResourceSide(owner, target.policy, rcp, target.vpc_endpoint, target.keys, target.is_common)
        return under, there


def decisions_over(history: SupposedHistory, real: Decisions) -> Decisions:
    """`real`: those over the history without the changes."""
    if history.changed_attributes <= _OF_GUARDRAILS:
        return DecisionsUnderGuardrails(history, real)
    return Decisions(history, real, frozenset(history.changed_keys), real.window)


def _looks_at_clock(side: CallerSide, target: ResourceSide, action: str) -> bool:
    """Whether a statement about an action (lower case) does: a Directory that goes along has kept an earlier one."""
    return any(
        not CLOCK.isdisjoint(compiled.keys_read)
        for layer in layers_of_sides(side, target)
        for compiled, _, _ in layer.about(action)
    )


def _request(call: RecordedCall, resource: str) -> Request:
    return Request(
        principal=call.principal, action=call.action, resource=resource, resource_account=call.account,
        context=call.context, mode="discover",
    )  # fmt: skip


def _key(call: RecordedCall, resource: str) -> tuple[object, ...]:
    return (call.principal, call.action, resource, call.account, *sorted(call.context.items()))
