"""Commands about instance profiles."""

from __future__ import annotations

from erstwhile.domain.commands import limits
from erstwhile.domain.commands.base import Command, Decided
from erstwhile.domain.commands.dependencies import Items, about, anything_about, is_deleted, new_entity
from erstwhile.domain.commands.handling import handles
from erstwhile.domain.commands.lookups import arn_of, check_new, need, need_modifiable_role, ref, refuse_while_used
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.events.principals import (
    InstanceProfileCreated,
    InstanceProfileDeleted,
    RoleAddedToInstanceProfile,
    RoleRemovedFromInstanceProfile,
)
from erstwhile.domain.vocabulary.identifiers import Ref
from erstwhile.domain.vocabulary.refusals import LimitExceeded, NoSuchEntity


class CreateInstanceProfile(Command, frozen=True, kw_only=True):
    name: str
    new_id: str
    path: str = "/"
    tags: dict[str, str] = {}


@handles(CreateInstanceProfile, depends_on=new_entity("instance-profile"))
def create_instance_profile(directory: Directory, command: CreateInstanceProfile) -> Decided:
    check_new(directory, command.account, "instance-profile", command.name, command.path)
    limits.check_tags(command.tags)
    arn = arn_of(directory, command.account, "instance-profile", command.path, command.name)
    subject = Ref("instance-profile", command.name, command.new_id)
    return [InstanceProfileCreated(subject=subject, path=command.path, arn=arn, tags=command.tags)]


class DeleteInstanceProfile(Command, frozen=True, kw_only=True):
    name: str


@handles(DeleteInstanceProfile, depends_on=about("instance-profile"))
def delete_instance_profile(directory: Directory, command: DeleteInstanceProfile) -> Decided:
    entity = need(directory, command.account, "instance-profile", command.name)
    refuse_while_used(entity)
    return [InstanceProfileDeleted(subject=ref(entity))]


class AddRoleToInstanceProfile(Command, frozen=True, kw_only=True):
    name: str
    role: str


class RemoveRoleFromInstanceProfile(Command, frozen=True, kw_only=True):
    name: str
    role: str


def _profile_and_role(directory: Directory, command: AddRoleToInstanceProfile | RemoveRoleFromInstanceProfile) -> Items:
    return (
        anything_about(directory, command, "instance-profile", command.name),
        is_deleted(directory, command, "role", command.role),
    )


@handles(AddRoleToInstanceProfile, depends_on=_profile_and_role)
def add_role_to_instance_profile(directory: Directory, command: AddRoleToInstanceProfile) -> Decided:
    profile = need(directory, command.account, "instance-profile", command.name)
    role = need_modifiable_role(directory, command.account, command.role)
    if len(profile.role_ids) >= limits.ROLES_PER_PROFILE:
        raise LimitExceeded(f"Cannot exceed quota for InstanceSessionsPerInstanceProfile: {limits.ROLES_PER_PROFILE}")
    return [RoleAddedToInstanceProfile(subject=ref(profile), role=ref(role))]


@handles(RemoveRoleFromInstanceProfile, depends_on=_profile_and_role)
def remove_role_from_instance_profile(directory: Directory, command: RemoveRoleFromInstanceProfile) -> Decided:
    profile = need(directory, command.account, "instance-profile", command.name)
    role = need_modifiable_role(directory, command.account, command.role)
    if role.id not in profile.role_ids:
        raise NoSuchEntity(f"Role {command.role} is not in instance profile {command.name}.")
    return [RoleRemovedFromInstanceProfile(subject=ref(profile), role=ref(role))]
