# mypyc: compiled
"""What each command depends on: the later events that would make its decision void.

Creating and renaming depend on the name; attaching on deletions of either side and on this principal's
attachments; deleting on all that adds to its target. The command's own subject is named by unique id, so
that a namesake is another.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from erstwhile.domain.commands import Command
from erstwhile.domain.commands import credentials as k
from erstwhile.domain.commands import policies as p
from erstwhile.domain.commands import principals as q
from erstwhile.domain.commands import resources as r
from erstwhile.domain.commands import settings as s
from erstwhile.domain.commands.account import RecordLock, RecordRefusal, RecordSession, RegisterAccount
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.event_log.append_condition import QueryItem
from erstwhile.domain.policy.language.document import MalformedDocument
from erstwhile.domain.policy.language.principal_binding import named, place_of
from erstwhile.domain.replay.event_slots import mfa_tag, setting_tag
from erstwhile.domain.vocabulary.identifiers import account_tag, id_tag, name_tag, policy_account, policy_name_of

Items = tuple[QueryItem, ...]
_EXISTENCE = {
    "user": ("iam.UserCreated", "iam.UserRenamed", "iam.UserDeleted"),
    "group": ("iam.GroupCreated", "iam.GroupRenamed", "iam.GroupDeleted"),
    "role": ("iam.RoleCreated", "iam.RoleDeleted"),
    "policy": ("iam.PolicyCreated", "iam.PolicyDeleted"),
    "instance-profile": ("iam.InstanceProfileCreated", "iam.InstanceProfileDeleted"),
}


def _name(command: Command, kind: str, name: str) -> QueryItem:
    """Whoever takes or leaves the name."""
    return QueryItem(_EXISTENCE[kind], (name_tag(command.account, kind, name),))


def _all_of(directory: Directory, command: Command, kind: str, name: str) -> QueryItem:
    """Anything that happens to the one who bears the name."""
    entity = directory.named(command.account, kind, name)
    return QueryItem((), (id_tag(kind, entity.id) if entity else name_tag(command.account, kind, name),))


def _policy(command: Command, arn: str) -> Items:
    """A customer-managed policy's end; AWS's own do not end."""
    if policy_account(arn) != command.account:
        return ()
    return (QueryItem(("iam.PolicyDeleted",), (name_tag(command.account, "policy", policy_name_of(arn)),)),)


def _create(kind: str) -> Callable[[Directory, Any], Items]:
    def items(_directory: Directory, command: Any) -> Items:
        boundary = getattr(command, "boundary", "")
        return (_name(command, kind, command.name), *(_policy(command, boundary) if boundary else ()))

    return items


def _named(document: str | None) -> Items:
    """Whoever takes or leaves the names of the users and roles that a policy names."""
    if document is None:
        return ()
    try:
        places = dict.fromkeys(place for name in named(document) if (place := place_of(name)) is not None)
    except MalformedDocument:
        return ()  # it is refused
    return tuple(QueryItem(_EXISTENCE[kind], (name_tag(account, kind, name),)) for account, kind, name in places)


def _create_role(directory: Directory, command: q.CreateRole) -> Items:
    return (*_create("role")(directory, command), *_named(command.trust_policy))


def _trust(directory: Directory, command: q.UpdateAssumeRolePolicy) -> Items:
    return (*_entity("role")(directory, command), *_named(command.document))


def _resource_policy(directory: Directory, command: r.RegisterResource | r.PutResourcePolicy) -> Items:
    return (*_resource(directory, command), *_named(command.document))


def _rename(kind: str) -> Callable[[Directory, Any], Items]:
    def items(directory: Directory, command: Any) -> Items:
        mine = _all_of(directory, command, kind, command.name)
        return (mine, _name(command, kind, command.new_name)) if command.new_name else (mine,)

    return items


def _entity(kind: str, field: str = "name") -> Callable[[Directory, Any], Items]:
    return lambda directory, command: (_all_of(directory, command, kind, getattr(command, field)),)


def _of_kind(directory: Directory, command: Any) -> Items:
    return (_all_of(directory, command, command.kind, command.name),)


def _membership(directory: Directory, command: q.AddUserToGroup | q.RemoveUserFromGroup) -> Items:
    group = directory.named(command.account, "group", command.group)
    tag = id_tag("group", group.id) if group else name_tag(command.account, "group", command.group)
    return (_all_of(directory, command, "user", command.user), QueryItem(("iam.GroupDeleted",), (tag,)))


def _profile_role(directory: Directory, command: q.AddRoleToInstanceProfile | q.RemoveRoleFromInstanceProfile) -> Items:
    role = directory.named(command.account, "role", command.role)
    tag = id_tag("role", role.id) if role else name_tag(command.account, "role", command.role)
    return (
        _all_of(directory, command, "instance-profile", command.name),
        QueryItem(("iam.RoleDeleted",), (tag,)),
    )


def _attachment(directory: Directory, command: p.AttachPolicy | p.DetachPolicy | p.PutPermissionsBoundary) -> Items:
    return (*_of_kind(directory, command), *_policy(command, command.policy_arn))


def _of_policy(_directory: Directory, command: Any) -> Items:
    """All that is said of the policy, attaching it included."""
    return (QueryItem((), (name_tag(command.account, "policy", policy_name_of(command.arn)),)),)


def _resource(_directory: Directory, command: Any) -> Items:
    return (QueryItem((), (f"resource:{command.resource}",)),)


def _setting(_directory: Directory, command: Any) -> Items:
    return (QueryItem((), (setting_tag(command.account, command.category, command.name),)),)


def _moved_setting(directory: Directory, command: s.MoveSetting) -> Items:
    return (
        *_setting(directory, command),
        QueryItem((), (setting_tag(command.account, command.category, command.new_name),)),
    )


def _removed_setting(directory: Directory, command: s.RemoveSetting) -> Items:
    """An MFA device that somebody takes into use meanwhile stays."""
    return (*_setting(directory, command), QueryItem(("iam.MfaDeviceEnabled",), (mfa_tag(command.name),)))


def _mfa(directory: Directory, command: k.EnableMfaDevice) -> Items:
    return (
        _all_of(directory, command, "user", command.user),
        QueryItem((), (setting_tag(command.account, "virtual-mfa-device", command.serial_number),)),
        QueryItem(("iam.MfaDeviceEnabled",), (mfa_tag(command.serial_number),)),
    )


def _organization(_directory: Directory, command: Command) -> Items:
    return (QueryItem((), (f"organization:{command.account}",)),)


def _account(_directory: Directory, command: Command) -> Items:
    return (QueryItem(("iam.AccountRegistered",), (account_tag(command.account),)),)


DEPENDENCIES: dict[type[Command], Callable[[Directory, Any], Items]] = {
    RegisterAccount: _account,
    RecordRefusal: lambda _directory, _command: (),
    RecordLock: lambda _directory, _command: (),
    RecordSession: lambda _directory, _command: (),
    q.CreateUser: _create("user"),
    q.CreateGroup: _create("group"),
    q.CreateRole: _create_role,
    q.CreateInstanceProfile: _create("instance-profile"),
    p.CreatePolicy: _create("policy"),
    q.UpdateUser: _rename("user"),
    q.UpdateGroup: _rename("group"),
    q.DeleteUser: _entity("user"),
    q.DeleteGroup: _entity("group"),
    q.DeleteRole: _entity("role"),
    q.DeleteInstanceProfile: _entity("instance-profile"),
    q.UpdateRole: _entity("role"),
    q.CreateServiceLinkedRole: _create("role"),
    q.DeleteServiceLinkedRole: _entity("role"),
    q.UpdateAssumeRolePolicy: _trust,
    q.AddUserToGroup: _membership,
    q.RemoveUserFromGroup: _membership,
    q.AddRoleToInstanceProfile: _profile_role,
    q.RemoveRoleFromInstanceProfile: _profile_role,
    q.Tag: _of_kind,
    q.Untag: _of_kind,
    p.CreatePolicyVersion: _of_policy,
    p.SetDefaultPolicyVersion: _of_policy,
    p.DeletePolicyVersion: _of_policy,
    p.DeletePolicy: _of_policy,
    p.AttachPolicy: _attachment,
    p.DetachPolicy: _attachment,
    p.PutInlinePolicy: _of_kind,
    p.DeleteInlinePolicy: _of_kind,
    p.PutPermissionsBoundary: _attachment,
    p.DeletePermissionsBoundary: _of_kind,
    k.CreateAccessKey: _entity("user", "user"),
    k.UpdateAccessKey: _entity("user", "user"),
    k.DeleteAccessKey: _entity("user", "user"),
    k.CreateLoginProfile: _entity("user", "user"),
    k.UpdateLoginProfile: _entity("user", "user"),
    k.DeleteLoginProfile: _entity("user", "user"),
    k.PutCredential: _entity("user", "user"),
    k.RemoveCredential: _entity("user", "user"),
    k.EnableMfaDevice: _mfa,
    k.DeactivateMfaDevice: _entity("user", "user"),
    r.RegisterResource: _resource_policy,
    r.DeregisterResource: _resource,
    r.PutResourcePolicy: _resource_policy,
    r.DeleteResourcePolicy: _resource,
    r.SetOrganization: _organization,
    r.PutGuardrail: _organization,
    r.AttachGuardrail: _organization,
    r.DetachGuardrail: _organization,
    r.DeleteGuardrail: _organization,
    s.CreateSetting: _setting,
    s.PutSetting: _setting,
    s.MoveSetting: _moved_setting,
    s.RemoveSetting: _removed_setting,
}


def dependencies(directory: Directory, command: Command) -> Items:
    """The query items of a command, in the Directory that it was decided on."""
    return DEPENDENCIES[type(command)](directory, command)
