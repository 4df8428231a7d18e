"""Active access keys of users are younger than a number of days."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import ClassVar

from erstwhile.domain.attestation.condition import Ground
from erstwhile.domain.attestation.judged import EntityCondition, Judgement
from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.directory.facts import EntityKey, Interval, Value
from erstwhile.domain.vocabulary.instants import BEFORE, parse_instant


def made_at(value: Value, since: datetime) -> datetime | None:
    """When a credential was made; None where no record shows it."""
    made = value.get("made")
    return parse_instant(str(made)) if made else since if since > BEFORE else None


class KeyAge(EntityCondition, frozen=True, kw_only=True):
    """CIS AWS 7.0.0, 2.12; PCI DSS 4.0.1, 8.6.3."""

    days: int = 90

    attributes: ClassVar[frozenset[str]] = frozenset((attributes.ACCESS_KEY,))

    def words(self) -> str:
        return f"no active access key of a user is older than {self.days} days"

    def doubts(self, ground: Ground) -> Iterable[str]:
        if self.days <= 0:
            yield f"key-age of {self.days} days: every key breaks it as soon as it is made"

    def keys(self, ground: Ground) -> Iterable[EntityKey]:
        return [key for key in ground.history.having(attributes.ACCESS_KEY) if key[1] == "user"]

    def turns(self, ground: Ground, intervals: Sequence[Interval]) -> Iterable[datetime]:
        made = (made_at(each.value, each.valid_from) for each in intervals)
        return [at + timedelta(days=self.days) for at in made if at is not None]

    def judge(self, ground: Ground, entity: Entity, at: datetime) -> Iterable[Judgement]:
        for access_key, fact in entity.access_keys.items():
            if fact.value.get("status", "Active") != "Active":
                continue
            made = made_at(fact.value, fact.since)
            if made is None:
                yield Judgement(access_key, "unknown", "no record shows when it was made")
            elif made + timedelta(days=self.days) <= at:
                yield Judgement(access_key, "broken", f"it is active, and older than {self.days} days")
