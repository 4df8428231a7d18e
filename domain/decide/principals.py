# mypyc: compiled
"""Deciding on users, groups, roles and instance profiles."""

from __future__ import annotations

from erstwhile.domain.commands import principals as c
from erstwhile.domain.decide import limits
from erstwhile.domain.decide.lookups import arn_of, need, need_policy, need_principals, ref, refuse_existing
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.events import Body
from erstwhile.domain.events import principals as e
from erstwhile.domain.events.policies import PolicyAttached, PolicyDetached
from erstwhile.domain.vocabulary.identifiers import Ref
from erstwhile.domain.vocabulary.refusals import (
    DeleteConflict,
    InvalidInput,
    LimitExceeded,
    NoSuchEntity,
    UnmodifiableEntity,
    ValidationError,
)

Decided = list[Body]


def _new(directory: Directory, account: str, kind: str, name: str, path: str) -> None:
    limits.check_name(kind, name)
    limits.check_path(path)
    refuse_existing(directory, account, kind, name)
    limits.check_account_quota(directory, account, kind)


def create_user(directory: Directory, command: c.CreateUser) -> Decided:
    _new(directory, command.account, "user", command.name, command.path)
    limits.check_tags(command.tags)
    if command.boundary:
        need_policy(directory, command.account, command.boundary)
    arn = arn_of(directory, command.account, "user", command.path, command.name)
    subject = Ref("user", command.name, command.new_id)
    return [e.UserCreated(subject=subject, path=command.path, arn=arn, tags=command.tags, boundary=command.boundary)]


def create_group(directory: Directory, command: c.CreateGroup) -> Decided:
    _new(directory, command.account, "group", command.name, command.path)
    arn = arn_of(directory, command.account, "group", command.path, command.name)
    return [e.GroupCreated(subject=Ref("group", command.name, command.new_id), path=command.path, arn=arn)]


def _check_duration(seconds: int) -> None:
    if not 3600 <= seconds <= 43200:
        raise ValidationError(f"MaxSessionDuration must be 3600 to 43200 seconds, not {seconds}")


def create_role(directory: Directory, command: c.CreateRole) -> Decided:
    _new(directory, command.account, "role", command.name, command.path)
    limits.check_tags(command.tags)
    _check_duration(command.max_session_duration)
    principals = _check_trust(directory, command.trust_policy)
    if command.boundary:
        need_policy(directory, command.account, command.boundary)
    return [
        e.RoleCreated(
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


def _check_trust(directory: Directory, document: str) -> dict[str, str] | None:
    """Whom it names, by unique id. Raises MalformedPolicyDocument, LimitExceeded."""
    limits.check_document(document, "trust", limits.DOCUMENT_LENGTH["trust"])
    return need_principals(directory, document)


def create_instance_profile(directory: Directory, command: c.CreateInstanceProfile) -> Decided:
    _new(directory, command.account, "instance-profile", command.name, command.path)
    limits.check_tags(command.tags)
    arn = arn_of(directory, command.account, "instance-profile", command.path, command.name)
    subject = Ref("instance-profile", command.name, command.new_id)
    return [e.InstanceProfileCreated(subject=subject, path=command.path, arn=arn, tags=command.tags)]


def _renamed(directory: Directory, command: c.UpdateUser | c.UpdateGroup, kind: str) -> Entity:
    entity = need(directory, command.account, kind, command.name)
    if command.new_name and command.new_name != entity.name:
        limits.check_name(kind, command.new_name)
        # Its own name in another case is taken, too.
        refuse_existing(directory, command.account, kind, command.new_name)
    if command.new_path:
        limits.check_path(command.new_path)
    return entity


def update_user(directory: Directory, command: c.UpdateUser) -> Decided:
    entity = _renamed(directory, command, "user")
    if not command.new_name and not command.new_path:
        return []
    return [e.UserRenamed(subject=ref(entity), new_name=command.new_name, new_path=command.new_path)]


def update_group(directory: Directory, command: c.UpdateGroup) -> Decided:
    entity = _renamed(directory, command, "group")
    if not command.new_name and not command.new_path:
        return []
    return [e.GroupRenamed(subject=ref(entity), new_name=command.new_name, new_path=command.new_path)]


def update_role(directory: Directory, command: c.UpdateRole) -> Decided:
    entity = _modifiable_role(directory, command.account, command.name)
    if command.max_session_duration is not None:
        _check_duration(command.max_session_duration)
    return [
        e.RoleUpdated(
            subject=ref(entity),
            description=command.description,
            max_session_duration=command.max_session_duration,
        )
    ]


def update_assume_role_policy(directory: Directory, command: c.UpdateAssumeRolePolicy) -> Decided:
    entity = _modifiable_role(directory, command.account, command.name)
    principals = _check_trust(directory, command.document)
    return [e.TrustPolicyUpdated(subject=ref(entity), document=command.document, principals=principals)]


def _modifiable_role(directory: Directory, account: str, name: str) -> Entity:
    entity = need(directory, account, "role", name)
    if (entity.value("entity") or {}).get("service_linked"):
        raise UnmodifiableEntity(f"The role {name} is linked to a service and cannot be changed.")
    return entity


_CONFLICTS = {
    "attached": "must detach all policies first.",
    "inline": "must delete policies first.",
    "member_of": "must remove users from group first.",
    "access_key": "must delete access keys first.",
    "login_profile": "must delete login profile first.",
    "mfa": "must delete MFA device first.",
    "credential": "must delete certificates, public keys and service specific credentials first.",
    "role": "must remove roles from instance profile first.",
}


def _refuse_while_used(entity: Entity) -> None:
    for attribute, words in _CONFLICTS.items():
        if entity.items(attribute):
            raise DeleteConflict(f"Cannot delete entity, {words}")


def delete_user(directory: Directory, command: c.DeleteUser) -> Decided:
    entity = need(directory, command.account, "user", command.name)
    _refuse_while_used(entity)
    return [e.UserDeleted(subject=ref(entity))]


def delete_group(directory: Directory, command: c.DeleteGroup) -> Decided:
    entity = need(directory, command.account, "group", command.name)
    if directory.members_of(entity):
        raise DeleteConflict("Cannot delete entity, must remove users from group first.")
    _refuse_while_used(entity)
    return [e.GroupDeleted(subject=ref(entity))]


def delete_role(directory: Directory, command: c.DeleteRole) -> Decided:
    entity = _modifiable_role(directory, command.account, command.name)
    if directory.links.count(command.account, "role", entity.id):
        raise DeleteConflict("Cannot delete entity, must remove roles from instance profile first.")
    _refuse_while_used(entity)
    return [e.RoleDeleted(subject=ref(entity))]


def create_service_linked_role(directory: Directory, command: c.CreateServiceLinkedRole) -> Decided:
    limits.check_name("role", command.name)
    if directory.named(command.account, "role", command.name) is not None:
        raise InvalidInput(
            f"Service role name {command.name} has been taken in this account, please try a different suffix."
        )
    limits.check_account_quota(directory, command.account, "role")
    subject = Ref("role", command.name, command.new_id)
    made: Decided = [
        e.RoleCreated(
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


def delete_service_linked_role(directory: Directory, command: c.DeleteServiceLinkedRole) -> Decided:
    entity = need(directory, command.account, "role", command.name)
    if not (entity.value("entity") or {}).get("service_linked"):
        raise NoSuchEntity(f"The role {command.name} is not linked to a service.")
    detached: Decided = [
        PolicyDetached(subject=ref(entity), policy_arn=arn) for arn in sorted(entity.items("attached"))
    ]
    return [*detached, e.RoleDeleted(subject=ref(entity))]


def delete_instance_profile(directory: Directory, command: c.DeleteInstanceProfile) -> Decided:
    entity = need(directory, command.account, "instance-profile", command.name)
    _refuse_while_used(entity)
    return [e.InstanceProfileDeleted(subject=ref(entity))]


def add_user_to_group(directory: Directory, command: c.AddUserToGroup) -> Decided:
    group = need(directory, command.account, "group", command.group)
    user = need(directory, command.account, "user", command.user)
    if user.has("member_of", group.id):
        return []
    limits.check_count(user, "member_of", limits.GROUPS_PER_USER, "GroupsPerUser")
    return [e.GroupMemberAdded(subject=ref(user), group=ref(group))]


def remove_user_from_group(directory: Directory, command: c.RemoveUserFromGroup) -> Decided:
    group = need(directory, command.account, "group", command.group)
    user = need(directory, command.account, "user", command.user)
    if not user.has("member_of", group.id):
        raise NoSuchEntity(f"User {command.user} is not in group {command.group}.")
    return [e.GroupMemberRemoved(subject=ref(user), group=ref(group))]


def add_role_to_instance_profile(directory: Directory, command: c.AddRoleToInstanceProfile) -> Decided:
    profile = need(directory, command.account, "instance-profile", command.name)
    role = _modifiable_role(directory, command.account, command.role)
    if len(profile.items("role")) >= limits.ROLES_PER_PROFILE:
        raise LimitExceeded(f"Cannot exceed quota for InstanceSessionsPerInstanceProfile: {limits.ROLES_PER_PROFILE}")
    return [e.RoleAddedToInstanceProfile(subject=ref(profile), role=ref(role))]


def remove_role_from_instance_profile(directory: Directory, command: c.RemoveRoleFromInstanceProfile) -> Decided:
    profile = need(directory, command.account, "instance-profile", command.name)
    role = _modifiable_role(directory, command.account, command.role)
    if not profile.has("role", role.id):
        raise NoSuchEntity(f"Role {command.role} is not in instance profile {command.name}.")
    return [e.RoleRemovedFromInstanceProfile(subject=ref(profile), role=ref(role))]


def tag(directory: Directory, command: c.Tag) -> Decided:
    """A key takes the place of one that differs in case alone.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html#id_tags_rules_creating
    """
    entity = _taggable(directory, command)
    limits.check_tags(command.tags)
    held = {key.lower(): key for key in entity.items("tag")}
    fresh = {key: value for key, value in command.tags.items() if key.lower() not in held}
    limits.check_tags(fresh, already=len(held))
    replaced = [held[key.lower()] for key in command.tags if held.get(key.lower(), key) != key]
    untagged: Decided = [e.Untagged(subject=ref(entity), keys=replaced)] if replaced else []
    return [*untagged, e.Tagged(subject=ref(entity), tags=command.tags)]


def untag(directory: Directory, command: c.Untag) -> Decided:
    entity = _taggable(directory, command)
    wanted = {key.lower() for key in command.keys}
    keys = [key for key in entity.items("tag") if key.lower() in wanted]
    return [e.Untagged(subject=ref(entity), keys=keys or list(command.keys))]


def _taggable(directory: Directory, command: c.Tag | c.Untag) -> Entity:
    if command.kind not in ("user", "role", "policy", "instance-profile"):
        raise InvalidInput(f"{command.kind} has no tags")
    return need(directory, command.account, command.kind, command.name)
