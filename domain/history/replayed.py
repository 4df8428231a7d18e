"""The events of a window one after the other, each with whose access it changed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from erstwhile.domain.directory.facts import EntityKey
from erstwhile.domain.history.difference import Diff
from erstwhile.domain.history.effect import Effect, effect_of
from erstwhile.domain.history.fact_history import FactHistory
from erstwhile.domain.history.windows import TICK
from erstwhile.domain.policy.inputs.principals import UnknownPrincipal
from erstwhile.domain.policy.language.patterns.pattern_parts import TooManyParts, TooMuch


def events_between(history: FactHistory, begin: datetime, end: datetime) -> list[tuple[datetime, int]]:
    """The events that began or ended facts in [begin, end): the instant at which each did so last, and its position; in
    order of time."""
    found: dict[int, datetime] = {}
    for key in history.changed(begin - TICK, end - TICK):
        for row in history.intervals_of(key):
            for at, position in ((row.valid_from, row.opened_by), (row.valid_to, row.closed_by)):
                if position and begin <= at < end:
                    found[position] = max(found.get(position, at), at)
    return sorted((at, position) for position, at in found.items())


def replayed(
    history: FactHistory,
    begin: datetime,
    end: datetime,
    *,
    principal: str | EntityKey | None = None,
    account: str | None = None,
) -> Iterator[tuple[datetime, Effect]]:
    """Each event of [begin, end) with its effect: on a principal (as far as it is there then), on those of an
    account, or on all. An event whose effect is too much to be computed names everybody as unclear."""
    for at, position in events_between(history, begin, end):
        try:
            yield at, effect_of(history, position, principal=principal, account=account)
        except UnknownPrincipal:
            yield at, Effect(position=position, changes=(), difference=None)
        except (TooManyParts, TooMuch) as error:
            unclear = Diff(before=at - TICK, after=at, unclear=(f"everybody: {error}",))
            yield at, Effect(position=position, changes=(), difference=unclear)
