"""Accept: application/json, and calls that are presigned as EKS's tokens are."""

from __future__ import annotations

import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from typing import Any

import botocore.auth
import orjson
import pytest
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.support.aws.server import ACCOUNT, ROOT, AwsServer

FORM = "application/x-www-form-urlencoded"


def answered(url: str, headers: dict[str, str], body: bytes | None = None) -> tuple[int, str, bytes]:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data=body, headers=headers)) as found:
            return found.status, found.headers["Content-Type"], found.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers["Content-Type"], error.read()


def asked(aws: AwsServer, service: str, body: str, secret: str = ROOT[1]) -> tuple[int, str, Any]:
    headers = {"Content-Type": FORM, "Accept": "application/json, */*"}
    request = AWSRequest("POST", aws.url + "/", data=body, headers=headers)
    SigV4Auth(Credentials(ROOT[0], secret), service, "us-east-1").add_auth(request)
    status, kind, raw = answered(aws.url + "/", dict(request.headers), body.encode())
    return status, kind, orjson.loads(raw)


def test_answers_and_errors_as_json(aws: AwsServer) -> None:
    status, kind, told = asked(aws, "sts", "Action=GetCallerIdentity&Version=2011-06-15")
    assert (status, kind) == (200, "application/json")
    whole = told["GetCallerIdentityResponse"]
    root = f"arn:aws:iam::{ACCOUNT}:root"
    assert whole["GetCallerIdentityResult"] == {"UserId": ACCOUNT, "Account": ACCOUNT, "Arn": root}
    assert whole["ResponseMetadata"]["RequestId"]
    _, _, told = asked(aws, "iam", "Action=CreateUser&Version=2010-05-08&UserName=ada")
    made = told["CreateUserResponse"]["CreateUserResult"]["User"]
    assert made["UserName"] == "ada" and abs(made["CreateDate"] - datetime.now(UTC).timestamp()) < 600
    _, _, told = asked(aws, "iam", "Action=ListUsers&Version=2010-05-08")
    assert told["ListUsersResponse"]["ListUsersResult"]["Users"][0]["CreateDate"] == made["CreateDate"]
    status, kind, told = asked(aws, "iam", "Action=GetUser&Version=2010-05-08&UserName=eve")
    assert (status, kind, told["Error"]["Code"], told["Error"]["Type"]) == (
        404,
        "application/json",
        "NoSuchEntity",
        "Sender",
    )
    status, _, told = asked(aws, "sts", "Action=GetCallerIdentity&Version=2011-06-15", "wrong")
    assert (status, told["Error"]["Code"]) == (403, "SignatureDoesNotMatch")


@pytest.mark.parametrize("expires", ["60", "0", "604801", "x", ""])
@pytest.mark.parametrize(("ago", "is_valid"), [(100, True), (890, True), (960, False)])
def test_a_presigned_call_of_sts_is_good_for_15_minutes(
    aws: AwsServer, monkeypatch: pytest.MonkeyPatch, expires: str, ago: int, is_valid: bool
) -> None:
    at = datetime.now(UTC) - timedelta(seconds=ago)
    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda **_: at)
    headers = {"x-k8s-aws-id": "cluster"}
    request = AWSRequest("GET", f"{aws.url}/?Action=GetCallerIdentity&Version=2011-06-15", headers=headers)
    auth = SigV4QueryAuth(Credentials(*ROOT), "sts", "us-east-1", expires=expires)
    plain = auth.__class__._modify_request_before_signing

    def without_expiry(self: Any, request: Any) -> None:
        plain(self, request)
        if not expires:
            request.url = request.url.replace("&X-Amz-Expires=", "")

    monkeypatch.setattr(SigV4QueryAuth, "_modify_request_before_signing", without_expiry)
    auth.add_auth(request)
    assert request.url is not None and ("X-Amz-Expires" in request.url) == bool(expires)
    status, _, raw = answered(request.url, headers)
    assert (status == 200) is is_valid, raw
    assert is_valid or b"RequestExpired" in raw


def test_clocks_may_differ_by_15_minutes_for_sts(aws: AwsServer, monkeypatch: pytest.MonkeyPatch) -> None:
    for minutes in (14, -14):
        at = datetime.now(UTC) - timedelta(minutes=minutes)
        monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda at=at, **_: at)
        assert asked(aws, "sts", "Action=GetCallerIdentity&Version=2011-06-15")[0] == 200
        assert asked(aws, "iam", "Action=ListUsers&Version=2010-05-08")[2]["Error"]["Code"] == "SignatureDoesNotMatch"
