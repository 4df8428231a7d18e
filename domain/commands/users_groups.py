"""Commands about users and groups."""

from __future__ import annotations

from erstwhile.domain.commands import limits
from erstwhile.domain.commands.base import Command, Decided
from erstwhile.domain.commands.dependencies import Items, about, anything_about, is_deleted, new_entity, renamed
from erstwhile.domain.commands.handling import handles
from erstwhile.domain.commands.lookups import (
    arn_of,
    check_new,
    need,
    need_policy,
    ref,
    refuse_existing,
    refuse_while_used,
)
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.events.principals import (
    GroupCreated,
    GroupDeleted,
    GroupMemberAdded,
    GroupMemberRemoved,
    GroupRenamed,
    UserCreated,
    UserDeleted,
    UserRenamed,
)
from erstwhile.domain.vocabulary.identifiers import Ref
from erstwhile.domain.vocabulary.refusals import DeleteConflict, NoSuchEntity


class CreateUser(Command, frozen=True, kw_only=True):
    name: str
    new_id: str
    path: str = "/"
    boundary: str = ""
    tags: dict[str, str] = {}


@handles(CreateUser, depends_on=new_entity("user"))
def create_user(directory: Directory, command: CreateUser) -> Decided:
    check_new(directory, command.account, "user", command.name, command.path)
    limits.check_tags(command.tags)
    if command.boundary:
        need_policy(directory, command.account, command.boundary)
    arn = arn_of(directory, command.account, "user", command.path, command.name)
    subject = Ref("user", command.name, command.new_id)
    return [UserCreated(subject=subject, path=command.path, arn=arn, tags=command.tags, boundary=command.boundary)]


class UpdateUser(Command, frozen=True, kw_only=True):
    name: str
    new_name: str = ""
    new_path: str = ""


@handles(UpdateUser, depends_on=renamed("user"))
def update_user(directory: Directory, command: UpdateUser) -> Decided:
    entity = _renamed(directory, command, "user")
    if not command.new_name and not command.new_path:
        return []
    return [UserRenamed(subject=ref(entity), new_name=command.new_name, new_path=command.new_path)]


class DeleteUser(Command, frozen=True, kw_only=True):
    name: str


@handles(DeleteUser, depends_on=about("user"))
def delete_user(directory: Directory, command: DeleteUser) -> Decided:
    entity = need(directory, command.account, "user", command.name)
    refuse_while_used(entity)
    return [UserDeleted(subject=ref(entity))]


class CreateGroup(Command, frozen=True, kw_only=True):
    name: str
    new_id: str
    path: str = "/"


@handles(CreateGroup, depends_on=new_entity("group"))
def create_group(directory: Directory, command: CreateGroup) -> Decided:
    check_new(directory, command.account, "group", command.name, command.path)
    arn = arn_of(directory, command.account, "group", command.path, command.name)
    return [GroupCreated(subject=Ref("group", command.name, command.new_id), path=command.path, arn=arn)]


class UpdateGroup(Command, frozen=True, kw_only=True):
    name: str
    new_name: str = ""
    new_path: str = ""


@handles(UpdateGroup, depends_on=renamed("group"))
def update_group(directory: Directory, command: UpdateGroup) -> Decided:
    entity = _renamed(directory, command, "group")
    if not command.new_name and not command.new_path:
        return []
    return [GroupRenamed(subject=ref(entity), new_name=command.new_name, new_path=command.new_path)]


def _renamed(directory: Directory, command: UpdateUser | UpdateGroup, kind: str) -> Entity:
    entity = need(directory, command.account, kind, command.name)
    if command.new_name and command.new_name != entity.name:
        limits.check_name(kind, command.new_name)
        # Its own name in another case is taken, too.
        refuse_existing(directory, command.account, kind, command.new_name)
    if command.new_path:
        limits.check_path(command.new_path)
    return entity


class DeleteGroup(Command, frozen=True, kw_only=True):
    name: str


@handles(DeleteGroup, depends_on=about("group"))
def delete_group(directory: Directory, command: DeleteGroup) -> Decided:
    entity = need(directory, command.account, "group", command.name)
    if directory.members_of(entity):
        raise DeleteConflict("Cannot delete entity, must remove users from group first.")
    refuse_while_used(entity)
    return [GroupDeleted(subject=ref(entity))]


class AddUserToGroup(Command, frozen=True, kw_only=True):
    user: str
    group: str


class RemoveUserFromGroup(Command, frozen=True, kw_only=True):
    user: str
    group: str


def _membership(directory: Directory, command: AddUserToGroup | RemoveUserFromGroup) -> Items:
    return (
        anything_about(directory, command, "user", command.user),
        is_deleted(directory, command, "group", command.group),
    )


@handles(AddUserToGroup, depends_on=_membership)
def add_user_to_group(directory: Directory, command: AddUserToGroup) -> Decided:
    group = need(directory, command.account, "group", command.group)
    user = need(directory, command.account, "user", command.user)
    if group.id in user.group_ids:
        return []
    limits.check_count(user.group_ids, limits.GROUPS_PER_USER, "GroupsPerUser")
    return [GroupMemberAdded(subject=ref(user), group=ref(group))]


@handles(RemoveUserFromGroup, depends_on=_membership)
def remove_user_from_group(directory: Directory, command: RemoveUserFromGroup) -> Decided:
    group = need(directory, command.account, "group", command.group)
    user = need(directory, command.account, "user", command.user)
    if group.id not in user.group_ids:
        raise NoSuchEntity(f"User {command.user} is not in group {command.group}.")
    return [GroupMemberRemoved(subject=ref(user), group=ref(group))]
