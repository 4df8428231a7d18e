"""Principals and resources of a request, found in the Directory."""

from __future__ import annotations

from erstwhile.domain.directory import Directory, Entity
from erstwhile.domain.policy.caller import Caller, parse_caller


class UnknownPrincipal(LookupError):
    """no such principal is known at this instant"""


def principal_entity(directory: Directory, caller: Caller) -> Entity | None:
    """The user, or the role (of a session too). None for those that have no policies of their own: an account's
    root, services, identity providers, anybody.

    Raises UnknownPrincipal.
    """
    if caller.kind in ("root", "service", "provider", "anonymous"):
        return None
    entity = directory.by_arn.get(caller.arn)
    if entity is not None and entity.kind in ("user", "role"):
        return entity
    if caller.kind == "session":
        role = directory.named(caller.account, "role", caller.role)
        if role is not None:
            return role
    raise UnknownPrincipal(f"{UnknownPrincipal.__doc__}: {caller.arn}")


def find_principal(directory: Directory, arn: str) -> Entity | None:
    """Raises MalformedArn, UnknownPrincipal."""
    return principal_entity(directory, parse_caller(arn))


def principal_arn(entity: Entity) -> str:
    return entity.arn or f"arn:aws:iam::{entity.account}:{entity.kind}{entity.path}{entity.name}"


def find_resource(directory: Directory, arn: str) -> Entity | None:
    """The resource that carries the policy: an S3 object's is its bucket's, a role's its trust policy."""
    entity = directory.by_arn.get(arn)
    if entity is None and ":s3:::" in arn:
        entity = directory.by_arn.get(arn.split("/", 1)[0])
    return entity if entity is not None and entity.kind in ("resource", "role", "user") else None
