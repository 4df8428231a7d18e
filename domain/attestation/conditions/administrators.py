"""Administrators are within a list: as `domain/reach/administrators.py` says who is one, in every state of the period.

The engine answers each probe over the whole period at once. Where a principal is allowed every probe that the account's
root is allowed, it is an administrator; where it is denied one of them, it is not. States in between, where a condition
or something unknown decides, are looked at one by one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import pairwise

from erstwhile.domain.attestation.condition import Condition, Ground, Lapse, distinct
from erstwhile.domain.attestation.holding import Asked, Holding, OnCondition, beside, reason, standing_of
from erstwhile.domain.attestation.selected import Selected, is_entity
from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.facts import EntityKey
from erstwhile.domain.history.ever import Holder
from erstwhile.domain.history.fact_changes import FactChange
from erstwhile.domain.history.facts_at import directory_at
from erstwhile.domain.history.held_periods import HeldHow, Period
from erstwhile.domain.reach.administrators import PROBES, Administrators
from erstwhile.domain.reach.nodes import Node
from erstwhile.domain.reach.questions import How, Questions

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
        open_probes = []
        is_plain = True
        for asked, mine, root in zip(self._asked, own, self._roots, strict=True):
            of_root = _how_at(root, begin)
            if of_root is None:
                continue
            how = _how_at(mine, begin)
            if how is None:
                return
            is_plain = is_plain and how == "allowed"
            open_probes.append((asked, mine, root))
        if not open_probes:
            return
        if is_plain:
            yield Period(begin, end, "allowed")
            return
        at = begin
        while at < end:
            until = min(end, *(self._until(each, asked, at) for asked, *both in open_probes for each in both if each))
            directory = directory_at(self._ground.history, at)
            entity = directory.get(*key)
            if entity is not None and entity.exists:
                node = Node(directory.arn_of(entity))
                how = HOW.get(Administrators(Questions(directory)).how(node, self._account))
                if how is not None:
                    yield Period(at, until, how)
            at = until

    def _until(self, holder: Holder, asked: Asked, at: datetime) -> datetime:
        question = self._holding.question(holder, asked)
        return question.until(question.at(at))

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
        for each, one in turned or asked:
            found += self._holding.turn(self._holding.question(one, each), at, edge)
        return distinct(found)


def _key(holder: Holder) -> EntityKey:
    return holder.account, holder.kind, holder.unique_id


def _how_at(holder: Holder | None, at: datetime) -> HeldHow | None:
    if holder is None:
        return None
    return next((each.how for each in holder.periods if each.begin <= at < each.end), None)


def _covers(root: Holder, ground: Ground) -> bool:
    return len(root.periods) == 1 and (root.periods[0].begin, root.periods[0].end) == (ground.begin, ground.end)
