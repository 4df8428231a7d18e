"""Generated CloudTrail files: realistic records, one in a hundred access-changing, as CloudTrail delivers them."""

from __future__ import annotations

import gzip
import random
import sys
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

ACCOUNT = "444455556666"
PER_FILE = 2_000
START = datetime(2026, 1, 5, tzinfo=UTC)
_CALLS = (
    ("s3", "GetObject"), ("s3", "PutObject"), ("sts", "AssumeRole"), ("ec2", "DescribeInstances"),
    ("dynamodb", "GetItem"), ("kms", "Decrypt"), ("logs", "PutLogEvents"), ("lambda", "Invoke20150331"),
    ("secretsmanager", "GetSecretValue"), ("sqs", "SendMessage"),
)  # fmt: skip
_AGENTS = ("aws-sdk-go/1.44.157 (go1.19.3; linux; amd64)", "Boto3/1.40.21 md/Botocore#1.40.21 ua/2.1 os/linux#6.1",
           "aws-cli/2.27.31 md/awscrt#0.26.1 ua/2.1 os/macos#24.5 md/arch#arm64 lang/python#3.13.4")  # fmt: skip


def _identity(chance: random.Random) -> dict[str, Any]:
    number = chance.randrange(400)
    if number < 100:
        name = f"user-{number}"
        return {
            "type": "IAMUser", "principalId": f"AIDA{number:016}", "arn": f"arn:aws:iam::{ACCOUNT}:user/{name}",
            "accountId": ACCOUNT, "accessKeyId": f"AKIA{number:016}", "userName": name,
        }  # fmt: skip
    name, session = f"service-{number}", f"i-{chance.randrange(1 << 40):016x}"
    return {
        "type": "AssumedRole", "principalId": f"AROA{number:016}:{session}",
        "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/{session}", "accountId": ACCOUNT,
        "accessKeyId": f"ASIA{chance.randrange(1 << 50):016X}",
        "sessionContext": {
            "sessionIssuer": {
                "type": "Role", "principalId": f"AROA{number:016}", "arn": f"arn:aws:iam::{ACCOUNT}:role/{name}",
                "accountId": ACCOUNT, "userName": name,
            },
            "attributes": {"creationDate": "2026-01-05T00:00:00Z", "mfaAuthenticated": "false"},
        },
    }  # fmt: skip


def _change(chance: random.Random, number: int) -> tuple[str, str, Any, Any]:
    name = f"member-{chance.randrange(5000)}"
    match number % 4:
        case 0:
            made = f"made-{number}"
            user = {"userName": made, "userId": f"AIDAM{number:015}", "arn": f"arn:aws:iam::{ACCOUNT}:user/{made}",
                    "path": "/", "createDate": "Jan 5, 2026 12:00:00 AM"}  # fmt: skip
            return "iam", "CreateUser", {"userName": made}, {"user": user}
        case 1:
            policy = f"arn:aws:iam::aws:policy/Policy{chance.randrange(50)}"
            return "iam", "AttachUserPolicy", {"userName": name, "policyArn": policy}, None
        case 2:
            document = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}]}'
            return "iam", "PutUserPolicy", {"userName": name, "policyName": "p", "policyDocument": document}, None
        case _:
            return "iam", "AddUserToGroup", {"groupName": f"group-{chance.randrange(100)}", "userName": name}, None


def _asked(service: str, number: int, name: str) -> dict[str, Any]:
    """The parameters of one of `_CALLS`, as CloudTrail records them."""
    match service:
        case "s3":
            host = f"data-{number}.s3.eu-west-1.amazonaws.com"
            return {"bucketName": f"data-{number}", "Host": host, "key": f"2026/01/05/{name}.parquet"}
        case "sts":
            role = f"arn:aws:iam::{ACCOUNT}:role/service-{100 + number}"
            return {"roleArn": role, "roleSessionName": name, "durationSeconds": 3600}
        case "dynamodb":
            return {"tableName": f"table-{number}", "key": {"id": name}, "consistentRead": False}
        case "kms":
            key = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/{number:08}-0000-4000-8000-000000000000"
            return {"encryptionAlgorithm": "SYMMETRIC_DEFAULT", "encryptionContext": {"id": name}, "keyId": key}
        case "lambda":
            return {"functionName": f"function-{number}", "invocationType": "RequestResponse", "clientContext": name}
        case "secretsmanager":
            return {"secretId": f"arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:secret-{number}-AbCdEf"}
        case "sqs":
            return {"queueUrl": f"https://sqs.eu-west-1.amazonaws.com/{ACCOUNT}/queue-{number}",
                    "messageAttributes": {"id": name}}  # fmt: skip
        case "logs":
            return {"logGroupName": f"/aws/lambda/function-{number}", "logStreamName": name}
        case _:
            return {"instancesSet": {}, "filterSet": {"items": [{"name": "tag:id", "valueSet": {"items": [name]}}]}}


def record(chance: random.Random, number: int) -> dict[str, Any]:
    """One record; a hundredth of them change access."""
    changes = number % 100 == 0
    response: Any = None
    identity = _identity(chance)
    if changes:
        service, name, parameters, response = _change(chance, number // 100)
    else:
        service, name = chance.choice(_CALLS)
        # Who works on which tables, keys and queues does not change from call to call.
        parameters = _asked(service, int(identity["principalId"][4:20]) % 40,
                            f"{chance.randrange(1 << 60):x}")  # fmt: skip
    return {
        "eventVersion": "1.11",
        "userIdentity": identity,
        "eventTime": (START + timedelta(milliseconds=60 * number)).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eventSource": f"{service}.amazonaws.com",
        "eventName": name,
        "awsRegion": "eu-west-1",
        "sourceIPAddress": f"10.{chance.randrange(256)}.{chance.randrange(256)}.{chance.randrange(256)}",
        "userAgent": chance.choice(_AGENTS),
        "requestParameters": parameters,
        "responseElements": response,
        "requestID": str(uuid.UUID(int=chance.getrandbits(128))),
        "eventID": str(uuid.UUID(int=chance.getrandbits(128))),
        "readOnly": not changes,
        **_named(service, parameters),
        "eventType": "AwsApiCall",
        "managementEvent": changes,
        "recipientAccountId": ACCOUNT,
        "eventCategory": "Management" if changes else "Data",
        "tlsDetails": {"tlsVersion": "TLSv1.3", "cipherSuite": "TLS_AES_128_GCM_SHA256",
                       "clientProvidedHostHeader": f"{service}.eu-west-1.amazonaws.com"},
    }  # fmt: skip


def _named(service: str, parameters: Any) -> dict[str, Any]:
    """The resources that S3's and KMS's records name; those of other services have none."""
    if service == "s3":
        bucket = f"arn:aws:s3:::{parameters['bucketName']}"
        arns = [("AWS::S3::Object", f"{bucket}/{parameters['key']}"), ("AWS::S3::Bucket", bucket)]
    elif service == "kms":
        arns = [("AWS::KMS::Key", parameters["keyId"])]
    else:
        return {}
    return {"resources": [{"accountId": ACCOUNT, "type": kind, "ARN": arn} for kind, arn in arns]}


def write_files(folder: Path, count: int) -> None:
    """`count` records in gzip files, unordered within each, as CloudTrail delivers them."""
    chance = random.Random(2026)
    for number, begin in enumerate(range(0, count, PER_FILE)):
        records = [record(chance, each) for each in range(begin, min(begin + PER_FILE, count))]
        chance.shuffle(records)
        with gzip.open(folder / f"{ACCOUNT}_CloudTrail_{number:05}.json.gz", "wb", compresslevel=1) as stream:
            stream.write(orjson.dumps({"Records": records}))


if __name__ == "__main__":
    write_files(Path(sys.argv[1]), int(sys.argv[2]))
