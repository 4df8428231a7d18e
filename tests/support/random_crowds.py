"""A crowd at random: two accounts whose users and roles have policies in all the ways there are, so that many are
allowed the same, few are told apart by conditions, and of some not everything is known."""

from __future__ import annotations

import random
from typing import Any

import orjson

from erstwhile.domain.directory.facts import Interval, Value
from erstwhile.domain.vocabulary.instants import BEFORE, FOREVER

ACCOUNTS = ("111122223333", "444455556666")
BUCKET = "arn:aws:s3:::payroll"
RESOURCES = (f"{BUCKET}/march.csv", f"{BUCKET}/home/u1/x", "arn:aws:sqs:eu-west-1:111122223333:jobs", "*")
ACTIONS = ("s3:GetObject", "s3:PutObject", "sqs:SendMessage", "ec2:DescribeInstances")
_NAMED_ACTIONS = (*ACTIONS, "s3:Get*", "s3:*", "*", "sqs:*", "ec2:*")
_PATTERNS = ("*", f"{BUCKET}/*", f"{BUCKET}/home/${{aws:username}}/*", *RESOURCES[:3], f"{BUCKET}/m?rch*")
_CONDITIONS: tuple[dict[str, Any], ...] = (
    {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}},
    {"StringEquals": {"aws:PrincipalTag/team": ["red", "blue"]}},
    {"StringNotEquals": {"aws:PrincipalTag/Team": "red"}},
    {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:user/*1"}},
    {"StringLike": {"aws:username": "u*"}},
    {"DateGreaterThan": {"aws:CurrentTime": "2026-03-01T06:00:00Z"}},
    {"StringEquals": {"aws:PrincipalTag/team": "red", "aws:PrincipalTag/site": "x"}},
    {"StringEquals": {"aws:ResourceAccount": "111122223333"}},
    {"StringEquals": {}},
)


class Crowd:
    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._position = 0
        self.rows: list[Interval] = []
        for account in ACCOUNTS:
            self._account(account)
        if chance.random() < 0.6:
            self._bucket()
        if chance.random() < 0.5:
            self._organization()

    def _put(self, key: tuple[str, str, str], attribute: str, item: str, value: Value) -> None:
        self._position += 1
        self.rows.append(Interval(*key, attribute, item, value, BEFORE, FOREVER, self._position, None))

    def document(self, allows: float = 0.85, **more: Any) -> str | None:
        """None, seldom, where it was never seen; and some that cannot be read."""
        if self._chance.random() < 0.03:
            return self._chance.choice((None, '{"Statement": 3}'))
        statements = [self._statement(allows) | more for _ in range(self._chance.randint(1, 3))]
        return orjson.dumps({"Version": "2012-10-17", "Statement": statements}).decode()

    def _statement(self, allows: float) -> dict[str, Any]:
        chance = self._chance
        found: dict[str, Any] = {
            "Effect": "Allow" if chance.random() < allows else "Deny",
            "Action": chance.sample(_NAMED_ACTIONS, chance.randint(1, 2)),
            "Resource": chance.choice(_PATTERNS),
        }
        if chance.random() < 0.1:
            found["NotResource"] = found.pop("Resource")
        if chance.random() < 0.3:
            found["Condition"] = chance.choice(_CONDITIONS)
        return found

    def _account(self, account: str) -> None:
        chance = self._chance
        self._put((account, "account", account), "mode", "", {"mode": chance.choice(("governed", "observed"))})
        arns = [f"arn:aws:iam::{account}:policy/p{number}" for number in range(6)]
        for number, arn in enumerate(arns):
            self._policy((account, "policy", f"ANPA{number}"), f"p{number}", arn)
        shipped = ["arn:aws:iam::aws:policy/Shipped", "arn:aws:iam::aws:policy/Unseen"]
        if account == ACCOUNTS[0]:
            self._put(("aws", "account", "aws"), "mode", "", {"mode": "observed"})
            self._policy(("aws", "policy", "ANPASHIPPED"), "Shipped", shipped[0])
        else:
            self._policy((account, "aws-policy", shipped[1]), shipped[1], shipped[1])
        arns += [*shipped, shipped[0].replace("arn:aws:", "arn:aws-cn:"), f"arn:aws:iam::{account}:policy/gone"]
        for number in range(4):
            self._holder((account, "group", f"AGPA{number}"), f"g{number}", arns)
        for number in range(12):
            kind = "role" if number % 4 == 3 else "user"
            self._principal((account, kind, f"ID{number}"), number, arns)

    def _policy(self, key: tuple[str, str, str], name: str, arn: str) -> None:
        described: Value = {"name": name, "arn": arn}
        if self._chance.random() < 0.2:
            described["begun"] = self._chance.choice(("-infinity", "2026-03-01T05:00:00Z"))
        if self._chance.random() < 0.1:
            del described["arn"]
        self._put(key, "entity", "", described)
        versions = ["v1", "v2"][: self._chance.randint(1, 2)]
        for version in versions:
            self._put(key, "version", version, {"document": self.document()})
        if self._chance.random() < 0.95:
            self._put(key, "default", "", {"version": versions[-1]})
        if self._chance.random() < 0.05:
            self._put(key, "gap", "v3", {})

    def _holder(self, key: tuple[str, str, str], name: str, arns: list[str]) -> None:
        chance = self._chance
        described: Value = {"name": name, "arn": f"arn:aws:iam::{key[0]}:{key[1]}/{name}"}
        if chance.random() < 0.05:
            described["arn"] = ""
        if key[1] == "role" and chance.random() < 0.2:
            described |= {"path": "/aws-service-role/x.amazonaws.com/", "service_linked": "x.amazonaws.com"}
            described["arn"] = f"arn:aws:iam::{key[0]}:role{described['path']}{name}"
        attributes = ["entity"] if chance.random() < 0.97 else []
        steps = attributes + ["attached"] * chance.randint(0, 2) + ["inline"] * chance.randint(0, 1)
        chance.shuffle(steps)
        attached = chance.sample(arns, 2)
        for number, attribute in enumerate(steps):
            if attribute == "entity":
                self._put(key, attribute, "", described)
            elif attribute == "attached":
                self._put(key, attribute, attached.pop(), {})
            else:
                self._put(key, attribute, f"i{number}", {"document": self.document()})
        if chance.random() < 0.05:
            self._put(key, "coverage", "", {})

    def _principal(self, key: tuple[str, str, str], number: int, arns: list[str]) -> None:
        chance = self._chance
        name = "u1" if number > 9 else "" if chance.random() < 0.02 else f"u{number}"  # some share a name
        for group in chance.sample(range(5), chance.randint(0, 2)) if key[1] == "user" else ():
            self._put(key, "member_of", f"AGPA{group}", {})  # the last one is not there
        self._holder(key, name, arns)
        if chance.random() < 0.2:
            self._put(key, "boundary", "", {"policy": chance.choice(arns)})
        for tag in chance.sample(("team", "Team", "site"), chance.randint(0, 2)):
            self._put(key, "tag", tag, {"value": chance.choice(("red", "blue", "x"))})

    def _bucket(self) -> None:
        chance = self._chance
        key = (chance.choice(ACCOUNTS), "resource", BUCKET)
        self._put(key, "entity", "", {"name": "payroll", "arn": BUCKET})
        names = [
            f"arn:aws:iam::{ACCOUNTS[0]}:root", ACCOUNTS[1], f"arn:aws:iam::{ACCOUNTS[0]}:user/u1", "ID2",
            f"arn:aws:sts::{ACCOUNTS[0]}:assumed-role/u3/session", "*",
        ]  # fmt: skip
        element = "NotPrincipal" if chance.random() < 0.1 else "Principal"
        named = {element: {"AWS": chance.sample(names[: chance.choice((2, 5, 5, 6))], 1)}}
        self._put(key, "policy", "", {"document": self.document(0.8, **named)})

    def _organization(self) -> None:
        chance = self._chance
        key = (ACCOUNTS[1], "organization", "o-1")
        self._put(key, "organization", "", {"id": "o-1", "management": "999988887777"})
        self._put(key, "node", "r-1", {"kind": "root", "parent": "", "name": "root"})
        for account in ACCOUNTS:
            self._put(key, "node", account, {"kind": "account", "parent": "r-1", "name": account})
        for kind in chance.sample(("SERVICE", "RESOURCE"), chance.randint(1, 2)):
            everything = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
            for name, document in (("all", everything), ("some", self.document(0.5))):
                guardrail = {"type": f"{kind}_CONTROL_POLICY", "name": name, "document": document}
                self._put(key, "guardrail", f"p-{kind}-{name}", guardrail)
                for node in ("r-1", *ACCOUNTS):
                    if chance.random() < (0.95 if name == "all" else 0.3):
                        self._put(key, "target", f"p-{kind}-{name}@{node}", {})


class UnclearCrowd(Crowd):
    """One where the values of keys that nobody tells decide about most, and few policies were never seen."""

    def document(self, allows: float = 0.85, **more: Any) -> str | None:
        if self._chance.random() < 0.05:
            return None
        statements = [self._statement(allows) | more for _ in range(self._chance.randint(1, 3))]
        return orjson.dumps({"Version": "2012-10-17", "Statement": statements}).decode()

    def _statement(self, allows: float) -> dict[str, Any]:
        chance = self._chance
        found: dict[str, Any] = {
            "Effect": "Allow" if chance.random() < allows else "Deny",
            "Action": chance.choice(("*", "s3:*", "sqs:*", "s3:GetObject")),
            "Resource": chance.choice(("*", f"{BUCKET}/*", RESOURCES[2], f"{BUCKET}/${{aws:SourceVpc}}/*")),
        }
        if chance.random() < (0.6 if found["Effect"] == "Allow" else 0.95):
            found["Condition"] = dict(chance.sample(_UNTOLD, chance.randint(1, 2)))
        return found


_UNTOLD: tuple[tuple[str, dict[str, Any]], ...] = (
    ("StringEquals", {"aws:RequestedRegion": ["eu-west-1", "eu-west-2"]}),
    ("StringNotEquals", {"aws:RequestedRegion": "us-east-1", "aws:SourceVpc": "vpc-1"}),
    ("IpAddress", {"aws:SourceIp": "10.0.0.0/8"}),
    ("Bool", {"aws:MultiFactorAuthPresent": "true"}),
    ("StringLike", {"aws:PrincipalTag/team": "r*"}),
    ("DateGreaterThan", {"aws:CurrentTime": "2026-03-01T06:00:00Z"}),
)
