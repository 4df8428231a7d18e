"""What became different in the answer of a watch, for whom, from when to when, and by which events."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import pairwise
from typing import Literal, NamedTuple

import msgspec

from erstwhile.domain.history.ever import Holder
from erstwhile.domain.history.held_periods import HeldHow
from erstwhile.domain.history.watching.affected import Touch
from erstwhile.domain.history.watching.answers import HolderKey, holder_key
from erstwhile.domain.history.watching.watch import Asked
from erstwhile.domain.vocabulary.instants import FOREVER


class Gain(msgspec.Struct, frozen=True, kw_only=True):
    """In [begin, end), a principal is on another list than was known before: `before` and `after`, None for none.
    `events`: the log positions of those that made it so."""

    action: str
    principal: str
    kind: str
    account: str
    unique_id: str
    is_outsider: bool
    begin: datetime
    end: datetime
    before: HeldHow | None
    after: HeldHow | None
    events: tuple[int, ...]

    @property
    def change(self) -> Literal["gained", "lost", "changed"]:
        return "gained" if self.before is None else "lost" if self.after is None else "changed"


class Difference(NamedTuple):
    """Of one holder in the answer to one question: what was kept, and what is right now."""

    asked: Asked
    before: Holder | None
    after: Holder | None

    @property
    def key(self) -> HolderKey:
        holder = self.after or self.before
        assert holder is not None
        return holder_key(holder)

    def gains(self, touches: Iterable[Touch], otherwise: int) -> list[Gain]:
        """The intervals that differ. `touches`: what events changed that may concern the holder; `otherwise`: the
        position that stands for the event where none of these explains it."""
        holder = self.after or self.before
        assert holder is not None
        known = list(touches)
        return [
            Gain(
                action=self.asked.action, principal=holder.principal, kind=holder.kind, account=holder.account,
                unique_id=holder.unique_id, is_outsider=holder.is_outsider, begin=begin, end=end, before=before,
                after=after, events=_events(known, begin, end) or (otherwise,),
            )
            for begin, end, before, after in _intervals(self.before, self.after)
        ]  # fmt: skip


_Interval = tuple[datetime, datetime, HeldHow | None, HeldHow | None]


def _intervals(before: Holder | None, after: Holder | None) -> list[_Interval]:
    instants = {at for holder in (before, after) if holder for each in holder.periods for at in (each.begin, each.end)}
    found: list[_Interval] = []
    for begin, end in pairwise(sorted(instants)):
        was, now = _how(before, begin), _how(after, begin)
        if was == now:
            continue
        if found and found[-1][1:] == (begin, was, now):
            found[-1] = (found[-1][0], end, was, now)
        else:
            found.append((begin, end, was, now))
    return found


def _how(holder: Holder | None, at: datetime) -> HeldHow | None:
    periods = holder.periods if holder is not None else ()
    return next((each.how for each in periods if each.begin <= at < each.end), None)


def _events(touches: list[Touch], begin: datetime, end: datetime) -> tuple[int, ...]:
    """The events that explain an interval: those by which a fact begins or ends at one of its ends; else those by which
    that became known; else all."""
    there = [each for each in touches if each.instant in (begin, end) and each.instant != FOREVER]
    found = [each for each in there if each.is_sure] or there or touches
    return tuple(sorted({each.position for each in found}))


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """What one event changed in the answer of one watch. `position`: that of the last of the events of its gains."""

    watch: str
    position: int
    gains: tuple[Gain, ...]


def notices(found: Iterable[tuple[Asked, Gain]]) -> list[Notice]:
    """One for each watch and event, in the order of the log."""
    by_event: dict[tuple[int, str], list[Gain]] = {}
    for asked, gain in found:
        by_event.setdefault((gain.events[-1], asked.watch.id), []).append(gain)
    return [
        Notice(watch=watch, position=position, gains=tuple(sorted(gains, key=_order)))
        for (position, watch), gains in sorted(by_event.items(), key=lambda each: each[0])
    ]


def _order(gain: Gain) -> tuple[bool, str, str, str, datetime]:
    """What holds now stands first."""
    return gain.end != FOREVER, gain.action, gain.principal, gain.unique_id, gain.begin
