"""GetAccountSummary: the number of entities in an account, and its quotas."""

from __future__ import annotations

from functools import partial

from erstwhile.api.aws.access.call import Call, Operation, Result, Work
from erstwhile.api.aws.operations import root_keys, settings
from erstwhile.api.aws.secrets.access_keys import RootKey
from erstwhile.domain.commands import limits
from erstwhile.domain.commands.lookups import find_setting
from erstwhile.domain.commands.settings import of_category
from erstwhile.domain.directory.root_keys import ACTIVE, status_of

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


def get_account_summary(call: Call) -> Work:
    def then(call: Call, held: list[RootKey]) -> Result:
        live = [each for each in held if status_of(call.directory, call.account, each.access_key_id) == ACTIVE]
        return {"SummaryMap": _counts(call) | _QUOTAS | {"AccountAccessKeysPresent": int(bool(live))}}

    return Work(root_keys.of_root(call), then)


def _counts(call: Call) -> dict[str, int]:
    count = partial(call.directory.count, call.account)
    setting = find_setting(call.directory, call.account, settings.PREFERENCES, settings.ACCOUNT)
    preferences = setting.setting if setting is not None else {}
    return {
        "Users": count("user"),
        "Groups": count("group"),
        "Roles": count("role"),
        "Policies": count("policy"),
        "PolicyVersionsInUse": len(call.directory.links.targets(call.account, "attached")),
        "PolicyVersionsInUseQuota": 10_000,
        "InstanceProfiles": count("instance-profile"),
        "MFADevices": _count(call, "virtual-mfa-device"),
        "MFADevicesInUse": len(call.directory.links.targets(call.account, "mfa")),
        "Providers": _count(call, "oidc-provider") + _count(call, "saml-provider"),
        "ServerCertificates": _count(call, "server-certificate"),
        "ServerCertificatesQuota": 20,
        "SigningCertificatesPerUserQuota": limits.SIGNING_CERTIFICATES,
        "AccountMFAEnabled": 0,
        "AccountSigningCertificatesPresent": 0,
        "AccountPasswordPresent": 0,
        "GlobalEndpointTokenVersion": 2 if preferences.get("GlobalEndpointTokenVersion") == "v2Token" else 1,
    }


OPERATIONS: dict[str, Operation] = {
    "GetAccountSummary": get_account_summary,
}
