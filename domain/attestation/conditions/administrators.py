"""Administrators are within a list: as `domain/reach/administrators.py` says who is one, in every state of the period.

The engine answers each probe over the whole period at once. Where a principal is allowed every probe that the account's
root is allowed, it is an administrator; where it is denied one of them, it is not. States in between, where a condition
or something unknown decides, are looked at one by one."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

from erstwhile.domain.attestation.condition import Condition, Ground, Lapse, distinct
from erstwhile.domain.attestation.holding import Asked, Holding, OnCondition, beside, reason, standing_of
from erstwhile.domain.attestation.known_grants import KnownGrants, is_of_nothing
from erstwhile.domain.attestation.selected import Selected, is_entity
from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.facts import EntityKey
from erstwhile.domain.history.causes import causes_of_alike
from erstwhile.domain.history.ever import Holder
from erstwhile.domain.history.fact_changes import FactChange
from erstwhile.domain.history.held_periods import HeldHow, Period
from erstwhile.domain.history.question import Answer, Question
from erstwhile.domain.policy.inputs.request import Decision
from erstwhile.domain.reach.administrators import PROBES
from erstwhile.domain.reach.asks import Ask
from erstwhile.domain.reach.nodes import Node
from erstwhile.domain.reach.questions import RANK, How, Questions
from erstwhile.domain.vocabulary.instants import BEFORE

_BY_RANK: Mapping[int, How] = {rank: how for how, rank in RANK.items()}
HOW: Mapping[How, HeldHow] = {"allow": "allowed", "conditional": "conditional", "unknown": "unknown"}


class AdministratorsWithin(Condition, frozen=True, kw_only=True):
    """SOC 2 CC6.3, ISO 27001 A.8.2, NIST AC-6(5), PCI DSS 4.0.1, 7.2.2. The roots of accounts are administrators, and
    are left out."""

    within: tuple[str, ...] = ()
    under_condition: OnCondition = "unknown"

    def words(self) -> str:
        return f"nobody is an administrator but {', '.join(self.within) or 'the accounts’ roots'}"

    def doubts(self, ground: Ground) -> Iterable[str]:
        for entry in Selected(self.within).of_nobody(ground):
            yield f"administrators-within: no record names a principal {entry}"

    def lapses(self, ground: Ground) -> Iterator[Lapse]:
        holding, allowed = Holding(ground), Selected(self.within)
        for account in sorted(ground.accounts):
            probed = _Probed(ground, holding, account)
            for holder in probed.candidates():
                for each in beside(probed.periods(holder), allowed.windows(ground, holder)):
                    standing = standing_of(each.how, self.under_condition)
                    if standing is not None:
                        yield Lapse(
                            account=account, subject=holder.principal, standing=standing,
                            why=f"it is an administrator{reason(each.how)}", begin=each.begin, end=each.end,
                            begun_by=probed.turn(holder, each.begin, ground.begin),
                            ended_by=probed.turn(holder, each.end, ground.end),
                        )  # fmt: skip


class _Probed:
    """The answers to all probes about one account."""

    def __init__(self, ground: Ground, holding: Holding, account: str) -> None:
        self._ground, self._holding, self._account = ground, holding, account
        modes = [each for each in ground.intervals(account, "account", account) if each.attribute == attributes.MODE]
        partition = str(modes[-1].value.get("partition") or "aws") if modes else "aws"
        self._asked = [
            Asked(
                action=action, resource=pattern.format(partition=partition, account=account), resource_account=account
            )
            for action, pattern in PROBES
        ]
        self._of_nothing = [is_of_nothing(holding.read_facts, each) for each in self._asked]
        self._known = [KnownGrants(holding.read_facts, each) for each in self._asked]
        self._of_roots: dict[Asked, list[_OfRoot]] = {}
        self._roots: list[Holder | None] = []
        self._by_key: list[dict[EntityKey, Holder]] = []
        for each in self._asked:
            holders = holding.holders(each, account)
            self._roots.append(next((one for one in holders if one.kind == "root" and not one.is_outsider), None))
            self._by_key.append({_key(one): one for one in holders if is_entity(one)})

    def candidates(self) -> list[Holder]:
        """The users and roles that hold every probe that the root held throughout."""
        needed = [
            held
            for held, root in zip(self._by_key, self._roots, strict=True)
            if root is not None and _covers(root, self._ground)
        ] or self._by_key
        keys = set(needed[0]).intersection(*needed[1:])
        found = [next(held[key] for held in self._by_key if key in held) for key in keys]
        return sorted(found, key=lambda each: (each.principal, each.unique_id))

    def periods(self, holder: Holder) -> list[Period]:
        """When a user or role is an administrator, and how surely."""
        key = _key(holder)
        own = [held.get(key) for held in self._by_key]
        edges = {self._ground.begin, self._ground.end}
        for one in (*own, *self._roots):
            for period in one.periods if one is not None else ():
                edges |= {period.begin, period.end}
        found: list[Period] = []
        bounds = sorted(edges)
        for begin, end in pairwise(bounds):
            for each in self._of_piece(key, own, begin, end):
                last = found[-1] if found else None
                if last is not None and last.end == each.begin and last.how == each.how:
                    found[-1] = Period(last.begin, each.end, last.how)
                else:
                    found.append(each)
        return found

    def _of_piece(self, key: EntityKey, own: list[Holder | None], begin: datetime, end: datetime) -> Iterator[Period]:
        """Of a piece of the period in which no answer changes between allowed, conditional, unknown and denied."""
        unsure: list[_Unsure] = []
        is_said, first = False, 0
        for place, (asked, mine, root) in enumerate(zip(self._asked, own, self._roots, strict=True)):
            of_root = _how_at(root, begin)
            if of_root is None:
                continue
            how = _how_at(mine, begin)
            if how is None:
                return
            is_said = True
            if how != "allowed" and mine is not None:
                if not unsure:
                    first = place
                unsure.append(_Unsure(self, asked, mine, root if of_root != "allowed" else None))
        if not is_said:
            return
        if unsure and self._is_unknown(first, key, begin, end):
            # No other probe makes it better.
            yield Period(begin, end, "unknown")
            return
        at = begin
        while at < end:
            worst, until = RANK["allow"], end
            for each in unsure:
                worst, until = min(worst, RANK[each.at(at)]), min(until, each.until)
                if worst <= RANK["unknown"]:
                    # No other probe makes it better, for as long as this one says so.
                    until = min(end, each.until)
                    break
            held = HOW.get(_BY_RANK[worst])
            if held is not None:
                yield Period(at, until, held)
            at = until

    def _is_unknown(self, place: int, key: EntityKey, begin: datetime, end: datetime) -> bool:
        """Whether a probe that a user or role may be allowed throughout [begin, end) could be allowed by nothing that
        is known."""
        return self._of_nothing[place] and not self._known[place].speak(key, begin, end)

    def of_root(self, root: Holder, asked: Asked, at: datetime) -> _OfRoot:
        """What an account's root was answered: the same for all who are compared with it."""
        known = self._of_roots.setdefault(asked, [])
        place = bisect_right(known, at, key=lambda each: each.begin) - 1
        if place >= 0 and at < known[place].end:
            return known[place]
        question = self.question(root, asked)
        answer = question.at(at)
        found = _OfRoot(at, question.until(answer), answer.decision)
        known.insert(place + 1, found)
        return found

    def question(self, holder: Holder, asked: Asked) -> Question:
        return self._holding.question(holder, asked)

    def turn(self, holder: Holder, at: datetime, edge: datetime) -> tuple[FactChange, ...]:
        """What changed at an instant at which it became an administrator, or was one no longer."""
        if at == edge:
            return ()
        key = _key(holder)
        asked = [
            (each, one)
            for each, held, root in zip(self._asked, self._by_key, self._roots, strict=True)
            for one in (held.get(key), root)
            if one is not None
        ]
        # Where no answer became another, what it rests on did.
        turned = [(each, one) for each, one in asked if any(at in (period.begin, period.end) for period in one.periods)]
        found: list[FactChange] = []
        told = set[EntityKey]()
        for each, one in turned or asked:
            if _key(one) not in told:
                changes, is_of_all = causes_of_alike(self.question(one, each), at)
                found += changes
                if is_of_all and all(self._of_nothing):
                    told.add(_key(one))
        return distinct(found)


class _OfRoot(NamedTuple):
    """A decision about an account's root, and when it holds."""

    begin: datetime
    end: datetime
    decision: Decision | None


class _Unsure:
    """A probe that a user or role is allowed under a condition, or as far as is known, in a piece of the period: what
    `Administrators` makes of it, state by state. `root`: where the root's answer is not plain either."""

    def __init__(self, probed: _Probed, asked: Asked, mine: Holder, root: Holder | None) -> None:
        self._probed, self._asked, self._root = probed, asked, root
        self._question = probed.question(mine, asked)
        self._key = _key(mine)
        self._said: How = "deny"
        self.until = BEFORE
        """Until when what was said last holds."""

    def at(self, instant: datetime) -> How:
        """What it says at an instant that follows those asked about before."""
        if instant < self.until:
            return self._said
        answer = self._question.at(instant)
        self.until = self._question.until(answer)
        root: Decision | None = None
        if self._root is not None:
            of_root = self._probed.of_root(self._root, self._asked, instant)
            self.until, root = min(self.until, of_root.end), of_root.decision
        self._said = self._how(answer, root)
        return self._said

    def _how(self, answer: Answer, root: Decision | None) -> How:
        own = answer.decision
        if own is None or own.effect not in ("allow", "conditional"):
            return "deny"
        if own.effect == "allow":
            return "allow"
        how: How = "conditional"
        if own.unknown:
            directory = self._question.directory(answer.instant)
            ask = Ask((self._asked.action,), self._asked.resource, (), self._asked.resource_account)
            how = Questions(directory).best(Node(answer.principal), ask).how
        is_of_all = root is not None and root.effect == "conditional"
        if how == "conditional" and is_of_all and root is not None:
            # The condition is that of the guardrails: all that anybody may.
            return "allow" if set(own.missing_context) <= set(root.missing_context) else how
        return how


def _key(holder: Holder) -> EntityKey:
    return holder.account, holder.kind, holder.unique_id


def _how_at(holder: Holder | None, at: datetime) -> HeldHow | None:
    if holder is None:
        return None
    return next((each.how for each in holder.periods if each.begin <= at < each.end), None)


def _covers(root: Holder, ground: Ground) -> bool:
    return len(root.periods) == 1 and (root.periods[0].begin, root.periods[0].end) == (ground.begin, ground.end)
