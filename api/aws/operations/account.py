"""The account as a whole: summary, authorization details, and simulation on the real engine."""

from __future__ import annotations

from typing import Any

from erstwhile.api.aws.call import Call, Operation, Result, of_account, page, tags_of
from erstwhile.api.aws.operations import settings, shapes
from erstwhile.domain.decide import limits
from erstwhile.domain.decide.lookups import find_setting
from erstwhile.domain.decide.settings import of_category
from erstwhile.domain.directory import Entity
from erstwhile.domain.identifiers import AWS_MANAGED, policy_name_of

_QUOTAS = {
    "UsersQuota": limits.PER_ACCOUNT["user"], "GroupsQuota": limits.PER_ACCOUNT["group"],
    "RolesQuota": limits.PER_ACCOUNT["role"], "PoliciesQuota": limits.PER_ACCOUNT["policy"],
    "InstanceProfilesQuota": limits.PER_ACCOUNT["instance-profile"], "GroupsPerUserQuota": limits.GROUPS_PER_USER,
    "AccessKeysPerUserQuota": limits.ACCESS_KEYS, "VersionsPerPolicyQuota": limits.VERSIONS,
    "AttachedPoliciesPerUserQuota": limits.ATTACHED, "AttachedPoliciesPerGroupQuota": limits.ATTACHED,
    "AttachedPoliciesPerRoleQuota": limits.ATTACHED, "PolicySizeQuota": limits.DOCUMENT_LENGTH["policy"],
    "UserPolicySizeQuota": limits.DOCUMENT_LENGTH["user"], "GroupPolicySizeQuota": limits.DOCUMENT_LENGTH["group"],
    "RolePolicySizeQuota": limits.DOCUMENT_LENGTH["role"], "AssumeRolePolicySizeQuota": limits.DOCUMENT_LENGTH["trust"],
}  # fmt: skip


def _count(call: Call, category: str) -> int:
    return len(of_category(call.directory, call.account, category))


def get_account_summary(call: Call) -> Result:
    users = of_account(call, "user")
    held = find_setting(call.directory, call.account, settings.PREFERENCES, settings.ACCOUNT)
    preferences = (held.value("setting") or {}) if held is not None else {}
    found: dict[str, int] = {
        "Users": len(users),
        "Groups": len(of_account(call, "group")),
        "Roles": len(of_account(call, "role")),
        "Policies": len(of_account(call, "policy")),
        "InstanceProfiles": len(of_account(call, "instance-profile")),
        "MFADevices": _count(call, "virtual-mfa-device"),
        "MFADevicesInUse": sum(len(user.items("mfa")) for user in users),
        "Providers": _count(call, "oidc-provider") + _count(call, "saml-provider"),
        "ServerCertificates": _count(call, "server-certificate"),
        "ServerCertificatesQuota": 20,
        "SigningCertificatesPerUserQuota": limits.SIGNING_CERTIFICATES,
        "AccountMFAEnabled": 0,
        "AccountAccessKeysPresent": int(call.keys.has_root(call.account)),
        "AccountSigningCertificatesPresent": 0,
        "AccountPasswordPresent": 0,
        "GlobalEndpointTokenVersion": 2 if preferences.get("GlobalEndpointTokenVersion") == "v2Token" else 1,
    }
    return {"SummaryMap": found | _QUOTAS}


def _inline(entity: Entity) -> list[dict[str, Any]]:
    return [
        {"PolicyName": name, "PolicyDocument": fact.value["document"] or ""}
        for name, fact in sorted(entity.items("inline").items())
    ]


def _attached(entity: Entity) -> list[dict[str, str]]:
    return [{"PolicyName": policy_name_of(arn), "PolicyArn": arn} for arn in sorted(entity.items("attached"))]


def get_account_authorization_details(call: Call) -> Result:
    """Users, groups, roles and policies with all that bears on them, in pages over all of them."""
    wanted = set(call.get("Filter") or ())
    found: list[tuple[str, dict[str, Any]]] = []
    directory = call.directory
    if not wanted or "User" in wanted:
        for user in of_account(call, "user"):
            groups = [directory.get(call.account, "group", each) for each in user.items("member_of")]
            more = {
                "UserPolicyList": _inline(user), "AttachedManagedPolicies": _attached(user), "Tags": tags_of(user),
                "GroupList": sorted(each.name for each in groups if each is not None),
            }  # fmt: skip
            found.append(("UserDetailList", shapes.user(user) | more))
    if not wanted or "Group" in wanted:
        for group in of_account(call, "group"):
            more = {"GroupPolicyList": _inline(group), "AttachedManagedPolicies": _attached(group)}
            found.append(("GroupDetailList", shapes.group(group) | more))
    if not wanted or "Role" in wanted:
        for role in of_account(call, "role"):
            profiles = [each for each in of_account(call, "instance-profile") if each.has("role", role.id)]
            more = {
                "RolePolicyList": _inline(role), "AttachedManagedPolicies": _attached(role), "Tags": tags_of(role),
                "InstanceProfileList": [shapes.instance_profile(directory, each, whole=False) for each in profiles],
            }  # fmt: skip
            shape = shapes.role(role)
            shape.pop("MaxSessionDuration")
            shape.pop("Description", None)
            found.append(("RoleDetailList", shape | more))
    for scope, account in (("LocalManagedPolicy", call.account), ("AWSManagedPolicy", AWS_MANAGED)):
        if not wanted or scope in wanted:
            for policy in directory.names.get((account, "policy"), {}).values():
                shape = shapes.policy(directory, call.account, policy, whole=False)
                if (
                    account == AWS_MANAGED
                    and not shape["AttachmentCount"]
                    and not shape["PermissionsBoundaryUsageCount"]
                ):
                    continue  # of AWS's, IAM lists those in use
                versions = [shapes.version(policy, each) for each in sorted(policy.items("version"))]
                found.append(("Policies", shape | {"PolicyVersionList": versions}))
    whole = page(call, found, "found")
    shown = whole.pop("found")
    members = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")
    return whole | {member: [shape for kind, shape in shown if kind == member] for member in members}


OPERATIONS: dict[str, Operation] = {
    "GetAccountSummary": get_account_summary,
    "GetAccountAuthorizationDetails": get_account_authorization_details,
}
