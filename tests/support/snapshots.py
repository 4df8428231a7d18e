"""Account snapshots of a few users and a role, as GetAccountAuthorizationDetails lists them."""

from __future__ import annotations

from typing import Any

ACCOUNT, OTHER = "111122223333", "444455556666"

ADA = f"arn:aws:iam::{ACCOUNT}:user/ada"

FIRST, SECOND, THIRD = "2026-03-01T00:00:00Z", "2026-03-08T00:00:00Z", "2026-03-15T00:00:00Z"

READ = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}


def entity(kind: str, name: str, **more: Any) -> dict[str, Any]:
    title = kind.capitalize()
    prefix = {"user": "AIDA", "role": "AROA"}[kind]
    return {
        "Path": "/", f"{title}Name": name, f"{title}Id": f"{prefix}{name.upper()}",
        "Arn": f"arn:aws:iam::{ACCOUNT}:{kind}/{name}",
        "CreateDate": "2026-01-01T00:00:00Z", "AttachedManagedPolicies": [], "Tags": [], **more,
    }  # fmt: skip


def reader(name: str) -> dict[str, Any]:
    return entity("user", name, GroupList=[], UserPolicyList=[{"PolicyName": "read", "PolicyDocument": READ}])


def listing(*users: dict[str, Any]) -> dict[str, Any]:
    role = entity("role", "App", RolePolicyList=[], InstanceProfileList=[], AssumeRolePolicyDocument=READ)
    return {"UserDetailList": list(users), "RoleDetailList": [role], "GroupDetailList": [], "Policies": []}


def names(answer: dict[str, Any], *lists: str) -> list[str]:
    return [each["principal"] for name in lists or ("allowed", "conditional", "unknown") for each in answer[name]]
