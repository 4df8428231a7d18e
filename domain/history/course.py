"""One entity over all time: its facts at any instant, and the instants at which these change."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Container, Iterable, Sequence
from datetime import datetime

from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.attributes import target_item
from erstwhile.domain.directory.fact_source import Facts, PolicyInForce
from erstwhile.domain.directory.facts import EntityKey, Fact, Interval, KeptFacts, in_order
from erstwhile.domain.history.clock_instants import CLOCK
from erstwhile.domain.history.fact_history import DOCUMENTS, may_have_words
from erstwhile.domain.history.policy_states import PolicyState, policy_state
from erstwhile.domain.history.windows import TICK
from erstwhile.domain.vocabulary.instants import BEFORE, FOREVER

WITHOUT_A_SAY = frozenset(
    (
        attributes.ACCESS_KEY, attributes.LOGIN_PROFILE, attributes.MFA, attributes.CREDENTIAL,
        attributes.CREDENTIAL_REPORT, attributes.SNAPSHOT, attributes.SETTING, attributes.ASSIGNMENT,
    )
)  # fmt: skip
"""Attributes on which no decision depends: what their facts say is no input of an evaluation."""


WORDS_OF_CLOCK = tuple(sorted(key.removeprefix("aws:") for key in CLOCK))

_ONE_BY_ONE = 3
"""Instants whose facts are looked for one by one, before those of all are made."""


class Course:
    """The intervals of one entity that may have a say in a decision."""

    def __init__(self, intervals: Iterable[Interval]) -> None:
        # What began and ended within one instant held at none.
        self._intervals = in_order(
            each for each in intervals if each.attribute not in WITHOUT_A_SAY and each.valid_from < each.valid_to
        )
        self._start(instants_of(self._intervals))

    def _start(self, changes: list[datetime]) -> None:
        """`changes`: the instants at which an interval begins or ends, in order."""
        self._changes = changes
        self._kept: dict[int, Facts | None] = {}
        self._reaching: dict[frozenset[str], list[datetime]] = {}
        self._touching: dict[datetime, list[Interval]] | None = None
        self._may_read_clock: bool | None = None

    @property
    def intervals(self) -> Sequence[Interval]:
        """In the order of the events that opened them."""
        return self._intervals

    def facts_at(self, instant: datetime) -> Facts | None:
        """The facts of an instant. Callers must not change them: other instants have the same."""
        place = bisect_right(self._changes, instant)
        if place not in self._kept:
            if len(self._kept) < _ONE_BY_ONE:
                self._kept[place] = facts_of(self.intervals, instant)
            else:
                self._keep_all()
        return self._kept[place]

    def policy_at(self, key: EntityKey, instant: datetime) -> PolicyInForce | None:
        """What this policy says at an instant; None where that, or its ARN, is not sure."""
        return self.policy_state(key, instant).in_force

    def policy_state(self, key: EntityKey, instant: datetime) -> PolicyState:
        """What a managed policy is at an instant: this is the course of the policy of a key."""
        return policy_state(key, self.facts_at(instant) or {})

    def _keep_all(self) -> None:
        """The facts of all instants, each made from those before it. Items stand in the order of the intervals, which
        is that of the events: where records contradict each other, and two hold in one place, the last one counts."""
        rank = {each: number for number, each in enumerate(map(id, self.intervals))}
        there: dict[str, dict[int, Interval]] = {}
        facts: Facts = {}
        for place, instant in enumerate((BEFORE, *self._changes)):
            touching = self.touching(instant)
            changed = {each.attribute for each in touching}
            for each in sorted(touching, key=lambda each: each.valid_from == instant):
                holding = there.setdefault(each.attribute, {})
                if each.valid_from == instant:
                    holding[id(each)] = each
                else:
                    holding.pop(id(each), None)
            facts = {attribute: items for attribute, items in facts.items() if attribute not in changed}
            for attribute in changed:
                rows = sorted(there[attribute].values(), key=lambda row: rank[id(row)])
                if rows:
                    facts[attribute] = {row.item: Fact(row.value, row.valid_from, row.opened_by) for row in rows}
            self._kept[place] = self._to_keep(facts) if facts else None

    def _to_keep(self, facts: Facts) -> Facts:
        return facts

    @property
    def may_read_clock(self) -> bool:
        """Whether a policy that it ever had may compare the clock with something."""
        if self._may_read_clock is None:
            self._may_read_clock = any(
                each.attribute in DOCUMENTS and may_have_words(each.value, WORDS_OF_CLOCK) for each in self.intervals
            )
        return self._may_read_clock

    def goes_on(self, instant: datetime) -> bool:
        """Whether something is known of the entity just before an instant and from it on, or at neither."""
        for each in self.intervals:
            if each.valid_from < instant < each.valid_to:
                return True
        return (self.facts_at(instant - TICK) is None) == (self.facts_at(instant) is None)

    def touching(self, instant: datetime) -> Sequence[Interval]:
        """The intervals that begin or end at an instant."""
        found = self._touching
        if found is None:
            found = {}
            for each in self.intervals:
                found.setdefault(each.valid_from, []).append(each)
                found.setdefault(each.valid_to, []).append(each)
            self._touching = found  # whole: other threads may read it
        return found.get(instant, ())

    def attributes_turning(self, instant: datetime) -> set[str]:
        """The attributes of these."""
        return {each.attribute for each in self.touching(instant)}

    def relevant(self, accounts: frozenset[str]) -> Sequence[Interval]:
        """The intervals that may have a say where these accounts are concerned."""
        return self.intervals

    def turning(self, instant: datetime, accounts: frozenset[str]) -> Sequence[Interval]:
        """Of these, in their order, those that begin or end at an instant."""
        return self.touching(instant)

    def next_change(self, instant: datetime, accounts: frozenset[str]) -> datetime:
        """The first instant after one at which something changes that may have a say; FOREVER where there is none."""
        changes = self._reaching.get(accounts) or self._reach(accounts)
        place = bisect_right(changes, instant)
        return changes[place] if place < len(changes) else FOREVER

    def next_of_all(self, instant: datetime) -> datetime:
        """The first instant after one at which anything changes that may have a say somewhere; FOREVER where there is
        none."""
        place = bisect_right(self._changes, instant)
        return self._changes[place] if place < len(self._changes) else FOREVER

    def last_change(self, instant: datetime, accounts: frozenset[str]) -> datetime:
        """The last instant not after one at which something changed that may have a say; BEFORE where there is none."""
        changes = self._reaching.get(accounts) or self._reach(accounts)
        place = bisect_right(changes, instant)
        return changes[place - 1] if place else BEFORE

    def _reach(self, accounts: frozenset[str]) -> list[datetime]:
        intervals = self.relevant(accounts)
        changes = self._changes if intervals is self.intervals else instants_of(intervals)
        self._reaching[accounts] = changes
        return changes


class OrganizationCourse(Course):
    """An organisation's tree and guardrails have a say over an account only where they stand above it."""

    def __init__(self, intervals: Iterable[Interval]) -> None:
        super().__init__(intervals)
        self._relevant: dict[frozenset[str], tuple[Sequence[Interval], frozenset[int]]] = {}
        """With the ids of each."""

    def _to_keep(self, facts: Facts) -> Facts:
        """What is made of an organisation's facts is kept with them: where an account stands, and under what."""
        return KeptFacts(facts)

    def relevant(self, accounts: frozenset[str]) -> Sequence[Interval]:
        return self._above(accounts)[0]

    def turning(self, instant: datetime, accounts: frozenset[str]) -> Sequence[Interval]:
        ids = self._above(accounts)[1]
        return [each for each in self.touching(instant) if id(each) in ids]

    def _above(self, accounts: frozenset[str]) -> tuple[Sequence[Interval], frozenset[int]]:
        found = self._relevant.get(accounts)
        if found is None:
            above = self._find_above(accounts)
            found = self._relevant[accounts] = above, frozenset(map(id, above))
        return found

    def _find_above(self, accounts: frozenset[str]) -> list[Interval]:
        nodes, found = set(accounts), -1
        while len(nodes) != found:
            found = len(nodes)
            nodes |= {
                str(each.value.get("parent") or "")
                for each in self.intervals
                if each.attribute == attributes.NODE and each.item in nodes
            }
        # Policies come and go: the same few items, again and again.
        items = dict.fromkeys(each.item for each in self.intervals if each.attribute == attributes.TARGET)
        read = [(item, target_item(item)) for item in items]
        targets = {item: target.policy for item, target in read if target.node in nodes}
        policies = set(targets.values())
        return [each for each in self.intervals if _is_above(each, nodes, targets, policies)]


def _is_above(each: Interval, nodes: set[str], targets: Container[str], policies: set[str]) -> bool:
    match each.attribute:
        case attributes.NODE:
            return each.item in nodes
        case attributes.TARGET:
            return each.item in targets
        case attributes.GUARDRAIL:
            return each.item in policies
        case _:
            return True


def facts_of(intervals: Iterable[Interval], instant: datetime) -> Facts | None:
    """The facts of an instant; None where there are none."""
    facts: Facts = {}
    for each in intervals:
        if each.valid_from <= instant < each.valid_to:
            facts.setdefault(each.attribute, {})[each.item] = Fact(each.value, each.valid_from, each.opened_by)
    return facts or None


def instants_of(intervals: Iterable[Interval]) -> list[datetime]:
    """The instants at which an interval begins or ends, in order."""
    found = {each.valid_from for each in intervals} | {each.valid_to for each in intervals}
    return sorted(found - {BEFORE, FOREVER})
