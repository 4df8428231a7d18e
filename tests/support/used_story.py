"""A day of an account: who has what, and every call of the day."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from erstwhile.api.database.database import Database
from erstwhile.api.runtime.runtime import ReadingRuntime
from tests.support.imports import Imports, import_bytes
from tests.support.records import ADA, record, trail_file
from tests.support.snapshots import ACCOUNT, entity

AS_OF = "2026-03-04T00:00:00Z"
"""The end of the day."""
ADA_ARN = str(ADA["arn"])
BOB_ARN = f"arn:aws:iam::{ACCOUNT}:user/bob"
RUNNER_ARN = f"arn:aws:iam::{ACCOUNT}:role/runner"
TRUST = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}  # fmt: skip
FILES = {"Sid": "Files", "Effect": "Allow", "Action": ["s3:Get*", "s3:PutObject", "s3:DeleteObject"],
         "Resource": ["arn:aws:s3:::pay/*", "arn:aws:s3:::pay"]}  # fmt: skip
KEYS = {"Sid": "Keys", "Effect": "Allow", "Action": "iam:CreateAccessKey", "Resource": "*"}
FUNCTIONS = {"Sid": "Functions", "Effect": "Allow", "Action": ["lambda:*", "iam:PassRole"], "Resource": "*",
             "Condition": {"StringEquals": {"aws:RequestedRegion": "us-east-1"}}}  # fmt: skip
LISTS = {"Sid": "Lists", "Effect": "Allow", "Action": "iam:List*", "Resource": "*"}


def document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def inline(name: str, *statements: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"PolicyName": name, "PolicyDocument": document(*statements)}]


def _calls() -> list[dict[str, Any]]:
    hours = [record("ListUsers", None, at=f"2026-03-03T{hour:02}:00:00Z", read_only=True) for hour in range(24)]
    return [
        *hours,
        *(record("GetObject", {"bucketName": "pay", "key": f"2026/{number}.csv"}, service="s3", read_only=True,
                 at=f"2026-03-03T10:0{number}:00Z") for number in range(5)),
        record("PutObject", {"bucketName": "pay", "key": "2026/new.csv"}, service="s3", at="2026-03-03T11:00:00Z"),
        record("CreateFunction20150331", {"functionName": "f", "role": RUNNER_ARN}, service="lambda",
               at="2026-03-03T12:00:00Z"),
        record("DeleteObject", {"bucketName": "pay", "key": "2026/old.csv"}, service="s3", at="2026-03-03T13:00:00Z",
               errorCode="AccessDenied"),
    ]  # fmt: skip


def load(database: Database, folder: Path) -> None:
    """Ada works; Bob and the role `runner` do nothing."""
    users = [
        entity("user", "ada", GroupList=[], UserPolicyList=inline("work", FILES, KEYS, FUNCTIONS, LISTS)),
        entity("user", "bob", GroupList=[], UserPolicyList=inline("all", {
            "Effect": "Allow", "Action": "*", "Resource": "*"})),
    ]  # fmt: skip
    users[0]["UserId"] = ADA["principalId"]
    role = entity("role", "runner", RolePolicyList=inline("read", LISTS), InstanceProfileList=[],
                  AssumeRolePolicyDocument=TRUST)  # fmt: skip
    service = ReadingRuntime(database)
    try:
        snapshot = {"UserDetailList": users, "RoleDetailList": [role], "GroupDetailList": [], "Policies": []}
        Imports(service, folder).snapshot(snapshot, "2026-03-01T00:00:00Z")
    finally:
        service.close()
    import_bytes(database, folder, trail_file(*_calls()), "day.json")
