# mypyc: compiled
"""Finds what a command names, or refuses the command."""

from __future__ import annotations

from erstwhile.domain.commands import limits
from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.deletion_conflicts import deletion_conflict
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.policy.inputs.sources import find_policy
from erstwhile.domain.policy.language.grammar.words import invalid_principal
from erstwhile.domain.policy.language.principal_binding import bindings, missing
from erstwhile.domain.vocabulary.identifiers import AWS_MANAGED, Ref, entity_arn, policy_account
from erstwhile.domain.vocabulary.refusals import (
    DeleteConflict,
    EntityAlreadyExists,
    MalformedPolicyDocument,
    NoSuchEntity,
    PolicyNotAttachable,
    UnmodifiableEntity,
)

_TITLES = {
    "user": "user",
    "group": "group",
    "role": "role",
    "policy": "policy",
    "instance-profile": "instance profile",
}


def need(directory: Directory, account: str, kind: str, name: str) -> Entity:
    """Raises NoSuchEntity in IAM's words."""
    entity = directory.named(account, kind, name)
    if entity is None:
        raise NoSuchEntity(f"The {_TITLES.get(kind, kind)} with name {name} cannot be found.")
    return entity


def need_policy(directory: Directory, account: str, arn: str) -> Entity:
    """A managed policy that this account may use, its own or one of AWS's; case and path of the ARN count. Raises
    NoSuchEntity."""
    entity = find_policy(directory, arn)
    is_own = entity is not None and entity.account == account
    is_of_aws = policy_account(arn) == AWS_MANAGED and arn.split(":", 2)[1] == directory.partition(account)
    if entity is None or entity.kind != "policy" or not (is_own or is_of_aws):
        raise NoSuchEntity(f"Policy {arn} does not exist or is not attachable.")
    return entity


def need_attachable(directory: Directory, account: str, arn: str) -> Entity:
    """`need_policy`, for a policy to attach or to use as a boundary. Raises NoSuchEntity, PolicyNotAttachable.

    Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_AttachRolePolicy.html#API_AttachRolePolicy_Errors
    """
    if policy_account(arn) == AWS_MANAGED and ":policy/aws-service-role/" in arn:
        raise PolicyNotAttachable("Cannot attach a Service Role Policy to a Customer Role.")
    return need_policy(directory, account, arn)


def need_own_policy(directory: Directory, account: str, arn: str) -> Entity:
    """A managed policy that this account may change. Raises NoSuchEntity, UnmodifiableEntity."""
    if policy_account(arn) == AWS_MANAGED:
        raise UnmodifiableEntity(f"{arn} is managed by AWS and cannot be changed.")
    return need_policy(directory, account, arn)


def need_principals(directory: Directory, document: str) -> dict[str, str] | None:
    """ARN → unique id of the principals that a policy names. Raises MalformedPolicyDocument, as IAM does, for a user or
    role that does not exist, where its account is known here, and for a unique id that no principal has.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_policies.html (invalid principal)
    """
    for name in missing(directory, document):
        words = invalid_principal("AWS", name)
        raise MalformedPolicyDocument(words, f"there is no principal {name}: it must be there before it is named")
    return bindings(directory, document)


def refuse_existing(directory: Directory, account: str, kind: str, name: str) -> None:
    """Raises EntityAlreadyExists: names are unique without regard to case."""
    if directory.named(account, kind, name) is not None:
        raise EntityAlreadyExists(f"{_TITLES[kind].capitalize()} with name {name} already exists.")


def check_new(directory: Directory, account: str, kind: str, name: str, path: str) -> None:
    """Raises ValidationError, EntityAlreadyExists, LimitExceeded unless an entity can be created so."""
    limits.check_name(kind, name)
    limits.check_path(path)
    refuse_existing(directory, account, kind, name)
    limits.check_account_quota(directory, account, kind)


def refuse_service_linked(entity: Entity, name: str) -> None:
    """Raises UnmodifiableEntity: the service alone changes such a role."""
    if entity.service_linked:
        raise UnmodifiableEntity(f"The role {name} is linked to a service and cannot be changed.")


def need_modifiable_role(directory: Directory, account: str, name: str) -> Entity:
    """Raises NoSuchEntity, UnmodifiableEntity."""
    entity = need(directory, account, "role", name)
    refuse_service_linked(entity, name)
    return entity


def refuse_while_used(entity: Entity) -> None:
    """Raises DeleteConflict while the entity has something that must be removed before it."""
    conflict = deletion_conflict(entity)
    if conflict:
        raise DeleteConflict(f"Cannot delete entity, {conflict}")


def find_setting(directory: Directory, account: str, category: str, name: str) -> Entity | None:
    """A setting that is there."""
    entity = directory.get(account, "setting", f"{category}/{name}")
    return entity if entity is not None and entity.setting_fact is not None else None


def holder_of_mfa(directory: Directory, account: str, serial_number: str) -> Entity | None:
    """The user who has this MFA device in use."""
    return next(iter(directory.links.of(account, attributes.MFA, serial_number)), None)


def ref(entity: Entity) -> Ref:
    return Ref(entity.kind, entity.name, entity.id)


def arn_of(directory: Directory, account: str, kind: str, path: str, name: str) -> str:
    return entity_arn(account, kind, path, name, directory.partition(account))
