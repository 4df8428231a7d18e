# mypyc: compiled
"""The ARNs of the resources that a call acts on, for comparison with policies.

Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
"""

from __future__ import annotations

from functools import cache

from erstwhile.api.aws.access.call import Call
from erstwhile.api.aws.access.linked_role_names import linked_role_arn
from erstwhile.domain.commands.lookups import find_setting
from erstwhile.domain.policy.knowledge.service_reference import action_details
from erstwhile.domain.vocabulary.identifiers import entity_arn

BY_NAME = {
    "user": "UserName",
    "group": "GroupName",
    "role": "RoleName",
    "instance-profile": "InstanceProfileName",
}
_ARNS = {
    "policy": ("PolicyArn", "Arn"),
    "user": ("Arn", "PolicySourceArn"),
    "group": ("Arn", "PolicySourceArn"),
    "role": ("Arn", "PolicySourceArn"),
    "oidc-provider": ("OpenIDConnectProviderArn",),
    "saml-provider": ("SAMLProviderArn",),
    "mfa": ("SerialNumber",),
}
"""Parameters that are the resource's ARN."""
_LISTINGS = {
    "ListUsers": "user", "ListGroups": "group", "ListRoles": "role", "ListInstanceProfiles": "instance-profile",
    "ListServerCertificates": "server-certificate", "ListVirtualMFADevices": "mfa",
}  # fmt: skip
"""Listings act on a path, as AWS's errors show: `arn:aws:iam::111122223333:user/`."""
_PROVIDERS = {"ListSAMLProviders": "saml-provider", "ListOpenIDConnectProviders": "oidc-provider"}
_NAMED = {"mfa": "VirtualMFADeviceName", "saml-provider": "Name"}
_MOVED = {
    "UpdateUser": ("user", "NewUserName"),
    "UpdateGroup": ("group", "NewGroupName"),
    "UpdateServerCertificate": ("server-certificate", "NewServerCertificateName"),
}
"""Operations that need permission for the old name and for the new name.

Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateUser.html (and those of the others)"""
_CREATED = {
    "CreateUser": "user", "CreateGroup": "group", "CreateRole": "role", "CreateInstanceProfile": "instance-profile",
    "CreatePolicy": "policy",
}  # fmt: skip
"""Operations that act on the entity that they would create, even if the name is taken."""
_OF_ALL_USERS = frozenset(("ListServiceSpecificCredentials",))
"""Operations that act on all users of the account where AllUsers is given."""


@cache
def kinds_of(operation: str) -> tuple[str, ...]:
    """The types of resources that an operation of IAM acts on."""
    details = action_details("iam", operation)
    return tuple(str(each["name"]) for each in details["resourceTypes"]) if details else ()


def resources_of(call: Call) -> list[str]:
    """The ARNs for each of which the call needs permission for its action."""
    found = resource_of(call)
    moved = _moved_to(call, found) if call.operation in _MOVED else found
    return [found] if moved == found else [found, moved]


def _moved_to(call: Call, arn: str) -> str:
    kind, parameter = _MOVED[call.operation]
    old = arn.partition(f":{kind}")[2]
    path = call.get("NewPath") or old[: old.rfind("/") + 1]
    return _arn(call, kind, f"{path}{call.get(parameter) or old.rpartition('/')[2]}")


def resource_of(call: Call) -> str:
    """The ARN of the resource that the call acts on; `*` for calls without a single resource."""
    if call.service == "sts":
        return _of_sts(call)
    if call.operation in _LISTINGS:
        return _arn(call, _LISTINGS[call.operation], call.given.get("PathPrefix") or "/")
    if call.operation in _PROVIDERS:
        return _arn(call, _PROVIDERS[call.operation], "/*")
    match call.operation:
        case "ListPolicies":
            return f"policy path {call.given.get('PathPrefix') or '/'}"
        case "CreateServiceLinkedRole":
            return linked_role_arn(call, call.given["AWSServiceName"], call.given.get("CustomSuffix", ""))
        case "GetServiceLinkedRoleDeletionStatus":
            return _arn(call, "role", "/" + "/".join(call.given["DeletionTaskId"].split("/")[1:4]))
        case "GenerateOrganizationsAccessReport":
            return _arn(call, "access-report", f"/{call.given['EntityPath']}")
        case "GetAccessKeyLastUsed":
            return _owner_of_key(call)
        case _:
            return _of_iam(call)


def _owner_of_key(call: Call) -> str:
    owner = call.directory.with_access_key(call.given["AccessKeyId"])
    return owner.arn if owner is not None and owner.account == call.account else _arn(call, "user", "/*")


def _of_iam(call: Call) -> str:
    given = call.given
    for kind in kinds_of(call.operation):
        for parameter in _ARNS.get(kind, ()):
            if str(given.get(parameter, "")).startswith("arn:"):
                return str(given[parameter])
        name = given.get("PolicyName" if kind == "policy" else BY_NAME.get(kind, ""))
        if name is None and kind == "user" and "UserName" not in given and call.identity.kind == "IAMUser":
            if call.operation in _OF_ALL_USERS and given.get("AllUsers"):
                return _arn(call, "user", "/*")
            return call.identity.arn  # without UserName these act on the caller
        if name is not None:
            return arn_of(call, kind, str(name))
        if kind == "server-certificate" and "ServerCertificateName" in given:
            return _certificate(call, given["ServerCertificateName"])
        if kind in _NAMED and _NAMED[kind] in given:
            path = call.get("Path") or "/"
            return _arn(call, kind, f"{path if kind != 'saml-provider' else '/'}{given[_NAMED[kind]]}")
        if kind == "oidc-provider" and "Url" in given:
            return _arn(call, kind, "/" + provider_host(given["Url"]))
    return "*"


def _of_sts(call: Call) -> str:
    given = call.given
    match call.operation:
        case "GetFederationToken":
            return f"arn:{call.partition}:sts::{call.account}:federated-user/{given['Name']}"
        case "AssumeRoot":
            return f"arn:{call.partition}:iam::{root_account(given['TargetPrincipal'])}:root"
        case _:
            return str(given.get("RoleArn", "*"))


def root_account(target: str) -> str:
    """The account in AssumeRoot's TargetPrincipal: twelve digits, or the ARN of the account's root user."""
    return target.split(":")[4] if target.startswith("arn:") and target.count(":") == 5 else target


def provider_host(url: str) -> str:
    """An OpenID Connect provider's name: its URL without the scheme, otherwise unchanged."""
    return url[len("https://") :] if url[:8].lower() == "https://" else url


def _arn(call: Call, kind: str, rest: str) -> str:
    return f"arn:{call.partition}:iam::{call.account}:{kind}{rest}"


def _certificate(call: Call, name: str) -> str:
    """The ARN of a server certificate, with the path of the existing one, or the path that it would get."""
    held = find_setting(call.directory, call.account, "server-certificate", name)
    path = call.given.get("Path") or "/"
    if held is not None:
        path = held.setting.get("Path") or "/"
    return _arn(call, "server-certificate", f"{path}{name}")


def arn_of(call: Call, kind: str, name: str) -> str:
    """The ARN that an entity has, or would have if it does not exist."""
    entity = call.directory.named(call.account, kind, name)
    if entity is not None and entity.arn and _CREATED.get(call.operation) != kind:
        return entity.arn
    return entity_arn(call.account, kind, call.given.get("Path") or "/", name, call.partition)
