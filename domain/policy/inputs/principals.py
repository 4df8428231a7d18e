"""Principals and resources of a request, found in the Directory."""

from __future__ import annotations

from erstwhile.domain.directory.account_modes import NOT_YET
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.policy.inputs.caller import Caller, parse_caller
from erstwhile.domain.policy.inputs.policy_carriers import carriers, is_partial_secret

_WITH_POLICIES = ("resource", "role", "user")

_WITH_ENTITIES = ("user", "role", "session")
_OF_ACCOUNTS = ("root", "federated_user")
"""Kinds of principals, without entities, that are there as long as their account is."""


class UnknownPrincipal(LookupError):
    """The Directory has no such principal at its instant."""

    def __init__(self, arn: str) -> None:
        super().__init__(f"no such principal is known at this instant: {arn}")
        self.arn = arn


def principal_entity(directory: Directory, caller: Caller) -> Entity | None:
    """The user, or the role (of a session too). None for those that have no policies of their own (an account's
    root, services, identity providers, anybody), for federated users, and for principals of an account of which nothing
    is known.

    Raises UnknownPrincipal.
    """
    if caller.kind not in _WITH_ENTITIES:
        if caller.kind in _OF_ACCOUNTS and directory.mode(caller.account) == NOT_YET:
            raise UnknownPrincipal(caller.arn)
        return None
    entity = directory.with_arn(caller.arn)
    if entity is not None and entity.kind in ("user", "role"):
        return entity
    if caller.kind == "session":
        entity = directory.named(caller.account, "role", caller.role)
        if entity is not None:
            return entity
    else:
        # Of one that is known by name alone, nobody knows the path.
        entity = directory.named(caller.account, caller.kind, caller.arn.rsplit("/", 1)[-1])
        if entity is not None and not entity.arn:
            return entity
        entity = directory.get(caller.account, caller.kind, caller.arn.partition(f":{caller.kind}/")[2])
        if entity is not None and not entity.name:
            return entity
    if is_stranger(directory, caller):
        return None
    raise UnknownPrincipal(caller.arn)


def is_stranger(directory: Directory, caller: Caller) -> bool:
    """Whether it is of an account of which nothing is known: its own policies are not either."""
    return caller.kind in (*_WITH_ENTITIES, "federated_user") and directory.mode(caller.account) is None


def find_principal(directory: Directory, arn: str) -> Entity | None:
    """Raises MalformedArn, UnknownPrincipal."""
    entity = directory.with_arn(arn)
    if entity is not None and entity.kind in ("user", "role"):
        return entity
    return principal_entity(directory, parse_caller(arn))


def find_resources(directory: Directory, arn: str) -> list[Entity]:
    """The resources whose policies are about this one, itself first: an S3 object's is its bucket's, a role's its trust
    policy."""
    entity = directory.with_arn(arn)
    found = [entity] if entity is not None and entity.kind in _WITH_POLICIES else []
    for name in carriers(arn):
        entity = directory.with_arn(name)
        if entity is not None and entity.kind in _WITH_POLICIES:
            found.append(entity)
    if not found and is_partial_secret(arn):
        # The name of a secret, without the six characters that end its ARN.
        found = directory.secrets_called(arn)
    return found
