"""Commands about what bears on a user, group or role: attached and inline policies, and the permissions boundary."""

from __future__ import annotations

from erstwhile.domain.commands import limits
from erstwhile.domain.commands.base import Command, Decided
from erstwhile.domain.commands.dependencies import Items, about_its_entity, policy_deleted
from erstwhile.domain.commands.handling import handles
from erstwhile.domain.commands.lookups import need, need_attachable, ref, refuse_service_linked
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.events.policies import (
    InlinePolicyDeleted,
    InlinePolicyPut,
    PermissionsBoundaryRemoved,
    PermissionsBoundarySet,
    PolicyAttached,
    PolicyDetached,
)
from erstwhile.domain.vocabulary.refusals import InvalidInput, NoSuchEntity


class AttachPolicy(Command, frozen=True, kw_only=True):
    """AttachUserPolicy, AttachGroupPolicy, AttachRolePolicy."""

    kind: str
    name: str
    policy_arn: str


class DetachPolicy(Command, frozen=True, kw_only=True):
    kind: str
    name: str
    policy_arn: str


class PutPermissionsBoundary(Command, frozen=True, kw_only=True):
    kind: str
    name: str
    policy_arn: str


def _attachment(directory: Directory, command: AttachPolicy | DetachPolicy | PutPermissionsBoundary) -> Items:
    return (*about_its_entity(directory, command), *policy_deleted(command, command.policy_arn))


@handles(AttachPolicy, depends_on=_attachment)
def attach_policy(directory: Directory, command: AttachPolicy) -> Decided:
    entity = _principal(directory, command.account, command.kind, command.name)
    need_attachable(directory, command.account, command.policy_arn)
    if command.policy_arn in entity.attached_policies:
        return []
    limits.check_count(entity.attached_policies, limits.ATTACHED, f"PoliciesPer{command.kind.capitalize()}")
    return [PolicyAttached(subject=ref(entity), policy_arn=command.policy_arn)]


@handles(DetachPolicy, depends_on=_attachment)
def detach_policy(directory: Directory, command: DetachPolicy) -> Decided:
    entity = _principal(directory, command.account, command.kind, command.name)
    if command.policy_arn not in entity.attached_policies:
        raise NoSuchEntity(f"Policy {command.policy_arn} was not found.")
    return [PolicyDetached(subject=ref(entity), policy_arn=command.policy_arn)]


@handles(PutPermissionsBoundary, depends_on=_attachment)
def put_permissions_boundary(directory: Directory, command: PutPermissionsBoundary) -> Decided:
    entity = _bounded(directory, command.account, command.kind, command.name)
    need_attachable(directory, command.account, command.policy_arn)
    return [PermissionsBoundarySet(subject=ref(entity), policy_arn=command.policy_arn)]


class DeletePermissionsBoundary(Command, frozen=True, kw_only=True):
    kind: str
    name: str


@handles(DeletePermissionsBoundary, depends_on=about_its_entity)
def delete_permissions_boundary(directory: Directory, command: DeletePermissionsBoundary) -> Decided:
    entity = _bounded(directory, command.account, command.kind, command.name)
    if entity.boundary is None:
        raise NoSuchEntity(f"The {command.kind} {command.name} has no permissions boundary.")
    return [PermissionsBoundaryRemoved(subject=ref(entity))]


def _bounded(directory: Directory, account: str, kind: str, name: str) -> Entity:
    if kind == "group":
        raise InvalidInput("groups have no permissions boundary")
    return _principal(directory, account, kind, name)


class PutInlinePolicy(Command, frozen=True, kw_only=True):
    """PutUserPolicy, PutGroupPolicy, PutRolePolicy."""

    kind: str
    name: str
    policy_name: str
    document: str
    beyond_quota: bool = False  # the policy that revokes sessions applies even when the quota is used up


@handles(PutInlinePolicy, depends_on=about_its_entity)
def put_inline_policy(directory: Directory, command: PutInlinePolicy) -> Decided:
    entity = _principal(directory, command.account, command.kind, command.name)
    limits.check_name("inline", command.policy_name)
    others = sum(
        limits.document_size(fact.value["document"] or "")
        for name, fact in entity.inline_policies.items()
        if name != command.policy_name
    )
    already = 0 if command.beyond_quota else others
    limits.check_document(command.document, "identity", limits.DOCUMENT_LENGTH[command.kind], already=already)
    return [InlinePolicyPut(subject=ref(entity), policy_name=command.policy_name, document=command.document)]


class DeleteInlinePolicy(Command, frozen=True, kw_only=True):
    kind: str
    name: str
    policy_name: str


@handles(DeleteInlinePolicy, depends_on=about_its_entity)
def delete_inline_policy(directory: Directory, command: DeleteInlinePolicy) -> Decided:
    entity = _principal(directory, command.account, command.kind, command.name)
    if command.policy_name not in entity.inline_policies:
        raise NoSuchEntity(f"The {command.kind} policy with name {command.policy_name} cannot be found.")
    return [InlinePolicyDeleted(subject=ref(entity), policy_name=command.policy_name)]


def _principal(directory: Directory, account: str, kind: str, name: str) -> Entity:
    if kind not in ("user", "group", "role"):
        raise InvalidInput(f"policies are attached to users, groups and roles, not to a {kind}")
    entity = need(directory, account, kind, name)
    refuse_service_linked(entity, name)
    return entity
