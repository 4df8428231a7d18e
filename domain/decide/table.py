# mypyc: compiled
"""Which function decides which command; one line each."""

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
from erstwhile.domain.decide import account, credentials, policies, principals, resources, settings
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.events import Body
from erstwhile.domain.vocabulary.refusals import AccountNotGoverned

DECIDE: dict[type[Command], Callable[[Directory, Any], list[Body]]] = {
    RegisterAccount: account.register_account,
    RecordRefusal: account.record_refusal,
    RecordLock: account.record_lock,
    RecordSession: account.record_session,
    q.CreateUser: principals.create_user,
    q.UpdateUser: principals.update_user,
    q.DeleteUser: principals.delete_user,
    q.CreateGroup: principals.create_group,
    q.UpdateGroup: principals.update_group,
    q.DeleteGroup: principals.delete_group,
    q.AddUserToGroup: principals.add_user_to_group,
    q.RemoveUserFromGroup: principals.remove_user_from_group,
    q.CreateRole: principals.create_role,
    q.UpdateRole: principals.update_role,
    q.UpdateAssumeRolePolicy: principals.update_assume_role_policy,
    q.DeleteRole: principals.delete_role,
    q.CreateServiceLinkedRole: principals.create_service_linked_role,
    q.DeleteServiceLinkedRole: principals.delete_service_linked_role,
    q.CreateInstanceProfile: principals.create_instance_profile,
    q.DeleteInstanceProfile: principals.delete_instance_profile,
    q.AddRoleToInstanceProfile: principals.add_role_to_instance_profile,
    q.RemoveRoleFromInstanceProfile: principals.remove_role_from_instance_profile,
    q.Tag: principals.tag,
    q.Untag: principals.untag,
    p.CreatePolicy: policies.create_policy,
    p.CreatePolicyVersion: policies.create_policy_version,
    p.SetDefaultPolicyVersion: policies.set_default_policy_version,
    p.DeletePolicyVersion: policies.delete_policy_version,
    p.DeletePolicy: policies.delete_policy,
    p.AttachPolicy: policies.attach_policy,
    p.DetachPolicy: policies.detach_policy,
    p.PutInlinePolicy: policies.put_inline_policy,
    p.DeleteInlinePolicy: policies.delete_inline_policy,
    p.PutPermissionsBoundary: policies.put_permissions_boundary,
    p.DeletePermissionsBoundary: policies.delete_permissions_boundary,
    k.CreateAccessKey: credentials.create_access_key,
    k.UpdateAccessKey: credentials.update_access_key,
    k.DeleteAccessKey: credentials.delete_access_key,
    k.CreateLoginProfile: credentials.create_login_profile,
    k.UpdateLoginProfile: credentials.update_login_profile,
    k.DeleteLoginProfile: credentials.delete_login_profile,
    k.PutCredential: credentials.put_credential,
    k.RemoveCredential: credentials.remove_credential,
    k.EnableMfaDevice: credentials.enable_mfa_device,
    k.DeactivateMfaDevice: credentials.deactivate_mfa_device,
    r.RegisterResource: resources.register_resource,
    r.DeregisterResource: resources.deregister_resource,
    r.PutResourcePolicy: resources.put_resource_policy,
    r.DeleteResourcePolicy: resources.delete_resource_policy,
    r.SetOrganization: resources.set_organization,
    r.PutGuardrail: resources.put_guardrail,
    r.AttachGuardrail: resources.attach_guardrail,
    r.DetachGuardrail: resources.detach_guardrail,
    r.DeleteGuardrail: resources.delete_guardrail,
    s.CreateSetting: settings.create_setting,
    s.PutSetting: settings.put_setting,
    s.MoveSetting: settings.move_setting,
    s.RemoveSetting: settings.remove_setting,
}


def decide(directory: Directory, command: Command) -> list[Body]:
    """The events that a command makes; none when it is so already. Raises Refusal."""
    if not isinstance(command, RegisterAccount | RecordRefusal | RecordLock):
        mode = directory.mode(command.account)
        if mode != "governed":
            what = "observed here: change it where it lives, and import the records" if mode else "not known here"
            raise AccountNotGoverned(f"account {command.account} is {what}")
    return DECIDE[type(command)](directory, command)
