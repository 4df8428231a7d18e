"""Recorded calls of a company's observed account, as the JSON of CloudTrail's records, in the order of time.

Users call with keys that they had; services and users take sessions of roles, each of some fifty calls. A few callers
make most of the calls. Four in five records are data events (objects, items, messages), and each object has a key of
its own; two in a hundred calls are refused.
"""

from __future__ import annotations

import random
import uuid
import zlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import accumulate
from typing import NamedTuple

from benchmarks.company import OBSERVED

SESSION = 50
"""Calls of a session, on average."""
_AGENTS = ("aws-sdk-go/1.44.157 (go1.19.3; linux; amd64)", "Boto3/1.40.21 md/Botocore#1.40.21 ua/2.1 os/linux#6.1",
           "aws-cli/2.27.31 md/awscrt#0.26.1 ua/2.1 os/macos#24.5 md/arch#arm64 lang/python#3.13.4")  # fmt: skip
_REGIONS = ("eu-west-1", "eu-west-1", "eu-west-1", "us-east-1", "ap-south-1")
_CALLS = (
    *[("s3", "GetObject")] * 5, *[("s3", "PutObject")] * 2, *[("dynamodb", "GetItem")] * 2, ("dynamodb", "PutItem"),
    ("sqs", "SendMessage"), ("sqs", "ReceiveMessage"), ("lambda", "Invoke20150331"), ("kms", "Decrypt"),
    ("ec2", "DescribeInstances"), ("logs", "CreateLogStream"), ("sts", "GetCallerIdentity"), ("s3", "ListBuckets"),
    ("secretsmanager", "GetSecretValue"),
)  # fmt: skip
_TYPES = {
    "s3": "AWS::S3::Object", "dynamodb": "AWS::DynamoDB::Table", "sqs": "AWS::SQS::Queue",
    "lambda": "AWS::Lambda::Function", "kms": "AWS::KMS::Key", "secretsmanager": "AWS::SecretsManager::Secret",
}  # fmt: skip


class Caller(NamedTuple):
    """A user with a key, or a role (no key)."""

    arn: str
    unique_id: str
    key: str

    @property
    def name(self) -> str:
        return self.arn.rsplit("/", 1)[-1]


class _Session:
    """What a role's calls are made with, until it has no calls left."""

    def __init__(self, chance: random.Random) -> None:
        self.name = f"i-{chance.getrandbits(64):016x}"
        self.key = f"ASIA{chance.getrandbits(64):016X}"
        self.left = chance.randrange(1, 2 * SESSION)


class Calls:
    """`count` calls of these callers between two instants; the same for the same arguments."""

    def __init__(self, callers: Sequence[Caller], begin: datetime, end: datetime, count: int) -> None:
        self._chance = random.Random(count)
        self._callers = list(callers)
        self._chance.shuffle(self._callers)
        self._weights = list(accumulate(1 / (place + 20) for place in range(len(callers))))
        self._begin, self._step, self._count = begin, (end - begin) / count, count
        self._sessions: dict[str, _Session] = {}

    def batches(self, size: int) -> Iterator[list[bytes]]:
        """Records, at most so many together."""
        waiting: list[bytes] = []
        number = 0
        while number < self._count:
            some = self._chance.choices(self._callers, cum_weights=self._weights, k=size)
            for caller in some:
                if number >= self._count:
                    break
                at = (self._begin + self._step * number).strftime("%Y-%m-%dT%H:%M:%SZ")
                if not caller.key and self._needs_session(caller):
                    waiting.append(self._assumption(caller, at))
                    number += 1
                waiting.append(self._call(caller, at))
                number += 1
                if len(waiting) >= size:
                    yield waiting
                    waiting = []
        if waiting:
            yield waiting

    def busiest(self) -> list[Caller]:
        """The users, in the order of how many calls they make."""
        return [each for each in self._callers if each.key]

    def _needs_session(self, caller: Caller) -> bool:
        session = self._sessions.get(caller.arn)
        if session is not None and session.left > 0:
            return False
        self._sessions[caller.arn] = _Session(self._chance)
        return True

    def _identity(self, caller: Caller) -> str:
        if caller.key:
            return (
                f'{{"type":"IAMUser","principalId":"{caller.unique_id}","arn":"{caller.arn}","accountId":"{OBSERVED}",'
                f'"accessKeyId":"{caller.key}","userName":"{caller.name}"}}'
            )
        session = self._sessions[caller.arn]
        session.left -= 1
        return (
            f'{{"type":"AssumedRole","principalId":"{caller.unique_id}:{session.name}",'
            f'"arn":"arn:aws:sts::{OBSERVED}:assumed-role/{caller.name}/{session.name}","accountId":"{OBSERVED}",'
            f'"accessKeyId":"{session.key}","sessionContext":{{"sessionIssuer":{{"type":"Role","principalId":'
            f'"{caller.unique_id}","arn":"{caller.arn}","accountId":"{OBSERVED}","userName":"{caller.name}"}},'
            '"attributes":{"creationDate":"2025-10-02T00:00:00Z","mfaAuthenticated":"false"}}}'
        )

    def _assumption(self, caller: Caller, at: str) -> bytes:
        """A service takes a session of a role."""
        session = self._sessions[caller.arn]
        role = f"arn:aws:sts::{OBSERVED}:assumed-role/{caller.name}/{session.name}"
        return self._record(
            '{"type":"AWSService","invokedBy":"ec2.amazonaws.com"}', at, "sts", "AssumeRole", "ec2.amazonaws.com",
            f'{{"roleArn":"{caller.arn}","roleSessionName":"{session.name}"}}',
            f'{{"accountId":"{OBSERVED}","type":"AWS::IAM::Role","ARN":"{caller.arn}"}}', "",
            f'{{"credentials":{{"accessKeyId":"{session.key}","expiration":'
            f'"Jan 1, 2026, 1:00:00 AM"}},"assumedRoleUser":{{"assumedRoleId":"{caller.unique_id}:{session.name}",'
            f'"arn":"{role}"}}}}',
        )  # fmt: skip

    def _call(self, caller: Caller, at: str) -> bytes:
        chance = self._chance
        service, name = chance.choice(_CALLS)
        parameters, resources = self._target(service, name)
        error = "AccessDenied" if chance.random() < 0.02 else ""
        home = hash_of(caller.arn)
        address = f"10.{home % 200}.{home // 200 % 250}.{chance.randrange(4)}"
        if caller.key:
            address = f"198.51.{home % 100}.{chance.randrange(3)}"
        return self._record(
            self._identity(caller), at, service, name, address, parameters, resources, error, "null", home
        )

    def _target(self, service: str, name: str) -> tuple[str, str]:
        """A call's parameters and resources."""
        number = self._chance.randrange(40)
        if service == "s3" and name != "ListBuckets":
            bucket, key = f"bucket-{number}", f"2025/12/{self._chance.getrandbits(60):x}.parquet"
            host = f"{bucket}.s3.eu-west-1.amazonaws.com"
            return (
                f'{{"bucketName":"{bucket}","Host":"{host}","key":"{key}"}}',
                (
                    f'{{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::{bucket}/{key}"}},'
                    f'{{"accountId":"{OBSERVED}","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::{bucket}"}}'
                ),
            )
        names = {
            "dynamodb": f"dynamodb:eu-west-1:{OBSERVED}:table/table-{number}",
            "sqs": f"sqs:eu-west-1:{OBSERVED}:queue-{number}",
            "lambda": f"lambda:eu-west-1:{OBSERVED}:function:function-{number}",
            "kms": f"kms:eu-west-1:{OBSERVED}:key/5f1a3c7e-0000-4000-8000-{number:012}",
            "secretsmanager": f"secretsmanager:eu-west-1:{OBSERVED}:secret:secret-{number}-abcdef",
        }
        if service not in names:
            return "null", ""
        resource = f'{{"accountId":"{OBSERVED}","type":"{_TYPES[service]}","ARN":"arn:aws:{names[service]}"}}'
        return f'{{"consistentRead":false,"returnConsumedCapacity":"{number}"}}', resource

    def _record(
        self, identity: str, at: str, service: str, name: str, address: str, parameters: str, resources: str,
        error: str, response: str = "null", home: int = 0,
    ) -> bytes:  # fmt: skip
        chance = self._chance
        is_data = service in ("s3", "dynamodb", "sqs", "lambda") and name != "ListBuckets"
        is_read = not name.startswith(("Put", "Send", "Create", "Invoke", "Assume"))
        failure = f'"errorCode":"{error}","errorMessage":"Access Denied",' if error else ""
        return (
            f'{{"eventVersion":"1.11","userIdentity":{identity},"eventTime":"{at}","eventSource":'
            f'"{service}.amazonaws.com","eventName":"{name}","awsRegion":"{_REGIONS[home % 5]}","sourceIPAddress":'
            f'"{address}","userAgent":"{_AGENTS[home % 3]}",{failure}"requestParameters":{parameters},'
            f'"responseElements":{response},"requestID":"{uuid.UUID(int=chance.getrandbits(128))}","eventID":'
            f'"{uuid.UUID(int=chance.getrandbits(128))}","readOnly":{"true" if is_read else "false"},"resources":'
            f'[{resources}],"eventType":"AwsApiCall","managementEvent":{"false" if is_data else "true"},'
            f'"recipientAccountId":"{OBSERVED}","eventCategory":"{"Data" if is_data else "Management"}",'
            '"tlsDetails":{"tlsVersion":"TLSv1.3","cipherSuite":"TLS_AES_128_GCM_SHA256","clientProvidedHostHeader":'
            f'"{service}.eu-west-1.amazonaws.com"}}}}'
        ).encode()


def hash_of(text: str) -> int:
    """The same in every process."""
    return zlib.crc32(text.encode())
