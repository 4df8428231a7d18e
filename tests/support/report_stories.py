"""A story with a line for each report: the demonstration's, and an afternoon in which more happens to the same
account. Names and tags begin like formulas."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson

from erstwhile.api.database.database import Database
from erstwhile.api.imports.documents import DocumentImporter
from erstwhile.api.runtime.runtime import ReadingRuntime
from erstwhile.domain.vocabulary.instants import parse_instant
from tests.support.imports import import_records
from tests.support.records import ACCOUNT, record

AS_OF = "2026-03-03T18:00:00Z"
FROM, TO = "2026-03-03T16:00:00Z", "2026-03-03T18:00:00Z"
FORMULA = '=HYPERLINK("http://203.0.113.66","open")'
OTHER = "444455556666"
BOUNDARY = "arn:aws:iam::aws:policy/AdministratorAccess"
RULES = """
rules:
  - name: write-and-read
    title: Nobody both changes and reads the payroll
    first: {action: "s3:PutObject", resource: "arn:aws:s3:::payroll/march.csv"}
    second: {action: "s3:GetObject", resource: "arn:aws:s3:::payroll/march.csv"}
    excepting: [user/nobody]
"""
PEOPLE = """person,left_at,user
Grace,2026-03-03T15:00:00Z,grace
Bot,2026-03-03T12:00:00Z,build-bot
Zoe,2026-03-01,zoe
"""
OPTIONS = {
    "attestation": {"control": "cis-aws/2.10"}, "controls": {"framework": "cis-aws"},
    "separation-of-duties": {"rules": RULES}, "leavers": {"people": PEOPLE},
}  # fmt: skip
"""What reports that cannot be asked without options are asked with."""
_USER = f"arn:aws:iam::{ACCOUNT}:user/"
_COLUMNS = (
    "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,"
    "mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,"
    "access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,"
    "access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,cert_1_last_rotated,cert_2_active,"
    "cert_2_last_rotated"
)


def _text(document: Any) -> str:
    return orjson.dumps(document).decode()


def _ada(name: str, clock: str, parameters: Any, response: Any = None, **more: Any) -> dict[str, Any]:
    who = {
        "type": "IAMUser", "principalId": "AIDADEMOADA000000001", "arn": f"{_USER}ada", "accountId": ACCOUNT,
        "accessKeyId": "AKIADEMOADA000000001", "userName": "ada",
    }  # fmt: skip
    return record(
        name, parameters, response, at=f"2026-03-03T{clock}Z", userIdentity=who, event_id=f"story-{clock}-{name}",
        requestID=f"request-{clock}", **more,
    )  # fmt: skip


def afternoon() -> list[dict[str, Any]]:
    """Ada makes a user whose name begins like a formula, and opens a bucket; the root user looks around."""
    made = {"userName": "=cmd", "userId": "AIDAFORMULA000000001", "arn": f"{_USER}=cmd", "path": "/"}
    own = {"Version": "2012-10-17", "Statement": [
        {"Sid": "Self", "Effect": "Allow", "Action": ["iam:PutUserPolicy", "s3:Get*"], "Resource": "*",
         "Condition": {"IpAddress": {"aws:SourceIp": "198.51.100.0/24"}}},
        {"Effect": "Deny", "Action": "s3:GetObjectAcl", "Resource": "*"},
    ]}  # fmt: skip
    opened = {"Version": "2012-10-17", "Statement": [
        {"Sid": "Everybody", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
         "Resource": "arn:aws:s3:::payroll/*"},
        {"Sid": "Partner", "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{OTHER}:root"},
         "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::payroll"},
    ]}  # fmt: skip
    root = {"type": "Root", "principalId": ACCOUNT, "arn": f"arn:aws:iam::{ACCOUNT}:root", "accountId": ACCOUNT}
    return [
        _ada("CreateUser", "16:00:00", {"userName": "=cmd", "tags": [{"key": "owner", "value": FORMULA}]},
             {"user": made}),
        _ada("PutUserPolicy", "16:00:01", {"userName": "=cmd", "policyName": "own", "policyDocument": _text(own)}),
        _ada("PutUserPermissionsBoundary", "16:00:02", {"userName": "=cmd", "permissionsBoundary": BOUNDARY}),
        _ada("CreateLoginProfile", "16:00:03", {"userName": "=cmd"}),
        _ada("AddUserToGroup", "16:00:04", {"userName": "=cmd", "groupName": "finance"}),
        _ada("PutBucketPolicy", "16:10:00", {"bucketName": "payroll", "bucketPolicy": opened}, service="s3"),
        _ada("DeleteUser", "16:20:00", {"userName": "nobody"}, errorCode="NoSuchEntityException",
             errorMessage="The user with name nobody cannot be found."),
        record("ListBuckets", at="2026-03-03T17:30:00Z", service="s3", userIdentity=root, event_id="story-root",
               read_only=True, sourceIPAddress="192.0.2.9"),
    ]  # fmt: skip


def _reported(user: str, arn: str, **columns: str) -> str:
    """A row of AWS's credential report, in which most is not applicable."""
    flags = ("mfa_active", "access_key_1_active", "access_key_2_active", "cert_1_active", "cert_2_active")
    known = {"user": user, "arn": arn} | dict.fromkeys(flags, "false") | columns
    return ",".join(known.get(name, "N/A") for name in _COLUMNS.split(","))


def reported() -> str:
    """What AWS's credential report says at 17:00: ada has a key of two years, and MFA; grace a password without."""
    rows = (
        _reported(
            "<root_account>", f"arn:aws:iam::{ACCOUNT}:root", user_creation_time="2020-01-01T00:00:00+00:00",
            password_enabled="not_supported", password_last_used="2026-01-05T08:00:00+00:00",
            access_key_1_active="true", access_key_1_last_rotated="2020-01-01T00:05:00+00:00",
        ),
        _reported(
            "ada", f"{_USER}ada", password_enabled="true", password_last_used="2026-03-01T08:00:00+00:00",
            mfa_active="true", access_key_1_active="true", access_key_1_last_rotated="2024-03-01T08:00:00+00:00",
            access_key_1_last_used_date="2026-03-03T09:10:00+00:00", access_key_1_last_used_service="s3",
        ),
        _reported(
            "grace", f"{_USER}grace", password_enabled="true", password_last_used="no_information",
            access_key_1_last_rotated="2024-05-01T08:00:00+00:00",
        ),
        _reported(
            "old-timer", f"{_USER}old-timer", password_enabled="false", access_key_1_active="true",
            access_key_1_last_rotated="2024-05-01T08:00:00+00:00",
            access_key_1_last_used_date="2024-06-01T08:00:00+00:00",
        ),
    )  # fmt: skip
    return "\n".join((_COLUMNS, *rows)) + "\n"


def tell(database: Database, folder: Path) -> None:
    """Adds the afternoon, and the credential report, to the demonstration's story."""
    import_records(database, folder, *afternoon())
    path = folder / "credentials.csv"
    path.write_text(reported())
    with database.connect() as connection:
        DocumentImporter(connection).credential_report(path, parse_instant("2026-03-03T17:00:00Z"))
    project(database)


def more(database: Database, folder: Path) -> None:
    """What is learnt later: late records of the same afternoon, and others of the day after."""
    import_records(
        database, folder,
        _ada("DeleteLoginProfile", "16:00:30", {"userName": "=cmd"}),
        _ada("RemoveUserFromGroup", "16:00:31", {"userName": "grace", "groupName": "finance"}),
        record("CreateUser", {"userName": "later"}, at="2026-03-04T09:00:00Z", event_id="story-later"),
    )  # fmt: skip
    project(database)


def project(database: Database) -> None:
    """Brings the read models up."""
    runtime = ReadingRuntime(database)
    try:
        runtime.projector.catch_up()
    finally:
        runtime.close()
