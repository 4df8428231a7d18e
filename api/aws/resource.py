"""What a call is about: the ARN of the resource that policies speak of.

Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
"""

from __future__ import annotations

from functools import cache
from urllib.parse import urlsplit

from erstwhile.api.aws.call import Call
from erstwhile.domain.identifiers import entity_arn
from erstwhile.domain.policy.catalogue import action_details

BY_NAME = {
    "user": "UserName",
    "group": "GroupName",
    "role": "RoleName",
    "instance-profile": "InstanceProfileName",
}
_ARNS = {
    "policy": ("PolicyArn", "Arn"),
    "user": ("Arn",),
    "group": ("Arn",),
    "role": ("Arn",),
    "oidc-provider": ("OpenIDConnectProviderArn",),
    "saml-provider": ("SAMLProviderArn",),
    "mfa": ("SerialNumber",),
}
"""Parameters that give the resource's ARN themselves."""
_LISTED = frozenset((*BY_NAME, "policy"))
_NAMED = {"server-certificate": "ServerCertificateName", "mfa": "VirtualMFADeviceName", "saml-provider": "Name"}


@cache
def _kinds(operation: str) -> tuple[str, ...]:
    """The types of resources that an operation of IAM is about."""
    details = action_details("iam", operation)
    return tuple(str(each["name"]) for each in details["resourceTypes"]) if details else ()


def resource_of(call: Call) -> str:
    """The ARN of what the call is about; `*` for calls about no one thing."""
    if call.service == "sts":
        return _of_sts(call)
    given, kinds = call.given, _kinds(call.operation)
    for kind in kinds:
        for parameter in _ARNS.get(kind, ()):
            if str(given.get(parameter, "")).startswith("arn:"):
                return str(given[parameter])
        name = given.get("PolicyName" if kind == "policy" else BY_NAME.get(kind, ""))
        if name is None and kind == "user" and "UserName" not in given and call.identity.kind == "IAMUser":
            return call.identity.arn  # these are about the caller, where nobody is named
        if name is not None:
            return arn_of(call, kind, str(name))
        if kind in _NAMED and _NAMED[kind] in given:
            path = call.get("Path") or "/"
            return _arn(call, kind, f"{path if kind != 'saml-provider' else '/'}{given[_NAMED[kind]]}")
        if kind == "oidc-provider" and "Url" in given:
            return _arn(call, kind, "/" + provider_host(given["Url"]))
    if len(kinds) == 1 and kinds[0] in _LISTED and call.operation.startswith("List"):
        return entity_arn(call.account, kinds[0], given.get("PathPrefix") or "/", "", call.partition)
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
    """The account of AssumeRoot's TargetPrincipal: twelve digits, or its root's ARN."""
    return target.split(":")[4] if target.startswith("arn:") and target.count(":") == 5 else target


def provider_host(url: str) -> str:
    """An OpenID Connect provider's name: its URL without scheme."""
    parts = urlsplit(url)
    return f"{parts.netloc}{parts.path}".rstrip("/")


def _arn(call: Call, kind: str, rest: str) -> str:
    return f"arn:{call.partition}:iam::{call.account}:{kind}{rest}"


def arn_of(call: Call, kind: str, name: str) -> str:
    """The ARN of an entity that is there, or that it would have."""
    entity = call.directory.named(call.account, kind, name)
    if entity is not None and entity.arn:
        return entity.arn
    return entity_arn(call.account, kind, call.given.get("Path") or "/", name, call.partition)
