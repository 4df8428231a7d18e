"""Credentials of users that are not used for a number of days are disabled."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import ClassVar

from erstwhile.domain.attestation.condition import Ground
from erstwhile.domain.attestation.conditions.key_age import made_at
from erstwhile.domain.attestation.judged import EntityCondition, Judgement
from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.directory.facts import EntityKey, Fact, Interval
from erstwhile.domain.history.bearers import arn_of

_PASSWORD = "password"


class InactiveDisabled(EntityCondition, frozen=True, kw_only=True):
    """CIS AWS 7.0.0, 2.11 (45 days); PCI DSS 4.0.1, 8.2.6 (90 days). A credential that was never used counts from when
    it was made, or was activated last. Use is known from records alone."""

    days: int = 90

    attributes: ClassVar[frozenset[str]] = frozenset((attributes.ACCESS_KEY, attributes.LOGIN_PROFILE))

    def words(self) -> str:
        return f"no access key or password of a user works that was not used for {self.days} days"

    def doubts(self, ground: Ground) -> Iterable[str]:
        if self.days <= 0:
            yield f"inactive-disabled after {self.days} days: every credential breaks it at once"
        if ground.uses is None:
            yield "inactive-disabled: nothing is known of the use of credentials"

    def keys(self, ground: Ground) -> Iterable[EntityKey]:
        return [key for each in sorted(self.attributes) for key in ground.history.having(each) if key[1] == "user"]

    def turns(self, ground: Ground, intervals: Sequence[Interval]) -> Iterable[datetime]:
        span = timedelta(days=self.days)
        for each in intervals:
            made = made_at(each.value, each.valid_from)
            uses = self._uses(ground, each)
            for at in (*uses, each.valid_from, *([made] if made is not None else ())):
                if at.year > 1:  # not BEFORE
                    yield at
                    yield at + span

    def _uses(self, ground: Ground, row: Interval) -> Iterable[datetime]:
        if ground.uses is None:
            return ()
        if row.attribute == attributes.ACCESS_KEY:
            return ground.uses.of_key(row.item)
        return list(_signed_in(ground, row[:3]))

    def judge(self, ground: Ground, entity: Entity, at: datetime) -> Iterable[Judgement]:
        for access_key, fact in entity.access_keys.items():
            if fact.value.get("status", "Active") == "Active":
                uses = ground.uses.of_key(access_key) if ground.uses is not None else None
                yield from self._judged(access_key, fact, uses, at)
        if entity.login_profile is not None:
            signed = sorted(_signed_in(ground, entity.key)) if ground.uses is not None else None
            yield from self._judged(_PASSWORD, entity.login_profile, signed, at)

    def _judged(self, item: str, fact: Fact, uses: Sequence[datetime] | None, at: datetime) -> Iterator[Judgement]:
        span = timedelta(days=self.days)
        if fact.since.year > 1 and at < fact.since + span:
            return  # it was made, or changed its state, within the time
        if uses is None:
            yield Judgement(item, "unknown", "nothing is known of its use")
            return
        place = bisect_right(uses, at)
        if place and at < uses[place - 1] + span:
            return
        if place or fact.since.year > 1:
            yield Judgement(item, "broken", f"it works, and was not used for {self.days} days")
        else:
            yield Judgement(item, "unknown", "no record shows its use, nor when it was made")


def _signed_in(ground: Ground, key: EntityKey) -> Iterator[datetime]:
    """The sign-ins of a user, under all of the names that it had."""
    assert ground.uses is not None
    rows = [each for each in ground.history.intervals_of(key) if each.attribute == attributes.ENTITY]
    for arn in dict.fromkeys(arn_of(ground.history, each) for each in rows):
        yield from ground.uses.of_password(arn)
