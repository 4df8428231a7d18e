"""AWS's credential report (CSV): which credentials each user had.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html
"""

from __future__ import annotations

import csv
import io

from erstwhile.domain.events.credentials import CredentialsListed
from erstwhile.domain.identifiers import Arn, MalformedArn, Ref

_REQUIRED = ("user", "arn", "password_enabled", "mfa_active", "access_key_1_active", "access_key_2_active")
ROOT = "<root_account>"


class MalformedReport(ValueError):
    """not a credential report"""


def read_report(text: str) -> tuple[str, list[CredentialsListed]]:
    """Returns the account and one body a user. Raises MalformedReport."""
    rows = csv.DictReader(io.StringIO(text))
    missing = [column for column in _REQUIRED if column not in (rows.fieldnames or ())]
    if missing:
        raise MalformedReport(f"not a credential report: the columns {', '.join(missing)} are missing")
    found: list[CredentialsListed] = []
    accounts: set[str] = set()
    for line, row in enumerate(rows, start=2):
        try:
            arn = Arn.parse(row["arn"] or "")
        except MalformedArn as error:
            raise MalformedReport(f"line {line}: {error}") from None
        accounts.add(arn.account)
        name = row["user"]
        subject = Ref("root", "root", arn.account) if name == ROOT else Ref("user", name)
        columns = {key: value for key, value in row.items() if key and value and key not in ("user", "arn")}
        found.append(
            CredentialsListed(
                subject=subject,
                password_enabled=row["password_enabled"] == "true",
                mfa_active=row["mfa_active"] == "true",
                active_keys=sum(row[f"access_key_{n}_active"] == "true" for n in (1, 2)),
                columns=columns,
            )
        )
    if len(accounts) != 1:
        raise MalformedReport(f"a report is of one account; this one names {sorted(accounts) or 'none'}")
    return accounts.pop(), found
