"""Supposed changes: a story to suppose them in, and random ones."""

from __future__ import annotations

import random

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.events.organizations import OrganizationListed, OrganizationNode, OrganizationPolicy
from erstwhile.domain.what_if import changes as c
from tests.support.documents import FULL, allow, trusting
from tests.support.random_stories import BUCKET
from tests.support.records import ACCOUNT
from tests.support.stories import (
    Told,
    arn,
    attached,
    created,
    group,
    inline,
    joined,
    policy,
    role,
    user,
)

EVE, BOB, TEAM, ADMIN = user("eve"), user("bob"), group("team"), role("admin")
PAYROLL = "arn:aws:s3:::payroll"
READ, WRITE = allow("s3:GetObject", f"{PAYROLL}/*"), allow("s3:PutObject", f"{PAYROLL}/*")
ROOT = "r-abcd"


def organization(*policies: OrganizationPolicy) -> Told:
    return 0, OrganizationListed(
        organization="o-1", management_account="999988887777",
        nodes=[OrganizationNode(ROOT, "root"), OrganizationNode(ACCOUNT, "account", ROOT)],
        policies=[
            OrganizationPolicy("p-full", "SERVICE_CONTROL_POLICY", "full", FULL, [ROOT, ACCOUNT]),
            *policies,
        ],
    )  # fmt: skip


STORY: tuple[Told, ...] = (
    (0, created(EVE)), (0, created(BOB)), (0, created(TEAM)), (0, created(ADMIN, trusting(arn("user/bob")))),
    (1, policy("reader", READ)), (1, policy("writer", WRITE)), (2, inline(TEAM, READ)), (3, joined(BOB, TEAM)),
    (3, attached(ADMIN, arn("policy/writer"))), organization(),
)  # fmt: skip


DOCUMENTS = (
    allow("s3:GetObject", f"{BUCKET}/*"),
    allow(["s3:*", "sqs:SendMessage"], "*"),
    allow("s3:PutObject", f"{BUCKET}/${{aws:username}}/*"),
    allow("s3:*", "*", Effect="Deny"),
)


def random_changes(chance: random.Random, there: Directory) -> list[c.AnyChange]:
    """Changes about what is there, and some that are impossible."""
    names = {
        kind: [there.arn_of(each) for each in there.of_kind(kind) if each.exists]
        for kind in ("user", "role", "group", "policy")
    }
    if not all((names["user"], names["role"], names["group"], names["policy"])):
        return []
    user, role, group, policy = (chance.choice(names[kind]) for kind in ("user", "role", "group", "policy"))
    holder, document = chance.choice((user, role, group)), chance.choice(DOCUMENTS)
    possible: list[c.AnyChange] = [
        c.AttachPolicy(principal=holder, policy=policy), c.DetachPolicy(principal=holder, policy=policy),
        c.PutInlinePolicy(principal=holder, name="p", document=document),
        c.DeleteInlinePolicy(principal=holder, name="p"),
        c.SetPolicy(policy=policy, document=document), c.SetBoundary(principal=user, policy=policy),
        c.RemoveBoundary(principal=user), c.AddToGroup(user=user, group=group),
        c.RemoveFromGroup(user=user, group=group), c.Delete(what=chance.choice((user, group, role, policy))),
        c.SetTrust(role=role, document=trusting(user)), c.Create(arn=arn("user/fresh")),
        c.SetResourcePolicy(resource=BUCKET, document=allow("s3:GetObject", f"{BUCKET}/*", Principal={"AWS": user})),
        c.DeleteResourcePolicy(resource=BUCKET),
    ]  # fmt: skip
    return chance.sample(possible, chance.randint(1, 4))
