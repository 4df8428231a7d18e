"""Small worlds at random in which principals reach one another: by trusts, credentials, and roles that are passed."""

from __future__ import annotations

import random
from typing import Any

from erstwhile.domain.directory.directory import Directory
from tests.support.reach_worlds import allow, document
from tests.support.worlds import WorldBuilder

ACCOUNTS = ("111122223333", "444455556666")
ACTIONS = (
    "sts:AssumeRole", "sts:*", "iam:CreateAccessKey", "iam:CreateLoginProfile", "iam:UpdateAssumeRolePolicy",
    "iam:PutUserPolicy", "iam:PutRolePolicy", "iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction",
    "lambda:*", "iam:*", "lambda:UpdateFunctionCode", "iam:AddUserToGroup", "iam:DeleteUserPermissionsBoundary",
    "s3:GetObject", "iam:CreateRole", "iam:CreateUser", "iam:AttachRolePolicy", "iam:*User*", "iam:*RolePolicy",
)  # fmt: skip
FUNCTIONS = ("function:app-1", "function:web-1", "function:x")
"""The functions that policies of these worlds tell apart."""
NAMES = ("ann", "bob", "eve")
ROLES = ("one", "two", "top")


def random_reach(seed: int) -> Directory:
    """Users and roles of two accounts, of which some are administrators."""
    chance = random.Random(seed)
    world = WorldBuilder()
    for account in ACCOUNTS:
        _account(world, chance, account)
    if chance.random() < 0.4:
        world.organization({"r-1": ("root", ""), **dict.fromkeys(ACCOUNTS, ("account", "r-1"))})
        world.guardrail("p-all", "SERVICE", document(allow("*")), ["r-1", *ACCOUNTS])
        denied = {"Effect": "Deny", "Action": chance.choice(ACTIONS), "Resource": "*"}
        world.guardrail("p-deny", "SERVICE", document(denied), [chance.choice(("r-1", *ACCOUNTS))])
    return world.directory()


def _account(world: WorldBuilder, chance: random.Random, account: str) -> None:
    world.account(account)
    bound = world.policy(account, f"ANPABOUND{account}", "bound", _policy(chance, account, 6))
    power = world.policy(account, f"ANPAPOWER{account}", "power", _policy(chance, account, 2))
    world.put(
        account, "group", f"AGPA{account}", "entity", name="staff", path="/", arn=f"arn:aws:iam::{account}:group/staff"
    )
    world.documents(account, "group", f"AGPA{account}", "inline", {"p": _policy(chance, account, 1)})
    for kind, names in (("user", NAMES), ("role", ROLES)):
        for name in names:
            key = (account, kind, f"ID{name.upper()}{account}")
            world.principal(*key, name)
            world.documents(*key, "inline", {"own": _policy(chance, account, chance.randrange(4))})
            if chance.random() < 0.8:
                world.put(*key, "tag", "team", value=chance.choice(("red", "blue")))
            if chance.random() < 0.2:
                world.put(*key, "boundary", policy=bound)
            if chance.random() < 0.2:
                world.attach(*key, [power])
            if kind == "role":
                world.documents(*key, "trust", {"": _trust(chance)})
            elif chance.random() < 0.3:
                world.put(*key, "member_of", f"AGPA{account}")
    if chance.random() < 0.5:
        function = f"arn:aws:lambda:eu-west-1:{account}:{FUNCTIONS[0]}"
        role = f"arn:aws:iam::{account}:role/{chance.choice(ROLES)}"
        world.put(account, "setting", f"runs-as/{function}", "setting", type="lambda-function", role=role)


def _policy(chance: random.Random, account: str, statements: int) -> str:
    found: list[dict[str, Any]] = []
    for _ in range(statements):
        if chance.random() < 0.08:
            found.append(allow("*"))
            continue
        resource = chance.choice(("*", "*", *_resources(account)))
        statement = allow(chance.choice(ACTIONS), resource)
        if chance.random() < 0.15:
            statement["Effect"] = "Deny"
        if chance.random() < 0.2:
            statement["Condition"] = chance.choice(
                (
                    {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
                    {"StringEquals": {"aws:PrincipalTag/team": "red"}},
                    {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}},
                    {"StringEquals": {"iam:PermissionsBoundary": f"arn:aws:iam::{account}:policy/bound"}},
                    {"Null": {"iam:PermissionsBoundary": chance.choice(("true", "false"))}},
                    {"ArnNotEquals": {"iam:PolicyARN": "arn:aws:iam::aws:policy/AdministratorAccess"}},
                )
            )
        found.append(statement)
    return document(*found)


def _resources(account: str) -> tuple[str, ...]:
    return (
        f"arn:aws:iam::{account}:role/app-*", f"arn:aws:iam::{account}:*/app-*",
        f"arn:aws:iam::{account}:role/*", f"arn:aws:iam::{account}:user/*", f"arn:aws:iam::{account}:role/top",
        f"arn:aws:iam::{account}:user/${{aws:username}}", "arn:aws:lambda:*:*:function:app-*",
        "arn:aws:lambda:*:*:function:web-*",
    )  # fmt: skip


def _trust(chance: random.Random) -> str:
    statements: list[dict[str, Any]] = []
    for _ in range(chance.randrange(1, 3)):
        account = chance.choice(ACCOUNTS)
        principal: Any = chance.choice(
            (
                {"AWS": account}, {"AWS": f"arn:aws:iam::{account}:role/{chance.choice(ROLES)}"},
                {"AWS": f"arn:aws:iam::{account}:user/{chance.choice(NAMES)}"}, {"Service": "lambda.amazonaws.com"},
                {"Service": "lambda.amazonaws.com"}, {"AWS": f"arn:aws:iam::{account}:root"},
                chance.choice(("*", {"AWS": account})),
                {"AWS": f"arn:aws:sts::{account}:assumed-role/{chance.choice(ROLES)}/night"},
            )
        )  # fmt: skip
        effect = "Deny" if chance.random() < 0.1 else "Allow"
        statement = {"Effect": effect, "Principal": principal, "Action": "sts:AssumeRole"}
        if chance.random() < 0.3:
            key = chance.choice(("sts:ExternalId", "aws:PrincipalTag/team"))
            statement["Condition"] = {"StringEquals": {key: chance.choice(("red", "secret"))}}
        statements.append(statement)
    return document(*statements)
