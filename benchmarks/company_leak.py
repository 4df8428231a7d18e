"""The records of a leaked key in a company's observed account: what somebody did with a user's key in one night.

The key takes sessions of roles, these take sessions of others; a user, a key and a policy's attachment are left behind,
and the trail is stopped and begun again.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import orjson

from benchmarks.company import OBSERVED
from benchmarks.company_calls import Caller

PIVOTS = 20
"""Roles of which the key takes sessions, at most; each takes one of another role."""
_OF_A_SESSION = 100
_ADDRESS, _AGENT = "203.0.113.66", "python-requests/2.32"
_CREATED = "Dec 10, 2025, 2:00:00 AM"


class Leak:
    """`user`: whose key it is; `roles`: of whom sessions are taken."""

    def __init__(self, user: Caller, roles: Sequence[Caller], begin: datetime) -> None:
        self._user, self._roles, self._at = user, roles, begin
        self._chance = random.Random(7)

    def records(self) -> Iterator[bytes]:
        me = self._identity_of_user()
        for name in ("GetCallerIdentity",):
            yield self._record(me, "sts", name, None)
        for name in ("ListUsers", "ListRoles", "ListAttachedUserPolicies"):
            yield self._record(me, "iam", name, {"userName": self._user.name})
        yield from self._persistence(me)
        for number in range(min(PIVOTS, len(self._roles) // 2)):
            first, second = self._roles[2 * number], self._roles[2 * number + 1]
            yield self._assume(me, first, f"ASIALEAK{number:08}AAAA")
            session = self._identity_of_session(first, f"ASIALEAK{number:08}AAAA")
            yield from self._takes_data(session)
            yield self._assume(session, second, f"ASIALEAK{number:08}BBBB")
            yield from self._takes_data(self._identity_of_session(second, f"ASIALEAK{number:08}BBBB"))
        yield self._record(me, "cloudtrail", "StopLogging", {"name": "main"})
        yield self._record(me, "cloudtrail", "StartLogging", {"name": "main"})

    def _persistence(self, me: dict[str, Any]) -> Iterator[bytes]:
        made = {"userName": "support-sync", "userId": "AIDALEAK000000000001", "path": "/", "createDate": _CREATED,
                "arn": f"arn:aws:iam::{OBSERVED}:user/support-sync"}  # fmt: skip
        yield self._record(me, "iam", "CreateUser", {"userName": "support-sync"}, {"user": made})
        key = {"accessKeyId": "AKIALEAK000000000001", "userName": "support-sync", "status": "Active",
               "createDate": _CREATED}  # fmt: skip
        yield self._record(me, "iam", "CreateAccessKey", {"userName": "support-sync"}, {"accessKey": key})
        attached = {"userName": "support-sync", "policyArn": f"arn:aws:iam::{OBSERVED}:policy/admin"}
        yield self._record(me, "iam", "AttachUserPolicy", attached)

    def _takes_data(self, who: dict[str, Any]) -> Iterator[bytes]:
        for _ in range(_OF_A_SESSION):
            bucket, key = f"bucket-{self._chance.randrange(40)}", f"{self._chance.getrandbits(60):x}.csv"
            resources = [{"type": "AWS::S3::Object", "ARN": f"arn:aws:s3:::{bucket}/{key}"}]
            yield self._record(
                who, "s3", "GetObject", {"bucketName": bucket, "key": key}, resources=resources,
                error="AccessDenied" if self._chance.random() < 0.2 else "",
            )  # fmt: skip

    def _identity_of_user(self) -> dict[str, Any]:
        user = self._user
        return {"type": "IAMUser", "principalId": user.unique_id, "arn": user.arn, "accountId": OBSERVED,
                "accessKeyId": user.key, "userName": user.name}  # fmt: skip

    def _identity_of_session(self, role: Caller, key: str) -> dict[str, Any]:
        issuer = {"type": "Role", "principalId": role.unique_id, "arn": role.arn, "accountId": OBSERVED,
                  "userName": role.name}  # fmt: skip
        attributes = {"creationDate": self._at.strftime("%Y-%m-%dT%H:%M:%SZ"), "mfaAuthenticated": "false"}
        return {
            "type": "AssumedRole", "principalId": f"{role.unique_id}:sync", "accountId": OBSERVED, "accessKeyId": key,
            "arn": f"arn:aws:sts::{OBSERVED}:assumed-role/{role.name}/sync",
            "sessionContext": {"sessionIssuer": issuer, "attributes": attributes},
        }  # fmt: skip

    def _assume(self, who: dict[str, Any], role: Caller, key: str) -> bytes:
        given = {
            "credentials": {"accessKeyId": key, "expiration": "Dec 10, 2025, 4:00:00 AM"},
            "assumedRoleUser": {"assumedRoleId": f"{role.unique_id}:sync",
                                "arn": f"arn:aws:sts::{OBSERVED}:assumed-role/{role.name}/sync"},
        }  # fmt: skip
        return self._record(who, "sts", "AssumeRole", {"roleArn": role.arn, "roleSessionName": "sync"}, given)

    def _record(
        self, who: dict[str, Any], service: str, name: str, parameters: Any, response: Any = None, error: str = "",
        resources: Sequence[Any] = (),
    ) -> bytes:  # fmt: skip
        self._at += timedelta(seconds=1)
        found = {
            "eventVersion": "1.11", "userIdentity": who, "eventTime": self._at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "eventSource": f"{service}.amazonaws.com", "eventName": name, "awsRegion": "eu-west-1",
            "sourceIPAddress": _ADDRESS, "userAgent": _AGENT, "requestParameters": parameters,
            "responseElements": response, "requestID": str(uuid.UUID(int=self._chance.getrandbits(128))),
            "eventID": str(uuid.UUID(int=self._chance.getrandbits(128))),
            "readOnly": name.startswith(("Get", "List")), "eventType": "AwsApiCall", "managementEvent": True,
            "recipientAccountId": OBSERVED, "eventCategory": "Management",
        }  # fmt: skip
        if error:
            found |= {"errorCode": error, "errorMessage": "Access Denied"}
        if resources:
            found["resources"] = list(resources)
        return orjson.dumps(found)
