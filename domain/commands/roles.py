"""Commands about roles, and those that are linked to a service."""

from __future__ import annotations

from erstwhile.domain.commands import limits
from erstwhile.domain.commands.base import Command, Decided
from erstwhile.domain.commands.dependencies import Items, about, new_entity, principals_named
from erstwhile.domain.commands.handling import handles
from erstwhile.domain.commands.lookups import (
    arn_of,
    check_new,
    need,
    need_modifiable_role,
    need_policy,
    need_principals,
    ref,
    refuse_while_used,
)
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.events.policies import PolicyAttached, PolicyDetached
from erstwhile.domain.events.principals import RoleCreated, RoleDeleted, RoleUpdated, TrustPolicyUpdated
from erstwhile.domain.vocabulary.identifiers import Ref
from erstwhile.domain.vocabulary.refusals import DeleteConflict, InvalidInput, NoSuchEntity, ValidationError


class CreateRole(Command, frozen=True, kw_only=True):
    name: str
    new_id: str
    trust_policy: str
    path: str = "/"
    description: str = ""
    max_session_duration: int = 3600
    boundary: str = ""
    tags: dict[str, str] = {}


def _new_role(directory: Directory, command: CreateRole) -> Items:
    return (*new_entity("role")(directory, command), *principals_named(command.trust_policy))


@handles(CreateRole, depends_on=_new_role)
def create_role(directory: Directory, command: CreateRole) -> Decided:
    check_new(directory, command.account, "role", command.name, command.path)
    limits.check_tags(command.tags)
    _check_duration(command.max_session_duration)
    principals = _check_trust(directory, command.trust_policy)
    if command.boundary:
        need_policy(directory, command.account, command.boundary)
    return [
        RoleCreated(
            subject=Ref("role", command.name, command.new_id),
            path=command.path,
            arn=arn_of(directory, command.account, "role", command.path, command.name),
            tags=command.tags,
            trust_policy=command.trust_policy,
            boundary=command.boundary,
            description=command.description,
            max_session_duration=command.max_session_duration,
            principals=principals,
        )
    ]


class UpdateRole(Command, frozen=True, kw_only=True):
    name: str
    description: str | None = None
    max_session_duration: int | None = None


@handles(UpdateRole, depends_on=about("role"))
def update_role(directory: Directory, command: UpdateRole) -> Decided:
    entity = need_modifiable_role(directory, command.account, command.name)
    if command.max_session_duration is not None:
        _check_duration(command.max_session_duration)
    return [
        RoleUpdated(
            subject=ref(entity),
            description=command.description,
            max_session_duration=command.max_session_duration,
        )
    ]


def _check_duration(seconds: int) -> None:
    if not 3600 <= seconds <= 43200:
        raise ValidationError(f"MaxSessionDuration must be 3600 to 43200 seconds, not {seconds}")


class UpdateAssumeRolePolicy(Command, frozen=True, kw_only=True):
    name: str
    document: str


def _trust_policy(directory: Directory, command: UpdateAssumeRolePolicy) -> Items:
    return (*about("role")(directory, command), *principals_named(command.document))


@handles(UpdateAssumeRolePolicy, depends_on=_trust_policy)
def update_assume_role_policy(directory: Directory, command: UpdateAssumeRolePolicy) -> Decided:
    entity = need_modifiable_role(directory, command.account, command.name)
    principals = _check_trust(directory, command.document)
    return [TrustPolicyUpdated(subject=ref(entity), document=command.document, principals=principals)]


def _check_trust(directory: Directory, document: str) -> dict[str, str] | None:
    """ARN → unique id of the principals that a trust policy names. Raises MalformedPolicyDocument, LimitExceeded."""
    limits.check_document(document, "trust", limits.DOCUMENT_LENGTH["trust"])
    return need_principals(directory, document)


class DeleteRole(Command, frozen=True, kw_only=True):
    name: str


@handles(DeleteRole, depends_on=about("role"))
def delete_role(directory: Directory, command: DeleteRole) -> Decided:
    entity = need_modifiable_role(directory, command.account, command.name)
    if directory.links.count(command.account, "role", entity.id):
        raise DeleteConflict("Cannot delete entity, must remove roles from instance profile first.")
    refuse_while_used(entity)
    return [RoleDeleted(subject=ref(entity))]


class CreateServiceLinkedRole(Command, frozen=True, kw_only=True):
    """Creates a role that its service alone may change; `policy_arn`: the policy that AWS keeps for it, if known."""

    name: str
    new_id: str
    service: str
    trust_policy: str
    path: str
    description: str = ""
    policy_arn: str = ""


@handles(CreateServiceLinkedRole, depends_on=new_entity("role"))
def create_service_linked_role(directory: Directory, command: CreateServiceLinkedRole) -> Decided:
    limits.check_name("role", command.name)
    if directory.named(command.account, "role", command.name) is not None:
        raise InvalidInput(
            f"Service role name {command.name} has been taken in this account, please try a different suffix."
        )
    limits.check_account_quota(directory, command.account, "role")
    subject = Ref("role", command.name, command.new_id)
    made: Decided = [
        RoleCreated(
            subject=subject,
            path=command.path,
            arn=arn_of(directory, command.account, "role", command.path, command.name),
            trust_policy=command.trust_policy,
            description=command.description,
            service_linked=command.service,
        )
    ]
    if command.policy_arn:
        made.append(PolicyAttached(subject=subject, policy_arn=command.policy_arn))
    return made


class DeleteServiceLinkedRole(Command, frozen=True, kw_only=True):
    name: str


@handles(DeleteServiceLinkedRole, depends_on=about("role"))
def delete_service_linked_role(directory: Directory, command: DeleteServiceLinkedRole) -> Decided:
    entity = need(directory, command.account, "role", command.name)
    if not entity.service_linked:
        raise NoSuchEntity(f"The role {command.name} is not linked to a service.")
    detached: Decided = [
        PolicyDetached(subject=ref(entity), policy_arn=arn) for arn in sorted(entity.attached_policies)
    ]
    return [*detached, RoleDeleted(subject=ref(entity))]
