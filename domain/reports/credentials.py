"""The credentials of users and of an account's root user, from events, from AWS's credential report where one was
imported, and from the calls in which keys were used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.directory.facts import Fact
from erstwhile.domain.directory.root_keys import ACTIVE, CATEGORY, DELETED
from erstwhile.domain.reports.asked import Known, LastUse
from erstwhile.domain.reports.principals import created
from erstwhile.domain.reports.uses_of import UsesOf
from erstwhile.domain.use.used import State
from erstwhile.domain.vocabulary.instants import BEFORE, MalformedInstant, parse_aws_date, parse_instant

NOT_SAID = frozenset(("N/A", "no_information", "not_supported", ""))
"""What AWS's credential report writes where it has no date."""
_MAKING = frozenset(("iam.AccessKeyCreated", "iam.LoginProfileCreated"))
INACTIVE, UNKNOWN = "Inactive", "unknown"


class HeldKey(msgspec.Struct, frozen=True, kw_only=True):
    """An access key. `id` is '' where only a credential report tells of it; `status`: Active, Inactive or unknown."""

    id: str
    status: str
    created: datetime | None
    use: LastUse
    told_by: str = ""


class Password(msgspec.Struct, frozen=True, kw_only=True):
    """A console password. `exists` None: not known. `changed`: when it was made or changed last."""

    exists: bool | None
    changed: datetime | None
    use: LastUse


def knows_credentials(known: Known, user: Entity) -> bool:
    """Whether it is known which credentials a user has: those of a governed account, those that a credential report
    listed, and those of a user that was created since records began."""
    if known.directory.mode(user.account) == "governed" or report_of(user) is not None:
        return True
    coverage, since = known.coverage.get(user.account), created(user)
    first = coverage.first_record if coverage is not None else None
    return first is not None and since is not None and since >= first


def report_of(entity: Entity | None) -> Fact | None:
    """The fact with an entity's row of AWS's credential report."""
    return None if entity is None else entity.credential_report_fact


def columns_of(entity: Entity | None) -> Mapping[str, str]:
    """An entity's row of AWS's credential report; empty where none was imported."""
    fact = report_of(entity)
    return {} if fact is None else fact.value["columns"]


def date_in(columns: Mapping[str, str], name: str) -> datetime | None:
    """A date of a credential report's row; None where it has none."""
    text = columns.get(name, "")
    try:
        return None if text in NOT_SAID else parse_aws_date(text)
    except MalformedInstant:
        return None


def made(known: Known, fact: Fact) -> datetime | None:
    """When a key or password was created; None where no record tells. A fact that an event of another kind began, such
    as the first change of a key's status on record, is younger than its credential."""
    text = fact.value.get("made")
    if text:
        return parse_instant(str(text))
    event = known.happenings.read((fact.opened_by,)).get(fact.opened_by)
    return fact.since if event is not None and event.type in _MAKING else None


def has_mfa(known: Known, user: Entity) -> bool | None:
    """Whether a user has an MFA device; None where nobody knows."""
    if user.mfa_devices:
        return True
    return False if knows_credentials(known, user) else None


def password_of(known: Known, user: Entity) -> Password:
    """A user's console password."""
    columns, fact = columns_of(user), user.login_profile
    exists = True if fact is not None else False if knows_credentials(known, user) else None
    dates = [date_in(columns, "password_last_changed"), _by_record(user, fact)]
    use = UsesOf(known).last(user, lambda arn: known.uses.of_password(user.account, arn))
    return Password(
        exists=exists, changed=max((each for each in dates if each is not None), default=None),
        use=_later(use, date_in(columns, "password_last_used")),
    )  # fmt: skip


def _by_record(user: Entity, fact: Fact | None) -> datetime | None:
    """Since when the fact of a password is so; None where a credential report alone told of it."""
    listed = report_of(user)
    if fact is None or fact.since == BEFORE or (listed is not None and listed.opened_by == fact.opened_by):
        return None
    return fact.since


def keys_of(known: Known, user: Entity) -> list[HeldKey]:
    """The access keys of a user: the oldest first, those of unknown age before them."""
    columns = columns_of(user)
    found = []
    dates = []
    for key, fact in user.access_keys.items():
        since = made(known, fact)
        slot = _slot_of(columns, since)
        use = _later(known.uses.of_key(user.account, key), date_in(columns, f"access_key_{slot}_last_used_date"))
        found.append(HeldKey(id=key, status=str(fact.value.get("status") or UNKNOWN), created=since, use=use))
        dates.append(since)
    reported = _only_reported(columns, dates, _ended(known, user))
    # A key that was used and of whose end no event tells is there still, whatever it is called since.
    used = {
        key: HeldKey(id=key, status=UNKNOWN, created=None, use=use, told_by="its use")
        for name in UsesOf(known).names(user)
        for key in known.uses.keys_used(user.account, name.arn)
        if key not in user.access_keys and not _has_ended(known, key)
        # A use from before it had the name is that of another of the name.
        if (use := known.uses.of_key(user.account, key)).at is not None and name.since <= use.at < name.until
    }  # fmt: skip
    unplaced = [*(each for each in found if each.created is None), *used.values()]
    found = [each for each in found if each.created is not None]
    found += _united(reported, unplaced)
    return sorted(found, key=lambda each: (each.created is not None, each.created or BEFORE, each.id))


def _united(reported: Sequence[HeldKey], used: Sequence[HeldKey]) -> Sequence[HeldKey]:
    """Keys that a credential report tells of, without their ids, and keys that calls tell of. Where there is one of
    each, it is the same: a report lists all keys."""
    if len(reported) != 1 or len(used) != 1:
        return (*reported, *used)
    [told], [seen] = reported, used
    use = seen.use if told.use.at is None else _later(seen.use, told.use.at)
    status = told.status if seen.status == UNKNOWN else seen.status
    told_by = f"{told.told_by}, and {seen.told_by or 'its events'}"
    return (msgspec.structs.replace(told, id=seen.id, use=use, status=status, told_by=told_by),)


def _has_ended(known: Known, access_key: str) -> bool:
    """Whether an event before the report's instant deleted a key."""
    now = known.directory.as_of
    return now is not None and any(
        each.attribute == attributes.ACCESS_KEY and each.item == access_key and each.valid_to <= now
        for key in known.history.with_access_key(access_key)
        for each in known.history.intervals_of(key)
    )


def root_keys(known: Known, account: str) -> list[HeldKey]:
    """The access keys of an account's root user, as far as events or a credential report tell of them."""
    columns = columns_of(known.directory.get(account, "root", account))
    found = []
    for key in known.history.of_kind("setting"):
        if key[0] != account or not key[2].startswith(f"{CATEGORY}/"):
            continue
        entity = known.directory.get(*key)
        status = str(entity.setting.get("Status") or ACTIVE) if entity is not None else DELETED
        if entity is not None and entity.setting_fact is not None and status != DELETED:
            access_key = key[2].partition("/")[2]
            use = known.uses.of_key(account, access_key)
            found.append(HeldKey(id=access_key, status=status, created=made(known, entity.setting_fact), use=use))
    found.sort(key=lambda each: each.id)
    return found or _only_reported(columns, [], None)


def _slot_of(columns: Mapping[str, str], since: datetime | None) -> int:
    """Which of the two keys of a credential report was made at an instant; 0: none."""
    if since is None:
        return 0
    for slot in (1, 2):
        rotated = date_in(columns, f"access_key_{slot}_last_rotated")
        if rotated is not None and rotated == since.replace(microsecond=0):
            return slot
    return 0


def _ended(known: Known, user: Entity) -> datetime | None:
    """When a key of a user was last ended of which no event tells that it began."""
    listed = report_of(user)
    if listed is None:
        return None
    ends = [
        each.valid_to for each in known.history.intervals_of(user.key)
        if each.attribute == attributes.ACCESS_KEY and each.valid_from == BEFORE and listed.since < each.valid_to
    ]  # fmt: skip
    now = known.directory.as_of
    return max((each for each in ends if now is not None and each <= now), default=None)


def _only_reported(
    columns: Mapping[str, str], dates: Sequence[datetime | None], ended: datetime | None
) -> list[HeldKey]:
    """The keys that a credential report lists and no event told of."""
    found = []
    seen = {each.replace(microsecond=0) for each in dates if each is not None}
    for slot in (1, 2):
        rotated = date_in(columns, f"access_key_{slot}_last_rotated")
        is_active = columns.get(f"access_key_{slot}_active") == "true"
        if (rotated is None and not is_active) or rotated in seen or ended is not None:
            continue
        used = date_in(columns, f"access_key_{slot}_last_used_date")
        use = LastUse(state=State.USED, at=used) if used is not None else LastUse(
            state=State.CANNOT_KNOW, why="the credential report has no use, and the key's id is not known"
        )  # fmt: skip
        service, region = (columns.get(f"access_key_{slot}_last_used_{each}", "") for each in ("service", "region"))
        use = msgspec.structs.replace(
            use, service="" if service in NOT_SAID else service, region="" if region in NOT_SAID else region
        )
        status = ACTIVE if is_active else INACTIVE
        found.append(HeldKey(id="", status=status, created=rotated, use=use, told_by="the credential report"))
    return found


def _later(use: LastUse, reported: datetime | None) -> LastUse:
    """The later of a recorded use, and one that a credential report tells of."""
    if reported is None or (use.at is not None and use.at >= reported):
        return use
    return LastUse(state=State.USED, at=reported)
