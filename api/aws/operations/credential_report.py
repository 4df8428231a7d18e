"""The credential report: AWS's CSV with one row for each user, the root user first.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from erstwhile.api.aws.access.call import Call, Connect, Operation, Result, Work, begun_at, created_at, of_account
from erstwhile.api.aws.operations import shapes, signing_certificates, user_credentials
from erstwhile.api.aws.operations.root_keys import begun
from erstwhile.api.aws.reports import last_use, report_store
from erstwhile.api.aws.reports.last_use import Use
from erstwhile.api.aws.sessions import passwords
from erstwhile.api.aws.wire.errors import AwsError
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.directory.root_keys import ACTIVE, DELETED, status_of

KIND = "credentials"
COLUMNS = (
    "user", "arn", "user_creation_time", "password_enabled", "password_last_used", "password_last_changed",
    "password_next_rotation", "mfa_active",
    *(f"access_key_{n}_{each}" for n in (1, 2) for each in (
        "active", "last_rotated", "last_used_date", "last_used_region", "last_used_service")),
    *(f"cert_{n}_{each}" for n in (1, 2) for each in ("active", "last_rotated")),
)  # fmt: skip
_NONE = "N/A"


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).replace(microsecond=0).isoformat()


def _flag(value: bool) -> str:
    return "true" if value else "false"


class _Known:
    """What the tables outside the event log contain about an account's credentials."""

    def __init__(self, call: Call, connect: Connect) -> None:
        with connect() as connection:
            self.uses = last_use.of_keys(connection, call.account)
            self.passwords = passwords.instants_by_user(connection, call.account)
            self.root_keys = call.keys.of_root(connection, call.account)


def generate(call: Call) -> Work:
    """Makes the report at once; GetCredentialReport returns it."""

    def then(call: Call, known: _Known) -> Work:
        text = _report(call, known)

        def store(connect: Connect) -> None:
            with connect() as connection:
                report_store.put(connection, f"credentials/{call.account}", call.account, KIND, text)

        return Work(store, lambda _call, _done: {"State": "COMPLETE"})

    return Work(lambda connect: _Known(call, connect), then, reads_last_use=True)


def _report(call: Call, known: _Known) -> str:
    policy = passwords.policy_of(call.directory, call.account) or {}
    longest = int(policy.get("MaxPasswordAge", 0))
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(COLUMNS)
    rows.writerow(_root(call, known))
    for user in of_account(call, "user"):
        rows.writerow(_row(user, known, longest))
    return text.getvalue()


def _root(call: Call, known: _Known) -> list[str]:
    account = call.directory.at((call.account, "account", call.account))
    states = [(each, status_of(call.directory, call.account, each.access_key_id)) for each in known.root_keys]
    keys = [
        (status == ACTIVE, begun(account, each), known.uses.get(each.access_key_id))
        for each, status in states
        if status != DELETED
    ][:2]
    since = begun_at(account, account.mode_fact)
    return [
        "<root_account>", f"arn:{call.partition}:iam::{call.account}:root", _stamp(since),
        "not_supported", "no_information", "not_supported", "not_supported", "false",
        *_key_columns(keys), *["false", _NONE] * 2,
    ]  # fmt: skip


def _row(user: Entity, known: _Known, longest: int) -> list[str]:
    has_password = user.has_password
    password = known.passwords.get(user.id)
    changed = password.changed_at if password is not None and has_password else None
    rotation = _stamp(changed + timedelta(days=longest)) if changed and longest else _NONE
    keys = [
        (fact.value["status"] == "Active", shapes.made(user, fact), known.uses.get(each))
        for each, fact in sorted(user.access_keys.items(), key=lambda item: (shapes.made(user, item[1]), item[0]))
    ]
    certificates: list[str] = []
    for _, value in user_credentials.of_user(user, signing_certificates.KIND)[:2]:
        uploaded = user_credentials.at(value, "at").get("at")
        certificates += [_flag(value["status"] == "Active"), _stamp(uploaded) if uploaded else _NONE]
    return [
        user.name, user.arn, _stamp(created_at(user)), _flag(has_password),
        "no_information" if has_password else _NONE, _stamp(changed) if changed else _NONE, rotation,
        _flag(bool(user.mfa_devices)), *_key_columns(keys[:2]),
        *(certificates + ["false", _NONE] * 2)[:4],
    ]  # fmt: skip


def _key_columns(keys: Sequence[tuple[bool, datetime | None, Use | None]]) -> list[str]:
    columns: list[str] = []
    for active, rotated, use in keys:
        used = [_stamp(use.at), use.region, use.service] if use is not None else [_NONE] * 3
        columns += [_flag(active), _stamp(rotated) if rotated is not None else _NONE, *used]
    return (columns + ["false", *[_NONE] * 4] * 2)[:10]


def get(call: Call) -> Work:
    def do(connect: Connect) -> report_store.Report | None:
        with connect() as connection:
            return report_store.get(connection, f"credentials/{call.account}", call.account, KIND)

    def then(call: Call, report: report_store.Report | None) -> Result:
        if report is None:
            raise AwsError("ReportNotPresent", "The credential report does not exist: generate it first.", 410)
        if call.now - report.created_at > report_store.CREDENTIALS_LAST:
            raise AwsError("ReportExpired", "The credential report is older than four hours: generate it anew.", 410)
        return {"Content": report.content.encode(), "ReportFormat": "text/csv", "GeneratedTime": report.created_at}

    return Work(do, then)


OPERATIONS: dict[str, Operation] = {
    "GenerateCredentialReport": generate,
    "GetCredentialReport": get,
}
