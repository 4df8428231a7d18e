"""Deciding on policies, attachments and boundaries."""

from __future__ import annotations

from erstwhile.domain.commands import policies as c
from erstwhile.domain.decide import limits
from erstwhile.domain.decide.lookups import arn_of, need, need_attachable, need_own_policy, ref, refuse_existing
from erstwhile.domain.decide.principals import Decided
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.events import policies as e
from erstwhile.domain.vocabulary.identifiers import Ref
from erstwhile.domain.vocabulary.refusals import (
    DeleteConflict,
    InvalidInput,
    LimitExceeded,
    NoSuchEntity,
    UnmodifiableEntity,
)


def create_policy(directory: Directory, command: c.CreatePolicy) -> Decided:
    limits.check_name("policy", command.name)
    limits.check_path(command.path)
    limits.check_tags(command.tags)
    refuse_existing(directory, command.account, "policy", command.name)
    limits.check_account_quota(directory, command.account, "policy")
    limits.check_document(command.document, "identity", limits.DOCUMENT_LENGTH["policy"], managed=True)
    return [
        e.PolicyCreated(
            subject=Ref("policy", command.name, command.new_id),
            arn=arn_of(directory, command.account, "policy", command.path, command.name),
            path=command.path,
            document=command.document,
            description=command.description,
            tags=command.tags,
        )
    ]


def create_policy_version(directory: Directory, command: c.CreatePolicyVersion) -> Decided:
    entity = need_own_policy(directory, command.account, command.arn)
    limits.check_document(command.document, "identity", limits.DOCUMENT_LENGTH["policy"], managed=True)
    if len(entity.items("version")) >= limits.VERSIONS:
        raise LimitExceeded(
            "A managed policy can have up to 5 versions. Before you create a new version, "
            "you must delete an existing version."
        )
    value = entity.value("entity") or {}
    # A deleted version's number is never given again.
    last = max([int(version[1:]) for version in entity.items("version")] + [int(value.get("last_version", 0))])
    return [
        e.PolicyVersionCreated(
            subject=ref(entity),
            arn=command.arn,
            version_id=f"v{last + 1}",
            document=command.document,
            is_default=command.set_as_default,
        )
    ]


def _need_version(entity: Entity, version_id: str) -> None:
    if not entity.has("version", version_id):
        raise NoSuchEntity(f"Policy {entity.arn} version {version_id} does not exist or is not attachable.")


def set_default_policy_version(directory: Directory, command: c.SetDefaultPolicyVersion) -> Decided:
    entity = need_own_policy(directory, command.account, command.arn)
    _need_version(entity, command.version_id)
    return [e.DefaultPolicyVersionSet(subject=ref(entity), arn=command.arn, version_id=command.version_id)]


def delete_policy_version(directory: Directory, command: c.DeletePolicyVersion) -> Decided:
    entity = need_own_policy(directory, command.account, command.arn)
    _need_version(entity, command.version_id)
    if (entity.value("default") or {}).get("version") == command.version_id:
        raise DeleteConflict("Cannot delete the default version of a policy.")
    return [e.PolicyVersionDeleted(subject=ref(entity), arn=command.arn, version_id=command.version_id)]


def delete_policy(directory: Directory, command: c.DeletePolicy) -> Decided:
    entity = need_own_policy(directory, command.account, command.arn)
    if directory.uses_of(command.account, command.arn):
        raise DeleteConflict("Cannot delete a policy attached to entities.")
    if len(entity.items("version")) > 1:
        raise DeleteConflict("This policy has more than one version. Delete all non-default versions first.")
    return [e.PolicyDeleted(subject=ref(entity), arn=command.arn)]


def _principal(directory: Directory, account: str, kind: str, name: str) -> Entity:
    if kind not in ("user", "group", "role"):
        raise InvalidInput(f"policies are attached to users, groups and roles, not to a {kind}")
    entity = need(directory, account, kind, name)
    if (entity.value("entity") or {}).get("service_linked"):
        raise UnmodifiableEntity(f"The role {name} is linked to a service and cannot be changed.")
    return entity


def attach_policy(directory: Directory, command: c.AttachPolicy) -> Decided:
    entity = _principal(directory, command.account, command.kind, command.name)
    need_attachable(directory, command.account, command.policy_arn)
    if entity.has("attached", command.policy_arn):
        return []
    limits.check_count(entity, "attached", limits.ATTACHED, f"PoliciesPer{command.kind.capitalize()}")
    return [e.PolicyAttached(subject=ref(entity), policy_arn=command.policy_arn)]


def detach_policy(directory: Directory, command: c.DetachPolicy) -> Decided:
    entity = _principal(directory, command.account, command.kind, command.name)
    if not entity.has("attached", command.policy_arn):
        raise NoSuchEntity(f"Policy {command.policy_arn} was not found.")
    return [e.PolicyDetached(subject=ref(entity), policy_arn=command.policy_arn)]


def put_inline_policy(directory: Directory, command: c.PutInlinePolicy) -> Decided:
    entity = _principal(directory, command.account, command.kind, command.name)
    limits.check_name("inline", command.policy_name)
    others = sum(
        limits.document_size(fact.value["document"] or "")
        for name, fact in entity.items("inline").items()
        if name != command.policy_name
    )
    already = 0 if command.beyond_quota else others
    limits.check_document(command.document, "identity", limits.DOCUMENT_LENGTH[command.kind], already=already)
    return [e.InlinePolicyPut(subject=ref(entity), policy_name=command.policy_name, document=command.document)]


def delete_inline_policy(directory: Directory, command: c.DeleteInlinePolicy) -> Decided:
    entity = _principal(directory, command.account, command.kind, command.name)
    if not entity.has("inline", command.policy_name):
        raise NoSuchEntity(f"The {command.kind} policy with name {command.policy_name} cannot be found.")
    return [e.InlinePolicyDeleted(subject=ref(entity), policy_name=command.policy_name)]


def put_permissions_boundary(directory: Directory, command: c.PutPermissionsBoundary) -> Decided:
    entity = _bounded(directory, command.account, command.kind, command.name)
    need_attachable(directory, command.account, command.policy_arn)
    return [e.PermissionsBoundarySet(subject=ref(entity), policy_arn=command.policy_arn)]


def delete_permissions_boundary(directory: Directory, command: c.DeletePermissionsBoundary) -> Decided:
    entity = _bounded(directory, command.account, command.kind, command.name)
    if not entity.has("boundary"):
        raise NoSuchEntity(f"The {command.kind} {command.name} has no permissions boundary.")
    return [e.PermissionsBoundaryRemoved(subject=ref(entity))]


def _bounded(directory: Directory, account: str, kind: str, name: str) -> Entity:
    if kind == "group":
        raise InvalidInput("groups have no permissions boundary")
    return _principal(directory, account, kind, name)
