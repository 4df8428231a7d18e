"""Commands about managed policies and their versions."""

from __future__ import annotations

from erstwhile.domain.commands import limits
from erstwhile.domain.commands.base import Command, Decided
from erstwhile.domain.commands.dependencies import about_policy, new_entity
from erstwhile.domain.commands.handling import handles
from erstwhile.domain.commands.lookups import arn_of, need_own_policy, ref, refuse_existing
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.events.policies import (
    DefaultPolicyVersionSet,
    PolicyCreated,
    PolicyDeleted,
    PolicyVersionCreated,
    PolicyVersionDeleted,
)
from erstwhile.domain.vocabulary.identifiers import Ref
from erstwhile.domain.vocabulary.refusals import DeleteConflict, LimitExceeded, NoSuchEntity


class CreatePolicy(Command, frozen=True, kw_only=True):
    name: str
    new_id: str
    document: str
    path: str = "/"
    description: str = ""
    tags: dict[str, str] = {}


@handles(CreatePolicy, depends_on=new_entity("policy"))
def create_policy(directory: Directory, command: CreatePolicy) -> Decided:
    limits.check_name("policy", command.name)
    limits.check_path(command.path)
    limits.check_tags(command.tags)
    refuse_existing(directory, command.account, "policy", command.name)
    limits.check_account_quota(directory, command.account, "policy")
    limits.check_document(command.document, "identity", limits.DOCUMENT_LENGTH["policy"], managed=True)
    return [
        PolicyCreated(
            subject=Ref("policy", command.name, command.new_id),
            arn=arn_of(directory, command.account, "policy", command.path, command.name),
            path=command.path,
            document=command.document,
            description=command.description,
            tags=command.tags,
        )
    ]


class CreatePolicyVersion(Command, frozen=True, kw_only=True):
    arn: str
    document: str
    set_as_default: bool = False


@handles(CreatePolicyVersion, depends_on=about_policy)
def create_policy_version(directory: Directory, command: CreatePolicyVersion) -> Decided:
    entity = need_own_policy(directory, command.account, command.arn)
    limits.check_document(command.document, "identity", limits.DOCUMENT_LENGTH["policy"], managed=True)
    if len(entity.versions) >= limits.VERSIONS:
        raise LimitExceeded(
            "A managed policy can have up to 5 versions. Before you create a new version, "
            "you must delete an existing version."
        )
    value = entity.description
    # A deleted version's number is never given again.
    last = max([int(version[1:]) for version in entity.versions] + [int(value.get("last_version", 0))])
    return [
        PolicyVersionCreated(
            subject=ref(entity),
            arn=command.arn,
            version_id=f"v{last + 1}",
            document=command.document,
            is_default=command.set_as_default,
        )
    ]


class SetDefaultPolicyVersion(Command, frozen=True, kw_only=True):
    arn: str
    version_id: str


@handles(SetDefaultPolicyVersion, depends_on=about_policy)
def set_default_policy_version(directory: Directory, command: SetDefaultPolicyVersion) -> Decided:
    entity = need_own_policy(directory, command.account, command.arn)
    _need_version(entity, command.version_id)
    return [DefaultPolicyVersionSet(subject=ref(entity), arn=command.arn, version_id=command.version_id)]


class DeletePolicyVersion(Command, frozen=True, kw_only=True):
    arn: str
    version_id: str


@handles(DeletePolicyVersion, depends_on=about_policy)
def delete_policy_version(directory: Directory, command: DeletePolicyVersion) -> Decided:
    entity = need_own_policy(directory, command.account, command.arn)
    _need_version(entity, command.version_id)
    if entity.default_version == command.version_id:
        raise DeleteConflict("Cannot delete the default version of a policy.")
    return [PolicyVersionDeleted(subject=ref(entity), arn=command.arn, version_id=command.version_id)]


def _need_version(entity: Entity, version_id: str) -> None:
    if version_id not in entity.versions:
        raise NoSuchEntity(f"Policy {entity.arn} version {version_id} does not exist or is not attachable.")


class DeletePolicy(Command, frozen=True, kw_only=True):
    arn: str


@handles(DeletePolicy, depends_on=about_policy)
def delete_policy(directory: Directory, command: DeletePolicy) -> Decided:
    entity = need_own_policy(directory, command.account, command.arn)
    if directory.uses_of(command.account, command.arn):
        raise DeleteConflict("Cannot delete a policy attached to entities.")
    if len(entity.versions) > 1:
        raise DeleteConflict("This policy has more than one version. Delete all non-default versions first.")
    return [PolicyDeleted(subject=ref(entity), arn=command.arn)]
