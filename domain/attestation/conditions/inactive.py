"""Credentials of users that are not used for a number of days are disabled."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import ClassVar

from erstwhile.domain.attestation.condition import Ground
from erstwhile.domain.attestation.credentials import (
    NOT_SAID,
    READ,
    are_known,
    instant_in,
    keys_in,
    reported_keys,
    users_of,
)
from erstwhile.domain.attestation.judged import EntityCondition, Judgement
from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.directory.facts import EntityKey, Interval, Value
from erstwhile.domain.vocabulary.instants import BEFORE

_PASSWORD = "password"


class InactiveDisabled(EntityCondition, frozen=True, kw_only=True):
    """CIS AWS 7.0.0, 2.11 (45 days); PCI DSS 4.0.1, 8.2.6 (90 days). A credential that was never used counts from when
    it was made, or was activated last. Use is known from records alone."""

    days: int = 90

    attributes: ClassVar[frozenset[str]] = READ

    def words(self) -> str:
        return f"no access key or password of a user works that was not used for {self.days} days"

    def doubts(self, ground: Ground) -> Iterable[str]:
        if self.days <= 0:
            yield f"inactive-disabled after {self.days} days: every credential breaks it at once"
        if ground.uses is None:
            yield "inactive-disabled: nothing is known of the use of credentials"
        else:
            yield "inactive-disabled: use by calls that the trail does not record, such as data events, is not seen"

    def keys(self, ground: Ground) -> Iterable[EntityKey]:
        return users_of(ground)

    def read(self, ground: Ground, keys: Sequence[EntityKey]) -> None:
        if ground.uses is not None:
            names = (name for key in keys for name in ground.names_of(key))
            ground.uses.read(names, timedelta(days=self.days))

    def turns(self, ground: Ground, intervals: Sequence[Interval]) -> Iterable[datetime]:
        span = timedelta(days=self.days)
        for each in intervals:
            uses = _uses(ground, each[:3], _item(each)) if each.attribute in _CREDENTIALS else None
            reported = _reported(each.value) if each.attribute == attributes.CREDENTIAL_REPORT else ()
            for at in (*(uses or ()), *reported, each.valid_from):
                if at > BEFORE:
                    yield at
                    yield at + span

    def judge(self, ground: Ground, entity: Entity, at: datetime) -> Iterable[Judgement]:
        if not are_known(ground, entity):
            yield Judgement("", "unknown", NOT_SAID)
        for access_key, fact in entity.access_keys.items():
            if fact.value.get("status", "Active") == "Active":
                yield from self._judged(access_key, access_key, fact.since, _uses(ground, entity.key, access_key), at)
        for each in reported_keys(entity):
            yield from self._judged(each.name, each.name, each.made or BEFORE, [each.used] if each.used else [], at)
        if entity.login_profile is not None:
            uses = _uses(ground, entity.key, PASSWORD)
            report = entity.credential_report_fact
            columns = {} if report is None else report.value.get("columns") or {}
            told, made = (instant_in(columns, f"password_last_{each}") for each in ("used", "changed"))
            if told is not None:
                uses = sorted([*(uses or ()), told])
            since = min(entity.login_profile.since, made or entity.login_profile.since)
            yield from self._judged("password", "its password", since, uses, at)

    def _judged(
        self, item: str, words: str, since: datetime, uses: Sequence[datetime] | None, at: datetime
    ) -> Iterator[Judgement]:
        span = timedelta(days=self.days)
        if since > BEFORE and at < since + span:
            return  # it was made, or changed its state, within the time
        if uses is None:
            yield Judgement(item, "unknown", f"nothing is known of the use of {words}")
            return
        place = bisect_right(uses, at)
        if place and at < uses[place - 1] + span:
            return
        if place or since > BEFORE:
            yield Judgement(item, "broken", f"{words} works, and no record shows its use for {self.days} days")
        else:
            yield Judgement(item, "unknown", f"no record shows the use of {words}, nor when it was made")


PASSWORD = ""
"""The console's password, among the credentials of a user."""


_CREDENTIALS = (attributes.ACCESS_KEY, attributes.LOGIN_PROFILE)


def _reported(report: Value) -> list[datetime]:
    """The instants of a credential report at which something was made or used."""
    found = [at for each in keys_in(report) for at in (each.made, each.used)]
    found += [instant_in(report.get("columns") or {}, f"password_last_{each}") for each in ("used", "changed")]
    return [at for at in found if at is not None]


def _item(row: Interval) -> str:
    return row.item if row.attribute == attributes.ACCESS_KEY else PASSWORD


def _uses(ground: Ground, key: EntityKey, credential: str) -> Sequence[datetime] | None:
    """The uses of a credential by a user under all of the names that it had; None where no record would show them, as
    in a governed account."""
    if ground.uses is None or ground.mode(key[0]) == "governed":
        return None
    names = ground.names_of(key)
    of_each = [ground.uses.of_user(name).get(credential, ()) for name in names]
    return of_each[0] if len(of_each) == 1 else sorted(at for uses in of_each for at in uses)
