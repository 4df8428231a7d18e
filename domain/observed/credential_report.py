"""AWS's credential report (CSV, or what `aws iam get-credential-report` prints): which credentials each user had.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html
"""

from __future__ import annotations

import base64
import csv
import io

import orjson

from erstwhile.domain.events.credentials import CredentialsListed
from erstwhile.domain.vocabulary.identifiers import Arn, MalformedArn, Ref
from erstwhile.domain.vocabulary.malformed import MalformedInput

_REQUIRED = ("user", "arn", "password_enabled", "mfa_active", "access_key_1_active", "access_key_2_active")
ROOT = "<root_account>"


class MalformedReport(MalformedInput):
    """not a credential report"""

    code = "malformed_report"


def report_text(data: bytes) -> str:
    """Returns the report as CSV text. `data` is the CSV itself, or what the AWS CLI prints: JSON with a member Content,
    or, with `--query Content`, the base64 as text or as a JSON string. Raises MalformedReport."""
    content: object = data
    try:
        if data.lstrip()[:1] == b"{":
            content = orjson.loads(data).get("Content")
        elif data.lstrip()[:1] == b'"' and b"," not in data:
            content = orjson.loads(data)
        if isinstance(content, str) or b"," not in data:
            content = base64.b64decode(str(content) if isinstance(content, str) else data.strip(), validate=True)
        if not isinstance(content, bytes):
            raise MalformedReport("JSON without Content: expected what `aws iam get-credential-report` prints")
        return content.decode("utf-8-sig")
    except (orjson.JSONDecodeError, ValueError) as error:
        if isinstance(error, MalformedReport):
            raise
        raise MalformedReport(f"not a credential report: {error}") from None


def read_report(text: str) -> tuple[str, list[CredentialsListed]]:
    """Returns the account's id and one event for each row: for the root user and for each user.

    Raises MalformedReport for missing columns, for a malformed ARN, and for rows of several accounts.
    """
    rows = csv.DictReader(io.StringIO(text))
    missing = [column for column in _REQUIRED if column not in (rows.fieldnames or ())]
    if missing:
        raise MalformedReport(f"not a credential report: the columns {', '.join(missing)} are missing")
    listed: list[CredentialsListed] = []
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
        listed.append(
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
    return accounts.pop(), listed
