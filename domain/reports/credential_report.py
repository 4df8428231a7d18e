"""AWS's credential report of an account: its 22 columns and no other, the root user first.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.directory.root_keys import ACTIVE
from erstwhile.domain.reports.asked import Asked, Known, LastUse
from erstwhile.domain.reports.credentials import (
    HeldKey,
    columns_of,
    has_mfa,
    keys_of,
    knows_credentials,
    password_of,
    root_keys,
)
from erstwhile.domain.reports.kind import ReportKind
from erstwhile.domain.reports.principals import USERS, created, principals
from erstwhile.domain.reports.report import Column, Row, Section
from erstwhile.domain.use.used import State
from erstwhile.domain.vocabulary.instants import parse_instant

NAMES = (
    "user", "arn", "user_creation_time", "password_enabled", "password_last_used", "password_last_changed",
    "password_next_rotation", "mfa_active",
    *(f"access_key_{n}_{each}" for n in (1, 2) for each in (
        "active", "last_rotated", "last_used_date", "last_used_region", "last_used_service")),
    *(f"cert_{n}_{each}" for n in (1, 2) for each in ("active", "last_rotated")),
)  # fmt: skip
ROOT = "<root_account>"
_NONE, _NO_INFORMATION, _NOT_SUPPORTED = "N/A", "no_information", "not_supported"
_CERTIFICATE = "signing-certificate"
_NOTES = (
    "no_information stands for all that no record tells, in columns too where AWS always knows",
    "a key's use is its last call on record; of a key that only an imported report tells of, what that report says",
)


def credential_report(asked: Asked, known: Known) -> Sequence[Section]:
    """One section, about one account."""
    columns = tuple(Column(each, each) for each in NAMES)
    return [Section(
        name="credentials", title="Credentials", columns=columns, rows=_rows(known, asked.accounts[0]), notes=_NOTES,
    )]  # fmt: skip


def _rows(known: Known, account: str) -> Iterator[Row]:
    yield _root(known, account)
    policy = known.directory.get(account, "setting", "password-policy")
    longest = int(policy.setting.get("MaxPasswordAge") or 0) if policy is not None else 0
    for user in principals(known, (account,), USERS):
        yield _row(known, user, longest)


def _root(known: Known, account: str) -> Row:
    columns = columns_of(known.directory.get(account, "root", account))
    arn = f"arn:{known.directory.partition(account)}:iam::{account}:root"
    signed_in = known.uses.of_password(account, arn)
    keys = _keys(root_keys(known, account), bool(columns) or known.directory.mode(account) == "governed")
    return (
        ROOT, arn, columns.get("user_creation_time", _NO_INFORMATION), _NOT_SUPPORTED,
        _stamp(signed_in.at) if signed_in.at is not None else columns.get("password_last_used", _NO_INFORMATION),
        _NOT_SUPPORTED, _NOT_SUPPORTED, columns.get("mfa_active", _NO_INFORMATION), *keys, *("false", _NONE) * 2,
    )  # fmt: skip


def _row(known: Known, user: Entity, longest: int) -> Row:
    password, mfa, since = password_of(known, user), has_mfa(known, user), created(user)
    changed = password.changed if password.exists else None
    rotation = _stamp(changed + timedelta(days=longest)) if changed is not None and longest else _NONE
    if password.exists is None:
        used, when = _NO_INFORMATION, _NO_INFORMATION
    elif not password.exists:
        used, when = _NONE, _NONE
    else:
        used = _stamp(password.use.at) if password.use.at is not None else _NO_INFORMATION
        when = _stamp(changed) if changed is not None else _NO_INFORMATION
    return (
        user.name, known.directory.arn_of(user), _stamp(since) if since is not None else _NO_INFORMATION,
        _flag(password.exists), used, when, rotation, _flag(mfa),
        *_keys(keys_of(known, user), knows_credentials(known, user)), *_certificates(user),
    )  # fmt: skip


def _keys(keys: Sequence[HeldKey], are_all_known: bool) -> tuple[str, ...]:
    """The ten columns of two keys. Where not all keys are known, it is not known either that there is no second."""
    cells: list[str] = []
    for each in keys[:2]:
        cells += [
            _NO_INFORMATION if each.status not in (ACTIVE, "Inactive") else _flag(each.status == ACTIVE),
            _stamp(each.created) if each.created is not None else _NO_INFORMATION,
            *_use(each.use),
        ]
    missing = ["false", *[_NONE] * 4] if are_all_known else [_NO_INFORMATION] * 5
    return tuple((cells + missing * 2)[:10])


def _use(use: LastUse) -> tuple[str, str, str]:
    if use.at is not None:
        return _stamp(use.at), use.region or _NONE, use.service or _NONE
    missing = _NONE if use.state == State.NOT_USED else _NO_INFORMATION
    return missing, missing, missing


def _certificates(user: Entity) -> tuple[str, ...]:
    cells: list[str] = []
    for _, fact in sorted(user.credentials(_CERTIFICATE).items())[:2]:
        at = (fact.value.get("attributes") or {}).get("at")
        cells += [_flag(fact.value.get("status") == ACTIVE), _stamp(parse_instant(at)) if at else _NONE]
    return tuple((cells + ["false", _NONE] * 2)[:4])


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).replace(microsecond=0).isoformat()


def _flag(value: bool | None) -> str:
    return _NO_INFORMATION if value is None else "true" if value else "false"


KIND = ReportKind(
    name="credential-report",
    title="Credential report",
    question="Which passwords, access keys, MFA devices and certificates does each user have, and when were they used?",
    about="instant",
    make=credential_report,
    one_account=True,
    controls=("CIS AWS 2.5", "CIS AWS 2.10", "CIS AWS 2.12", "PCI DSS 8.2.6", "NIST 800-53 IA-5"),
)
