"""Every user that can sign in to the console has an MFA device; so does the root user."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import ClassVar

from erstwhile.domain.attestation.condition import Ground
from erstwhile.domain.attestation.credentials import NOT_SAID, READ, are_known, users_of
from erstwhile.domain.attestation.judged import EntityCondition, Judgement
from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.directory.facts import EntityKey


class MfaForPasswords(EntityCondition, frozen=True, kw_only=True):
    """CIS AWS 7.0.0, 2.10; PCI DSS 4.0.1, 8.4.2."""

    attributes: ClassVar[frozenset[str]] = READ | {attributes.MFA}

    def words(self) -> str:
        return "every user that has a console password has an MFA device"

    def keys(self, ground: Ground) -> Iterable[EntityKey]:
        return users_of(ground)

    def judge(self, ground: Ground, entity: Entity, at: datetime) -> Iterable[Judgement]:
        if entity.has_password and not entity.mfa_devices:
            yield Judgement("", "broken", "it has a console password and no MFA device")
        elif not entity.has_password and not are_known(ground, entity):
            yield Judgement("", "unknown", NOT_SAID)


class RootMfa(EntityCondition, frozen=True, kw_only=True):
    """CIS AWS 7.0.0, 2.5: the root user has an MFA device, or no password. Known from credential reports, and from
    records of devices."""

    attributes: ClassVar[frozenset[str]] = frozenset((attributes.CREDENTIAL_REPORT, attributes.MFA))

    def words(self) -> str:
        return "the root user has an MFA device, or no password"

    def keys(self, ground: Ground) -> Iterable[EntityKey]:
        return [(account, "root", account) for account in sorted(ground.accounts)]

    def judge(self, ground: Ground, entity: Entity, at: datetime) -> Iterable[Judgement]:
        if entity.mfa_devices:
            return
        report = entity.credential_report_fact
        if report is None:
            yield Judgement("", "unknown", "no credential report and no record says whether its root user has MFA")
        elif report.value["columns"].get("password_enabled") != "false":
            yield Judgement("", "broken", "its root user has no MFA device")
