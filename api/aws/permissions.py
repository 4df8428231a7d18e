"""What a call needs: the action, the resource that it is about, and the condition keys of its request.

Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.aws.call import Call
from api.aws.errors import AwsError, denied
from domain.directory import Directory
from domain.identifiers import Arn, MalformedArn, entity_arn
from domain.policy.authorize import authorize
from domain.policy.catalogue import action_details
from domain.policy.principals import UnknownPrincipal
from domain.policy.request import Decision, Request

_BY_NAME = {
    "user": "UserName",
    "group": "GroupName",
    "role": "RoleName",
    "instance-profile": "InstanceProfileName",
}
_POLICY_KEYS = frozenset(f"{verb}{kind}Policy" for verb in ("Attach", "Detach") for kind in ("User", "Group", "Role"))
_OWN_USER = frozenset(("GetUser", "ListAccessKeys", "CreateAccessKey", "UpdateAccessKey", "DeleteAccessKey"))
"""Operations on the caller itself where no UserName is given."""


def require(call: Call, context: Mapping[str, tuple[str, ...]]) -> None:
    """Raises AwsError AccessDenied in AWS's words, with the reason."""
    action = f"{call.service}:{call.operation}"
    resource = resource_of(call)
    keys = {**context, **call.identity.keys, **_request_keys(call)}
    request = Request(
        principal=call.identity.arn, action=action, resource=resource, context=keys,
        session_policies=call.identity.session_policies,
    )  # fmt: skip
    try:
        decision = authorize(call.directory, request)
    except UnknownPrincipal:
        raise AwsError("InvalidClientTokenId", "The security token included in the request is invalid.", 403) from None
    if decision.allowed:
        return
    raise _refused(call, action, resource, decision)


def _refused(call: Call, action: str, resource: str, decision: Decision) -> AwsError:
    who = f"User: {call.identity.arn} is not authorized to perform: {action}"
    return denied(f"{who} on resource: {resource}{_why(decision, action)}")


_LAYERS = {
    "identity": "identity-based policy",
    "resource": "resource-based policy",
    "permissions_boundary": "permissions boundary",
    "session": "session policy",
    "scp": "service control policy",
    "rcp": "resource control policy",
    "vpc_endpoint": "VPC endpoint policy",
}


def _why(decision: Decision, action: str) -> str:
    """AWS's reason: which kind of policy denies, or which does not allow.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
    """
    layer = _LAYERS.get(decision.blocked_by[0], "") if decision.blocked_by else ""
    if decision.effect == "explicit_deny":
        denying = next((each.layer for each in decision.determining if each.effect == "Deny"), "")
        layer = _LAYERS.get(denying, layer)
        article = "an" if layer.startswith("i") else "a"
        return f" with an explicit deny in {article} {layer}" if layer else " with an explicit deny"
    return f" because no {layer} allows the {action} action" if layer else ""


def resource_of(call: Call) -> str:
    """The ARN of what the call is about; `*` for calls about no one thing."""
    if call.service == "sts":
        return str(call.given.get("RoleArn", "*"))
    details = action_details(call.service, call.operation)
    kinds = [str(each["name"]) for each in details["resourceTypes"]] if details else []
    for kind in kinds:
        if kind == "policy" and "PolicyArn" in call.given:
            return str(call.given["PolicyArn"])
        name = call.given.get("PolicyName" if kind == "policy" else _BY_NAME.get(kind, ""))
        if name is None and kind == "user" and call.operation in _OWN_USER and call.identity.kind == "IAMUser":
            return call.identity.arn
        if name is not None:
            return _arn(call, kind, str(name))
    if len(kinds) == 1 and kinds[0] in (*_BY_NAME, "policy") and call.operation.startswith("List"):
        return entity_arn(call.account, kinds[0], call.given.get("PathPrefix") or "/", "", call.partition)
    return "*"


def _arn(call: Call, kind: str, name: str) -> str:
    entity = call.directory.named(call.account, kind, name)
    if entity is not None and entity.arn:
        return entity.arn
    return entity_arn(call.account, kind, call.given.get("Path") or "/", name, call.partition)


def _request_keys(call: Call) -> dict[str, tuple[str, ...]]:
    """The condition keys that follow from the parameters."""
    given = call.given
    found: dict[str, tuple[str, ...]] = {}
    if call.operation in _POLICY_KEYS:
        found["iam:policyarn"] = (given["PolicyArn"],)
    if "PermissionsBoundary" in given:
        found["iam:permissionsboundary"] = (given["PermissionsBoundary"],)
    else:
        boundary = _boundary_of(call)
        if boundary:
            found["iam:permissionsboundary"] = (boundary,)
    tags = given.get("Tags") or ()
    for each in tags:
        found[f"aws:requesttag/{each['Key'].lower()}"] = (each["Value"],)
    keys = tuple(each["Key"] for each in tags) or tuple(given.get("TagKeys") or ())
    if keys:
        found["aws:tagkeys"] = keys
    if call.operation == "AssumeRole":
        found["sts:rolesessionname"] = (given["RoleSessionName"],)
        if given.get("ExternalId"):
            found["sts:externalid"] = (given["ExternalId"],)
        if given.get("SourceIdentity"):
            found["sts:sourceidentity"] = (given["SourceIdentity"],)
        if given.get("TransitiveTagKeys"):
            found["sts:transitivetagkeys"] = tuple(given["TransitiveTagKeys"])
    return found


def _boundary_of(call: Call) -> str:
    """The boundary of the user or role that is changed: policies may ask that it stays."""
    for kind in ("user", "role"):
        name = call.given.get(_BY_NAME[kind])
        entity = call.directory.named(call.account, kind, name) if name else None
        if entity is not None:
            return str((entity.value("boundary") or {}).get("policy", ""))
    return ""


def require_pass_role(call: Call, context: Mapping[str, tuple[str, ...]]) -> None:
    """iam:PassRole, where a call hands a role to a service. Raises AwsError AccessDenied."""
    if call.operation != "AddRoleToInstanceProfile":
        return
    resource = _arn(call, "role", call.given["RoleName"])
    request = Request(
        principal=call.identity.arn, action="iam:PassRole", resource=resource,
        context={**context, **call.identity.keys, "iam:passedtoservice": ("ec2.amazonaws.com",)},
        session_policies=call.identity.session_policies,
    )  # fmt: skip
    decision = authorize(call.directory, request)
    if not decision.allowed:
        raise _refused(call, "iam:PassRole", resource, decision)


def require_role(directory: Directory, given: dict[str, Any]) -> None:
    """AssumeRole names a role that is there; what is not there is denied like what is not allowed."""
    arn = given["RoleArn"]
    try:
        Arn.parse(arn)
    except MalformedArn:
        raise AwsError("ValidationError", f"{arn} is invalid") from None
    entity = directory.by_arn.get(arn)
    if entity is None or entity.kind != "role":
        raise denied(f"Not authorized to perform sts:AssumeRole on resource: {arn}")
