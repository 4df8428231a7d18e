"""MFA of users, ages of access keys, and credentials that nobody uses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import partial

from erstwhile.domain.reports.asked import Asked, Known, LastUse
from erstwhile.domain.reports.credentials import (
    UNKNOWN,
    HeldKey,
    columns_of,
    has_mfa,
    keys_of,
    made,
    password_of,
    root_keys,
)
from erstwhile.domain.reports.kind import Option, ReportKind, days_of
from erstwhile.domain.reports.principals import USERS, created, exception_of, owner_of, principals
from erstwhile.domain.reports.report import Column, Row, Section
from erstwhile.domain.reports.uses_of import UsesOf
from erstwhile.domain.use.used import State
from erstwhile.domain.vocabulary.instants import BEFORE

_OWNER_TAG = Option(name="owner-tag", help="The tag that names the owner of a principal.", default="owner")
_WHOSE = (
    Column("account", "Account"),
    Column("principal", "Principal"),
    Column("unique_id", "Unique id"),
    Column("owner", "Owner"),
)
_EXCEPTION = Column("exception", "Exception")
_RECORDED = "of users and keys, a use by calls on data alone (data events) may not be on record"


def _root_arn(known: Known, account: str) -> str:
    return f"arn:{known.directory.partition(account)}:iam::{account}:root"


# MFA.

MFA_COLUMNS = (
    *_WHOSE,
    Column("password", "Console password", "boolean"),
    Column("mfa", "MFA", "boolean"),
    Column("devices", "Devices", "list"),
    Column("mfa_since", "MFA since", "instant"),
    Column("use", "Signed in"),
    Column("last_sign_in", "Last sign-in", "instant"),
    Column("finding", "Finding"),
    _EXCEPTION,
)


def mfa(asked: Asked, known: Known) -> Sequence[Section]:
    """The root users and all users, with what is missing."""
    rows = (row for account in asked.accounts for row in _mfa_rows(asked, known, account))
    return [Section(name="users", title="Users", columns=MFA_COLUMNS, rows=rows, empty="no user")]


def _mfa_rows(asked: Asked, known: Known, account: str) -> Iterator[Row]:
    root, arn = columns_of(known.directory.get(account, "root", account)), _root_arn(known, account)
    told = {"true": True, "false": False}.get(root.get("mfa_active", ""))
    use = known.uses.of_password(account, arn)
    finding = "" if told else "root without MFA" if told is False else "not known whether root has MFA"
    yield (account, arn, account, "", None, told, (), None, use.words, use.at, finding,
           exception_of(known, "mfa", account, arn))  # fmt: skip
    for user in principals(known, (account,), USERS):
        password, has = password_of(known, user), has_mfa(known, user)
        who = known.directory.arn_of(user)
        since = min((each.since for each in user.mfa_devices.values()), default=None)
        yield (
            account, who, user.id, owner_of(user, asked.options["owner-tag"]), password.exists, has,
            tuple(sorted(user.mfa_devices)), None if since == BEFORE else since, password.use.words, password.use.at,
            _mfa_finding(password.exists, has), exception_of(known, "mfa", account, who),
        )  # fmt: skip


def _mfa_finding(password: bool | None, has: bool | None) -> str:
    if password and has is False:
        return "password without MFA"
    if password is not False and has is None:
        return "not known whether there is MFA"
    return ""


# Ages of keys.

KEY_COLUMNS = (
    *_WHOSE,
    Column("access_key", "Access key"),
    Column("status", "Status"),
    Column("created", "Created", "instant"),
    Column("age_days", "Age in days", "number"),
    Column("over", "Older than allowed", "boolean"),
    Column("use", "Used"),
    Column("last_used", "Last used", "instant"),
    Column("told_by", "Known from"),
    _EXCEPTION,
)


def key_age(asked: Asked, known: Known) -> Sequence[Section]:
    """All access keys, with their ages in whole days at the report's instant."""
    days = days_of(asked.options)
    rows = (
        (
            *whose, key.id, key.status, key.created, _days(key.created, asked.end),
            None if key.created is None else (asked.end - key.created).days >= days, key.use.words, key.use.at,
            key.told_by or "its events", exception_of(known, "key-age", whose[0], whose[1]),
        )
        for whose, key in _all_keys(asked, known, asked.accounts)
    )  # fmt: skip
    return [Section(
        name="keys", title="Access keys", columns=KEY_COLUMNS, rows=rows, notes=(_RECORDED,), empty="no access key",
    )]  # fmt: skip


def _all_keys(
    asked: Asked, known: Known, accounts: Iterable[str]
) -> Iterator[tuple[tuple[str, str, str, str], HeldKey]]:
    tag = asked.options["owner-tag"]
    for account in accounts:
        for key in root_keys(known, account):
            yield (account, _root_arn(known, account), account, ""), key
        for user in principals(known, (account,), USERS):
            whose = (account, known.directory.arn_of(user), user.id, owner_of(user, tag))
            for key in keys_of(known, user):
                yield whose, key


def _days(since: datetime | None, at: datetime) -> int | None:
    return None if since is None else (at - since).days


# Credentials that nobody uses.

DORMANT_COLUMNS = (
    *_WHOSE,
    Column("type", "Type"),
    Column("id", "Id"),
    Column("status", "Status"),
    Column("created", "Created", "instant"),
    Column("last_used", "Last used", "instant"),
    Column("idle_days", "Idle days", "number"),
    Column("dormant", "Dormant", "boolean"),
    Column("use", "Used"),
    _EXCEPTION,
)


def dormant(asked: Asked, known: Known) -> Sequence[Section]:
    """Passwords, access keys and roles that were not used for so many days, or of which that cannot be known."""
    rows = (row for row in _credentials(asked, known, days_of(asked.options)) if row[-3] is not False)
    return [Section(
        name="credentials", title="Dormant credentials", columns=DORMANT_COLUMNS, rows=rows, empty="none is dormant",
        notes=(
            _RECORDED,
            "idle since the last use; without one, since its creation, or since records begin where that is later",
        ),
    )]  # fmt: skip


def _credentials(asked: Asked, known: Known, days: int) -> Iterator[Row]:
    tag = asked.options["owner-tag"]
    for account in asked.accounts:
        for user in principals(known, (account,), USERS):
            who = known.directory.arn_of(user)
            password, fact = password_of(known, user), user.login_profile
            if password.exists and fact is not None:
                whose = (account, who, user.id, owner_of(user, tag))
                yield _idle(asked, known, whose, ("password", "", "Active"), made(known, fact), password.use, days)
        for whose, key in _all_keys(asked, known, (account,)):
            yield _idle(asked, known, whose, ("access key", key.id, key.status), key.created, key.use, days)
        for role in principals(known, (account,), ("role",)):
            who = known.directory.arn_of(role)
            whose = (account, who, role.id, owner_of(role, tag))
            use = UsesOf(known).last(role, partial(known.uses.of_principal, account))
            yield _idle(asked, known, whose, ("role", role.name, "Active"), created(role), use, days)


def _idle(
    asked: Asked,
    known: Known,
    whose: tuple[str, str, str, str],
    what: tuple[str, str, str],
    since: datetime | None,
    use: LastUse,
    days: int,
) -> Row:
    coverage = known.coverage.get(whose[0])
    first = coverage.first_record if coverage is not None else None
    begins = [each for each in (since, first) if each is not None]
    idle_since = use.at or (max(begins) if begins and use.state == State.NOT_USED else None)
    idle = _days(idle_since, asked.end)
    young = since is not None and (asked.end - since).days < days
    is_dormant: bool | None = None if idle is None else idle >= days
    if young:
        is_dormant = False
    elif (is_dormant and what[2] == UNKNOWN) or (is_dormant is False and use.state == State.NOT_USED):
        is_dormant = None  # perhaps it is no more; perhaps it was used before the records began
    return (*whose, *what, since, use.at, idle, is_dormant, use.words,
            exception_of(known, "dormant-credentials", whose[0], whose[1]))  # fmt: skip


MFA = ReportKind(
    name="mfa", title="MFA", question="Which users, and which root users, have MFA, and who signs in without?",
    about="instant", make=mfa, options=(_OWNER_TAG,),
    controls=("CIS AWS 2.4", "CIS AWS 2.9", "SOC 2 CC6.1", "PCI DSS 8.4", "NIST 800-53 IA-2"),
)  # fmt: skip
KEY_AGE = ReportKind(
    name="key-age", title="Ages of access keys", question="How old is each access key, and when was it used last?",
    about="instant", make=key_age,
    options=(_OWNER_TAG, Option(name="days", help="The age in days that is too old.", default="90")),
    controls=("CIS AWS 2.13", "PCI DSS 8.3.9", "NIST 800-53 IA-5"),
)  # fmt: skip
DORMANT = ReportKind(
    name="dormant-credentials", title="Dormant credentials",
    question="Which passwords, access keys and roles did nobody use for so long?", about="instant", make=dormant,
    options=(_OWNER_TAG, Option(name="days", help="Days without a use.", default="90")),
    controls=("CIS AWS 2.11", "PCI DSS 8.2.6", "SOC 2 CC6.2", "NIST 800-53 AC-2(3)"),
)  # fmt: skip
