"""One question at any instant of a history: the decision, and how long nothing on which it rests changes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

import msgspec

from erstwhile.domain.directory.deciding_view import DecidingView
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.facts import EntityKey
from erstwhile.domain.directory.view import DirectoryView
from erstwhile.domain.history.clock_instants import clock_instants
from erstwhile.domain.history.course import Course
from erstwhile.domain.history.fact_history import FactHistory
from erstwhile.domain.history.line_course import LineCourse
from erstwhile.domain.history.read_facts import ReadFacts
from erstwhile.domain.history.relevance import Relevance
from erstwhile.domain.history.windows import TICK
from erstwhile.domain.policy.evaluation.applicable import ApplicablePolicies
from erstwhile.domain.policy.evaluation.evaluate import evaluate
from erstwhile.domain.policy.evaluation.layers import Layer
from erstwhile.domain.policy.evaluation.one_question import Needed, PoliciesAbout
from erstwhile.domain.policy.evaluation.request_sides import CallerSide, ResourceSide
from erstwhile.domain.policy.inputs.principals import UnknownPrincipal
from erstwhile.domain.policy.inputs.request import Decision, Request
from erstwhile.domain.policy.language.statement import CompiledStatement
from erstwhile.domain.vocabulary.identifiers import account_in
from erstwhile.domain.vocabulary.instants import BEFORE, FOREVER


class Answer(NamedTuple):
    """The decision of an instant; None where no such principal was known then."""

    instant: datetime
    decision: Decision | None
    principal: str
    """The ARN that the principal had."""
    unique_id: str
    key: EntityKey | None
    """The user or role; None for principals that are neither, or not known."""
    read: dict[EntityKey, Course]
    accounts: frozenset[str]
    """The accounts whose guardrails have a say."""
    clock: tuple[datetime, ...]
    """The instants at which a condition on the clock may turn."""
    keys: frozenset[str]
    """The condition keys (lower case) that statements about the action read."""
    notes: tuple[str, ...]

    def is_like(self, other: Answer) -> bool:
        """Whether the answer is the same, with all that it rests on."""
        return (self.decision, self.unique_id, self.key is None) == (other.decision, other.unique_id, other.key is None)

    @property
    def effect(self) -> str:
        """The decision's effect; '' where no such principal was known."""
        return "" if self.decision is None else self.decision.effect


class Question:
    """One principal, action and resource. `request.principal` is as in `authorize`; with `follow`, the principal is
    the user or role of this key instead, under whatever name it has at an instant."""

    def __init__(
        self,
        history: FactHistory,
        request: Request,
        follow: EntityKey | None = None,
        facts: ReadFacts | None = None,
    ) -> None:
        """`facts`: what was read of the history for other questions."""
        self.history = history
        self.request = request
        self.follow = follow
        self.facts = facts or ReadFacts(history)
        self.has_passed = False
        """Whether `until` or `since`, when it was asked last, passed over any change."""
        self._watched: dict[EntityKey, Course] = {}
        """What had to be watched for that."""
        self._walked = _Walked({}, frozenset(), FOREVER)
        self._moved = _Moved(FOREVER, FOREVER, frozenset())
        self._own: OwnPolicies | None = None
        """What `at` found of the principal's own policies last."""
        self._needed: Needed = {}
        self._relevance = Relevance(self.facts, request.action.lower(), request.resource)
        told = (request.resource_account, account_in(request.principal), account_in(request.resource))
        self._accounts = {account for account in (*told, follow[0] if follow is not None else "") if account}

    def at(self, instant: datetime) -> Answer:
        """The answer of an instant. Raises MalformedArn for a principal that cannot be asked about."""
        directory = self.directory(instant)
        own = self._own
        if own is None or not self._moved.leaves(own, self.facts.instant):
            own = self._own = OwnPolicies()
        found = self.decide(directory, own)
        own.instant = self.facts.instant
        read = self.facts.read
        accounts = frozenset(self._accounts.union(key[0] for key in read))
        return Answer(
            self.facts.instant, found.decision, found.principal, found.unique_id, found.key, read, accounts,
            found.clock, found.keys, found.notes,
        )  # fmt: skip

    def until(self, answer: Answer) -> datetime:
        """Until when (exclusive) an answer surely holds: the next instant at which something changes that it read and
        that may have a say in it, or a condition on the clock may turn. FOREVER where nothing does."""
        return self._walk(answer, min((each for each in answer.clock if each > answer.instant), default=FOREVER), True)

    def since(self, answer: Answer) -> datetime:
        """Since when an answer surely holds; BEFORE where nothing earlier changed it."""
        return self._walk(answer, max((each for each in answer.clock if each <= answer.instant), default=BEFORE), False)

    def _walk(self, answer: Answer, limit: datetime, is_ahead: bool) -> datetime:
        """Goes from change to change, ahead or back, until one that may have a say, or the limit."""
        self.has_passed = False
        watched = self._watched = dict(answer.read)
        nearest = min if is_ahead else max
        since, accounts = answer.instant, answer.accounts
        known = self._walked.changes_after(since, accounts) if is_ahead else {}
        waiting = {
            key: at if (at := known.get(key, BEFORE)) > since else _step(course, since, accounts, is_ahead)
            for key, course in watched.items()
        }
        self._walked = _Walked(waiting, accounts, since if is_ahead else FOREVER)
        changed: list[EntityKey] = []
        while waiting:
            instant = nearest(waiting.values())
            if instant >= limit if is_ahead else instant <= limit:
                break
            touched = [key for key, each in waiting.items() if each == instant]
            changed += touched
            for key in touched:
                found = self._relevance.passes_over(key, watched[key], instant, answer)
                if found is None:
                    self._moved = _Moved(since, instant if is_ahead else FOREVER, frozenset(changed))
                    return instant
                watched |= found
                self.has_passed = True
            beyond = instant if is_ahead else instant - TICK
            if is_ahead:
                self._walked.to = beyond
            for key in (*touched, *(watched.keys() - waiting.keys())):
                waiting[key] = _step(watched[key], beyond, accounts, is_ahead)
        return limit

    def just_before(self, answer: Answer, following: Answer) -> Answer | None:
        """The answer of just before an instant until which `answer` holds, as `until` said last; `following` is that of
        the instant. It has what `causes` needs beside `following`: nothing, where all that changed at the instant
        was read by that one, too. None where it has to be asked for."""
        instant = following.instant
        if not self.has_passed:
            return answer._replace(instant=instant - TICK)
        read, accounts = following.read, following.accounts
        if self._relevance.has_met_clock or not accounts.issuperset(answer.accounts):
            return None
        for key, course in self._watched.items():
            if key[0] not in accounts or (key not in read and course.touching(instant)):
                return None
        return answer._replace(instant=instant - TICK, read={})

    def directory(self, instant: datetime) -> DirectoryView:
        """The Directory of an instant, until the next one is asked for."""
        # Before all records, the clock shows an instant all the same.
        self.facts.turn_to(max(instant, BEFORE + TICK))
        return DecidingView(self.facts, self.history.known_at, self.facts.instant)

    def sides(self, directory: Directory, whole: bool = False, own: OwnPolicies | None = None) -> Sides:
        """The request as it is in one Directory, and the policies on its two sides: of the caller's own those that may
        speak of action and resource, or the `whole` of them. `own`: as the Directory of this question's facts has them;
        what is not there yet is put there. Raises MalformedArn, and UnknownPrincipal."""
        request = self.request
        if self.follow is not None:
            entity = directory.get(*self.follow)
            if entity is None or not entity.exists:
                raise UnknownPrincipal("/".join(self.follow))
            request = msgspec.structs.replace(request, principal=directory.arn_of(entity))
        if whole:
            policies = ApplicablePolicies(directory)
        else:
            policies = PoliciesAbout(directory, request, self._needed, None if own is None else own.layers)
        side = policies.caller_side(request.principal)
        if own is not None:
            self._note(own, side)
        target = policies.resource_side(request, side.caller.account)
        return Sides(request, side, target, policies.session_layer(request))

    def _note(self, own: OwnPolicies, side: CallerSide) -> None:
        """Notes what a principal's own policies are, and rest on; where that is known, it counts as read again."""
        read = self.facts.read
        if own.layers is not None:
            read |= own.read
        elif side.caller.entity is not None:
            own.layers = side.identity, side.boundary
            # These bear on guardrails, and on who is governed, alone.
            own.read = {key: course for key, course in read.items() if key[1] not in ("account", "organization")}

    def decide(self, directory: Directory, own: OwnPolicies | None = None) -> Decided:
        """The decision over one Directory; `own` as in `sides`. Raises MalformedArn."""
        try:
            request, side, target, session = self.sides(directory, own=own)
        except UnknownPrincipal:
            return Decided(None, self.request.principal, "", None, (), frozenset(), ())
        decision = evaluate(request, side, target, session)
        layers = [*layers_of_sides(side, target), *([session] if session is not None else [])]
        statements = [each for layer in layers for each in _about(layer, request.action)]
        turns, others = clock_instants(statements)
        entity = side.caller.entity
        return Decided(
            decision, request.principal, side.caller.unique_id, entity.key if entity is not None else None,
            tuple(turns), frozenset().union(*(each.keys_read for each in statements)),
            (_TEXT_OF_CLOCK,) if others else (),
        )  # fmt: skip


class OwnPolicies:
    """The identity policies and the boundary of a principal at an instant, and what was read for them."""

    def __init__(self) -> None:
        self.instant = FOREVER
        self.layers: tuple[Layer | None, Layer | None] | None = None
        self.read: dict[EntityKey, Course] = {}


class _Moved(NamedTuple):
    """What changed from one instant to another, of all that was read for the answer of the first."""

    since: datetime
    to: datetime
    changed: frozenset[EntityKey]

    def leaves(self, own: OwnPolicies, instant: datetime) -> bool:
        """Whether a principal's own policies are still the same at an instant."""
        return own.instant == self.since and self.to == instant and self.changed.isdisjoint(own.read)


_TEXT_OF_CLOCK = "a statement compares the clock as text: the decision is that of the first instant of each interval"


class Sides(NamedTuple):
    """A request, with the policies that bear on it."""

    request: Request
    caller: CallerSide
    target: ResourceSide
    session: Layer | None


class Decided(NamedTuple):
    """What a question finds in one Directory."""

    decision: Decision | None
    principal: str
    unique_id: str
    key: EntityKey | None
    clock: tuple[datetime, ...]
    keys: frozenset[str]
    notes: tuple[str, ...]

    @property
    def effect(self) -> str:
        """The decision's effect; '' where no such principal was known."""
        return "" if self.decision is None else self.decision.effect


class _Walked:
    """How far somebody walked ahead, and when each of what was watched on the way changes next."""

    def __init__(self, waiting: dict[EntityKey, datetime], accounts: frozenset[str], to: datetime) -> None:
        self.waiting = waiting
        self.accounts = accounts
        self.to = to

    def changes_after(self, instant: datetime, accounts: frozenset[str]) -> dict[EntityKey, datetime]:
        """Who goes on from there need not ask again: a change that is ahead is the next one."""
        return self.waiting if self.to <= instant and self.accounts == accounts else {}


def _step(course: Course, instant: datetime, accounts: frozenset[str], is_ahead: bool) -> datetime:
    if isinstance(course, LineCourse):
        return course.next_turn(instant) if is_ahead else course.last_turn(instant)
    return course.next_change(instant, accounts) if is_ahead else course.last_change(instant, accounts)


def layers_of_sides(side: CallerSide, target: ResourceSide) -> Iterator[Layer]:
    """The layers that may have a say in a decision."""
    for layer in (side.identity, side.boundary, side.session, target.policy, target.vpc_endpoint):
        if layer is not None:
            yield layer
    for levels in (side.scp, target.rcp):
        if levels is not None:
            yield from levels.layers


def _about(layer: Layer, action: str) -> list[CompiledStatement]:
    return [compiled for compiled, _, _ in layer.about(action.lower())]
