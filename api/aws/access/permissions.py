# mypyc: compiled
"""Checks the permissions that a call needs: the engine decides each action by the caller's own policies.

Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
"""

from __future__ import annotations

from functools import cache
from typing import Any

from erstwhile.api.aws.access import denial_message
from erstwhile.api.aws.access.call import Call
from erstwhile.api.aws.access.required_permissions import needs_of
from erstwhile.api.aws.access.resource import BY_NAME
from erstwhile.api.aws.wire.errors import AwsError, denied
from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.policy.authorize import authorize
from erstwhile.domain.policy.inputs.principals import UnknownPrincipal
from erstwhile.domain.policy.inputs.request import Decision, Request
from erstwhile.domain.policy.knowledge.service_reference import action_details
from erstwhile.domain.vocabulary.context_values import ContextDict, ContextValues
from erstwhile.domain.vocabulary.identifiers import Arn, MalformedArn

FREE = frozenset(("GetCallerIdentity", "GetAccessKeyInfo", "GetSessionToken"))
"""Operations that every authenticated caller may use.

Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html and the others' pages."""
_BY_TOKEN = frozenset(("AssumeRoleWithSAML", "AssumeRoleWithWebIdentity"))
"""Operations that check permissions themselves, after they have checked the token."""
_POLICY_KEYS = frozenset(f"{verb}{kind}Policy" for verb in ("Attach", "Detach") for kind in ("User", "Group", "Role"))


def require_all(call: Call) -> None:
    """Checks all permissions of a call. Raises AwsError AccessDenied in AWS's words, with the reason, and
    InvalidClientTokenId for a session that may not call this service."""
    if call.operation in _BY_TOKEN:
        return
    _require_service(call)
    if call.operation == "AssumeRole":
        _require_role(call)
    if call.operation in FREE:
        return
    keys = {**call.context, **call.identity.keys, **_request_keys(call)}
    passing = {**call.context, **call.identity.keys, "iam:passedtoservice": ("ec2.amazonaws.com",)}
    for need in needs_of(call):
        require(call, need.action, need.resource, passing if need.passes else keys)


def _require_service(call: Call) -> None:
    """Sessions of GetSessionToken call IAM only with MFA, and of STS only AssumeRole and GetCallerIdentity; those of
    federated users call nothing of IAM, and of STS only GetCallerIdentity.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_sts-comparison.html
    """
    session, kind = call.identity.session, call.identity.kind
    if session is None or kind == "AssumedRole" or call.operation == "GetCallerIdentity":
        return
    if kind == "Root" and session.has_policies:
        return  # a session of AssumeRoot; its task policy limits it
    if kind != "FederatedUser" and (call.operation == "AssumeRole" or (call.service == "iam" and session.mfa)):
        return
    if call.service == "iam":
        raise AwsError("InvalidClientTokenId", "The security token included in the request is invalid", 403)
    raise denied(f"Cannot call {call.operation} with session credentials")


def require(call: Call, action: str, resource: str, keys: ContextValues) -> None:
    """Raises AwsError AccessDenied."""
    request = Request(
        principal=call.identity.arn, action=action, resource=resource, context=keys,
        session_policies=call.identity.session_policies,
        # For AssumeRoot only the management account's policies count; a resource without an ARN is the account's.
        resource_account=call.account if action == "sts:AssumeRoot" or resource[:4] not in ("arn:", "*") else None,
    )  # fmt: skip
    try:
        decision = authorize(call.directory, request)
    except UnknownPrincipal:
        raise AwsError("InvalidClientTokenId", "The security token included in the request is invalid.", 403) from None
    if decision.allowed or (decision.effect == "implicit_deny" and _may_change_password(call)):
        return
    if decision.effect == "implicit_deny" and decision.blocked_by == ("aws",) and action.startswith("iam:"):
        return  # nothing else denies it; commands refuse changes that only AWS may make, like IAM
    raise refused(call, action, resource, decision, keys)


def _may_change_password(call: Call) -> bool:
    """The account password policy may let every user change its own password.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_enable-user-change.html
    """
    if call.operation != "ChangePassword" or call.identity.kind != "IAMUser":
        return False
    policy = call.directory.get(call.account, "setting", "password-policy/account")
    value = policy.setting if policy is not None else {}
    return value.get("AllowUsersToChangePassword") == "true"


def refused(call: Call, action: str, resource: str, decision: Decision, keys: ContextValues) -> AwsError:
    """AccessDenied in AWS's words. For AssumeRole, the message is equal for a role that denies and one that is
    missing."""
    who = f"User: {call.identity.arn} is not authorized to perform: {action}"
    if action == "sts:AssumeRole":
        return denied(f"{who} on resource: {resource}")
    sealed = denial_message.encode(call, action, resource, decision, keys)
    return denied(f"{who} on resource: {resource}{_why(decision, action)}", sealed)


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
    """AWS's words for the reason: the kind of policy that denies, or that does not allow.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
    """
    layer = _LAYERS.get(decision.blocked_by[0], "") if decision.blocked_by else ""
    if decision.effect == "explicit_deny":
        denying = next((each.layer for each in decision.determining if each.effect == "Deny"), "")
        layer = _LAYERS.get(denying, layer)
        article = "an" if layer.startswith("i") else "a"
        return f" with an explicit deny in {article} {layer}" if layer else " with an explicit deny"
    return f" because no {layer} allows the {action} action" if layer else ""


def _request_keys(call: Call) -> ContextDict:
    """The condition keys that depend on the call's parameters."""
    given = call.given
    found: ContextDict = {}
    if call.operation in _POLICY_KEYS:
        found["iam:policyarn"] = (given["PolicyArn"],)
    boundary = given.get("PermissionsBoundary") or _boundary_of(call)
    if boundary and _has_boundary_key(call.operation):
        found["iam:permissionsboundary"] = (boundary,)
    if call.operation == "CreateServiceLinkedRole":
        found["iam:awsservicename"] = (given["AWSServiceName"],)
    if call.operation == "CreateServiceSpecificCredential":
        found["iam:servicespecificcredentialservicename"] = (given["ServiceName"],)
    if call.operation == "GenerateOrganizationsAccessReport" and "OrganizationsPolicyId" in given:
        found["iam:organizationspolicyid"] = (given["OrganizationsPolicyId"],)
    tags = given.get("Tags") or ()
    for each in tags:
        found[f"aws:requesttag/{each['Key'].lower()}"] = (each["Value"],)
    keys = tuple(each["Key"] for each in tags) or tuple(given.get("TagKeys") or ())
    if keys:
        found["aws:tagkeys"] = keys
    if call.service == "sts":
        found |= _session_keys(call.operation, given)
    return found


def _session_keys(operation: str, given: dict[str, Any]) -> ContextDict:
    found: ContextDict = {}
    match operation:
        case "AssumeRole":
            found["sts:rolesessionname"] = (given["RoleSessionName"],)
            if given.get("ExternalId"):
                found["sts:externalid"] = (given["ExternalId"],)
            if given.get("SourceIdentity"):
                found["sts:sourceidentity"] = (given["SourceIdentity"],)
            if given.get("TransitiveTagKeys"):
                found["sts:transitivetagkeys"] = tuple(given["TransitiveTagKeys"])
        case "AssumeRoot":
            found["sts:taskpolicyarn"] = (given["TaskPolicyArn"].get("arn", ""),)
        case "GetWebIdentityToken":
            found["sts:identitytokenaudience"] = tuple(given["Audience"])
            found["sts:signingalgorithm"] = (given["SigningAlgorithm"],)
            found["sts:durationseconds"] = (str(given.get("DurationSeconds", 300)),)
    return found


@cache
def _has_boundary_key(operation: str) -> bool:
    """Whether requests of an operation have iam:PermissionsBoundary, by the service reference."""
    details = action_details("iam", operation)
    return details is not None and "iam:PermissionsBoundary" in details["conditionKeys"]


def _boundary_of(call: Call) -> str:
    """The boundary of the user or role that the call changes; policies may require a certain boundary."""
    for kind in ("user", "role"):
        name = call.given.get(BY_NAME[kind])
        entity = call.directory.named(call.account, kind, name) if name else None
        if entity is not None:
            return entity.boundary or ""
    return ""


def _require_role(call: Call) -> None:
    """Raises AccessDenied where AssumeRole names a missing role, as for a role that may not be assumed."""
    if call.identity.kind == "Root":
        raise denied("Roles may not be assumed by root accounts.")
    arn = call.given["RoleArn"]
    who = f"User: {call.identity.arn} is not authorized to perform: sts:AssumeRole on resource: {arn}"
    require_role(call.directory, arn, denied(who))


def require_role(directory: Directory, arn: str, refusal: AwsError) -> None:
    """Returns the role that an ARN names. Raises AwsError ValidationError, or `refusal` where the role does not
    exist."""
    try:
        Arn.parse(arn)
    except MalformedArn:
        raise AwsError("ValidationError", f"{arn} is invalid") from None
    entity = directory.with_arn(arn)
    if entity is None or entity.kind != "role":
        raise refusal
