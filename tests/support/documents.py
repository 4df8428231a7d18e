"""Policy documents and trust documents, as text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

ALLOW = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}'
TRUST = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},'
    '"Action":"sts:AssumeRole"}]}'
)
EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
FULL = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
ALL_OF_S3 = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}'
READ = {
    "Version": "2012-10-17",
    "Statement": [{"Sid": "Read", "Effect": "Allow", "Action": "iam:Get*", "Resource": "*"}],
}


def text(document: Any) -> str:
    return orjson.dumps(document).decode()


def allow(action: str | list[str], resource: str | list[str] = "*", **more: Any) -> str:
    """A policy of one statement."""
    statement = {"Effect": "Allow", "Action": action, "Resource": resource} | more
    return text({"Version": "2012-10-17", "Statement": [statement]})


def trust(principal: Mapping[str, str | list[str]], action: str | list[str], **condition: Any) -> str:
    """A trust policy of one statement."""
    statement: dict[str, Any] = {"Effect": "Allow", "Principal": principal, "Action": action}
    if condition:
        statement["Condition"] = condition
    return text({"Version": "2012-10-17", "Statement": [statement]})


def trusting(principal: str, actions: str | list[str] = "sts:AssumeRole", **condition: Any) -> str:
    """A trust policy for a principal of AWS."""
    return trust({"AWS": principal}, actions, **condition)
