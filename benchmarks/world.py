"""A company for the engine's benchmarks: users who have their policies through groups, and requests of theirs."""

from __future__ import annotations

import random
from typing import Any

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.policy.inputs.request import Request
from tests.support.worlds import WorldBuilder, text

ACCOUNT = "111122223333"
ACTIONS = {
    "s3": ("GetObject", "GetObjectTagging", "PutObject", "DeleteObject", "ListBucket"),
    "dynamodb": ("GetItem", "PutItem", "Query", "Scan", "DeleteItem"),
    "sqs": ("SendMessage", "ReceiveMessage", "DeleteMessage", "GetQueueUrl", "PurgeQueue"),
    "lambda": ("InvokeFunction", "GetFunction", "UpdateFunctionCode", "ListVersionsByFunction", "DeleteFunction"),
}
_RESOURCE = {
    "s3": "arn:aws:s3:::bucket-{}/",
    "dynamodb": f"arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/table-{{}}",
    "sqs": f"arn:aws:sqs:eu-west-1:{ACCOUNT}:queue-{{}}",
    "lambda": f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:function-{{}}",
}
REGIONS = ("eu-west-1", "us-east-1", "ap-south-1")
TEAMS = tuple(f"team-{number}" for number in range(10))


def statements(chance: random.Random, count: int = 5, open_ended: bool = False) -> list[dict[str, Any]]:
    """One policy's statements: exact and wildcard actions and resources, a fifth with a condition, few denies."""
    found = []
    for number in range(count):
        service = chance.choice(list(ACTIONS))
        names = chance.sample(ACTIONS[service], chance.randint(1, 3))
        actions = [f"{service}:{name}" for name in names]
        if chance.random() < 0.3:
            actions = [f"{service}:{names[0][:3]}*"]
        base = _RESOURCE[service]
        star = "*" if service == "s3" or open_ended else ""
        resources = [base.format(chance.randrange(40)) + star for _ in range(2)]
        if chance.random() < 0.2:
            resources = [base.split("{}")[0] + "*"]
        statement: dict[str, Any] = {
            "Sid": f"S{number}", "Effect": "Deny" if chance.random() < 0.05 else "Allow", "Action": actions,
            "Resource": resources,
        }  # fmt: skip
        if chance.random() < 0.2:
            key, values = chance.choice((("aws:RequestedRegion", REGIONS), ("aws:PrincipalTag/team", TEAMS)))
            statement["Condition"] = {"StringEquals": {key: chance.choice(values)}}
        found.append(statement)
    return found


class World:
    """`users` in groups of twenty; each group has three of the `policies`. `open_ended`: all of these speak of
    beginnings of resources, else those about S3 alone."""

    def __init__(self, users: int, policies: int, seed: int = 7, open_ended: bool = False) -> None:
        chance = random.Random(seed)
        self.policies = [statements(chance, open_ended=open_ended) for _ in range(policies)]
        self.groups = [chance.sample(range(policies), 3) for _ in range(max(1, users // 20))]
        self.group_of = [chance.randrange(len(self.groups)) for _ in range(users)]
        self.team_of = [chance.choice(TEAMS) for _ in range(users)]
        self.directory = self._directory()

    def arn(self, user: int) -> str:
        return f"arn:aws:iam::{ACCOUNT}:user/u{user}"

    def policies_of(self, user: int) -> list[int]:
        return self.groups[self.group_of[user]]

    def _directory(self) -> Directory:
        world = WorldBuilder()
        world.account(ACCOUNT, mode="governed", partition="aws")
        for number, policy in enumerate(self.policies):
            world.policy(ACCOUNT, f"ANPA{number}", f"p{number}", text({"Version": "2012-10-17", "Statement": policy}))
        for number, given in enumerate(self.groups):
            world.group(ACCOUNT, f"AGPA{number}", f"g{number}")
            arns = [f"arn:aws:iam::{ACCOUNT}:policy/p{each}" for each in given]
            world.attach(ACCOUNT, "group", f"AGPA{number}", arns)
        for number, group in enumerate(self.group_of):
            key = (ACCOUNT, "user", f"AIDA{number}")
            world.principal(*key, f"u{number}")
            world.put(*key, "member_of", f"AGPA{group}")
            world.put(*key, "tag", "team", value=self.team_of[number])
        return world.directory()

    def requests(self, count: int, seed: int = 11) -> list[tuple[int, Request]]:
        """(user, request): half of them about something that one of the user's policies speaks of."""
        chance = random.Random(seed)
        found = []
        for _ in range(count):
            user = chance.randrange(len(self.group_of))
            service = chance.choice(list(ACTIONS))
            action = f"{service}:{chance.choice(ACTIONS[service])}"
            resource = _RESOURCE[service].format(chance.randrange(40))
            if chance.random() < 0.5:
                statement = chance.choice(self.policies[chance.choice(self.policies_of(user))])
                service = statement["Action"][0].split(":")[0]
                action = f"{service}:{chance.choice(ACTIONS[service])}"
                resource = chance.choice(statement["Resource"]).rstrip("*")
                if resource == _RESOURCE[service].split("{}")[0]:
                    resource = _RESOURCE[service].format(chance.randrange(40))
            if service == "s3":
                resource += f"key-{chance.randrange(5)}"
            context = {"aws:requestedregion": (chance.choice(REGIONS),)}
            request = Request(
                principal=self.arn(user), action=action, resource=resource, resource_account=None, context=context
            )
            found.append((user, request))
        return found
