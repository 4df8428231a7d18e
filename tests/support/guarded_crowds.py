"""A crowd at random, over which service control policies change."""

from __future__ import annotations

import random
from typing import Any

import orjson

from erstwhile.domain.directory.facts import Interval
from erstwhile.domain.vocabulary.instants import BEFORE, FOREVER
from tests.support.comparing import twins
from tests.support.random_crowds import ACCOUNTS, Crowd
from tests.support.random_history import instant

ALLOW_ALL = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
_ACTIONS = (
    "s3:GetObject",
    "s3:Get*",
    "s3:*",
    "dynamodb:Query",
    "S3:GetObject",
    "sts:AssumeRole",
    "iam:*",
    "kms:Decrypt",
)


def under_guardrails(seed: int) -> list[Interval]:
    """A crowd of whom nothing differs, but which service control policies are over it."""
    crowd, chance = Crowd(random.Random(seed)), random.Random(seed + 1)
    few = [crowd.document() for _ in range(5)]
    rows = [
        each._replace(value={"document": chance.choice(few)})
        if each.attribute in ("inline", "version") and chance.random() < 0.8
        else each
        for each in crowd.rows
        if each.kind != "organization"
    ]
    rows += twins(rows, chance)
    key = (ACCOUNTS[1], "organization", "o-1")
    rows.append(
        Interval(*key, "organization", "", {"id": "o-1", "management": "999988887777"}, BEFORE, FOREVER, 1, None)
    )
    for node, parent in (("r-1", ""), *((account, "r-1") for account in ACCOUNTS)):
        kind = "account" if parent else "root"
        rows.append(row_between(key, "node", node, {"kind": kind, "parent": parent, "name": node}, (0, 21)))
    for policy, document in (("p-all", ALLOW_ALL), ("p-one", _guardrail(chance)), ("p-other", _guardrail(chance))):
        value = {"type": "SERVICE_CONTROL_POLICY", "name": policy, "document": document}
        rows.append(row_between(key, "guardrail", policy, value, (0, 21)))
        for node in ("r-1", *ACCOUNTS):
            if policy == "p-all":
                rows.append(row_between(key, "target", f"{policy}@{node}", {}, (0, 21)))
            elif chance.random() < 0.5:
                begin, end = sorted(chance.sample(range(22), 2))
                rows.append(row_between(key, "target", f"{policy}@{node}", {}, (begin, end)))
    return rows


def _guardrail(chance: random.Random) -> str:
    said: dict[str, object] = {"Effect": "Deny" if chance.random() < 0.8 else "Allow", "Resource": "*"}
    said["NotAction" if chance.random() < 0.1 else "Action"] = chance.sample(_ACTIONS, chance.randint(1, 2))
    if chance.random() < 0.1:
        said["Resource"] = "arn:aws:s3:::payroll/*"
    if chance.random() < 0.3:
        said["Condition"] = {"StringEquals": {chance.choice(("aws:PrincipalTag/team", "aws:RequestedRegion")): "red"}}
    return orjson.dumps({"Version": "2012-10-17", "Statement": [said]}).decode()


def row_between(
    key: tuple[str, str, str], attribute: str, item: str, value: dict[str, Any], hours: tuple[int, int]
) -> Interval:
    begin, end = (BEFORE if hours[0] == 0 else instant(hours[0])), (FOREVER if hours[1] == 21 else instant(hours[1]))
    return Interval(
        *key, attribute, item, value, begin, end, 900 + hours[0], None if end == FOREVER else 900 + hours[1]
    )
