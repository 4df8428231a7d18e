"""CloudTrail's LookupEvents over the audit trail, by AWS's own clients."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import orjson
import pytest
import requests
from botocore.config import Config
from botocore.exceptions import ClientError

from erstwhile.api.aws.cloudtrail import lookup_events
from erstwhile.api.aws.cloudtrail.asked import TARGET
from erstwhile.api.database.database import Database
from erstwhile.api.serving.rate_limits import TooManyRequests
from tests.support.aws.server import ACCOUNT, ROOT, AwsServer
from tests.support.databases import Server
from tests.support.documents import allow

ALLOWED = allow("cloudtrail:LookupEvents")


@pytest.fixture(scope="module")
def trail(embedded_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AwsServer]:
    """A server on which ann, bob and cat were made, and a call of ann's was refused. Tests change nothing that others
    see."""
    patch = pytest.MonkeyPatch()
    database: Database = embedded_server.fresh()
    server = AwsServer(database, tmp_path_factory.mktemp("home"), patch)
    iam = server.client("iam")
    for name in ("ann", "bob", "cat"):
        iam.create_user(UserName=name, Path="/team/", Tags=[{"Key": "team", "Value": name}])
    iam.put_user_policy(UserName="bob", PolicyName="look", PolicyDocument=ALLOWED)
    for name in ("ann", "bob"):
        KEYS[name] = iam.create_access_key(UserName=name)["AccessKey"]
    with pytest.raises(ClientError):
        client(server, "ann", "iam").delete_user(UserName="cat")
    yield server
    server.close()
    patch.undo()
    embedded_server.drop(database)


KEYS: dict[str, dict[str, str]] = {}


def client(server: AwsServer, name: str = "", service: str = "cloudtrail") -> Any:
    key, secret = (KEYS[name]["AccessKeyId"], KEYS[name]["SecretAccessKey"]) if name else ROOT
    return boto3.client(
        service, endpoint_url=server.url, region_name="us-east-1", aws_access_key_id=key, aws_secret_access_key=secret,
        config=Config(retries={"max_attempts": 1}),
    )  # fmt: skip


def looked_up(server: AwsServer, key: str = "", value: str = "", **more: Any) -> list[dict[str, Any]]:
    attributes = [{"AttributeKey": key, "AttributeValue": value}] if key else []
    pages = client(server).get_paginator("lookup_events").paginate(LookupAttributes=attributes, **more)
    return [event for page in pages for event in page["Events"]]


def failure(server: AwsServer, name: str = "", **given: Any) -> tuple[str, str, int]:
    with pytest.raises(ClientError) as caught:
        client(server, name).lookup_events(**given)
    response = caught.value.response
    return response["Error"]["Code"], response["Error"]["Message"], response["ResponseMetadata"]["HTTPStatusCode"]


def test_commands_are_looked_up_newest_first(trail: AwsServer) -> None:
    found = looked_up(trail)
    times = [each["EventTime"] for each in found]
    assert times == sorted(times, reverse=True)
    created = [each for each in found if each["EventName"] == "CreateUser"]
    assert [event["Resources"][0]["ResourceName"] for event in created] == ["cat", "bob", "ann"]
    event = created[-1]
    assert (event["Username"], event["AccessKeyId"], event["ReadOnly"]) == ("root", ROOT[0], "false")
    assert event["EventSource"] == "iam.amazonaws.com"
    record = orjson.loads(event["CloudTrailEvent"])
    assert record["requestParameters"] == {
        "userName": "ann", "path": "/team/", "tags": [{"key": "team", "value": "ann"}],
    }  # fmt: skip
    assert record["responseElements"]["user"]["arn"] == f"arn:aws:iam::{ACCOUNT}:user/team/ann"
    assert record["userIdentity"]["type"] == "Root" and record["eventID"] == event["EventId"]
    assert "Boto3" in record["userAgent"] and record["sourceIPAddress"] == "127.0.0.1"


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("EventName", "PutUserPolicy", ["PutUserPolicy"]),
        ("Username", "ann", ["DeleteUser"]),
        ("ResourceName", "cat", ["CreateUser"]),
        ("ResourceName", "bob", ["CreateAccessKey", "PutUserPolicy", "CreateUser"]),
        ("ResourceType", "AWS::IAM::AccessKey", ["CreateAccessKey", "CreateAccessKey"]),
        ("EventSource", "sts.amazonaws.com", []),
        ("ReadOnly", "true", []),
        ("EventId", "none", []),
        ("AccessKeyId", "AKIANONE", []),
    ],
)
def test_each_attribute(trail: AwsServer, key: str, value: str, expected: list[str]) -> None:
    assert [each["EventName"] for each in looked_up(trail, key, value)] == expected


def test_an_event_is_found_by_its_id_and_its_key(trail: AwsServer) -> None:
    [refused] = looked_up(trail, "AccessKeyId", KEYS["ann"]["AccessKeyId"])
    record = orjson.loads(refused["CloudTrailEvent"])
    assert (refused["EventName"], record["errorCode"], record["responseElements"]) == (
        "DeleteUser",
        "AccessDenied",
        None,
    )
    assert looked_up(trail, "EventId", refused["EventId"]) == [refused]


def test_pages_have_every_event_once(trail: AwsServer, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = [each["EventId"] for each in looked_up(trail)]
    small = [each["EventId"] for each in looked_up(trail, PaginationConfig={"PageSize": 2})]
    assert whole == small and len(set(whole)) == len(whole) >= 7
    # A page that finds nothing among the calls that it may look at goes on all the same.
    monkeypatch.setattr(lookup_events, "_LOOKED_AT", 1)
    assert [each["EventName"] for each in looked_up(trail, "EventName", "CreateUser")] == ["CreateUser"] * 3


def test_times(trail: AwsServer) -> None:
    now = datetime.now(UTC)
    assert looked_up(trail, StartTime=now - timedelta(days=1), EndTime=now + timedelta(minutes=1)) == looked_up(trail)
    assert looked_up(trail, StartTime=now + timedelta(minutes=1), EndTime=now + timedelta(minutes=2)) == []
    assert client(trail).lookup_events(EventCategory="insight")["Events"] == []


def test_errors_have_the_codes_of_aws(trail: AwsServer) -> None:
    two = [{"AttributeKey": "EventName", "AttributeValue": "x"}, {"AttributeKey": "ReadOnly", "AttributeValue": "true"}]
    begin, end = datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)
    for given, code in (
        ({"LookupAttributes": two}, "InvalidLookupAttributesException"),
        (
            {"LookupAttributes": [{"AttributeKey": "Nothing", "AttributeValue": "x"}]},
            "InvalidLookupAttributesException",
        ),
        ({"StartTime": begin, "EndTime": end}, "InvalidTimeRangeException"),
        ({"NextToken": "x"}, "InvalidNextTokenException"),
        ({"EventCategory": "management"}, "InvalidEventCategoryException"),
    ):
        found = failure(trail, **given)
        assert found[0] == code and found[2] == 400, found
    headers = {"X-Amz-Target": f"{TARGET}LookupEvents", "Content-Type": lookup_events.CONTENT_TYPE}
    response = requests.post(trail.url, b"{}", headers=headers, timeout=60)
    assert (response.status_code, response.json()["__type"]) == (400, "MissingAuthenticationTokenException")
    with pytest.raises(ClientError, match="Erstwhile serves LookupEvents alone"):
        client(trail).list_trails()
    wrong = boto3.client("cloudtrail", endpoint_url=trail.url, region_name="us-east-1", aws_access_key_id=ROOT[0],
                         aws_secret_access_key="wrong", config=Config(retries={"max_attempts": 1}))  # fmt: skip
    with pytest.raises(ClientError) as caught:
        wrong.lookup_events()
    assert caught.value.response["Error"]["Code"] == "InvalidSignatureException"


def test_a_caller_that_calls_too_often_has_to_wait(trail: AwsServer, monkeypatch: pytest.MonkeyPatch) -> None:
    def admit(_request: object) -> None:
        raise TooManyRequests("address", 7)

    monkeypatch.setattr(trail.endpoint, "admit", admit)
    headers = {"X-Amz-Target": f"{TARGET}LookupEvents", "Content-Type": lookup_events.CONTENT_TYPE}
    response = requests.post(trail.url, b"{}", headers=headers, timeout=60)
    assert (response.status_code, response.json()["__type"]) == (429, "ThrottlingException")
    assert response.headers["Retry-After"] == "7"


def test_the_engine_decides_who_may(trail: AwsServer) -> None:
    assert client(trail, "bob").lookup_events(MaxResults=1)["Events"]
    code, message, status = failure(trail, "ann")
    assert (code, status) == ("AccessDeniedException", 400)
    who = f"User: arn:aws:iam::{ACCOUNT}:user/team/ann is not authorized to perform: cloudtrail:LookupEvents"
    assert message.startswith(who)
    client(trail, service="iam").put_user_policy(
        UserName="bob", PolicyName="no", PolicyDocument=ALLOWED.replace('"Allow"', '"Deny"')
    )
    assert failure(trail, "bob")[0] == "AccessDeniedException"
    client(trail, service="iam").delete_user_policy(UserName="bob", PolicyName="no")
    assert any(each["EventName"] == "LookupEvents" for each in looked_up(trail, "Username", "ann"))  # it is on record


def test_the_command_line_of_aws(trail: AwsServer) -> None:
    program = Path(sys.executable).parent / "aws"
    found = subprocess.run(
        [sys.executable, str(program), "cloudtrail", "lookup-events", "--endpoint-url", trail.url, "--region",
         "us-east-1", "--lookup-attributes", "AttributeKey=ResourceName,AttributeValue=cat", "--max-items", "1"],
        env={**os.environ, "AWS_ACCESS_KEY_ID": ROOT[0], "AWS_SECRET_ACCESS_KEY": ROOT[1], "PYTHONWARNINGS": "ignore"},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert found.returncode == 0, found.stderr
    assert orjson.loads(found.stdout)["Events"][0]["EventName"] in ("CreateUser", "DeleteUser")
