"""Separation of duties: nobody holds both of two actions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from erstwhile.domain.attestation.condition import Condition, Ground, Lapse, distinct
from erstwhile.domain.attestation.conditions.who_can import doubts_of
from erstwhile.domain.attestation.holding import Asked, Holding, OnCondition, reason, standing_of
from erstwhile.domain.attestation.selected import Selected
from erstwhile.domain.attestation.through_roles import Held, ThroughRoles
from erstwhile.domain.history.held_periods import HeldHow
from erstwhile.domain.history.windows import Window, covers, joined, without

_WORST: dict[HeldHow, int] = {"allowed": 2, "conditional": 1, "unknown": 0}


class SeparationOfDuties(Condition, frozen=True, kw_only=True):
    """NIST AC-5, SOC 2 CC6.3. `through_roles`: what the roles that a principal can assume may do counts as its own,
    role after role."""

    first: Asked
    second: Asked
    excepting: tuple[str, ...] = ()
    through_roles: bool = False
    including_root: bool = False
    under_condition: OnCondition = "unknown"
    title: str = ""

    def wrong(self) -> Iterator[str]:
        yield from self.first.wrong()
        yield from self.second.wrong()

    def words(self) -> str:
        how = ", by itself or by roles that it can assume" if self.through_roles else ""
        but = f" but {', '.join(self.excepting)}" if self.excepting else ""
        return f"nobody{but} can do both {self.first.words} and {self.second.words}{how}"

    def doubts(self, ground: Ground) -> Iterable[str]:
        yield from doubts_of(self.first)
        yield from doubts_of(self.second)
        if self.first == self.second:
            yield f"separation-of-duties: both duties are {self.first.words}: whoever has one has both"
        for entry in Selected(self.excepting).of_nobody(ground):
            yield f"separation-of-duties: no record names a principal {entry}"

    def lapses(self, ground: Ground) -> Iterator[Lapse]:
        holding, excepted = Holding(ground), Selected(self.excepting)
        first, second = (self._held(ground, holding, each) for each in (self.first, self.second))
        for who in sorted(first.keys() & second.keys()):
            one, other = first[who], second[who]
            account = holding.account_of(one.holder, self.first) or holding.account_of(other.holder, self.second)
            if account is not None and (one.kind != "root" or self.including_root or one.holder.is_outsider):
                apart = excepted.windows(ground, one.holder)
                for lapse in self._both(account, one, other, apart):
                    yield holding_causes(holding, ground, lapse, one, other, self.first, self.second)

    def _held(self, ground: Ground, holding: Holding, asked: Asked) -> dict[tuple[str, ...], Held]:
        return ThroughRoles(ground, holding).held(asked, self.through_roles)

    def _both(self, account: str, one: Held, other: Held, apart: list[Window]) -> Iterator[Lapse]:
        """Where periods of the two meet, beside the windows in which it is excepted."""
        found: list[Lapse] = []
        for mine in one.periods:
            for theirs in other.periods:
                begin, end = max(mine.begin, theirs.begin), min(mine.end, theirs.end)
                how = min(mine.how, theirs.how, key=_WORST.__getitem__)
                standing = standing_of(how, self.under_condition)
                if begin >= end or standing is None or covers(joined(apart), begin, end):
                    continue
                why = f"it can do {self.first.words}{_by(mine.by)} and {self.second.words}{_by(theirs.by)}{reason(how)}"
                lapse = Lapse(account=account, subject=one.principal, standing=standing, why=why, begin=begin, end=end)
                last = found[-1] if found else None
                if last is not None and last.end == begin and (last.standing, last.why) == (standing, why):
                    found[-1] = msgspec.structs.replace(last, end=end)
                else:
                    found.append(lapse)
        for each in found:
            for begin, end in without(((each.begin, each.end),), apart):
                yield msgspec.structs.replace(each, begin=begin, end=end)


def _by(roles: tuple[str, ...]) -> str:
    return f" as {' > '.join(roles)}" if roles else ""


def holding_causes(
    holding: Holding, ground: Ground, lapse: Lapse, one: Held, other: Held, first: Asked, second: Asked
) -> Lapse:
    """A lapse with what began and ended it: the later of the two duties that came, the earlier that went."""
    begun = [
        change
        for held, asked in ((one, first), (other, second))
        for change in held.turns(holding, asked, lapse.begin, ground.begin)
    ]
    ended = [
        change
        for held, asked in ((one, first), (other, second))
        for change in held.turns(holding, asked, lapse.end, ground.end)
    ]
    return msgspec.structs.replace(
        lapse, begun_by=distinct(begun), ended_by=distinct(ended)
    )  # fmt: skip
