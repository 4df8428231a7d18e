"""Principals and resources of a request, found in the Directory."""

from __future__ import annotations

from domain.directory import Directory, Entity
from domain.identifiers import Arn, MalformedArn
from domain.policy.request import Request


class UnknownPrincipal(LookupError):
    """no such principal is known at this instant"""


def find_principal(directory: Directory, arn: str) -> Entity | None:
    """The user or role of an ARN; of a role session's ARN, the role. None for an account's root.

    Raises MalformedArn, UnknownPrincipal.
    """
    parsed = Arn.parse(arn)
    entity = directory.by_arn.get(arn)
    if entity is not None and entity.kind in ("user", "role"):
        return entity
    if parsed.service == "iam" and parsed.resource == "root":
        return None
    if parsed.service == "sts" and parsed.resource.startswith("assumed-role/"):
        role = directory.named(parsed.account, "role", parsed.resource.split("/")[1])
        if role is not None:
            return role
    raise UnknownPrincipal(f"{UnknownPrincipal.__doc__}: {arn}")


def principal_arn(entity: Entity) -> str:
    return entity.arn or f"arn:aws:iam::{entity.account}:{entity.kind}{entity.path}{entity.name}"


def resource_account(directory: Directory, request: Request) -> str | None:
    """From the request, else the ARN, else the Directory, else unknown. `*` is the caller's own account."""
    if request.resource_account:
        return request.resource_account
    if request.resource == "*":
        return Arn.parse(request.principal).account
    try:
        account = Arn.parse(request.resource).account
    except MalformedArn:
        return None
    if account:
        return account
    known = find_resource(directory, request.resource)
    return known.account if known is not None else None


def find_resource(directory: Directory, arn: str) -> Entity | None:
    """The resource that carries the policy: an S3 object's is its bucket's."""
    entity = directory.by_arn.get(arn)
    if entity is None and ":s3:::" in arn:
        entity = directory.by_arn.get(arn.split("/", 1)[0])
    return entity if entity is not None and entity.kind == "resource" else None
