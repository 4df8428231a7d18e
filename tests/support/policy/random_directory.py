"""A Directory at random, for laws over everything that it may hold."""

from __future__ import annotations

import random
from typing import Any

import orjson

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.facts import Fact
from erstwhile.domain.vocabulary.instants import BEFORE
from tests.support.policy import generator

EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


def random_directory(seed: int) -> Directory:
    """Users, a group, a role, boundaries, tags and a bucket's policy, all at random."""
    chance = random.Random(seed)
    directory = Directory(1)

    def fact(value: dict[str, Any]) -> Fact:
        return Fact(value, BEFORE, 1)

    def text(with_principal: bool = False) -> str:
        document = generator.document(chance, with_principal)
        if chance.random() < 0.3:
            document = EVERYTHING
        return orjson.dumps(document).decode()

    for account in generator.ACCOUNTS:
        directory.ensure((account, "account", account)).facts["mode"] = {"": fact({"mode": "observed"})}
        for number in range(3):
            policy = directory.ensure((account, "policy", f"ANPA{account}{number}"))
            policy.facts = {
                "entity": {
                    "": fact({"name": f"p{number}", "arn": f"arn:aws:iam::{account}:policy/p{number}", "path": "/"})
                },
                "version": {"v1": fact({"document": text() if chance.random() < 0.9 else None})},
                "default": {"": fact({"version": "v1"})},
            }
        group = directory.ensure((account, "group", f"AGPA{account}"))
        group.facts = {"entity": {"": fact({"name": "g", "path": "/"})}, "inline": {"p": fact({"document": text()})}}
        for kind, path, name in (
            ("user", "/", "ada"),
            ("user", "/team/", "bob"),
            ("user", "/", "eve"),
            ("role", "/path/", "reader"),
        ):
            entity = directory.ensure((account, kind, f"ID{name.upper()}{account}"))
            arn = f"arn:aws:iam::{account}:{kind}{path}{name}"
            entity.facts["entity"] = {"": fact({"name": name, "arn": arn, "path": path})}
            attached = {
                f"arn:aws:iam::{account}:policy/p{number}": fact({}) for number in range(3) if chance.random() < 0.3
            }
            if attached:
                entity.facts["attached"] = attached
            if chance.random() < 0.5:
                entity.facts["inline"] = {"own": fact({"document": text()})}
            if kind == "user" and chance.random() < 0.5:
                entity.facts["member_of"] = {f"AGPA{account}": fact({})}
            if chance.random() < 0.3:
                entity.facts["boundary"] = {"": fact({"policy": f"arn:aws:iam::{account}:policy/p0"})}
            if chance.random() < 0.5:
                entity.facts["tag"] = {"team": fact({"value": chance.choice(("red", "home"))})}
            if chance.random() < 0.1:
                entity.facts["coverage"] = {"": fact({})}
            if kind == "role":
                entity.facts["trust"] = {"": fact({"document": text(True)})}
    if chance.random() < 0.5:
        bucket = directory.ensure((chance.choice(generator.ACCOUNTS), "resource", "arn:aws:s3:::bucket"))
        bucket.facts["entity"] = {"": fact({"name": "arn:aws:s3:::bucket", "arn": "arn:aws:s3:::bucket"})}
        if chance.random() < 0.7:
            bucket.facts["policy"] = {"": fact({"document": text(True)})}
    if chance.random() < 0.3:
        organization = directory.ensure(("999988887777", "organization", "999988887777"))
        organization.facts = {
            "organization": {"": fact({"id": "o-1", "management": "999988887777"})},
            "node": {"r-1": fact({"kind": "root", "parent": ""})}
            | {account: fact({"kind": "account", "parent": "r-1"}) for account in generator.ACCOUNTS},
            "guardrail": {
                f"p-{kind}": fact({"type": f"{kind}_CONTROL_POLICY", "document": text()})
                for kind in ("SERVICE", "RESOURCE")
            },
            "target": {
                f"p-{kind}@{node}": fact({})
                for kind in ("SERVICE", "RESOURCE")
                for node in ("r-1", *generator.ACCOUNTS)
                if chance.random() < 0.8
            },
        }
    for entity in list(directory.entities.values()):
        directory.index(entity)
    return directory
