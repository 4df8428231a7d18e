"""A setting of an account is there; certificates that have expired are not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import ClassVar

from erstwhile.domain.attestation.condition import Ground, Lapse
from erstwhile.domain.attestation.judged import EntityCondition, Judgement
from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.directory.facts import EntityKey, Interval
from erstwhile.domain.vocabulary.instants import MalformedInstant, parse_aws_date

_CERTIFICATES = "server-certificate/"


class SettingIsThere(EntityCondition, frozen=True, kw_only=True):
    """An account has a setting, such as `root-credentials-management/account` (CIS AWS 7.0.0, 2.1.1)."""

    setting: str
    in_account: str = ""
    """The account; where it is not said, the management accounts of the organisations that are known."""

    attributes: ClassVar[frozenset[str]] = frozenset((attributes.SETTING,))

    def words(self) -> str:
        return f"the setting {self.setting} is there"

    def lapses(self, ground: Ground) -> Iterator[Lapse]:
        yield from super().lapses(ground)
        if not self._accounts(ground):
            for account in sorted(ground.accounts):
                yield Lapse(
                    account=account, subject=self.setting, standing="unknown", begin=ground.begin, end=ground.end,
                    why="no organisation of these accounts is known, so no account is known to need it",
                )  # fmt: skip

    def _accounts(self, ground: Ground) -> list[str]:
        if self.in_account:
            return [self.in_account]
        rows = ground.history.with_attribute(attributes.ORGANIZATION)
        found = {str(each.value.get("management") or "") for each in rows}
        return sorted(found & ground.accounts)

    def keys(self, ground: Ground) -> Iterable[EntityKey]:
        return [(account, "setting", self.setting) for account in self._accounts(ground)]

    def judge(self, ground: Ground, entity: Entity, at: datetime) -> Iterable[Judgement]:
        if entity.setting_fact is not None:
            return
        rows = ground.history.intervals_of(entity.key)
        if any(each.valid_from <= at for each in rows) or ground.mode(entity.account) == "governed":
            yield Judgement("", "broken", "the setting is not there")
        else:
            yield Judgement("", "unknown", "no record shows the setting")


class NoExpiredCertificates(EntityCondition, frozen=True, kw_only=True):
    """CIS AWS 7.0.0, 2.17: server certificates in IAM are removed when they expire."""

    attributes: ClassVar[frozenset[str]] = frozenset((attributes.SETTING,))

    def words(self) -> str:
        return "no server certificate that has expired is kept in IAM"

    def keys(self, ground: Ground) -> Iterable[EntityKey]:
        having = ground.history.having(attributes.SETTING)
        return [key for key in having if key[1] == "setting" and key[2].startswith(_CERTIFICATES)]

    def turns(self, ground: Ground, intervals: Sequence[Interval]) -> Iterable[datetime]:
        found = (_expires(each.value) for each in intervals)
        return [at for at in found if at is not None]

    def judge(self, ground: Ground, entity: Entity, at: datetime) -> Iterable[Judgement]:
        if entity.setting_fact is None:
            return
        expires = _expires(entity.setting)
        if expires is None:
            yield Judgement("", "unknown", "no record shows when the certificate expires")
        elif expires <= at:
            yield Judgement("", "broken", "the certificate has expired")


def _expires(value: dict[str, str]) -> datetime | None:
    text = next((str(each) for key, each in value.items() if key.lower() == "expiration"), "")
    try:
        return parse_aws_date(text) if text else None
    except MalformedInstant:
        return None
