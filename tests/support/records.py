"""Building CloudTrail records for tests."""

from __future__ import annotations

import uuid
from typing import Any

import orjson

ACCOUNT = "111122223333"
ADA: dict[str, Any] = {
    "type": "IAMUser",
    "principalId": "AIDAADA",
    "arn": f"arn:aws:iam::{ACCOUNT}:user/ada",
    "accountId": ACCOUNT,
    "accessKeyId": "AKIAADA",
    "userName": "ada",
}


def record(name: str, parameters: Any = None, response: Any = None, **more: Any) -> dict[str, Any]:
    """An IAM record at 12:00:00, unless said otherwise."""
    service = more.pop("service", "iam")
    return {
        "eventVersion": "1.09",
        "userIdentity": ADA,
        "eventTime": more.pop("at", "2026-03-03T12:00:00Z"),
        "eventSource": f"{service}.amazonaws.com",
        "eventName": name,
        "awsRegion": "us-east-1",
        "sourceIPAddress": "198.51.100.7",
        "userAgent": "test",
        "requestParameters": parameters,
        "responseElements": response,
        "requestID": str(uuid.uuid4()),
        "eventID": more.pop("event_id", str(uuid.uuid4())),
        "readOnly": more.pop("read_only", False),
        "eventType": "AwsApiCall",
        "recipientAccountId": ACCOUNT,
    } | more


def create_user(name: str, unique_id: str, at: str, **more: Any) -> dict[str, Any]:
    user = {"userName": name, "userId": unique_id, "arn": f"arn:aws:iam::{ACCOUNT}:user/{name}", "path": "/"}
    return record("CreateUser", {"userName": name}, {"user": user}, at=at, **more)


def trail_file(*records: dict[str, Any]) -> bytes:
    return orjson.dumps({"Records": list(records)})
