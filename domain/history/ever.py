"""Who could do an action on a resource at any time of a window: from when to when, and for how long in all. And its
contrary, never."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

import msgspec

from erstwhile.domain.history.at_once.everybody import UNKNOWN, Everybody
from erstwhile.domain.history.at_once.settled import Settled
from erstwhile.domain.history.at_once.surroundings import ALLOWED, CONDITIONAL, NOT_HELD, UNSURE, Root
from erstwhile.domain.history.held_periods import HeldHow, HeldPeriods, Period, held_periods
from erstwhile.domain.history.others_named import others_named
from erstwhile.domain.history.question import Question
from erstwhile.domain.history.read_facts import ReadFacts
from erstwhile.domain.history.wide_history import WideHistory
from erstwhile.domain.history.windows import Window, within
from erstwhile.domain.policy.inputs.caller import parse_caller
from erstwhile.domain.policy.inputs.request import Request
from erstwhile.domain.policy.language.patterns.pattern_parts import TooMuch
from erstwhile.domain.vocabulary.context_values import ContextValues
from erstwhile.domain.vocabulary.micros import instant_of

MOST_STATES = 20_000_000
"""States that are looked at for one answer."""
_DECISION = 100
"""As so many states, that are settled by arithmetic, counts one that is decided about."""
HOW: dict[int, HeldHow] = {ALLOWED: "allowed", CONDITIONAL: "conditional", UNKNOWN: "unknown"}
"""The lists by their numbers: of several, a principal stands on that of the least number."""


class Holder(msgspec.Struct, frozen=True, kw_only=True):
    """A principal that could, or about which that is not sure, at some time of the window. `principal`: the last ARN by
    which it could. `is_outsider`: the resource's own policy let it in, and it is no user, role or root of a known
    account."""

    principal: str
    kind: str
    account: str
    unique_id: str
    periods: tuple[Period, ...]
    is_outsider: bool = False

    def best(self) -> HeldHow:
        """The list on which it stands in the whole answer."""
        hows = [each.how for each in self.periods]
        return "allowed" if "allowed" in hows else "conditional" if "conditional" in hows else "unknown"

    def total(self, how: HeldHow = "allowed") -> timedelta:
        """For how long in all it was on a list."""
        found = timedelta()
        for each in self.periods:
            if each.how == how:
                found += each.end - each.begin
        return found


class Ever(msgspec.Struct, frozen=True, kw_only=True):
    """Each principal stands on one list: `allowed` has those that were allowed at some time, `conditional` the others
    that were so under conditions, `unknown` those of whose policies nothing was known. `states` counts the intervals
    that were looked at, between changes, and `gaps` are the parts of the window without records."""

    action: str
    resource: str
    begin: datetime
    end: datetime
    allowed: tuple[Holder, ...]
    conditional: tuple[Holder, ...]
    unknown: tuple[Holder, ...]
    principals: int
    states: int
    gaps: tuple[Window, ...]
    known_at: int


class Never(msgspec.Struct, frozen=True, kw_only=True):
    """Whether nobody (of those asked about) was allowed in any state of the window. `is_sure`: nor conditionally, and
    there are no gaps. `ever` has whoever could, and what was looked at."""

    holds: bool
    is_sure: bool
    ever: Ever


class EverFound(NamedTuple):
    """What `Ever` is made of: those whom arithmetic settled, as columns, and `rest`, an answer that has the others
    alone. `HOW` says which list each number in the columns means."""

    settled: Settled
    rest: Ever

    def whole(self) -> Ever:
        """The answer that has all of them."""
        rest = self.rest
        lists = _by_lists([*_holders_of(self.settled), *rest.allowed, *rest.conditional, *rest.unknown])
        return msgspec.structs.replace(rest, **lists)


def ever(
    history: WideHistory,
    action: str,
    resource: str,
    begin: datetime,
    end: datetime,
    *,
    account: str | None = None,
    resource_account: str | None = None,
    context: ContextValues | None = None,
    mode: Literal["strict", "discover"] = "discover",
    gaps: Iterable[Window] = (),
    most_states: int = MOST_STATES,
) -> Ever:
    """Everyone who could at any time in [begin, end): users, roles and roots of all accounts (or of one), and whoever
    else the resource's own policies named.

    `gaps` are the parts of the window without records. Raises ValueError for a window that ends before it begins, and
    TooMuch where more states would have to be looked at than `most_states`.
    """
    request = Request(
        principal="", action=action, resource=resource, resource_account=resource_account, context=context or {},
        mode=mode,
    )  # fmt: skip
    return find_ever(history, request, begin, end, account, gaps, most_states).whole()


def find_ever(
    history: WideHistory,
    request: Request,
    begin: datetime,
    end: datetime,
    account: str | None = None,
    gaps: Iterable[Window] = (),
    most_states: int = MOST_STATES,
) -> EverFound:
    """As `ever`, of a request without a principal; those who may be many stay columns. Raises ValueError, TooMuch."""
    if begin >= end:
        raise ValueError("the window ends before it begins")
    sweep = _Sweep(history, request, begin, end, most_states)
    settled, found = sweep.of_everybody(account)
    for names, is_outsider in others_named(sweep.facts, request, begin, end):
        if account in (None, parse_caller(names[0]).account):
            found += next((holders for name in names if (holders := sweep.of_named(name, is_outsider))), [])
    rest = Ever(
        action=request.action, resource=request.resource, begin=begin, end=end, principals=sweep.principals,
        states=sweep.states, gaps=within(gaps, begin, end), known_at=history.known_at, **_by_lists(found),
    )  # fmt: skip
    return EverFound(settled, rest)


def never(found: Ever, excepting: Iterable[str] = ()) -> Never:
    """Whether nobody was allowed, apart from principals by their ARNs or unique ids."""
    apart = set(excepting)

    def others(holders: tuple[Holder, ...]) -> tuple[Holder, ...]:
        return tuple(each for each in holders if each.principal not in apart and each.unique_id not in apart)

    rest = msgspec.structs.replace(
        found, allowed=others(found.allowed), conditional=others(found.conditional), unknown=others(found.unknown)
    )
    return Never(
        holds=not rest.allowed,
        is_sure=not (rest.allowed or rest.conditional or rest.unknown or rest.gaps),
        ever=rest,
    )


class _Sweep:
    """Goes through the states of one principal after another."""

    def __init__(self, history: WideHistory, request: Request, begin: datetime, end: datetime, most: int) -> None:
        self.history = history
        self.facts = ReadFacts(history)
        self.begin = begin
        self.end = end
        self.principals = 0
        self.states = 0
        self._cost = 0
        self._request = request
        self._most = most

    def of_everybody(self, account: str | None) -> tuple[Settled, list[Holder]]:
        """The users and roles, each under all of its names: those whom arithmetic settles; and, with the roots, those
        who are decided about state by state."""
        everybody = Everybody(self.history, self.facts, self._request, self.begin, self.end, account)
        self.principals += everybody.principals - len(everybody.unsettled)
        self._count(everybody.states, 1)
        found = [holder for each, states in everybody.roots for holder in self._of_root(each, states)]
        for key in everybody.unsettled:
            periods, last = self._periods(Question(self.history, self._request, key, self.facts))
            if periods:
                found.append(
                    Holder(principal=last, kind=key[1], account=key[0], unique_id=key[2], periods=tuple(periods))
                )
        return everybody.found(), found

    def _of_root(self, account: str, states: list[tuple[int, int, Root]]) -> Iterator[Holder]:
        arn = states[-1][2].arn
        if any(root.how == UNSURE for _, _, root in states):
            yield from self.of_named(arn, False)
            return
        self.principals += 1
        self._count(len(states), 1)
        held: list[Period] = []
        for begin, end, root in states:
            if root.how != NOT_HELD:
                _extend(held, Period(instant_of(begin), instant_of(end), HOW[root.how]))
                arn = root.arn
        if held:
            yield Holder(principal=arn, kind="root", account=account, unique_id=account, periods=tuple(held))

    def of_named(self, principal: str, is_outsider: bool) -> list[Holder]:
        request = msgspec.structs.replace(self._request, principal=principal)
        periods, last = self._periods(Question(self.history, request, None, self.facts))
        if not periods:
            return []
        caller = parse_caller(principal)
        return [
            Holder(
                principal=last, kind=caller.kind, account=caller.account,
                unique_id=caller.account if caller.kind == "root" else "", periods=tuple(periods),
                is_outsider=is_outsider,
            )
        ]  # fmt: skip

    def _periods(self, question: Question) -> HeldPeriods:
        self.principals += 1
        return held_periods(question, self.begin, self.end, lambda: self._count(1, _DECISION))

    def _count(self, states: int, cost: int) -> None:
        self.states += states
        self._cost += states * cost
        if self._cost > self._most:
            raise TooMuch(
                f"{self._most:,} states of {self.principals:,} principals were looked at (one that is decided about by "
                f"itself counts as {_DECISION}), and there are more: ask about a shorter time, one account or another "
                "resource"
            )


def _holders_of(found: Settled) -> Iterator[Holder]:
    hows = map(HOW.__getitem__, found.how.tolist())
    instants = map(instant_of, found.begin.tolist()), map(instant_of, found.end.tolist())
    periods = list(map(Period, *instants, hows))
    first = found.first.tolist()
    for number in range(len(found.principals)):
        each = found.principals.named(number)
        account, kind, unique_id = each.key
        yield Holder(
            principal=each.arn, kind=kind, account=account, unique_id=unique_id,
            periods=tuple(periods[first[number] : first[number + 1]]),
        )  # fmt: skip


def _extend(periods: list[Period], more: Period) -> None:
    """Adds a period; one that goes on from the last makes it longer."""
    if periods and periods[-1].end == more.begin and periods[-1].how == more.how:
        more = Period(periods.pop().begin, more.end, more.how)
    periods.append(more)


def _by_lists(holders: Iterable[Holder]) -> dict[HeldHow, tuple[Holder, ...]]:
    lists: dict[HeldHow, list[Holder]] = {"allowed": [], "conditional": [], "unknown": []}
    for each in holders:
        lists[each.best()].append(each)
    return {how: tuple(sorted(found, key=answer_order)) for how, found in lists.items()}


def answer_order(each: Holder) -> tuple[bool, bool, str, datetime, str]:
    """By which the holders of a list are sorted."""
    return each.is_outsider, each.kind != "root", each.principal, each.periods[0].begin, each.unique_id
