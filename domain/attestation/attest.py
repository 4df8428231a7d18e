"""Attestation: how long a condition held in a period, was broken, or is not known; for each account, and together."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from erstwhile.domain.attestation.condition import Condition, Ground, Lapse
from erstwhile.domain.history.windows import Window, joined, length, within, without

Verdict = Literal["held", "held_where_known", "broken", "not_attestable"]
"""`held`: in every state of the period, and all of it is known. `held_where_known`: parts of it are not. `broken`: at
some time. `not_attestable`: nothing of the period is known."""


MOST_NAMED = 20
"""Of those that are not known for one reason at one time, how many are named one by one."""


class Break(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the period, as long as possible, in each state of which something broke a condition."""

    begin: datetime
    end: datetime
    lapses: tuple[Lapse, ...]


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    """The period in three parts. What is without records is not known, whatever held around it."""

    begin: datetime
    end: datetime
    broken: tuple[Window, ...]
    unknown: tuple[Window, ...]

    @property
    def whole(self) -> timedelta:
        return self.end - self.begin

    @property
    def known(self) -> timedelta:
        return self.whole - length(self.unknown)

    @property
    def held(self) -> timedelta:
        return self.known - length(self.broken)

    @property
    def verdict(self) -> Verdict:
        if self.broken:
            return "broken"
        if not self.unknown:
            return "held"
        return "held_where_known" if self.known else "not_attestable"

    def standing(self, at: datetime) -> Literal["held", "broken", "unknown"]:
        """That of one instant of the period."""
        if any(begin <= at < end for begin, end in self.broken):
            return "broken"
        return "unknown" if any(begin <= at < end for begin, end in self.unknown) else "held"


class AccountAttested(msgspec.Struct, frozen=True, kw_only=True):
    """What lapsed in one account, and what of the period is without its records."""

    account: str
    tally: Tally
    gaps: tuple[Window, ...]
    lapses: int


class Attestation(msgspec.Struct, frozen=True, kw_only=True):
    """`tally`: of all accounts together: it held where it held in each. `lapses` of the period, the earliest first.
    `doubts`: what makes the answer say less than it seems to."""

    tally: Tally
    accounts: tuple[AccountAttested, ...]
    lapses: tuple[Lapse, ...]
    doubts: tuple[str, ...]
    known_at: int

    @property
    def verdict(self) -> Verdict:
        return self.tally.verdict

    @property
    def breaks(self) -> tuple[Break, ...]:
        """A break for each of the broken parts of `tally`."""
        return breaks_of(self.tally, self.accounts, self.lapses)


def attest(
    ground: Ground, conditions: Sequence[Condition], gaps: Mapping[str, Iterable[Window]] | None = None
) -> Attestation:
    """Whether all of some conditions held in every state of a period. `gaps`: by account, when there are no records of
    it. Raises ValueError for a period that ends before it begins, or where no account is asked about, and what the
    conditions raise."""
    if ground.begin >= ground.end:
        raise ValueError("the period ends before it begins")
    if not ground.accounts:
        raise ValueError("no account is asked about")
    found = [lapse for each in conditions for lapse in each.lapses(ground)]
    by_order = {each.order: each for each in _together(found)}
    lapses = tuple(by_order[order] for order in sorted(by_order))
    accounts = []
    for account in sorted({*ground.accounts, *(each.account for each in lapses)}):
        own = [each for each in lapses if each.account == account]
        missing = joined(within((gaps or {}).get(account, ()), ground.begin, ground.end))
        tally = tally_of(ground.begin, ground.end, own, missing)
        accounts.append(AccountAttested(account=account, tally=tally, gaps=missing, lapses=len(own)))
    whole = Tally(
        begin=ground.begin,
        end=ground.end,
        broken=(broken := joined(each for account in accounts for each in account.tally.broken)),
        unknown=without((each for account in accounts for each in account.tally.unknown), broken),
    )
    return Attestation(
        tally=whole, accounts=tuple(accounts), lapses=lapses,
        doubts=tuple(dict.fromkeys(doubt for each in conditions for doubt in each.doubts(ground))),
        known_at=ground.history.known_at,
    )  # fmt: skip


def _together(lapses: Iterable[Lapse]) -> Iterator[Lapse]:
    """The lapses; those of many that are not known for the same reason at the same time as one."""
    alike: dict[tuple[object, ...], list[Lapse]] = {}
    for each in lapses:
        if each.standing == "broken":
            yield each
        else:
            alike.setdefault((each.account, each.why, each.begin, each.end), []).append(each)
    for those in alike.values():
        if len(those) <= MOST_NAMED:
            yield from those
        else:
            first = min(those, key=lambda each: each.subject)
            subject = f"{len(those):,} of them, such as {first.subject}"
            yield msgspec.structs.replace(first, subject=subject, begun_by=(), ended_by=())


def tally_of(begin: datetime, end: datetime, lapses: Iterable[Lapse], gaps: Iterable[Window]) -> Tally:
    """The parts of a period, by the lapses of one account and the parts without its records."""
    missing, several = list(gaps), list(lapses)

    def of(standing: str) -> tuple[Window, ...]:
        return within(((each.begin, each.end) for each in several if each.standing == standing), begin, end)

    broken = without(of("broken"), missing)
    return Tally(begin=begin, end=end, broken=broken, unknown=without((*missing, *of("unknown")), broken))


def breaks_of(whole: Tally, accounts: Iterable[AccountAttested], lapses: Sequence[Lapse]) -> tuple[Break, ...]:
    """Each break, with what broke the conditions in it."""
    known = {each.account: each.tally.broken for each in accounts}
    found: list[list[Lapse]] = [[] for _ in whole.broken]
    for each in lapses:
        if each.standing == "broken":
            for place in _meeting(whole.broken, each.begin, each.end):
                begin, end = whole.broken[place]
                if _meeting(known[each.account], max(begin, each.begin), min(end, each.end)):
                    found[place].append(each)
    return tuple(
        Break(begin=begin, end=end, lapses=tuple(own)) for (begin, end), own in zip(whole.broken, found, strict=True)
    )


def _meeting(windows: Sequence[Window], begin: datetime, end: datetime) -> range:
    """The places of those, of windows in order that do not meet each other, that share some time with [begin, end)."""
    first = bisect_right(windows, begin, key=lambda each: each[1])
    return range(first, max(first, bisect_left(windows, end, key=lambda each: each[0])))
