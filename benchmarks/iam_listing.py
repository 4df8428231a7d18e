"""A row of `make bench-iam`: what a page of 100 costs in an account of 20,000 principals and 1,500 policies."""

from __future__ import annotations

import json
import re
import statistics
import subprocess
import time
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from erstwhile.api.cli.console import out

ACCOUNT = "333333333333"
USERS, ROLES, POLICIES = 16_000, 4_000, 1_500
PAGES = 40
TARGET = 20
"""Milliseconds of a page."""
WARM_UP = "ListAccountAliases"
"""Asked first: the first call of all reads the key and the service's model."""
LISTINGS = ("ListUsers", "ListRoles", "ListPolicies", "GetAccountAuthorizationDetails")
_DATE = "2024-01-01T00:00:00Z"
_TRUST = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]}  # fmt: skip
_DOCUMENT = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}]}


def _arn(kind: str, name: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:{kind}/{name}"


def _attached(number: int) -> list[dict[str, str]]:
    name = f"policy{number % POLICIES}"
    aws = {"PolicyName": "ReadOnlyAccess", "PolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}
    return [{"PolicyName": name, "PolicyArn": _arn("policy", name)}, aws]


def _snapshot() -> dict[str, object]:
    users = [
        {"UserName": f"user{n}", "UserId": f"AIDA{n:017}", "Path": "/", "Arn": _arn("user", f"user{n}"),
         "CreateDate": _DATE, "GroupList": [], "AttachedManagedPolicies": _attached(n), "UserPolicyList": []}
        for n in range(USERS)
    ]  # fmt: skip
    roles = [
        {"RoleName": f"role{n}", "RoleId": f"AROA{n:017}", "Path": "/", "Arn": _arn("role", f"role{n}"),
         "CreateDate": _DATE, "AssumeRolePolicyDocument": _TRUST,
         "AttachedManagedPolicies": _attached(n), "RolePolicyList": [], "InstanceProfileList": []}
        for n in range(ROLES)
    ]  # fmt: skip
    policies = [
        {"PolicyName": f"policy{n}", "PolicyId": f"ANPA{n:017}", "Path": "/", "Arn": _arn("policy", f"policy{n}"),
         "CreateDate": _DATE, "UpdateDate": _DATE, "DefaultVersionId": "v1", "PolicyVersionList": [
             {"VersionId": "v1", "IsDefaultVersion": True, "CreateDate": _DATE, "Document": _DOCUMENT}]}
        for n in range(POLICIES)
    ]  # fmt: skip
    return {"UserDetailList": users, "GroupDetailList": [], "RoleDetailList": roles, "Policies": policies}


def prepare(folder: Path, program: str, environment: dict[str, str]) -> tuple[str, str]:
    """Imports the account, and gives a key that may read it."""
    path = folder / "large-account.json"
    path.write_text(json.dumps(_snapshot()))
    command = [program, "import", "snapshot", str(path), "--taken-at", _DATE, "--complete"]
    subprocess.run(command, env=environment, check=True, capture_output=True)
    command = [program, "account", "key", ACCOUNT]
    printed = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    key_id, secret = re.findall(r"AWS_\w+=(\S+)", printed)
    return key_id, secret


def measure(url: str, key: tuple[str, str]) -> None:
    """Goes through each listing, page by page."""
    for action in (WARM_UP, *LISTINGS):
        connection = HTTPConnection(urlsplit(url).netloc)
        taken, marker = [], ""
        for _ in range(PAGES):
            given = {"Action": action, "Version": "2010-05-08"} | ({"Marker": marker} if marker else {})
            body = urlencode(given)
            request = AWSRequest("POST", url + "/", data=body, headers={"Content-Type": _FORM})
            SigV4Auth(Credentials(*key), "iam", "us-east-1").add_auth(request)
            begin = time.perf_counter()
            connection.request("POST", "/", body, dict(request.headers))
            answer = connection.getresponse()
            text = answer.read().decode()
            taken.append((time.perf_counter() - begin) * 1_000)
            assert answer.status == 200, text
            found = re.search("<Marker>([^<]+)</Marker>", text)
            if found is None:
                break
            marker = found.group(1)
        if action == WARM_UP:
            continue
        out.print(f"{action}, a page of 100 of {USERS + ROLES:,} principals: median {statistics.median(taken):.1f} ms, "
                  f"the slowest {max(taken):.1f} ms, {len(taken)} pages (target {TARGET})")  # fmt: skip


_FORM = "application/x-www-form-urlencoded; charset=utf-8"
