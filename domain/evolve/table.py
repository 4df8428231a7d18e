"""Which function evolves which event; one line each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from erstwhile.domain.events import Body
from erstwhile.domain.events import account as a
from erstwhile.domain.events import credentials as c
from erstwhile.domain.events import organizations as o
from erstwhile.domain.events import policies as p
from erstwhile.domain.events import principals as q
from erstwhile.domain.events import resources as r
from erstwhile.domain.evolve import account, credentials, organizations, policies, principals, resources
from erstwhile.domain.evolve.recorder import Recorder
from erstwhile.domain.vocabulary.identifiers import Ref

EVOLVE: dict[type[Body], Callable[[Recorder, Any], None]] = {
    a.AccountRegistered: account.registered,
    a.SnapshotTaken: account.snapshot_taken,
    a.RecordsImported: account.nothing,
    a.ChangeFailed: account.nothing,
    a.ClockStepped: account.nothing,
    a.CommandRefused: account.nothing,
    a.CredentialLocked: account.nothing,
    a.SessionIssued: account.nothing,
    a.ClaimSetAside: account.nothing,
    a.SignedIn: account.nothing,
    a.SettingPut: account.setting_put,
    a.SettingRemoved: account.setting_removed,
    q.PrincipalSeen: principals.seen,
    q.UserCreated: principals.user_created,
    q.GroupCreated: principals.group_created,
    q.RoleCreated: principals.role_created,
    q.InstanceProfileCreated: principals.instance_profile_created,
    q.UserRenamed: principals.renamed,
    q.GroupRenamed: principals.renamed,
    q.RoleUpdated: principals.role_updated,
    q.TrustPolicyUpdated: principals.trust_policy_updated,
    q.UserDeleted: principals.deleted,
    q.GroupDeleted: principals.deleted,
    q.RoleDeleted: principals.deleted,
    q.InstanceProfileDeleted: principals.deleted,
    q.GroupMemberAdded: principals.member_added,
    q.GroupMemberRemoved: principals.member_removed,
    q.RoleAddedToInstanceProfile: principals.role_added,
    q.RoleRemovedFromInstanceProfile: principals.role_removed,
    q.Tagged: principals.tagged,
    q.Untagged: principals.untagged,
    q.EntityListed: principals.listed,
    p.PolicyCreated: policies.created,
    p.PolicyVersionCreated: policies.version_created,
    p.PolicyVersionsMissing: policies.versions_missing,
    p.PolicyVersionDeleted: policies.version_deleted,
    p.DefaultPolicyVersionSet: policies.default_set,
    p.PolicyDeleted: policies.deleted,
    p.PolicyListed: policies.listed,
    p.PolicyAttached: policies.attached,
    p.PolicyDetached: policies.detached,
    p.InlinePolicyPut: policies.inline_put,
    p.InlinePolicyDeleted: policies.inline_deleted,
    p.PermissionsBoundarySet: policies.boundary_set,
    p.PermissionsBoundaryRemoved: policies.boundary_removed,
    c.AccessKeyCreated: credentials.access_key_created,
    c.AccessKeyStatusChanged: credentials.access_key_status_changed,
    c.AccessKeyDeleted: credentials.access_key_deleted,
    c.LoginProfileCreated: credentials.login_profile_put,
    c.LoginProfileUpdated: credentials.login_profile_put,
    c.LoginProfileDeleted: credentials.login_profile_deleted,
    c.MfaDeviceEnabled: credentials.mfa_enabled,
    c.MfaDeviceDeactivated: credentials.mfa_deactivated,
    c.CredentialPut: credentials.credential_put,
    c.CredentialRemoved: credentials.credential_removed,
    c.CredentialsListed: credentials.listed,
    r.ResourceRegistered: resources.registered,
    r.ResourceDeregistered: resources.deregistered,
    r.ResourcePolicyPut: resources.policy_put,
    r.ResourcePolicyDeleted: resources.policy_deleted,
    r.ResourceStatementAdded: resources.statement_added,
    r.ResourceStatementRemoved: resources.statement_removed,
    r.GrantCreated: resources.grant_created,
    r.GrantRetired: resources.grant_retired,
    r.AccountAssignmentCreated: resources.assignment_created,
    r.AccountAssignmentDeleted: resources.assignment_deleted,
    o.OrganizationListed: organizations.listed,
    o.OrganizationNodePlaced: organizations.node_placed,
    o.OrganizationNodeRemoved: organizations.node_removed,
    o.GuardrailPut: organizations.guardrail_put,
    o.GuardrailDeleted: organizations.guardrail_deleted,
    o.GuardrailAttached: organizations.guardrail_attached,
    o.GuardrailDetached: organizations.guardrail_detached,
    o.GuardrailTypeEnabled: organizations.type_enabled,
    o.GuardrailTypeDisabled: organizations.type_disabled,
}


def reference(recorder: Recorder, ref: Ref) -> None:
    """An event names this entity beside its subject: it exists, since before if nobody saw it begin."""
    recorder.known(ref)
