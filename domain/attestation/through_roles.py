"""Who could do an action by itself, or as a role that it could assume, or as one that this could assume, and so on:
interval by interval. It is for every state of a period what `domain/reach` finds along edges by which roles are
assumed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from erstwhile.domain.attestation.condition import Ground
from erstwhile.domain.attestation.holding import Asked, Holding
from erstwhile.domain.history.ever import Holder
from erstwhile.domain.history.fact_changes import FactChange
from erstwhile.domain.history.held_periods import HeldHow, Period
from erstwhile.domain.policy.language.patterns.pattern_parts import TooMuch

MOST_ROLES = 300
"""Roles of which it is asked who could assume them."""
MOST_STEPS = 6
_ASSUME = "sts:AssumeRole"
_RANK: dict[HeldHow, int] = {"allowed": 2, "conditional": 1, "unknown": 0}


class HeldPeriod(NamedTuple):
    """`by`: the roles that are assumed one after the other, the last one holds the action; () where the principal holds
    it itself."""

    begin: datetime
    end: datetime
    how: HeldHow
    by: tuple[str, ...]
    links: tuple[tuple[Holder, Asked], ...]
    """The decisions that it rests on."""


class Held(NamedTuple):
    """A principal, with the periods in which it could."""

    holder: Holder
    periods: list[HeldPeriod]

    @property
    def principal(self) -> str:
        return self.holder.principal

    @property
    def kind(self) -> str:
        return self.holder.kind

    @property
    def account(self) -> str:
        return self.holder.account

    def turns(self, holding: Holding, asked: Asked, at: datetime, edge: datetime) -> Iterable[FactChange]:
        """What changed the decisions that its periods rest on, at an instant at which one of them begins or ends."""
        if at == edge:
            return
        for each in self.periods:
            if at in (each.begin, each.end):
                for holder, on in each.links:
                    if any(at in (period.begin, period.end) for period in holder.periods):
                        yield from holding.turn(holding.question(holder, on), at, edge)


class ThroughRoles:
    """Answers over the period of a ground."""

    def __init__(self, ground: Ground, holding: Holding) -> None:
        self._ground = ground
        self._holding = holding

    def held(self, asked: Asked, through_roles: bool) -> dict[tuple[str, ...], Held]:
        """Who could do an action, by (account, kind, unique id, ARN of those who have no id). Raises TooMuch."""
        found: dict[tuple[str, ...], Held] = {}
        wave: list[tuple[Holder, list[HeldPeriod]]] = []
        for holder in self._holding.holders(asked):
            periods = [HeldPeriod(each.begin, each.end, each.how, (), ((holder, asked),)) for each in holder.periods]
            _add(found, holder, periods)
            wave.append((holder, periods))
        asked_about: dict[str, None] = {}
        for _ in range(MOST_STEPS if through_roles else 0):
            wave = self._before(wave, found, asked_about)
            if not wave:
                break
        return found

    def _before(
        self,
        wave: list[tuple[Holder, list[HeldPeriod]]],
        found: dict[tuple[str, ...], Held],
        asked_about: dict[str, None],
    ) -> list[tuple[Holder, list[HeldPeriod]]]:
        """Who could become the roles of a wave while these could."""
        more: list[tuple[Holder, list[HeldPeriod]]] = []
        for role, periods in wave:
            if role.kind != "role" or role.is_outsider:
                continue
            asked_about[role.principal] = None
            if len(asked_about) > MOST_ROLES:
                raise TooMuch(f"more than {MOST_ROLES} roles lead to the action: ask about a narrower one")
            asked = Asked(action=_ASSUME, resource=role.principal, resource_account=role.account)
            for holder in self._holding.holders(asked):
                if _key(holder) == _key(role):
                    continue
                met = [
                    made
                    for mine in holder.periods
                    for theirs in periods
                    if role.principal not in theirs.by and holder.principal not in theirs.by
                    if (made := _meeting(mine, theirs, role.principal, holder, asked)) is not None
                ]
                fresh = _add(found, holder, met)
                if fresh:
                    more.append((holder, fresh))
        return more


def _meeting(mine: Period, theirs: HeldPeriod, role: str, holder: Holder, asked: Asked) -> HeldPeriod | None:
    begin, end = max(mine.begin, theirs.begin), min(mine.end, theirs.end)
    if begin >= end:
        return None
    how = min(mine.how, theirs.how, key=_RANK.__getitem__)
    return HeldPeriod(begin, end, how, (role, *theirs.by), ((holder, asked), *theirs.links))


def _key(holder: Holder) -> tuple[str, ...]:
    return holder.account, holder.kind, holder.unique_id, "" if holder.unique_id else holder.principal


def _add(found: dict[tuple[str, ...], Held], holder: Holder, periods: list[HeldPeriod]) -> list[HeldPeriod]:
    """Adds periods to what is known of a holder, those that say more than the ones before; returns these."""
    held = found.setdefault(_key(holder), Held(holder, []))
    fresh = []
    for each in periods:
        if not any(
            known.begin <= each.begin and each.end <= known.end and _RANK[known.how] >= _RANK[each.how]
            for known in held.periods
        ):
            held.periods.append(each)
            fresh.append(each)
    return fresh
