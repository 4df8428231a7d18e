"""The root user has no access keys."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import ClassVar

from erstwhile.domain.attestation.condition import Ground
from erstwhile.domain.attestation.judged import EntityCondition, Judgement
from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.directory.facts import EntityKey
from erstwhile.domain.directory.root_keys import CATEGORY, DELETED


class NoRootKeys(EntityCondition, frozen=True, kw_only=True):
    """CIS AWS 7.0.0, 2.4: none, active or not. Known from credential reports and records of keys; of a governed
    account, its settings say all."""

    attributes: ClassVar[frozenset[str]] = frozenset(
        (attributes.CREDENTIAL_REPORT, attributes.ACCESS_KEY, attributes.SETTING)
    )

    def words(self) -> str:
        return "the root user has no access key, active or not"

    def keys(self, ground: Ground) -> Iterable[EntityKey]:
        yield from ((account, "root", account) for account in sorted(ground.accounts))
        for key in ground.history.having(attributes.SETTING):
            if key[1] == "setting" and key[2].startswith(f"{CATEGORY}/"):
                yield key

    def judge(self, ground: Ground, entity: Entity, at: datetime) -> Iterable[Judgement]:
        if entity.kind == "setting":
            if entity.setting and entity.setting.get("Status") != DELETED:
                yield Judgement("", "broken", "it is an access key of the root user")
            return
        for access_key in entity.access_keys:
            yield Judgement(access_key, "broken", "it is an access key of the root user")
        report = entity.credential_report_fact
        if report is not None and report.value["active_keys"] and not entity.access_keys:
            yield Judgement("", "broken", "its credential report shows an active access key of the root user")
        elif report is None and not entity.access_keys and ground.mode(entity.account) != "governed":
            yield Judgement("", "unknown", "no credential report says whether its root user has access keys")
