"""Active access keys of users are younger than a number of days."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import ClassVar

from erstwhile.domain.attestation.condition import Ground
from erstwhile.domain.attestation.credentials import (
    NOT_SAID,
    READ,
    are_known,
    keys_in,
    made_at,
    reported_keys,
    reports_of,
    users_of,
)
from erstwhile.domain.attestation.judged import EntityCondition, Judgement
from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.directory.facts import EntityKey, Interval


class KeyAge(EntityCondition, frozen=True, kw_only=True):
    """CIS AWS 7.0.0, 2.12; PCI DSS 4.0.1, 8.6.3."""

    days: int = 90

    attributes: ClassVar[frozenset[str]] = READ

    def words(self) -> str:
        return f"no active access key of a user is older than {self.days} days"

    def doubts(self, ground: Ground) -> Iterable[str]:
        if self.days <= 0:
            yield f"key-age of {self.days} days: every key breaks it as soon as it is made"

    def keys(self, ground: Ground) -> Iterable[EntityKey]:
        return users_of(ground)

    def turns(self, ground: Ground, intervals: Sequence[Interval]) -> Iterable[datetime]:
        made = [made_at(each.value, each.valid_from) for each in intervals if each.attribute == attributes.ACCESS_KEY]
        made += [each.made for report in reports_of(intervals) for each in keys_in(report)]
        return [at + timedelta(days=self.days) for at in made if at is not None]

    def judge(self, ground: Ground, entity: Entity, at: datetime) -> Iterable[Judgement]:
        if not are_known(ground, entity):
            yield Judgement("", "unknown", NOT_SAID)
        found = [
            (access_key, made_at(fact.value, fact.since))
            for access_key, fact in entity.access_keys.items()
            if fact.value.get("status", "Active") == "Active"
        ]
        for item, made in (*found, *((each.name, each.made) for each in reported_keys(entity))):
            if made is None:
                yield Judgement(item, "unknown", "no record shows when it was made")
            elif made + timedelta(days=self.days) <= at:
                yield Judgement(item, "broken", f"it is active, and older than {self.days} days")
