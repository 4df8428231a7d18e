"""Who could an action on a resource over a window, and when: of all users and roles at once, by arithmetic over arrays.

(document in force) × (attached) × (member), with denies, boundaries, guardrails and what the resource's policy says to
all alike. Those about whom statements say something of their own are left to be decided about, state by state."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import numpy as np

from erstwhile.domain.directory.facts import EntityKey
from erstwhile.domain.directory.named import Named, Principals, all_of, principals
from erstwhile.domain.history.at_once.holdings import PRINCIPALS, Holdings, Mask
from erstwhile.domain.history.at_once.naming import Naming
from erstwhile.domain.history.at_once.policies import Policies
from erstwhile.domain.history.at_once.readings import Readings
from erstwhile.domain.history.at_once.settled import Settled, first_places, settled
from erstwhile.domain.history.at_once.spans import NONE, Spans, joined, meetings, merged, spans
from erstwhile.domain.history.at_once.surroundings import (
    CONDITIONAL,
    NOT_HELD,
    UNSURE,
    Around,
    Root,
    Surroundings,
)
from erstwhile.domain.history.at_once.sweep import state_of, states
from erstwhile.domain.history.read_facts import ReadFacts
from erstwhile.domain.history.wide_history import ABSENT, Ints, Rows, WideHistory
from erstwhile.domain.policy.evaluation.exemptions import NEEDS_NO_PERMISSION, SESSION_TOKEN, WITHOUT_CREDENTIALS
from erstwhile.domain.policy.evaluation.impossible import ISSUES_TOKEN
from erstwhile.domain.policy.inputs.request import Request
from erstwhile.domain.vocabulary.identifiers import AWS_MANAGED
from erstwhile.domain.vocabulary.micros import micros_of

_OF_EVERYBODY = NEEDS_NO_PERMISSION | WITHOUT_CREDENTIALS | {SESSION_TOKEN}
"""Actions (lower case) that somebody may without a policy that speaks of them."""
_ONE_BY_ONE = _OF_EVERYBODY | ISSUES_TOKEN
"""Actions (lower case) of which the kind of principal decides."""
UNKNOWN = CONDITIONAL + UNSURE
"""`CONDITIONAL`, of somebody of whose policies nothing was seen."""
MOST_AT_ONCE = 50_000
"""Principals whose states are in memory together: some hundred bytes for each state."""
_STATES = 1_000
"""More than there are numbers of states."""


class Everybody:
    """Of one request, over [begin, end)."""

    def __init__(
        self,
        history: WideHistory,
        facts: ReadFacts,
        request: Request,
        begin: datetime,
        end: datetime,
        account: str | None = None,
    ) -> None:
        """`account`: only those of one."""
        self._history = history
        self._rows = history.window(begin, end)
        self._request = request
        self._account = account
        self._window = since, until = micros_of(begin), micros_of(end)
        self._around = Around(facts, request, begin, end)
        action = request.action.lower()
        readings = Readings(request)
        speaking = self._rows.speaking(action, request.resource)
        policies = Policies(self._rows, facts, readings, speaking, since, until)
        self._holdings = Holdings(history, self._rows, policies, readings, speaking, since, until)
        self._is_of_everybody = action in _OF_EVERYBODY
        self._is_by_arithmetic = action not in _ONE_BY_ONE
        self.principals = 0
        """How many were looked at."""
        self.states = 0
        """How many states of those who are settled."""
        self.unsettled: list[EntityKey] = []
        """Those that have to be decided about."""
        self.roots: list[tuple[str, list[tuple[int, int, Root]]]] = []
        """Each account with what became of its root, from change to change."""
        self._found = self._sweep()

    def found(self) -> Settled:
        """Those that are settled, and were on a list at some time."""
        those, described = self._found
        first = first_places(those)
        last = first[1:] - 1
        found = self._rows.principals(those.key[last], described[last])
        is_named = found.are_named()
        if not is_named.all():
            nameless, named = np.flatnonzero(~is_named), np.flatnonzero(is_named)
            others = self._with_names(those.key[last[nameless]], described[last[nameless]])
            found = all_of([found.only(named), others]).only(np.argsort(np.concatenate((named, nameless))))
        return settled(found, those)

    def _with_names(self, entities: Ints, described: Ints) -> Principals:
        """Of those whose recorded ARN is none of their account and name."""
        naming = Naming(self._history)
        told = zip(self._rows.keys(entities), self._rows.values(described), strict=True)
        return principals([Named(key, naming.arn(key, value), "") for key, value in told])

    def _sweep(self) -> tuple[Spans, Ints]:
        """The periods, in order, and of each the number of the description at its end."""
        holdings, accounts = self._holdings, self._accounts()
        around, those = self._surroundings(accounts)
        account_of = self._account_of(accounts)
        is_open = np.zeros(len(accounts) + 1, dtype=bool)
        for number, each in zip(around.key.tolist(), those, strict=True):
            is_open[number] |= each.is_open or self._is_of_everybody
        candidates = holdings.holders() | (holdings.is_principal & is_open[account_of])
        personal = self._personal()
        candidates |= personal
        candidates &= holdings.is_principal & (account_of >= 0)
        described = holdings.existence(candidates)
        there = np.zeros(len(candidates), dtype=bool)
        there[described.entity] = True
        candidates &= there
        self.principals = int(candidates.sum())
        if not self._is_by_arithmetic:
            self._decide(candidates)
            return NONE, NONE.what
        lists = joined(
            *(
                self._lists(self._states_of(some, described, is_open[account_of]), account_of, around, those)
                for some in _parts_of(candidates)
            )
        )
        lives = Spans(described.entity, described.begin, described.end, described.value).in_order()
        unsure = np.zeros(len(candidates), dtype=bool)
        unsure[lists.key[lists.what == UNSURE]] = True
        unsure |= candidates & (personal | self._of_services(described) | self._contradicted(lives))
        self._decide(unsure)
        held = merged(lists.only(~unsure[lists.key]))
        return held, _at_ends(held, lives)

    def _states_of(self, some: Mask, described: Rows, is_open: Mask) -> Spans:
        described = described.only(some[described.entity])
        existence = spans(described.entity, described.begin, described.end)
        bounded, limits = self._holdings.bounds(some)
        found, count = states(self._holdings.identity(some), bounded, limits, existence, *self._window, is_open)
        self.states += count
        return found

    def _decide(self, which: Mask) -> None:
        self.unsettled = self._rows.keys(np.flatnonzero(which))

    def _accounts(self) -> list[str]:
        accounts = dict.fromkeys(account for account, kind in self._rows.places if kind in (*PRINCIPALS, "account"))
        return [each for each in accounts if each != AWS_MANAGED and self._account in (None, each)]

    def _account_of(self, accounts: list[str]) -> Ints:
        """Of each entity, the number of its account; ABSENT for those that nobody asks about."""
        numbers = {account: number for number, account in enumerate(accounts)}
        of_places = np.array([numbers.get(account, ABSENT) for account, _ in self._rows.places], dtype=np.int64)
        return of_places[self._rows.place]

    def _surroundings(self, accounts: list[str]) -> tuple[Spans, list[Surroundings]]:
        """By the number of the account, in order; `what` is the place in the list."""
        those: list[Surroundings] = []
        rows: list[tuple[int, int, int, int]] = []
        for number, account in enumerate(accounts):
            states = []
            for begin, end, each in self._around.of(account):
                since, until = micros_of(begin), micros_of(end)
                rows.append((number, since, until, len(those)))
                states.append((since, until, each.root))
                those.append(each)
            if self._history.intervals_of((account, "account", account)):
                self.roots.append((account, states))
        return Spans(*np.array(rows, dtype=np.int64).reshape(-1, 4).T), those

    def _lists(self, found: Spans, account_of: Ints, around: Spans, those: list[Surroundings]) -> Spans:
        """On which list each is in each state; without those that are on none."""
        met = meetings(found._replace(key=account_of[found.key]), around)
        both = around.what[met.right] * _STATES + found.what[met.left]
        lists = np.full(len(those) * _STATES, NOT_HELD, dtype=np.int64)
        for each in np.flatnonzero(np.bincount(both)).tolist():
            lists[each] = _list_of(those[each // _STATES], each % _STATES)
        on = lists[both]
        return Spans(found.key[met.left], met.begin, met.end, on).only(on != NOT_HELD)

    def _personal(self) -> Mask:
        """Of each entity, whether the resource's policies name it."""
        found = np.zeros(len(self._rows.place), dtype=bool)
        for name in self._around.named:
            for key in self._named(name):
                number = self._rows.number(key)
                if number != ABSENT:
                    found[number] = True
        return found

    def _named(self, name: str) -> Iterator[EntityKey]:
        """The users and roles that a principal's name may mean."""
        parts = name.split(":", 5)
        if len(parts) == 6:
            kind, _, rest = parts[5].partition("/")
            last = rest.partition("/")[0] if kind == "assumed-role" else rest.rpartition("/")[2]
            for each in PRINCIPALS:
                yield from self._history.with_name(parts[4], each, last.lower())
                yield parts[4], each, last
            return
        for account, kind in self._rows.places:
            if kind in PRINCIPALS:
                yield account, kind, name

    def _of_services(self, described: Rows) -> Mask:
        """Of each entity, whether it is a role that belongs to a service: guardrails do not reach it."""
        roles = np.array([kind == "role" for _, kind in self._rows.places], dtype=bool)[self._rows.place]
        of_roles = described.only(roles[described.entity])
        found = np.zeros(len(roles), dtype=bool)
        found[of_roles.entity[self._rows.are_of_services(of_roles.value)]] = True
        return found

    def _contradicted(self, lives: Spans) -> Mask:
        """Of each entity, whether records contradict each other: two descriptions hold at one time. Which of them
        counts, the order of their events tells."""
        found = np.zeros(len(self._rows.place), dtype=bool)
        found[lives.key[1:][(lives.key[1:] == lives.key[:-1]) & (lives.begin[1:] < lives.end[:-1])]] = True
        return found


def _at_ends(held: Spans, lives: Spans) -> Ints:
    """The number of each one's description at the end of each of its periods."""
    last = held._replace(begin=held.end - 1)
    return lives.what[meetings(last, lives).right]


def _parts_of(candidates: Mask) -> Iterator[Mask]:
    numbers = np.flatnonzero(candidates)
    for begin in range(0, len(numbers), MOST_AT_ONCE):
        found = np.zeros(len(candidates), dtype=bool)
        found[numbers[begin : begin + MOST_AT_ONCE]] = True
        yield found


def _list_of(around: Surroundings, number: int) -> int:
    state = state_of(number)
    found = around.holds(state.identity, state.limit, state.is_unclear)
    return UNKNOWN if found == CONDITIONAL and state.is_never_seen else found
