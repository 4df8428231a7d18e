"""Making a principal that is not there yet, with any policy, and getting in: a role by the trust that one writes for
it, a user by a credential.

Some makers must set a permissions boundary. It limits what is made, unless they may take it off again, or replace it by
one that limits nothing.

Sources: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html, …/API_CreateUser.html, and
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html, "Delegating responsibility to others
using permissions boundaries".
"""

from __future__ import annotations

from collections.abc import Iterator

from erstwhile.domain.reach.catalogue.family import GROUP, NEW, Family, Need
from erstwhile.domain.reach.catalogue.self_escalation import ATTACHED, BOUNDING

_CREDENTIALS = (("access-key", "iam:CreateAccessKey"), ("password", "iam:CreateLoginProfile"))
REMOVES_BOUNDARY = "a boundary must be set, and may be removed"


def _raising(kind: str) -> tuple[tuple[str, Need], ...]:
    return (
        ("put-policy", Need(f"iam:Put{kind}Policy", NEW)),
        ("attach-policy", Need(f"iam:Attach{kind}Policy", NEW, ATTACHED)),
    )


def _unbinding(kind: str) -> tuple[tuple[str, tuple[Need, ...]], ...]:
    return (
        ("", ()),
        ("-delete-boundary", (Need(f"iam:Delete{kind}PermissionsBoundary", NEW),)),
        ("-replace-boundary", (Need(f"iam:Put{kind}PermissionsBoundary", NEW, BOUNDING),)),
    )


def _roles() -> Iterator[Family]:
    for how, removing in _unbinding("Role"):
        for by, raising in _raising("Role"):
            yield Family(
                f"new-role-{by}{how}", "new-principal", "iam", (Need("iam:CreateRole", NEW), *removing, raising),
                "a new role with any policy, whose trust names the source", of=("role",),
                where=REMOVES_BOUNDARY if removing else "",
            )  # fmt: skip


def _users() -> Iterator[Family]:
    joining = ("join-group", Need("iam:AddUserToGroup", GROUP))
    for how, removing in _unbinding("User"):
        for by, raising in (*_raising("User"), joining):
            what = "in the group" if raising.on == GROUP else "with any policy"
            for by_what, access in _CREDENTIALS:
                yield Family(
                    f"new-user-{by}-{by_what}{how}", "new-principal", "iam",
                    (Need("iam:CreateUser", NEW), *removing, Need(access, NEW), raising),
                    f"a new user {what}, and a credential of it", of=("user",),
                    where=REMOVES_BOUNDARY if removing else "",
                )  # fmt: skip


NEW_PRINCIPALS = (*_roles(), *_users())
