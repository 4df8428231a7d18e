"""Which call of AWS makes an event: the operation, and what its record says of request and response.

The inverse of `domain/observed/cloudtrail`: translated again, the call is the event.
Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
(the parameters of a request have the names of the API, the first letter lowered)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from erstwhile.domain.events import Body
from erstwhile.domain.events import account as a
from erstwhile.domain.events import credentials as c
from erstwhile.domain.events import organizations as o
from erstwhile.domain.events import policies as p
from erstwhile.domain.events import principals as q
from erstwhile.domain.exports.trail.other_calls import (
    failed,
    given,
    guardrail_put,
    of_organization,
    refused,
    session_issued,
)
from erstwhile.domain.exports.trail.setting_calls import Call, credential_call, setting_call
from erstwhile.domain.vocabulary.identifiers import Ref, entity_arn
from erstwhile.domain.vocabulary.typed import convert

_KINDS = {"user": "User", "group": "Group", "role": "Role", "policy": "Policy", "instance-profile": "InstanceProfile"}
_NAMES = {"user": "userName", "group": "groupName", "role": "roleName", "instance-profile": "instanceProfileName"}
_MEMBERS = {"user": "user", "group": "group", "role": "role", "instance-profile": "instanceProfile"}
Made = Callable[[Any, str, str], Call | None]
"""(body, account, action) → its call."""


def call_of(body: Body, account: str, action: str) -> Call | None:
    """The call that makes this event, None where no call of AWS's does: imports, watches, reviews. `action`: the call
    that was made, where that is known: several calls make the same event."""
    made = _CALLS.get(type(body))
    return made(body, account, action) if made is not None else None


def _iam(name: str, request: dict[str, Any], response: dict[str, Any] | None = None) -> Call:
    return Call("iam", name, request, response)


def _tags(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in tags.items()]


def _named(subject: Ref) -> dict[str, Any]:
    return {_NAMES[subject.kind]: subject.name}


def _of_user(subject: Ref) -> dict[str, Any]:
    """A root user has no name: what it does to itself, it does without one."""
    return {"userName": subject.name} if subject.kind == "user" else {}


def _created(body: q.EntityCreated, account: str, request: dict[str, Any], response: dict[str, Any]) -> Call:
    kind = body.subject.kind
    told = given(
        path=body.path, **_named(body.subject), **{f"{_MEMBERS[kind]}Id": body.subject.id},
        arn=body.arn or entity_arn(account, kind, body.path, body.subject.name), createDate=body.created_at,
        tags=_tags(body.tags),
    )  # fmt: skip
    asked = _named(body.subject) | given(path=body.path if body.path != "/" else "", tags=_tags(body.tags))
    return _iam(f"Create{_KINDS[kind]}", asked | request, {_MEMBERS[kind]: told | response})


def _user_created(body: q.UserCreated, account: str, _action: str) -> Call:
    return _created(body, account, given(permissionsBoundary=body.boundary), {})


def _role_created(body: q.RoleCreated, account: str, _action: str) -> Call:
    trust = given(assumeRolePolicyDocument=body.trust_policy)
    whole = given(description=body.description)
    if body.service_linked:
        made = _created(body, account, {}, trust | whole)
        return _iam("CreateServiceLinkedRole", {"aWSServiceName": body.service_linked, **whole}, made.response)
    longest = {"maxSessionDuration": body.max_session_duration} if body.max_session_duration != 3600 else {}
    boundary = given(permissionsBoundary=body.boundary)
    return _created(body, account, trust | whole | longest | boundary, trust | whole | longest)


def _plainly_created(body: q.EntityCreated, account: str, _action: str) -> Call:
    return _created(body, account, {}, {})


def _renamed(body: q.EntityRenamed, _account: str, _action: str) -> Call:
    kind = body.subject.kind
    new = {f"new{_KINDS[kind]}Name": body.new_name, "newPath": body.new_path}
    return _iam(f"Update{_KINDS[kind]}", _named(body.subject) | given(**new))


def _role_updated(body: q.RoleUpdated, _account: str, action: str) -> Call:
    new = {"description": body.description, "maxSessionDuration": body.max_session_duration}
    given = {name: value for name, value in new.items() if value is not None}
    name = "UpdateRoleDescription" if action == "iam:UpdateRoleDescription" else "UpdateRole"
    return _iam(name, _named(body.subject) | given)


def _deleted(body: q.EntityDeleted, _account: str, action: str) -> Call:
    linked = action == "iam:DeleteServiceLinkedRole"
    name = "DeleteServiceLinkedRole" if linked else f"Delete{_KINDS[body.subject.kind]}"
    return _iam(name, _named(body.subject))


def _member(verb: str) -> Made:
    return lambda body, *_: _iam(verb, {"groupName": body.group.name, "userName": body.subject.name})


def _role_of_profile(verb: str) -> Made:
    return lambda body, *_: _iam(verb, {"instanceProfileName": body.subject.name, "roleName": body.role.name})


def _tagged(body: q.Tagged | q.Untagged, account: str, _action: str) -> Call:
    kind = body.subject.kind
    named = (
        {"policyArn": entity_arn(account, "policy", "/", body.subject.name)} if kind == "policy"
        else _named(body.subject)
    )  # fmt: skip
    if isinstance(body, q.Tagged):
        return _iam(f"Tag{_KINDS[kind]}", named | {"tags": _tags(body.tags)})
    return _iam(f"Untag{_KINDS[kind]}", named | {"tagKeys": list(body.keys)})


def _policy_created(body: p.PolicyCreated, *_: str) -> Call:
    asked = {"policyName": body.subject.name} | given(
        path=body.path if body.path != "/" else "", policyDocument=body.document, description=body.description,
        tags=_tags(body.tags),
    )  # fmt: skip
    told = given(
        policyName=body.subject.name, policyId=body.subject.id, arn=body.arn, path=body.path,
        defaultVersionId=body.version_id, attachmentCount=0, isAttachable=True,
    )  # fmt: skip
    return _iam("CreatePolicy", asked, {"policy": told})


def _version_created(body: p.PolicyVersionCreated, *_: str) -> Call:
    asked = {"policyArn": body.arn, "setAsDefault": body.is_default} | given(policyDocument=body.document)
    told = {"versionId": body.version_id, "isDefaultVersion": body.is_default}
    return _iam("CreatePolicyVersion", asked, {"policyVersion": told})


def _of_version(verb: str) -> Made:
    return lambda body, *_: _iam(verb, {"policyArn": body.arn, "versionId": body.version_id})


def _attached(verb: str) -> Made:
    return lambda body, *_: _iam(
        f"{verb}{_KINDS[body.subject.kind]}Policy", _named(body.subject) | {"policyArn": body.policy_arn}
    )


def _inline_put(body: p.InlinePolicyPut, *_: str) -> Call:
    asked = {"policyName": body.policy_name} | given(policyDocument=body.document)
    return _iam(f"Put{_KINDS[body.subject.kind]}Policy", _named(body.subject) | asked)


def _inline_deleted(body: p.InlinePolicyDeleted, *_: str) -> Call:
    return _iam(f"Delete{_KINDS[body.subject.kind]}Policy", _named(body.subject) | {"policyName": body.policy_name})


def _boundary_set(body: p.PermissionsBoundarySet, *_: str) -> Call:
    asked = _named(body.subject) | {"permissionsBoundary": body.policy_arn}
    return _iam(f"Put{_KINDS[body.subject.kind]}PermissionsBoundary", asked)


def _boundary_removed(body: p.PermissionsBoundaryRemoved, *_: str) -> Call:
    return _iam(f"Delete{_KINDS[body.subject.kind]}PermissionsBoundary", _named(body.subject))


def _key_created(body: c.AccessKeyCreated, *_: str) -> Call:
    user = _of_user(body.subject)
    key = user | {"accessKeyId": body.access_key_id, "status": body.status}
    return _iam("CreateAccessKey", user, {"accessKey": key})


def _of_key(verb: str) -> Made:
    return lambda body, *_: _iam(
        verb, _of_user(body.subject) | {"accessKeyId": body.access_key_id} | given(status=getattr(body, "status", ""))
    )


def _login(verb: str) -> Made:
    def made(body: Any, _account: str, action: str) -> Call:
        if action == "iam:ChangePassword" and verb == "UpdateLoginProfile":
            return _iam("ChangePassword", _of_user(body.subject))
        reset = {"passwordResetRequired": True} if getattr(body, "password_reset_required", False) else {}
        return _iam(verb, _of_user(body.subject) | reset)

    return made


def _device(verb: str) -> Made:
    def made(body: Any, _account: str, action: str) -> Call:
        name = "ResyncMFADevice" if action == "iam:ResyncMFADevice" and verb == "EnableMFADevice" else verb
        return _iam(name, _of_user(body.subject) | {"serialNumber": body.serial_number})

    return made


_CALLS: dict[type[Body], Made] = {
    q.UserCreated: _user_created,
    q.GroupCreated: _plainly_created,
    q.RoleCreated: _role_created,
    q.InstanceProfileCreated: _plainly_created,
    q.UserRenamed: _renamed,
    q.GroupRenamed: _renamed,
    q.RoleUpdated: _role_updated,
    q.TrustPolicyUpdated: lambda body, *_: _iam(
        "UpdateAssumeRolePolicy", _named(body.subject) | given(policyDocument=body.document)
    ),
    q.UserDeleted: _deleted,
    q.GroupDeleted: _deleted,
    q.RoleDeleted: _deleted,
    q.InstanceProfileDeleted: _deleted,
    q.GroupMemberAdded: _member("AddUserToGroup"),
    q.GroupMemberRemoved: _member("RemoveUserFromGroup"),
    q.RoleAddedToInstanceProfile: _role_of_profile("AddRoleToInstanceProfile"),
    q.RoleRemovedFromInstanceProfile: _role_of_profile("RemoveRoleFromInstanceProfile"),
    q.Tagged: _tagged,
    q.Untagged: _tagged,
    p.PolicyCreated: _policy_created,
    p.PolicyVersionCreated: _version_created,
    p.PolicyVersionDeleted: _of_version("DeletePolicyVersion"),
    p.DefaultPolicyVersionSet: _of_version("SetDefaultPolicyVersion"),
    p.PolicyDeleted: lambda body, *_: _iam("DeletePolicy", {"policyArn": body.arn}),
    p.PolicyAttached: _attached("Attach"),
    p.PolicyDetached: _attached("Detach"),
    p.InlinePolicyPut: _inline_put,
    p.InlinePolicyDeleted: _inline_deleted,
    p.PermissionsBoundarySet: _boundary_set,
    p.PermissionsBoundaryRemoved: _boundary_removed,
    c.AccessKeyCreated: _key_created,
    c.AccessKeyStatusChanged: _of_key("UpdateAccessKey"),
    c.AccessKeyDeleted: _of_key("DeleteAccessKey"),
    c.LoginProfileCreated: _login("CreateLoginProfile"),
    c.LoginProfileUpdated: _login("UpdateLoginProfile"),
    c.LoginProfileDeleted: _login("DeleteLoginProfile"),
    c.MfaDeviceEnabled: _device("EnableMFADevice"),
    c.MfaDeviceDeactivated: _device("DeactivateMFADevice"),
    c.CredentialPut: credential_call,
    c.CredentialRemoved: credential_call,
    a.SettingPut: setting_call,
    a.SettingRemoved: setting_call,
    a.SessionIssued: session_issued,
    a.CommandRefused: refused,
    a.ChangeFailed: failed,
    o.GuardrailPut: guardrail_put,
    o.GuardrailDeleted: of_organization("DeletePolicy", ("policyId", "policy")),
    o.GuardrailAttached: of_organization("AttachPolicy", ("policyId", "policy"), ("targetId", "target")),
    o.GuardrailDetached: of_organization("DetachPolicy", ("policyId", "policy"), ("targetId", "target")),
    o.GuardrailTypeEnabled: of_organization("EnablePolicyType", ("rootId", "root"), ("policyType", "policy_type")),
    o.GuardrailTypeDisabled: of_organization("DisablePolicyType", ("rootId", "root"), ("policyType", "policy_type")),
}


def body_of(event_type: type[Body], told: dict[str, Any]) -> Body:
    """An event's body from its JSON."""
    return convert(told, event_type)
