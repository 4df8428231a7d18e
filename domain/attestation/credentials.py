"""What is known of a user's credentials: from records of them, and from the credential report, which names no keys."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from erstwhile.domain.attestation.condition import Ground
from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.directory.facts import EntityKey, Interval, Value
from erstwhile.domain.vocabulary.instants import BEFORE, MalformedInstant, parse_aws_date, parse_instant

READ = frozenset((attributes.ENTITY, attributes.ACCESS_KEY, attributes.LOGIN_PROFILE, attributes.CREDENTIAL_REPORT))
"""The attributes that say what credentials a user has."""
NOT_SAID = "no credential report says which credentials it has, and no record tells of its creation"


class ReportedKey(NamedTuple):
    """An active access key of the credential report that no record names. `name`: `access key 1 of the report`."""

    name: str
    made: datetime | None
    used: datetime | None


def users_of(ground: Ground) -> Iterator[EntityKey]:
    """The users of the accounts that have credentials in the period, and those whose credentials may not be known."""
    named = ground.holding(attributes.ACCESS_KEY, attributes.LOGIN_PROFILE, attributes.CREDENTIAL_REPORT)
    return (key for key in dict.fromkeys((*named, *ground.of_unknown_creation())) if key[1] == "user")


def are_known(ground: Ground, user: Entity) -> bool:
    """Whether all credentials of a user are known: of a governed account, of one whose creation is on record, and of
    one that a credential report tells of."""
    if user.credential_report_fact is not None:
        return True
    return not user.exists or user.is_creation_known or ground.mode(user.account) == "governed"


def reported_keys(user: Entity) -> list[ReportedKey]:
    """The active keys that the credential report has beyond those that records name."""
    report = user.credential_report_fact
    if report is None:
        return []
    active = [each for each in user.access_keys.values() if each.value.get("status", "Active") == "Active"]
    found = keys_in(report.value)
    return found if int(report.value.get("active_keys", 0)) > len(active) else []


def keys_in(report: Value) -> list[ReportedKey]:
    """The active keys of a credential report's row."""
    columns = report.get("columns") or {}
    return [
        ReportedKey(
            f"access key {number} of the credential report",
            instant_in(columns, f"access_key_{number}_last_rotated"),
            instant_in(columns, f"access_key_{number}_last_used_date"),
        )
        for number in (1, 2)
        if columns.get(f"access_key_{number}_active") == "true"
    ]


def instant_in(columns: Value, name: str) -> datetime | None:
    """The instant in a column of a credential report; None for `N/A` and `no_information`."""
    text = str(columns.get(name) or "")
    if not text[:1].isdigit():
        return None
    try:
        return parse_aws_date(text)
    except MalformedInstant:
        return None


def reports_of(intervals: Iterable[Interval]) -> Iterator[Value]:
    """The rows of credential reports among some intervals."""
    return (each.value for each in intervals if each.attribute == attributes.CREDENTIAL_REPORT)


def made_at(value: Value, since: datetime) -> datetime | None:
    """When a credential was made; None where no record shows it."""
    made = value.get("made")
    return parse_instant(str(made)) if made else since if since > BEFORE else None
