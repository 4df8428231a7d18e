"""A Directory at random, for laws over everything that it may hold."""

from __future__ import annotations

import random

from erstwhile.domain.directory.directory import Directory
from tests.support import worlds
from tests.support.documents import EVERYTHING
from tests.support.policy import generator
from tests.support.worlds import WorldBuilder

_PRINCIPALS = (("user", "/", "ada"), ("user", "/team/", "bob"), ("user", "/", "eve"), ("role", "/path/", "reader"))


def random_directory(seed: int) -> Directory:
    """Users, a group, a role, boundaries, tags, a bucket's policy and an organisation's policies, all at random."""
    chance = random.Random(seed)
    world = WorldBuilder()

    def text(with_principal: bool = False) -> str:
        document = generator.document(chance, with_principal)
        if chance.random() < 0.3:
            document = EVERYTHING
        return worlds.text(document)

    for account in generator.ACCOUNTS:
        world.account(account)
        arns = [
            world.policy(account, f"ANPA{account}{number}", f"p{number}", text() if chance.random() < 0.9 else None)
            for number in range(3)
        ]
        world.group(account, f"AGPA{account}", "g")
        world.documents(account, "group", f"AGPA{account}", "inline", {"p": text()})
        for kind, path, name in _PRINCIPALS:
            key = (account, kind, f"ID{name.upper()}{account}")
            world.principal(*key, name, path)
            world.attach(*key, [arn for arn in arns if chance.random() < 0.3])
            if chance.random() < 0.5:
                world.documents(*key, "inline", {"own": text()})
            if kind == "user" and chance.random() < 0.5:
                world.put(*key, "member_of", f"AGPA{account}")
            if chance.random() < 0.3:
                world.put(*key, "boundary", policy=arns[0])
            if chance.random() < 0.5:
                world.put(*key, "tag", "team", value=chance.choice(("red", "home")))
            if chance.random() < 0.1:
                world.put(*key, "coverage")
            if kind == "role":
                world.documents(*key, "trust", {"": text(True)})
    if chance.random() < 0.5:
        owner = chance.choice(generator.ACCOUNTS)
        world.resource(owner, "arn:aws:s3:::bucket")
        if chance.random() < 0.7:
            world.documents(owner, "resource", "arn:aws:s3:::bucket", "policy", {"": text(True)})
    if chance.random() < 0.3:
        accounts = dict.fromkeys(generator.ACCOUNTS, ("account", "r-1"))
        world.organization({"r-1": ("root", ""), **accounts})
        documents = {kind: text() for kind in ("SERVICE", "RESOURCE")}
        for kind, document in documents.items():
            nodes = [node for node in ("r-1", *generator.ACCOUNTS) if chance.random() < 0.8]
            world.guardrail(f"p-{kind}", kind, document, nodes)
    return world.directory()
